"""What the experiments share: their parts, measured success, and files that are not measured twice.

An experiment is a frozen dataclass of settings. It falls into parts, such as one for each source of
networks; each part is one JSON file, the unit in which a stopped run goes on.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nnit import __version__
from nnit.checkpoint import load_json, save_json
from nnit.description import describe
from nnit.errors import UserError
from nnit.evaluation.goals import sample_with_goals
from nnit.evaluation.statistics import wilson_interval
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.rollout import Episode, right_answers, run_many
from nnit.sim.suites import get_task
from nnit.splits import Protocol, evaluation_goal

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]

# Two recombined and two with reserved widths, of every depth, from the twelve of `evaluate`: for what is
# measured many times over.
FEW_HELD_OUT = ("40", "30-48", "27-45", "50-22-37")

_PACKAGES = ("torch", "numpy", "metaworld", "mujoco", "gymnasium")


def _silent(what: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Bench:
    """What is measured, and on what.

    Attributes:
        checkpoint: folder of the trained models.
        display: the same as results name it.
        version: of the checkpoint.
        tasks: names of the tasks to measure.
        seed: which networks and which goals.
        workers: processes that run episodes; by default one a processor.
        progress: called with (what is being done, how much of it, how much in all).
    """

    checkpoint: Path
    display: str
    version: str
    tasks: tuple[str, ...]
    seed: int = 0
    workers: int | None = None
    progress: Progress = _silent

    @property
    def protocol(self) -> Protocol:
        """Says which architectures were held out of the checkpoint's training."""
        return describe(self.checkpoint).protocol


def open_bench(
    checkpoint: Path,
    display: str,
    *,
    seed: int = 0,
    workers: int | None = None,
    most_tasks: int | None = None,
    progress: Progress = _silent,
) -> Bench:
    """A bench for all tasks of a checkpoint, or the first `most_tasks`.

    Raises:
        UserError: the folder holds no checkpoint.
    """
    described = describe(checkpoint)
    tasks = described.tasks[:most_tasks]
    return Bench(checkpoint, display, described.version, tasks, seed, workers, progress=progress)


@dataclass(frozen=True)
class Experiment(ABC):
    """Settings of one experiment, and how it is measured.

    Attributes:
        name: the folder of its files, and what `--only` calls it.
        by_part: fields that only say which parts there are; a part's file does not depend on them.
        when_named: whether it runs only where it is asked for by its name.
    """

    name: ClassVar[str]
    by_part: ClassVar[tuple[str, ...]] = ()
    when_named: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def quick(cls) -> "Experiment":
        """A version of a few seconds that tries everything."""

    @abstractmethod
    def parts(self) -> tuple[str, ...]:
        """Names of the parts, each a file."""

    @abstractmethod
    def measure(self, part: str, bench: Bench) -> Row:
        """One part: "results" (rows), "skipped" (rows with a "reason"), and what else there is to say."""

    def settings(self) -> Row:
        """What a part's results depend on, as JSON has it."""
        kept = {key: value for key, value in asdict(self).items() if key not in self.by_part}
        return dict(json.loads(json.dumps(kept)))

    def run(self, bench: Bench, results: Path, *, again: bool = False) -> list[Path]:
        """Measure the parts that are not there yet, or all of them.

        Args:
            bench: what to measure.
            results: folder above the experiment's own.
            again: also those that are there.

        Returns:
            The files of all parts.
        """
        files = []
        for part in self.parts():
            path = self._file(part, results)
            files.append(path)
            if again or not self.is_measured(part, bench, results):
                made = self._made(part, bench)
                versions = {"nnit": __version__, **{name: version(name) for name in _PACKAGES}}
                save_json(path, {**made, "made_with": versions, **self.measure(part, bench)})
        return files

    def is_measured(self, part: str, bench: Bench, results: Path) -> bool:
        """Whether a part's file is there, of this bench and these settings."""
        return _finished(self._file(part, results), self._made(part, bench))

    def _file(self, part: str, results: Path) -> Path:
        return results / self.name / f"{part}.json"

    def _made(self, part: str, bench: Bench) -> Row:
        """What a part's file says of how it was made."""
        return {
            "experiment": self.name,
            "part": part,
            "checkpoint": bench.display,
            "version": bench.version,
            "tasks": list(bench.tasks),
            "seed": bench.seed,
            "settings": self.settings(),
        }


def _finished(path: Path, made: Row) -> bool:
    """Whether a file holds what would be measured now, wherever the checkpoint lay."""
    if not path.is_file():
        return False
    try:
        there = load_json(path)
    except UserError:
        return False
    same = [key for key in made if key != "checkpoint"]
    return isinstance(there, dict) and all(there.get(key) == made[key] for key in same)


