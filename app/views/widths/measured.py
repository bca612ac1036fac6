"""Success by widths: what the shipped results say, and what visitors have measured since."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

RESULTS = Path(__file__).resolve().parents[3] / "results"
# Both hidden widths: trained ones, reserved ones, and some beyond the trained range.
WIDTHS = (8, 11, 16, 19, 24, 27, 32, 37, 40, 45, 48, 53, 56, 61, 64, 72, 80)
_TASKS_KEPT = 20

Cell = tuple[int, int]  # first and second hidden width


@dataclass(frozen=True)
class Count:
    """Episodes that succeeded, of how many, and how many of these ran in this process."""

    successes: int
    episodes: int
    live: int = 0

    def __add__(self, other: "Count") -> "Count":
        """Both together."""
        return Count(
            self.successes + other.successes,
            self.episodes + other.episodes,
            self.live + other.live,
        )

    @property
    def rate(self) -> float:
        """Share of episodes that succeeded."""
        return self.successes / self.episodes


@dataclass(frozen=True)
class Point:
    """One budget of the frontier: mean parameters and pooled success of the networks of one source."""

    source: str
    parameters: float
    successes: int
    episodes: int
    seconds: float


def _rows(path: Path, version: str | None) -> list[dict[str, Any]]:
    """Rows of a results file; none where it is missing, damaged, or of another checkpoint."""
    try:
        body = _read(path, path.stat().st_mtime_ns)
        if version is not None and body["version"] != version:
            return []
        return list(body["results"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


@lru_cache(maxsize=2 * _TASKS_KEPT)
def _read(path: Path, changed: int) -> Any:
    """A results file as it was when it changed last: the map asks for it every second while it fills."""
    return json.loads(path.read_text(encoding="utf-8"))


def shipped_map(task: str, version: str | None) -> dict[Cell, Count]:
    """What `python -m nnit reproduce --only grid` measured of a task; empty where it did not.

    Args:
        task: its name, from the registry.
        version: of the checkpoint that is in use; results of another one do not count.
    """
    found = {}
    for row in _rows(RESULTS / "grid" / f"{task}.json", version):
        found[row["first"], row["second"]] = Count(row["successes"], row["episodes"])
    return found


def frontier(task: str | None, version: str | None) -> list[Point]:
    """Success within each budget, generated and trained from scratch, of one task or of all."""
    points = []
    for source in ("nnit", "bc"):
        rows = [
            row
            for row in _rows(RESULTS / "budget" / f"{source}.json", version)
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

    def add(self, version: str | None, task: str, cell: Cell, count: Count) -> None:
        """Count episodes of a cell; the task touched longest ago goes when there are too many."""
        with self._lock:
            cells = self._maps.setdefault((version, task), {})
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
    order = np.random.default_rng(0).permutation(len(WIDTHS) ** 2)
    cells = [(WIDTHS[index % len(WIDTHS)], WIDTHS[index // len(WIDTHS)]) for index in order]
    return min(cells, key=lambda cell: counts[cell].episodes if cell in counts else 0)


@st.cache_resource(show_spinner=False)
def live_maps() -> LiveMaps:
    """The maps of this process."""
    return LiveMaps()
