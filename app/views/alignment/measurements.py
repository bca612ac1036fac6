"""Networks of a kind, and every metric of them at every shuffle, by the functions of `python -m nnit align`.

Nothing here knows the page. What needs torch is imported when it is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.views.alignment.request import SEED, Comparison, Kind
from nnit.evaluation.alignment import POSITIONS, STATES

if TYPE_CHECKING:
    from nnit.alignment.symmetry import Permutations
    from nnit.evaluation.alignment.line import States
    from nnit.evaluation.alignment.treatments import Treated
    from nnit.mlp.network import Network
    from nnit.mlp.policy import Policy

Report = Callable[[int, int], None]

EPISODES = 3  # at each point of a line
# Steps of the slider, by the number of weights of all networks together: 5 % each where that is quick.
_STEPS = ((30_000, 20), (150_000, 10), (500_000, 4))
_FEWEST_STEPS = 2
_DEFAULT_PATCH = 8


@dataclass(frozen=True, eq=False)
class Drawn:
    """Networks of one kind.

    Attributes:
        networks: policies, or the bare layers of uploads.
        patch: side of a weight patch in cells.
        note: what a reader should know; empty if nothing.
        version: of the checkpoint; empty for uploads.
    """

    networks: "tuple[Network, ...]"
    patch: int = _DEFAULT_PATCH
    note: str = ""
    version: str = ""


@dataclass(frozen=True, eq=False)
class Reading:
    """What is measured of one set of networks.

    Attributes:
        permutations: what was done to each network; as `permute` takes it.
        values: of each metric in `nnit.alignment.report.METRICS` that can be measured.
        spectrum: share of variance of each component of the patches, the mean over networks.
        loss: imitation loss along the line from the first network to each other one; empty if unknown.
    """

    permutations: "tuple[Permutations, ...]"
    values: dict[str, tuple[float, ...]]
    spectrum: np.ndarray
    loss: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Measured:
    """Readings at every fraction, shuffled and realigned.

    Attributes:
        fractions: of each layer's neurons that are shuffled, from 0 to 1.
        shuffled: one reading a fraction.
        realigned: the same after matching to the first network.
        noise: each metric for independent noise of the same shapes.
        noise_realigned: for noise that was matched as well.
        noise_spectrum: of independent noise of the same shapes.
    """

    fractions: tuple[float, ...]
    shuffled: tuple[Reading, ...]
    realigned: tuple[Reading, ...]
    noise: dict[str, float]
    noise_realigned: dict[str, float]
    noise_spectrum: np.ndarray


def fractions_for(networks: "Sequence[Network]") -> tuple[float, ...]:
    """The fractions that the slider stops at: fewer where measuring takes long."""
    cells = sum(weight.size for network in networks for weight in network.weights)
    steps = next((count for limit, count in _STEPS if cells <= limit), _FEWEST_STEPS)
    return tuple(step / steps for step in range(steps + 1))


def draw(kind: Kind, comparison: Comparison, checkpoint: Path) -> Drawn:
    """Networks of a kind; network i has architecture i modulo their count.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    from nnit.description import describe
    from nnit.evaluation.alignment.kinds import sample_of

    described = describe(checkpoint)
    architectures = comparison.architectures[: comparison.networks]
    pools: list[list[Policy]] = []
    notes = []
    for number, architecture in enumerate(architectures):
        count = len(range(number, comparison.networks, len(architectures)))
        # Nearest of the zoo: two architectures may share them, and no network shall stand twice.
        at_most = comparison.networks if kind == "zoo" else count
        sample = sample_of(
            kind, comparison.task, architecture, count=at_most, seed=SEED, checkpoint=checkpoint
        )
        pools.append(list(sample.policies))
        notes.append(sample.note)
    chosen: list[Policy] = []
    for index in range(comparison.networks):
        pool = pools[index % len(pools)]
        fresh = (
            p for p in pool if not any(np.array_equal(p.weights[0], c.weights[0]) for c in chosen)
        )
        policy = next(fresh, None)
        if policy is not None:
            chosen.append(policy)
    note = ""
    if kind == "zoo" and any(notes):
        note = "The zoo that ships is small: its networks of the nearest widths stand for these."
        if len(chosen) < comparison.networks:
            note += f" It has only {len(chosen)} of this task and depth."
    return Drawn(tuple(chosen), described.patch, note, described.version)


def states_of(task: str, checkpoint: Path) -> "States":
    """The states that the command compares outputs on.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    from nnit.evaluation.alignment.kinds import shared_states

    return shared_states(task, checkpoint, STATES)


def measure_all(drawn: Drawn, states: "States | None", report: Report) -> Measured:
    """Every metric at every fraction.

    Args:
        drawn: at least one network.
        states: to compare outputs on; None for networks of no known task.
        report: called with (sets measured, sets in all).

    Raises:
        UserError: the networks cannot be compared.
    """
    from nnit.evaluation.alignment.report import noise_reference, noise_spectrum
    from nnit.evaluation.alignment.treatments import treat
    from nnit.mlp.network import check_comparable

    networks, patch = drawn.networks, drawn.patch
    check_comparable(networks)
    fractions = fractions_for(networks)
    readings: dict[str, list[Reading]] = {"shuffled": [], "realigned": []}
    total = 2 * len(fractions)
    for fraction in fractions:
        for treatment in ("shuffled", "realigned"):
            treated = treat(networks, treatment, fraction=fraction, seed=SEED)
            readings[treatment].append(_read(treated, patch, states))
            report(sum(map(len, readings.values())), total)
    return Measured(
        fractions=fractions,
        shuffled=tuple(readings["shuffled"]),
        realigned=tuple(readings["realigned"]),
        noise=noise_reference(networks, patch=patch, states=states),
        noise_realigned=noise_reference(networks, patch=patch, states=states, realigned=True),
        noise_spectrum=noise_spectrum(networks, patch=patch),
    )


def _read(treated: "Treated[Any]", patch: int, states: "States | None") -> Reading:
    from nnit.evaluation.alignment.report import read

    found = read(treated.networks, patch=patch, partners=treated.partners, states=states)
    return Reading(
        permutations=treated.permutations,
        values=found.values,
        spectrum=np.mean(found.spectra, axis=0),
        loss=[line.loss.tolist() for line in found.lines if line.loss is not None],
    )


def drive_line(
    policies: "Sequence[Policy]", fraction: float, realigned: bool, pair: int, report: Report
) -> tuple[int, ...]:
    """How many of `EPISODES` episodes are solved at each of `POSITIONS` between two networks.

    The goals are those of `python -m nnit align --episodes 3` for the same pair.

    Args:
        policies: the first is where the line begins.
        fraction: of the neurons that are shuffled.
        realigned: whether the networks are then matched to the first.
        pair: index of the network where the line ends, from 1.
        report: called with (points done, points in all).
    """
    from nnit.evaluation.alignment.rows import line_goals, line_success
    from nnit.evaluation.alignment.treatments import treat

    treated = treat(
        policies, "realigned" if realigned else "shuffled", fraction=fraction, seed=SEED
    )
    first = policies[0]
    goals = line_goals(SEED, first.task, str(first.architecture), pair - 1, EPISODES)
    solved: list[int] = []
    for done, position in enumerate(POSITIONS, 1):
        solved += line_success(treated, pair - 1, goals, [position], workers=1)
        report(done, len(POSITIONS))
    return tuple(solved)
