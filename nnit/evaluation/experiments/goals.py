"""What the project set out to reach, each goal against what the result files say; the report's first table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nnit.evaluation.experiments.base import Row, pooled
from nnit.evaluation.experiments.diversity import STYLE_KINDS
from nnit.evaluation.experiments.sections import (
    MEASURES,
    SPREAD_GOAL,
    Parts,
    rows_of,
    spread_ratios,
    success,
    unique,
    where,
)
from nnit.evaluation.experiments.splits import BANDS
from nnit.evaluation.statistics import success_text

Found = Mapping[str, Parts]  # the parts of each experiment

_DEFAULT_SOLVER = "euler"
_DEFAULT_STEPS = 8


@dataclass(frozen=True)
class Reached:
    """What was measured for a goal, for people, and whether that meets it."""

    text: str
    met: bool


def reached_goals(found: Found) -> list[tuple[str, Reached | None]]:
    """Every goal with what was reached; None where the experiment has not been run."""
    return [(goal, reach(found)) for goal, reach in GOALS.items()]


def _splits(found: Found, source: str, *bands: str) -> list[Row]:
    """Rows of one source in some bands."""
    parts = found.get("splits", {})
    rows = parts[source]["results"] if source in parts else []
    return [row for row in rows if row["band"] in bands]


def _rate(rows: list[Row]) -> float:
    return float(pooled(rows)["success_rate"])


def _at_least(band: str, goal: float) -> Callable[[Found], Reached | None]:
    """Success of samples in one band."""

    def reach(found: Found) -> Reached | None:
        rows = _splits(found, "nnit", band)
        return Reached(success(rows), _rate(rows) >= goal) if rows else None

    return reach


def _worst_task(found: Found) -> Reached | None:
    rows = _splits(found, "nnit", *BANDS[:2])
    if not rows:
        return None
    worst = min(unique(rows, "task"), key=lambda task: _rate(where(rows, task=task)))
    mine = where(rows, task=worst)
    return Reached(f"{worst}: {success(mine)}", _rate(mine) >= 0.85)


def _below_bounds(found: Found) -> Reached | None:
    """Distance to the better of what it learned from, on the same architectures and goals."""
    mine = _splits(found, "nnit", *BANDS[:2])
    bounds = {s: rows for s in ("ghn", "zoo") if (rows := _splits(found, s, *BANDS[:2]))}
    if not mine or not bounds:
        return None
    best = max(bounds, key=lambda source: _rate(bounds[source]))
    points = 100 * (_rate(bounds[best]) - _rate(mine))
    return Reached(f"{points:.1f} points below {best} ({success(bounds[best])})", points <= 3)


def _above(source: str) -> Callable[[Found], Reached | None]:
    """Distance to an ablation or baseline where it is defined."""

    def reach(found: Found) -> Reached | None:
        theirs = _splits(found, source, *BANDS[:2])
        shapes = {row["arch"] for row in theirs}
        mine = [row for row in _splits(found, "nnit", *BANDS[:2]) if row["arch"] in shapes]
        if not mine:
            return None
        points = 100 * (_rate(mine) - _rate(theirs))
        return Reached(f"{points:.1f} points above ({success(theirs)})", points >= 40)

    return reach


def _few_steps(found: Found) -> Reached | None:
    rows = where(rows_of(found.get("steps", {})), solver=_DEFAULT_SOLVER)
    few, many = where(rows, steps=_DEFAULT_STEPS), where(rows, steps=50)
    if not few or not many:
        return None
    text = f"{_DEFAULT_STEPS} steps {success(few)}, 50 steps {success(many)}"
    return Reached(text, _rate(few) >= _rate(many) - 0.02)


def _shapes(key: str, goal: float) -> Callable[[Found], Reached | None]:
    """Share of sampled architectures that pass a check."""

    def reach(found: Found) -> Reached | None:
        parts = found.get("budget", {})
        rows = parts["shapes"]["results"] if "shapes" in parts else []
        if not rows:
            return None
        good, count = sum(row[key] for row in rows), sum(row["networks"] for row in rows)
        return Reached(success_text(good, count), good / count >= goal)

    return reach


def _together(found: Found) -> Reached | None:
    parts = found.get("budget", {})
    rows = parts["free"]["results"] if "free" in parts else []
    return Reached(success(rows), _rate(rows) >= 0.93) if rows else None


def _tempo(found: Found) -> Reached | None:
    part = found.get("tempo", {}).get("tempo")
    if part is None or not part["results"]:
        return None
    by_task = {t: r for t, r in part["correlation_by_task"].items() if r is not None}
    together, least = part["correlation_pooled"], min(by_task, key=lambda task: by_task[task])
    text = f"{together:.2f} over all tasks, least in {least} ({by_task[least]:.2f})"
    return Reached(text, together >= 0.9 and by_task[least] >= 0.9)


def _tempo_success(found: Found) -> Reached | None:
    rows = rows_of({k: v for k, v in found.get("tempo", {}).items() if k == "tempo"})
    if not rows:
        return None
    rates = {value: _rate(where(rows, asked=value)) for value in unique(rows, "asked")}
    worst = min(rates, key=lambda value: rates[value])
    text = f"least at tempo {worst:g}: {success(where(rows, asked=worst))}"
    return Reached(text, rates[worst] >= 0.95)


def _spread(measure: str, styles: str) -> Callable[[Found], Reached | None]:
    """Mean ratio over tasks of the spread of samples to the zoo's."""

    def reach(found: Found) -> Reached | None:
        rows = where(rows_of(found.get("diversity", {})), styles=styles)
        ratios = spread_ratios(rows, measure)
        if not ratios:
            return None
        means = [mean for mean, _, _ in ratios.values()]
        low, high = SPREAD_GOAL
        inside = sum(low <= mean <= high for mean in means)
        text = (
            f"{np.mean(means):.2f} over all tasks, {min(means):.2f} to {max(means):.2f} by task, "
            f"{inside} of {len(means)} tasks inside"
        )
        return Reached(text, low <= float(np.mean(means)) <= high)

    return reach


GOALS: dict[str, Callable[[Found], Reached | None]] = {
    f"success at least 0.95, {BANDS[0]}": _at_least(BANDS[0], 0.95),
    f"success at least 0.95, {BANDS[1]}": _at_least(BANDS[1], 0.95),
    "no single task under 0.85 on these two": _worst_task,
    f"success at least 0.80, {BANDS[2]}": _at_least(BANDS[2], 0.80),
    f"success at least 0.75, {BANDS[3]}": _at_least(BANDS[3], 0.75),
    "at most 3 points below the GHN or the zoo": _below_bounds,
    "at least 40 points above `unaligned`": _above("unaligned"),
    "at least 40 points above `flat`": _above("flat"),
    "default steps within 2 points of 50, at most 8 evaluations": _few_steps,
    "every sampled architecture valid": _shapes("valid", 1.0),
    "at least 99 % of samples within their budget": _shapes("within_budget", 0.99),
    "success at least 0.93, architecture and weights together": _together,
    "asked and measured tempo correlate at 0.9 or more": _tempo,
    "success at least 0.95 at every tempo": _tempo_success,
    **{
        f"spread of {what} {SPREAD_GOAL[0]} to {SPREAD_GOAL[1]} times the zoo's, {kind}": _spread(
            measure, styles
        )
        for styles, kind in STYLE_KINDS.items()
        for measure, what in MEASURES.items()
    },
}