@dataclass(frozen=True, eq=False)
class Group:
    """Networks that are counted together.

    Attributes:
        labels: what the row says of them.
        policies: number i meets the goals of network i.
        goals: whose goals they are, usually the architecture as it was asked for.
    """

    labels: Row
    policies: Sequence[Policy]
    goals: str


@dataclass(frozen=True)
class Cell:
    """Networks to take from a source.

    Attributes:
        labels: what the row says of them.
        source: one of `nnit.evaluation.sources.SOURCES`.
        request: what is asked of it.
    """

    labels: Row
    source: str
    request: SampleRequest


def cells_for(
    bench: Bench,
    source: str,
    architectures: Sequence[str],
    networks: int,
    labels: Row,
    **wanted: Any,
) -> list[Cell]:
    """One cell for every task and architecture, with the same labels besides.

    Args:
        bench: says which tasks, checkpoint and seed.
        source: of the networks.
        architectures: in their text form.
        networks: in each cell.
        labels: what rows say besides task and architecture.
        wanted: what `SampleRequest` takes besides.
    """
    return [
        Cell(
            {"task": task, "arch": text, **labels},
            source,
            SampleRequest(task, MLPArchitecture.parse(text), bench.seed, networks, **wanted),
        )
        for task in bench.tasks
        for text in architectures
    ]


@dataclass
class Filled:
    """What became of some cells: groups to measure, and rows that say why there is nothing to measure."""

    groups: list[Group] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)


def fill_cells(cells: Iterable[Cell], bench: Bench, what: str) -> Filled:
    """The networks of every cell; a source that cannot make some is recorded, not fatal."""
    cells, filled = list(cells), Filled()
    for index, cell in enumerate(cells):
        try:
            policies = sample_with_goals(cell.source, cell.request, bench.checkpoint)
            filled.groups.append(Group(cell.labels, policies, str(cell.request.architecture)))
        except UserError as error:
            filled.skipped.append({**cell.labels, "reason": str(error)})
        bench.progress(f"{what}: networks", index + 1, len(cells))
    return filled


def roll_out(groups: Sequence[Group], episodes: int, bench: Bench, what: str) -> list[Row]:
    """Success of each group on goals that no training used: one row each, with a Wilson interval.

    Sources meet the same goals: these follow from seed, task, `Group.goals`, network and episode.
    """
    policies = [policy for group in groups for policy in group.policies]
    if policies and policies[0].architecture.output == "classes":
        return _answered(groups, bench, what)
    goals = [
        [evaluation_goal(bench.seed, p.task, group.goals, index, e) for e in range(episodes)]
        for group in groups
        for index, p in enumerate(group.policies)
    ]
    found = iter(
        run_many(
            policies,
            goals,
            workers=bench.workers,
            progress=lambda done, total: bench.progress(f"{what}: episodes", done, total),
        )
    )
    rows = []
    for group in groups:
        ran = [episode for _ in group.policies for episode in next(found)]
        rows.append(
            {
                **group.labels,
                "networks": len(group.policies),
                **counted(sum(episode.success for episode in ran), len(ran)),
                **_measured(group.policies[0].task, ran),
            }
        )
    return rows


def _answered(groups: Sequence[Group], bench: Bench, what: str) -> list[Row]:
    """Accuracy of each group on all test examples of its task: one row each."""
    rows = []
    for number, group in enumerate(groups, 1):
        right = np.concatenate([right_answers(policy) for policy in group.policies])
        count = counted(int(right.sum()), len(right))
        rows.append({**group.labels, "networks": len(group.policies), **count})
        bench.progress(f"{what}: networks tested", number, len(groups))
    return rows


def _measured(task: str, episodes: Sequence[Episode]) -> Row:
    """Mean of what the task's suite measures of its conditions."""
    return {
        condition.key: float(np.mean([episode.measured[condition.name] for episode in episodes]))
        for condition in get_task(task).conditions
    }


def measure_cells(cells: Iterable[Cell], episodes: int, bench: Bench, what: str) -> Row:
    """`fill_cells`, then `roll_out`, as the body of a part."""
    filled = fill_cells(cells, bench, what)
    return {
        "results": roll_out(filled.groups, episodes, bench, what),
        "skipped": filled.skipped,
    }


def counted(successes: int, episodes: int) -> Row:
    """A count of successes as rows have it."""
    return {
        "episodes": episodes,
        "successes": successes,
        "success_rate": successes / episodes,
        "ci95": list(wilson_interval(successes, episodes)),
    }


def pooled(rows: Iterable[Row]) -> Row:
    """All episodes of some rows counted together; at least one row."""
    rows = list(rows)
    return counted(sum(row["successes"] for row in rows), sum(row["episodes"] for row in rows))
