"""What was asked against what result files say."""

from typing import Any

import pytest

from nnit.evaluation.experiments.base import counted
from nnit.evaluation.experiments.goals import Found, reached_goals
from nnit.evaluation.experiments.splits import BANDS

Row = dict[str, Any]


def success_rows(rate: float, **labels: Any) -> list[Row]:
    """One row of a thousand episodes for each of two tasks."""
    return [
        {"task": task, "arch": "27-45", **labels, **counted(round(1000 * rate), 1000)}
        for task in ("reach-v3", "push-v3")
    ]


def part(rows: list[Row], **more: Any) -> Row:
    return {"results": rows, "skipped": [], **more}


def results(
    nnit: float = 0.98,
    bound: float = 0.99,
    baseline: float = 0.1,
    many_steps: float = 0.98,
    within: int = 100,
    correlation: float = 0.95,
    spread: float = 1.0,
) -> Found:
    """Files in which every goal is reached, but for what is given."""

    def bands(rate: float, source: str) -> Row:
        every = [success_rows(rate, band=band, source=source) for band in BANDS]
        return part([row for rows in every for row in rows])

    def steps(rate: float, count: int) -> list[Row]:
        return success_rows(rate, solver="euler", steps=count, evaluations=count)

    def spreads(source: str, value: float) -> Row:
        labels = {"task": "push-v3", "arch": "27-45", "source": source}
        values = {"weights": value, "behaviour": value}
        return part([{**labels, **values, "styles": styles} for styles in ("all", "one")])

    shapes = [{"networks": 100, "within_budget": within, "valid": within}]
    return {
        "splits": {
            "nnit": bands(nnit, "nnit"),
            "ghn": bands(bound, "ghn"),
            "unaligned": bands(baseline, "unaligned"),
            "flat": bands(baseline, "flat"),
        },
        "steps": {"euler": part(steps(nnit, 8) + steps(many_steps, 50))},
        "budget": {"shapes": part(shapes), "free": part(success_rows(nnit))},
        "tempo": {
            "tempo": part(
                success_rows(nnit, asked=0.5),
                correlation_by_task={"push-v3": correlation, "reach-v3": None},
                correlation_pooled=correlation,
            )
        },
        "diversity": {"nnit": spreads("nnit", spread), "zoo": spreads("zoo", 1.0)},
    }


def unmet(found: Found) -> set[str]:
    return {goal for goal, reached in reached_goals(found) if reached is None or not reached.met}


def test_results_that_reach_everything_meet_every_goal() -> None:
    assert unmet(results()) == set()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (results(nnit=0.94, bound=0.95, many_steps=0.94), ("0.95",)),
        (results(nnit=0.84, bound=0.85), ("0.85", "0.93", "0.95")),
        (results(bound=1.0, nnit=0.96, many_steps=0.96), ("3 points",)),
        (results(baseline=0.6), ("unaligned", "flat")),
        (results(many_steps=1.0, nnit=0.97, bound=0.97), ("50",)),
        (results(within=98), ("valid", "budget")),
        (results(correlation=0.89), ("correlate",)),
        (results(spread=0.69), ("weights 0.7", "actions 0.7")),
        (results(spread=1.31), ("weights 0.7", "actions 0.7")),
    ],
)
def test_what_falls_short_is_named(found: Found, words: tuple[str, ...]) -> None:
    missed = unmet(found)
    for word in words:
        assert any(word in goal for goal in missed), (word, missed)
    assert len(missed) < 10


def test_nothing_is_claimed_of_what_was_not_measured() -> None:
    assert all(reached is None for _, reached in reached_goals({}))


def test_a_goal_is_judged_by_samples_alone() -> None:
    others = {name: body for name, body in results()["splits"].items() if name != "nnit"}
    by_goal = dict(reached_goals({"splits": others}))
    assert by_goal["success at least 0.95, recombined"] is None
    assert by_goal["at least 40 points above `flat`"] is None
