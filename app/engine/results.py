"""Measured results that ship, `results/*/*.json` of `python -m nnit reproduce`, as far as pages show them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[2] / "results"
_FILES_KEPT = 60

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
class Difference:
    """Success of the model and of the same model trained on shuffled networks, on the same tasks and shapes.

    Attributes:
        aligned: of the networks that the model wrote.
        shuffled: of those that the model trained on shuffled networks wrote.
        tasks: number of tasks.
        architectures: number of architectures.
    """

    aligned: Count
    shuffled: Count
    tasks: int
    architectures: int

    @property
    def points(self) -> float:
        """Percentage points between the two rates."""
        return 100 * (self.aligned.rate - self.shuffled.rate)


def rows_of(path: Path, version: str | None) -> list[dict[str, Any]]:
    """Rows of a results file; none where it is missing, damaged, or of another checkpoint.

    Args:
        path: below `RESULTS`.
        version: of the checkpoint that is in use; None takes results of any.
    """
    try:
        body = _read(path, path.stat().st_mtime_ns)
        if version is not None and body["version"] != version:
            return []
        return list(body["results"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


@lru_cache(maxsize=_FILES_KEPT)
def _read(path: Path, changed: int) -> Any:
    """A results file as it was when it changed last: the map asks for it every second while it fills."""
    return json.loads(path.read_text(encoding="utf-8"))


def shipped_map(task: str, version: str | None) -> dict[Cell, Count]:
    """What was measured of a task at pairs of widths; empty where nothing was.

    `python -m nnit reproduce --only grid` writes results/grid; of a task of another suite `evaluate` writes the file of
    that name in results/SUITE/grid.

    Args:
        task: its name, from the registry.
        version: of the checkpoint that is in use; results of another one do not count.
    """
    paths = (RESULTS / "grid" / f"{task}.json", *RESULTS.glob(f"*/grid/{task}.json"))
    return {
        _pair(row): Count(row["successes"], row["episodes"])
        for path in paths
        for row in rows_of(path, version)
    }


def _pair(row: Mapping[str, Any]) -> Cell:
    """The widths of a row: `evaluate` writes them as an architecture alone."""
    if "first" in row:
        return row["first"], row["second"]
    first, second = row["arch"].split("-")
    return int(first), int(second)


def difference(version: str | None, folder: str = "splits") -> Difference | None:
    """What `python -m nnit reproduce --only splits` measured of both models; None where it did not.

    Only tasks and architectures count that both models were measured on.

    Args:
        version: of the checkpoint that is in use.
        folder: "splits", or the name of a suite, with what `python -m nnit evaluate` wrote of its tasks.
    """
    paths = [RESULTS / folder / f"{source}.json" for source in ("nnit", "unaligned")]
    try:
        changed = tuple(path.stat().st_mtime_ns for path in paths)
    except OSError:
        return None
    return _difference(version, *paths, changed)


@lru_cache(maxsize=_FILES_KEPT)
def _difference(
    version: str | None, aligned: Path, shuffled: Path, changed: tuple[int, ...]
) -> Difference | None:
    """`difference` of two files as they were when they changed last: every page that is drawn begins with it."""
    ours, theirs = (
        {
            (row["task"], row["arch"]): Count(row["successes"], row["episodes"])
            for row in rows_of(path, version)
        }
        for path in (aligned, shuffled)
    )
    both = ours.keys() & theirs.keys()
    if not both:
        return None
    return Difference(
        _sum(ours[pair] for pair in both),
        _sum(theirs[pair] for pair in both),
        len({task for task, _ in both}),
        len({architecture for _, architecture in both}),
    )


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count(0, 0))
