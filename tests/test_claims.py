"""What result files say, as claims: every number is theirs, and nothing is claimed without them."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from nnit.evaluation.experiments.base import counted
from nnit.evaluation.experiments.claims import GROUPS, Claim, all_claims
from nnit.evaluation.experiments.report import load_parts
from nnit.evaluation.experiments.sections import SECTIONS
from nnit.evaluation.experiments.splits import BANDS
from nnit.evaluation.experiments.terms import TERMS
from nnit.evaluation.sources import SOURCES

ROOT = Path(__file__).resolve().parents[1]
Row = dict[str, Any]
Results = dict[str, dict[str, Row]]
ARCHITECTURES = ("12-20", "27-45", "24-24-24-24", "72", "128")  # one of each split


def success_rows(rate: float, **labels: Any) -> list[Row]:
    """One row of a thousand episodes for each of two tasks."""
    return [
        {"task": task, "arch": "27-45", **labels, **counted(round(1000 * rate), 1000)}
        for task in ("reach-v3", "push-v3")
    ]


def part(rows: list[Row], experiment: str = "splits", **more: Any) -> Row:
    settings = {"networks": 3, "episodes": 10}
    made = {"experiment": experiment, "settings": settings, "seed": 0, "skipped": []}
    return {**made, "results": rows, **more}


def results(
    nnit: float = 0.95,
    zoo: float = 0.99,
    flat: float = 0.7,
    many_steps: float = 0.95,
    scratch: float = 0.99,
    correlation: float = 0.95,
    spread: float = 1.5,
) -> Results:
    """Small files of every kind."""

    def bands(rate: float, source: str) -> Row:
        every = [
            success_rows(rate, arch=arch, band=band, source=source)
            for band, arch in zip(BANDS, ARCHITECTURES, strict=True)
        ]
        return part([row for rows in every for row in rows])

    def random_shapes(rate: float, source: str) -> list[Row]:
        return [
            row
            for band, share in (("8 to 15 wide", 0.5), ("16 to 31 wide", 1.0))
            for row in success_rows(share * rate, band=band, arch=band[:2], source=source)
        ]

    def steps(rate: float, count: int) -> list[Row]:
        return success_rows(rate, solver="euler", steps=count, evaluations=count)

    def budget(rate: float, source: str, seconds: float) -> Row:
        labels = {"source": source, "budget": 400, "parameters": 360, "seconds": seconds}
        return part(success_rows(rate, **labels), "budget")

    def spreads(source: str, value: float) -> Row:
        labels = {"arch": "27-45", "source": source, "networks": 8}
        values = {"weights": value, "actions": value}
        rows = [
            {"task": task, **labels, **values, "styles": styles}
            for styles in ("all", "one")
            for task in ("reach-v3", "push-v3")
        ]
        return part(rows, "diversity")

    def near(kind: str, distance: float, rate: float, level: float | None = None) -> list[Row]:
        labels = {"kind": kind, "level": level, "actions": distance, "weights": distance}
        return success_rows(rate, **labels)

    def variant(rate: float, source: str = "nnit") -> Row:
        return part(success_rows(rate, source=source), "ablations")

    unmasked = [
        {"networks": 100, "within_budget": 90, "budget": 600},
        {"networks": 100, "within_budget": 40, "budget": 400},
        {"networks": 100, "budget": None},
    ]
    shapes = [{"networks": 100, "within_budget": 100, "valid": 99}]
    return {
        "splits": {
            "nnit": bands(nnit, "nnit"),
            "zoo": bands(zoo, "zoo"),
            "flat": bands(flat, "flat"),
            "permuted": bands(nnit, "permuted"),
        },
        "bands": {
            "nnit": part(random_shapes(nnit, "nnit"), "bands"),
            "crop": part(random_shapes(flat, "crop"), "bands"),
        },
        "test": {"nnit": part(random_shapes(nnit, "nnit"), "test")},
        "steps": {"euler": part(steps(nnit, 8) + steps(many_steps, 50), "steps")},
        "budget": {
            "nnit": budget(nnit, "nnit", 0.02),
            "bc": budget(scratch, "bc", 2.0),
            "shapes": part(shapes, "budget"),
            "free": part(success_rows(nnit), "budget"),
            "unmasked": part(unmasked, "budget"),
        },
        "tempo": {
            "tempo": part(
                success_rows(nnit, asked=0.5),
                "tempo",
                correlation_by_task={"push-v3": correlation, "reach-v3": None},
                correlation_pooled=correlation,
            )
        },
        "diversity": {"nnit": spreads("nnit", spread), "zoo": spreads("zoo", 1.0)},
        "novelty": {
            "nnit": part(near("nnit", 0.05, nnit), "novelty"),
            "zoo": part(near("zoo", 0.04, zoo), "novelty"),
            "noise": part(near("noise", 0.06, 0.5, 0.1), "novelty"),
        },
        "ablations": {
            "main": part(
                success_rows(nnit, source="nnit") + success_rows(0.5, source="ghn"), "ablations"
            ),
            "shuffled": variant(0.1),
            "matched": variant(nnit),
            "one-step": variant(nnit, "one-step"),
        },
        "grid": {"push-v3": part(success_rows(nnit), "grid")},
    }


def about(found: Results, words: str) -> Claim:
    """The one claim whose sentence has these words."""
    (claim,) = [claim for claim in all_claims(found) if words in claim.sentence]
    return claim


@pytest.fixture(scope="module")
def shipped() -> Results:
    """The result files in the repository."""
    return {name: load_parts(ROOT / "results" / name) for name in SECTIONS}


def counts(text: str) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in re.findall(r"(\d+)/(\d+) \(", text)]


def pooled_by_hand(rows: list[Row]) -> tuple[int, int]:
    return sum(row["successes"] for row in rows), sum(row["episodes"] for row in rows)


def test_without_results_nothing_is_claimed() -> None:
    assert all_claims({}) == []
    assert all_claims({name: {} for name in SECTIONS}) == []


@pytest.mark.parametrize("experiment", SECTIONS)
def test_a_claim_is_there_only_with_the_files_of_its_experiment(experiment: str) -> None:
    whole = results()
    without = {name: parts for name, parts in whole.items() if name != experiment}
    gone = {claim.sentence for claim in all_claims(whole)} - {
        claim.sentence for claim in all_claims(without)
    }
    assert gone
    alone = all_claims({experiment: whole[experiment]})
    assert {claim.sentence for claim in alone} == gone


def test_a_variant_is_compared_with_the_main_one_and_not_with_its_hypernetwork() -> None:
    found = results(nnit=0.9)
    claim = about(found, "an order of neurons of its own")
    assert claim.sentence.startswith("Small generators succeed less often than the main variant")
    assert claim.measured.startswith("200/2000 (10 %")
    assert claim.baseline.startswith("`main` 1800/2000 (90 %")
    assert "about as often as" in about(found, "matched again by weights").sentence
    assert about(found, "a regression takes the place").measured.startswith("1800/2000")


def test_a_claim_is_about_generated_networks_alone() -> None:
    others = {name: body for name, body in results()["splits"].items() if name != "nnit"}
    assert all_claims({"splits": others}) == []


def test_every_part_of_every_claim_is_said() -> None:
    for claim in all_claims(results()):
        for text in vars(claim).values():
            assert text.strip() == text != ""
            assert "nan" not in text
            assert "|" not in text
        assert claim.command.startswith("python -m nnit ")


def test_each_split_has_the_numbers_of_its_files(shipped: Results) -> None:
    for band in BANDS:
        claim = about(shipped, f"(`{band}`)")
        rows = [row for row in shipped["splits"]["nnit"]["results"] if row["band"] == band]
        assert counts(claim.measured) == [pooled_by_hand(rows)]


def test_the_baseline_is_the_strongest_on_the_same_architectures(shipped: Results) -> None:
    for band in BANDS[:3]:
        claim = about(shipped, f"(`{band}`)")
        wanted = {
            (row["task"], row["arch"])
            for row in shipped["splits"]["nnit"]["results"]
            if row["band"] == band
        }
        (count,) = counts(claim.baseline)
        for source, body in shipped["splits"].items():
            rows = [row for row in body["results"] if row["band"] == band]
            if source in ("nnit", "permuted") or {(r["task"], r["arch"]) for r in rows} != wanted:
                continue
            theirs = pooled_by_hand(rows)
            assert theirs[0] / theirs[1] <= count[0] / count[1]
            if f"`{source}`" in claim.baseline:
                assert theirs == count


def test_where_no_baseline_was_measured_the_claim_says_so(shipped: Results) -> None:
    assert about(shipped, "over a grid of pairs").baseline == "none measured"


def test_the_strongest_rival_stands_beside_a_claim(shipped: Results) -> None:
    assert about(shipped, "`extrapolated to 2x`").baseline.startswith("`pad` 900/900")
    assert "about as often as" in about(shipped, "(`ridge`)").sentence


def test_what_is_weak_is_claimed_as_plainly(shipped: Results) -> None:
    assert "43.3 points lower" in about(shipped, "(`unaligned`)").baseline
    assert "more often than" in about(shipped, "(`flat`)").sentence
    assert "about as often as" in about(shipped, "in one evaluation (`one-step`)").sentence
    assert "less often than" in about(shipped, "fewer than 16 neurons").sentence
    assert "less often than" in about(shipped, "Within 400 parameters").sentence
    spread = about(shipped, "With one style for all, the actions")
    assert "more than" in spread.sentence
    assert spread.measured.startswith("1.54 times")


def test_words_of_comparison_follow_the_intervals() -> None:
    flat = "(`flat`)"
    assert "more often than" in about(results(flat=0.7), flat).sentence
    assert "about as often as" in about(results(flat=0.95), flat).sentence
    assert "less often than" in about(results(flat=0.99), flat).sentence
    assert "about as often as" in about(results(), "with 50 steps").sentence
    assert "less often than" in about(results(many_steps=1.0), "with 50 steps").sentence
    assert "less often than" in about(results(), "Within 400 parameters").sentence
    assert "about as often as" in about(results(scratch=0.95), "Within 400 parameters").sentence
    for spread, words in ((1.5, "more than"), (0.5, "less than"), (1.0, "about as much as")):
        found = results(spread=spread)
        assert words in about(found, "With one style for all, the weights").sentence


def test_a_changed_result_file_changes_the_claim(shipped: Results) -> None:
    changed = copy.deepcopy(shipped)
    row = changed["splits"]["nnit"]["results"][0]
    row["successes"] -= 5
    before, after = (about(found, f"(`{row['band']}`)") for found in (shipped, changed))
    assert counts(after.measured)[0][0] == counts(before.measured)[0][0] - 5
    assert after.baseline != before.baseline
    changed = copy.deepcopy(shipped)
    changed["tempo"]["tempo"]["correlation_pooled"] = 0.5
    assert "0.50" in about(changed, "requested tempo sets").measured


def test_a_stronger_baseline_takes_the_place_of_the_strongest() -> None:
    band = f"(`{BANDS[0]}`)"
    assert about(results(), band).baseline.startswith("`zoo` 1980/2000")
    assert about(results(zoo=0.5), band).baseline.startswith("`flat` 1400/2000")


def test_rivals_without_results_are_named_and_measured_ones_take_part() -> None:
    found = results()
    first = GROUPS[0]
    assert "`crop`" in first.note(found)
    assert "`ridge`" in first.note(found)
    zoo = found["splits"]["zoo"]
    rows = [{**row, "source": "crop"} for row in zoo["results"]]
    crop = {**zoo, "part": "crop", "results": rows}
    measured = {**found, "splits": {**found["splits"], "crop": crop}}
    assert "`crop`" not in first.note(measured)
    assert "`ridge`" in first.note(measured)
    assert about(measured, "(`crop`)").baseline.startswith("`crop` ")


def test_a_baseline_that_leaves_architectures_out_says_so() -> None:
    found = results()
    del found["splits"]["flat"]["results"][1::2]
    claim = about(found, "(`flat`)")
    assert counts(claim.measured) == [(1900, 2000)]
    assert "2 of 4 pairs" in claim.measured
    assert about(found, f"(`{BANDS[0]}`)").baseline.startswith("`zoo`")


def test_commands_name_what_was_measured(shipped: Results) -> None:
    claim = about(shipped, "fewer than 16 neurons")
    options = "--task mt10 --arch 12-20,16-11 --networks 3 --episodes 10"
    assert claim.command == f"python -m nnit evaluate {options}"
    # A source that cannot make some of the cells would end the command.
    assert "reproduce --only splits" in about(shipped, "(`interpolate`)").command
    assert about(shipped, "(`flat`)").command.endswith("--source flat")


def test_checks_that_cannot_fail_are_kept_apart(shipped: Results) -> None:
    sentences = [c.sentence for group in GROUPS[:-1] for c in group.claims(shipped)]
    assert not any("keep to their budget" in sentence for sentence in sentences)
    assert GROUPS[-1].title == "True by construction"
    assert any("keep to their budget" in c.sentence for c in GROUPS[-1].claims(shipped))


def test_every_split_and_source_is_defined() -> None:
    assert set(TERMS) == {*BANDS, *SOURCES}


def test_the_readme_claims_what_the_files_say(shipped: Results) -> None:
    text = (ROOT / "README.md").read_text().split("## Results")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    start = lines.index("| claim | measured | baseline |")
    rows = []
    for line in lines[start + 2 :]:
        if line == "| what | figure |":
            break
        rows.append(tuple(line.strip("| ").split(" | ")))
    claims = {(c.sentence, c.measured, c.baseline) for c in all_claims(shipped)}
    assert len(rows) >= 10
    assert set(rows) <= claims


def test_the_report_holds_every_claim(shipped: Results) -> None:
    text = (ROOT / "docs" / "results.md").read_text()
    for c in all_claims(shipped):
        line = f"| {c.sentence} | {c.measured} | {c.baseline} | {c.refuted_by} | `{c.command}` |"
        assert line in text
    measured = sum(1 for parts in shipped.values() if parts)
    assert json.dumps(text).count("](figures/") == measured


def test_random_shapes_name_the_band_where_success_is_lowest_and_its_strongest_rival() -> None:
    claim = about(results(nnit=0.8, flat=0.6), "random shapes of each band")
    assert "lowest for 8 to 15 wide: 40 %" in claim.measured
    assert claim.baseline.startswith("`crop` 30 %")
