"""Dataset aggregation (DAgger): learners drive, the expert labels, the data grow.

Ross, Gordon, Bagnell 2011. The first rounds use plain MLPs, which learn in seconds; the GHN's own
networks drive the later ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from nnit.imitation.demonstrations import Transitions, collect_dagger
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.mlp.batch import random_networks
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.sim.suites import condition_names, get_task, suites_of
from nnit.splits import goal_seed

_KEPT_PER_EPISODE = 100  # a stuck robot repeats one state; more copies of it teach nothing
_LEARNER = (48, 48)  # hidden widths
_LEARNER_LR, _LEARNER_BATCH = 3e-3, 256


def aggregate(
    transitions: Mapping[str, Transitions],
    policies: Sequence[Policy],
    seeds: Sequence[Sequence[int]],
    limit: int,
    rng: np.random.Generator,
) -> tuple[dict[str, Transitions], dict[str, float]]:
    """One round: let `policies` drive for at most `limit` steps an episode, and add what they saw.

    Returns:
        All transitions by task, old and new, and the success rate of this round by task.
    """
    results = collect_dagger(policies, seeds, limit)
    parts = {task: [part] for task, part in transitions.items()}
    successes: dict[str, list[bool]] = {task: [] for task in transitions}
    for policy, episodes in zip(policies, results, strict=True):
        for episode in episodes:
            rows = np.sort(rng.permutation(len(episode.transitions))[:_KEPT_PER_EPISODE])
            seen = episode.transitions
            parts[policy.task].append(Transitions(seen.observations[rows], seen.labels[rows]))
            successes[policy.task].append(episode.success)
    return (
        {task: Transitions.concatenate(part) for task, part in parts.items()},
        {task: float(np.mean(flags)) for task, flags in successes.items() if flags},
    )


def warm_up(
    transitions: dict[str, Transitions],
    number: int,
    *,
    learners: int,
    episodes: int,
    steps: int,
    limit: int,
    seed: int,
) -> tuple[dict[str, Transitions], dict[str, float]]:
    """One round of DAgger with plain MLPs, trained anew on all data so far.

    Args:
        transitions: by task.
        number: of the round, which its starts, batches and goals follow from.
        learners: networks for each task.
        episodes: for each learner.
        steps: of training for each learner.
        limit: steps an episode may take.
        seed: of the whole run.

    Returns:
        All transitions by task, old and new, and the success rate of this round by task.
    """
    rng = np.random.default_rng((seed, 5, number))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    normalisers = {task: Normaliser.fit(part.observations) for task, part in transitions.items()}
    tasks = [task for task in transitions for _ in range(learners)]
    names = condition_names(suites_of(list(transitions)))
    conditions = Conditions.draw(names, tasks, generator)
    architectures = [get_task(task).suite.architecture(_LEARNER) for task in tasks]
    networks = fit(
        random_networks(architectures, generator),
        OwnShares(normalised(transitions, normalisers), tasks, conditions, 1.0, rng),
        steps=steps,
        batch=_LEARNER_BATCH,
        lr=_LEARNER_LR,
        generator=generator,
        warmup=100,
    )
    policies = [
        networks.policy(i, t, normalisers[t]).with_provenance(**conditions.named(i))
        for i, t in enumerate(tasks)
    ]
    seeds = [
        [goal_seed("train", "warm-up", task, number, i, e) for e in range(episodes)]
        for i, task in enumerate(tasks)
    ]
    return aggregate(transitions, policies, seeds, limit, rng)
