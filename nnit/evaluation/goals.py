"""Goals for networks that are written for one: another for each network, and none that training used."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nnit.description import describe
from nnit.evaluation.sources import sample_from
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest
from nnit.sim.suites import Suite
from nnit.splits import goal_seed

_DECIMALS = 4  # as many as the text form of a condition has


def goal_requests(request: SampleRequest, suite: Suite) -> list[SampleRequest]:
    """A request as requests for networks with goals of their own, or itself where the goal is no question.

    Goals are drawn evenly from the ranges of the conditions that are parts of the goal, with a seed of the
    evaluation that follows from the request's seed, task and architecture and the number of the network; so
    all sources meet the same ones. What the request itself asks of the goal stays. Network number i is
    asked for with i added to the request's seed.
    """
    asked = dict(request.conditions)
    drawn = [c for c in suite.conditions_of(request.task) if c.is_goal and c.name not in asked]
    if not drawn:
        return [request]
    requests = []
    for index in range(request.count):
        parts = (request.seed, request.task, str(request.architecture), index)
        shares = np.random.default_rng(goal_seed("evaluate", "goal", *parts)).random(len(drawn))
        goal = {
            c.name: round(c.low + share * (c.high - c.low), _DECIMALS)
            for c, share in zip(drawn, shares.tolist(), strict=True)
        }
        requests.append(
            replace(request, seed=request.seed + index, count=1, conditions={**asked, **goal})
        )
    return requests


def sample_with_goals(source: str, request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """The policies of `goal_requests` from a source, see `sample_from`.

    Raises:
        UserError: as `sample_from`.
    """
    suite = request.check(describe(checkpoint).suites)
    requests = goal_requests(request, suite)
    return [policy for one in requests for policy in sample_from(source, one, checkpoint)]


def on_goals_of_the_next(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """The same networks, each to be tried on the goal of the next one, the last on that of the first.

    Args:
        policies: whose provenance says their goals.
        names: of the conditions that are parts of the goal.
    """
    following = [*policies[1:], *policies[:1]]
    return [
        policy.with_provenance(**{name: other.provenance[name] for name in names})
        for policy, other in zip(policies, following, strict=True)
    ]
