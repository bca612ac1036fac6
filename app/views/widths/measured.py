"""Success by widths: what the shipped results say, and what visitors have measured since."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.engine import results
from app.engine.results import Cell, Count, rows_of
from nnit.splits import MAP_WIDTHS

_TASKS_KEPT = 20


@dataclass(frozen=True)
class Point:
    """One budget of the frontier: mean parameters and pooled success of the networks of one source."""

    source: str
    parameters: float
    successes: int
    episodes: int
    seconds: float


def frontier(task: str | None, version: str | None) -> list[Point]:
    """Success within each budget, generated and trained from scratch, of one task or of all."""
    points = []
    for source in ("nnit", "bc"):
        rows = [
            row
            for row in rows_of(results.RESULTS / "budget" / f"{source}.json", version)
            if task in (None, row["task"])
        ]
        for budget in dict.fromkeys(row["budget"] for row in rows):
            mine = [row for row in rows if row["budget"] == budget]
            points.append(
                Point(
                    source,
                    sum(row["parameters"] for row in mine) / len(mine),
                    sum(row["successes"] for row in mine),
                    sum(row["episodes"] for row in mine),
                    sum(row["seconds"] for row in mine) / len(mine),
                )
            )
    return points


class LiveMaps:
    """Cells that visitors have measured in this process, shared by all of them."""

    def __init__(self) -> None:
        self._maps: OrderedDict[tuple[str | None, str], dict[Cell, Count]] = OrderedDict()
        self._lock = threading.Lock()

    def add(
        self, version: str | None, task: str, cell: Cell, count: Count, *, after: int | None = None
    ) -> None:
        """Count episodes of a cell; the task touched longest ago goes when there are too many.

        Args:
            version: of the checkpoint.
            task: of the map.
            cell: both widths.
            count: what is added.
            after: the live episodes that the cell had when these were begun; None counts them in any case. Two
                visitors who measure the same cell share its trial: the second finds more there, and it is not counted.
        """
        with self._lock:
            cells = self._maps.setdefault((version, task), {})
            if after is not None and after != (cells[cell].live if cell in cells else 0):
                return
            cells[cell] = cells[cell] + count if cell in cells else count
            self._maps.move_to_end((version, task))
            while len(self._maps) > _TASKS_KEPT:
                self._maps.popitem(last=False)

    def of(self, version: str | None, task: str) -> dict[Cell, Count]:
        """The cells of a task."""
        with self._lock:
            return dict(self._maps.get((version, task), {}))


def merged(shipped: Mapping[Cell, Count], live: Mapping[Cell, Count]) -> dict[Cell, Count]:
    """All that is known of each cell."""
    both = dict(shipped)
    for cell, count in live.items():
        both[cell] = both[cell] + count if cell in both else count
    return both


def next_cell(counts: Mapping[Cell, Count]) -> Cell:
    """The cell to measure next: of those with the fewest episodes, always in the same random order."""
    order = np.random.default_rng(0).permutation(len(MAP_WIDTHS) ** 2)
    pairs = [(first, second) for second in MAP_WIDTHS for first in MAP_WIDTHS]
    cells = [pairs[index] for index in order]
    return min(cells, key=lambda cell: counts[cell].episodes if cell in counts else 0)


@st.cache_resource(show_spinner=False)
def live_maps() -> LiveMaps:
    """The maps of this process."""
    return LiveMaps()
