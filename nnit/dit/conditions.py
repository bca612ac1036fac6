"""What the DiT is conditioned on besides task and architecture, each a number in [0, 1] or left open (NaN).

These are the conditions of the tasks' suites, brought to [0, 1], and a number of parameters that the network
keeps to.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import Suite, condition_names
from nnit.splits import DENSE, Protocol

_OPEN, _OPEN_BUDGET = 0.1, 0.5  # share of training networks for which each is left open
_BLUR = 0.05  # of a suite's conditions
_GOAL_BLUR = (
    0.02  # of those that are parts of a goal, which a network must meet within a few centimetres
)
_SLACK = 0.5  # budgets in training are up to exp(this) times what the network has


def condition_columns(suites: Sequence[Suite]) -> tuple[str, ...]:
    """Names of everything that a DiT for these suites is conditioned on, in order."""
    return (*condition_names(suites), "budget")


def scaled_conditions(
    values: Float[np.ndarray, "N names"], names: Sequence[str], suites: Sequence[Suite]
) -> Float[np.ndarray, "N names"]:
    """Values of the suites' conditions brought from their ranges to [0, 1]."""
    known = {c.name: c for suite in suites for c in suite.conditions}
    low, high = (np.array([getattr(known[n], end) for n in names]) for end in ("low", "high"))
    return (values - low.astype(values.dtype)) / (high - low).astype(values.dtype)


def condition_blur(names: Sequence[str], suites: Sequence[Suite]) -> Float[np.ndarray, " names"]:
    """By how much conditions are blurred in training, on the scale from 0 to 1."""
    known = {c.name: c for suite in suites for c in suite.conditions}
    return np.array([_GOAL_BLUR if known[name].is_goal else _BLUR for name in names])


def budget_range(architecture: MLPArchitecture, protocol: Protocol = DENSE) -> tuple[int, int]:
    """Numbers of parameters that stand for 0 and 1: the least of all networks, and twice the most.

    Args:
        architecture: says the sizes of observation and action.
        protocol: says which networks training has.
    """
    sizes = (architecture.observation_size, architecture.action_size)
    least = MLPArchitecture((protocol.narrowest,), *sizes).parameter_count
    largest = MLPArchitecture((protocol.widest,) * max(protocol.depths), *sizes)
    return least, 2 * largest.parameter_count


def budget_condition(
    parameters: Float[np.ndarray, " N"], ranges: Float[np.ndarray, "N ends"]
) -> Float[np.ndarray, " N"]:
    """Numbers of parameters on a logarithmic scale from 0 to 1, between the ends of `budget_range`."""
    least, most = ranges.T
    return (np.log(parameters / least) / np.log(most / least)).clip(0, 1)


def training_conditions(
    asked: Float[np.ndarray, "N names"],
    parameters: Float[np.ndarray, " N"],
    ranges: Float[np.ndarray, "N ends"],
    blur: Float[np.ndarray, " names"],
    rng: np.random.Generator,
) -> Float[np.ndarray, "N conditions"]:
    """The conditions of training networks, each now and then left open.

    Those of the suites are blurred a little: exact ones would name a single network of the training set
    each.

    Args:
        asked: with which the networks were taught, as `scaled_conditions` gives them.
        parameters: numbers of parameters of the networks.
        ranges: from `budget_range`, one row a network.
        blur: from `condition_blur`.
        rng: for all that is random.
    """
    asked = (asked + blur * rng.uniform(-1, 1, asked.shape)).clip(0, 1)
    slack = parameters * np.exp(_SLACK * rng.random(len(parameters)))
    conditions = np.concatenate([asked, budget_condition(slack, ranges)[:, None]], 1)
    is_open = [_OPEN] * asked.shape[1] + [_OPEN_BUDGET]
    conditions[rng.random(conditions.shape) < is_open] = np.nan
    return conditions


def requested_conditions(
    names: Sequence[str], request: SampleRequest, suite: Suite, protocol: Protocol = DENSE
) -> Float[np.ndarray, " conditions"]:
    """The conditions of networks that are asked for; NaN where open."""
    known = {"success": 1.0}  # earlier checkpoints have it, though nearly all networks succeeded
    for condition in suite.conditions_of(request.task):
        value = request.values(suite)[condition.name]
        known[condition.name] = (value - condition.low) / (condition.high - condition.low)
    if request.max_parameters is not None:
        most = np.array([request.max_parameters])
        ends = budget_range(suite.architecture((protocol.narrowest,)), protocol)
        known["budget"] = float(budget_condition(most, np.array([ends]))[0])
    return np.array([known.get(name, np.nan) for name in names])
