"""What `align` reports of one kind of networks after one treatment, as JSON values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnit.description import describe
from nnit.evaluation.alignment import POSITIONS, STATES
from nnit.evaluation.alignment.kinds import Sample, shared_states
from nnit.evaluation.alignment.line import success_along_line
from nnit.evaluation.alignment.report import measure, noise_reference, summarise
from nnit.evaluation.alignment.treatments import Treated, Treatment, treat
from nnit.evaluation.statistics import wilson_interval
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.splits import evaluation_goal

Row = dict[str, Any]


@dataclass(frozen=True)
class Measuring:
    """How networks are measured.

    Attributes:
        checkpoint: folder of the trained models, whose states outputs are compared on.
        patch: side of a weight patch in cells.
        fraction: of each layer's neurons that a shuffle moves, 0 to 1.
        seed: of shuffles and goals.
        episodes: at each of `POSITIONS` of the line from the first network to every other; 0 runs none.
        workers: processes that run episodes; by default one a processor.
    """

    checkpoint: Path
    patch: int
    fraction: float = 1.0
    seed: int = 0
    episodes: int = 0
    workers: int | None = None


def measured_row(
    sample: Sample,
    task: str,
    architecture: MLPArchitecture,
    treatment: Treatment,
    measuring: Measuring,
) -> Row:
    """One kind after one treatment; without metrics where there are no networks to measure.

    Raises:
        UserError: the checkpoint has no states of the task, or is broken.
    """
    row: Row = {
        "task": task,
        "arch": str(architecture),
        "split": describe(measuring.checkpoint).protocol.split_of(architecture),
        "kind": sample.kind,
        "treatment": treatment,
        "networks": [str(policy.architecture) for policy in sample.policies],
        "note": sample.note,
        "metrics": {},
        "line": None,
    }
    if not sample.policies:
        return row
    patch, states = measuring.patch, shared_states(task, measuring.checkpoint, STATES)
    treated = treat(sample.policies, treatment, fraction=measuring.fraction, seed=measuring.seed)
    values = measure(treated.networks, patch=patch, partners=treated.partners, states=states)
    noise = noise_reference(
        treated.networks, patch=patch, states=states, realigned=treatment == "realigned"
    )
    for name, measured in values.items():
        summary = summarise(measured)
        row["metrics"][name] = {
            "mean": summary.mean,
            "ci95": None if summary.ci95 is None else list(summary.ci95),
            "min": summary.low,
            "max": summary.high,
            "noise": noise[name],
            "values": list(measured),
        }
    if measuring.episodes and len(treated.networks) > 1:
        row["line"] = _line(task, str(architecture), treated, measuring)
    return row


def line_goals(seed: int, task: str, architecture: str, pair: int, episodes: int) -> list[int]:
    """The goals of the episodes at every position of one line.

    Args:
        seed: of all goals.
        task: registry name.
        architecture: of the first network, in its text form.
        pair: number of the line, from 0.
        episodes: how many.
    """
    return [evaluation_goal(seed, task, architecture, pair, e) for e in range(episodes)]


def line_success(
    treated: Treated[Policy],
    pair: int,
    goals: Sequence[int],
    positions: Sequence[float] = POSITIONS,
    workers: int | None = None,
) -> list[int]:
    """How many episodes are solved at each position of the line from the first network to another.

    Args:
        treated: the networks.
        pair: number of the line, from 0: it ends at network pair + 1.
        goals: of the episodes.
        positions: on the line.
        workers: processes that run episodes.
    """
    first, other = treated.networks[0], treated.networks[pair + 1]
    partners = treated.partners[pair + 1]
    return success_along_line(first, other, positions, goals, partners=partners, workers=workers)


def _line(
    task: str, architecture: str, treated: Treated[Policy], measuring: Measuring
) -> list[Row]:
    """Success at every position of the lines from the first network to the others, all lines together."""
    successes, pairs = np.zeros(len(POSITIONS), int), range(len(treated.networks) - 1)
    for pair in pairs:
        goals = line_goals(measuring.seed, task, architecture, pair, measuring.episodes)
        successes += line_success(treated, pair, goals, workers=measuring.workers)
    episodes = measuring.episodes * len(pairs)
    return [
        {
            "position": position,
            "episodes": episodes,
            "successes": int(count),
            "success_rate": int(count) / episodes,
            "ci95": list(wilson_interval(int(count), episodes)),
        }
        for position, count in zip(POSITIONS, successes, strict=True)
    ]
