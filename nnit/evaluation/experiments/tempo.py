"""Asked style of motion against what the robot then does: tempo by the hand's speed, height by its height."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnit.evaluation.experiments.base import (
    FEW_HELD_OUT,
    Bench,
    Cell,
    Experiment,
    Row,
    cells_for,
    measure_cells,
)
from nnit.sim.suites import Condition, suites


def measured_conditions() -> dict[str, Condition]:
    """The conditions of all suites, by name, without those that are parts of a goal."""
    return {c.name: c for suite in suites() for c in suite.conditions if not c.is_goal}


@dataclass(frozen=True)
class Tempo(Experiment):
    """One part of the style asked for at several values, the other at its default.

    Attributes:
        qualities: parts of a style, each a part.
        values: that are asked for.
        architectures: unseen ones.
        networks: for each task, architecture and value.
        episodes: of each network.
    """

    name: ClassVar[str] = "tempo"
    by_part: ClassVar[tuple[str, ...]] = ("qualities",)

    qualities: tuple[str, ...] = tuple(measured_conditions())
    values: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    architectures: tuple[str, ...] = FEW_HELD_OUT
    networks: int = 3
    episodes: int = 10

    @classmethod
    def quick(cls) -> "Tempo":
        """A few seconds of it."""
        return cls(values=(0.0, 0.5, 1.0), architectures=("12-20",), networks=1, episodes=1)

    def parts(self) -> tuple[str, ...]:
        """Tempo and height."""
        return self.qualities

    def measure(self, part: str, bench: Bench) -> Row:
        """All values of one part of the style, and how they correlate with what was measured."""
        cells: list[Cell] = []
        for value in self.values:
            labels = {"quality": part, "asked": value}
            cells += cells_for(
                bench,
                "nnit",
                self.architectures,
                self.networks,
                labels,
                conditions={part: value},
            )
        body = measure_cells(cells, self.episodes, bench, f"tempo, {part}")
        return {**body, **correlations(body["results"], measured_conditions()[part].key)}


def correlations(rows: Sequence[Row], measured: str) -> Row:
    """Pearson's correlation of "asked" with what was measured, by task and over all tasks.

    Each row (a task, architecture and value) is one point. For the pooled figure every task's measurements
    are first brought to mean 0 and standard deviation 1, since tasks differ in how fast they are at all.
    None where nothing varies.
    """
    by_task: dict[str, float | None] = {}
    asked_all, measured_all = [], []
    for task in dict.fromkeys(row["task"] for row in rows):
        mine = [row for row in rows if row["task"] == task]
        asked = np.array([row["asked"] for row in mine])
        values = np.array([row[measured] for row in mine])
        by_task[task] = _pearson(asked, values)
        if by_task[task] is not None:
            asked_all.append(asked)
            measured_all.append((values - values.mean()) / values.std())
    together = None
    if asked_all:
        together = _pearson(np.concatenate(asked_all), np.concatenate(measured_all))
    return {"correlation_by_task": by_task, "correlation_pooled": together}


def _pearson(a: np.ndarray, b: np.ndarray) -> float | None:
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])
