"""Success by widths: what the shipped results say, and what visitors have measured since."""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

RESULTS = Path(__file__).resolve().parents[3] / "results"
# Both hidden widths: trained ones, reserved ones, and some beyond the trained range.
WIDTHS = (8, 11, 16, 19, 24, 27, 32, 37, 40, 45, 48, 53, 56, 61, 64, 72, 80)
_TASKS_KEPT = 20

Cell = tuple[int, int]  # first and second hidden width


@dataclass(frozen=True)
class Count:
    """Episodes that succeeded, of how many, and who measured them."""

    successes: int
    episodes: int
    shipped: bool

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
        found[row["first"], row["second"]] = Count(row["successes"], row["episodes"], shipped=True)
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
        """Keep a cell; the task that was touched longest ago goes when there are too many."""
        with self._lock:
            self._maps.setdefault((version, task), {})[cell] = count
            self._maps.move_to_end((version, task))
            while len(self._maps) > _TASKS_KEPT:
                self._maps.popitem(last=False)

    def of(self, version: str | None, task: str) -> dict[Cell, Count]:
        """The cells of a task."""
        with self._lock:
            return dict(self._maps.get((version, task), {}))


@st.cache_resource(show_spinner=False)
def live_maps() -> LiveMaps:
    """The maps of this process."""
    return LiveMaps()
