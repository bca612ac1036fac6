"""`python -m nnit reproduce`: every experiment in its tiny version, and the report from its files."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnit.__main__ import main
from nnit.commands.evaluate import Evaluate
from nnit.dit.flow import SOLVERS
from nnit.evaluation.experiments import ablations, splits
from nnit.evaluation.experiments.ablations import VARIANTS, Ablations, Scale
from nnit.evaluation.experiments.bands import Bands
from nnit.evaluation.experiments.base import FEW_HELD_OUT
from nnit.evaluation.experiments.claims import all_claims
from nnit.evaluation.experiments.frozen import FrozenTest
from nnit.evaluation.experiments.registry import EXPERIMENTS
from nnit.evaluation.experiments.report import load_parts, not_defined
from nnit.evaluation.experiments.sections import SECTIONS
from nnit.evaluation.experiments.steps import evaluations
from nnit.evaluation.experiments.tempo import correlations
from nnit.evaluation.experiments.terms import TERMS
from nnit.evaluation.statistics import wilson_interval
from nnit.mlp.spec import MLPArchitecture
from nnit.splits import DENSE, PROTOCOLS


@pytest.fixture(scope="module")
def out(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything was measured once."""
    folder = tmp_path_factory.mktemp("reproduce")
    assert reproduce(tiny_checkpoint, folder) == 0
    assert not (folder / "results" / "test").exists()  # only where it is asked for
    assert not (folder / "results" / "ablations").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ablations, "_WORK", tmp_path_factory.mktemp("ablations"))
        assert reproduce(tiny_checkpoint, folder, "--only", "test,ablations") == 0
    return folder


def reproduce(checkpoint: Path, folder: Path, *more: str) -> int:
    options = ("--quick", "--checkpoint", str(checkpoint), "--out", str(folder))
    return main(["reproduce", *options, *more])


def files(out: Path) -> list[Path]:
    return sorted((out / "results").glob("*/*.json"))


def test_every_experiment_writes_its_parts_with_versions_seeds_and_intervals(out: Path) -> None:
    names = {name: set(kind.quick().parts()) for name, kind in EXPERIMENTS.items()}
    assert {name: {p.stem for p in (out / "results" / name).iterdir()} for name in names} == names
    for path in files(out):
        body = json.loads(path.read_text(), parse_constant=pytest.fail)
        assert body["version"].startswith("smoke-")
        assert {"torch", "metaworld", "nnit"} <= set(body["made_with"])
        assert body["seed"] == 0
        assert body["settings"]
        assert body["results"] or body["skipped"], path
        for row in body["results"]:
            if "successes" in row:
                assert row["ci95"] == list(wilson_interval(row["successes"], row["episodes"]))


def test_results_of_the_test_are_not_written_over(
    out: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(out, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "results" / "test" / "nnit.json"
    before = path.read_bytes()
    assert reproduce(tiny_checkpoint, tmp_path, "--only", "test") == 0  # all is there
    assert reproduce(tiny_checkpoint, tmp_path, "--only", "test", "--again") == 2
    assert "not written over" in capsys.readouterr().err
    assert reproduce(tiny_checkpoint, tmp_path, "--only", "test", "--seed", "1") == 2
    assert path.read_bytes() == before


def test_variants_learn_from_the_zoo_that_they_name(out: Path) -> None:
    bodies = {
        path.stem: json.loads(path.read_text())
        for path in (out / "results" / "ablations").glob("*.json")
    }
    main, rough = bodies["main"], bodies["one-order"]
    assert main["zoo_success"] == rough["zoo_success"]  # the same networks in another order
    assert main["morans_i"] > rough["morans_i"] + 0.2
    assert bodies["apart-matched"]["total_variation"] > main["total_variation"]
    sources = {name: {row["source"] for row in body["results"]} for name, body in bodies.items()}
    assert sources["main"] == sources["cnn-1x1"] == {"nnit", "ghn"}
    assert sources["one-order"] == {"nnit"}
    assert sources["one-step"] == {"one-step"}
    assert bodies["cnn-1x1"]["ghn_seconds"] > 0
    assert all(set(body["errors"]) == {"cells", "actions", "choices"} for body in bodies.values())


def test_every_variant_can_be_asked_for() -> None:
    assert Ablations().parts() == tuple(VARIANTS)
    for name, variant in VARIANTS.items():
        settings = variant.dit(Scale().dit, Scale())
        assert variant.ghn is None or variant.ghn(Scale()).steps > 0, name
        assert settings.steps <= Scale().dit.steps


def test_the_test_has_other_shapes_than_development() -> None:
    protocol = PROTOCOLS["bands"]
    development, frozen = Bands().drawn(protocol), FrozenTest().drawn(protocol)
    assert frozen.keys() == development.keys()
    for band, drawn in frozen.items():
        assert len(drawn) == 50 or band == "4 to 7 wide"
        assert not set(drawn) & set(development[band])


def test_what_a_source_cannot_make_is_skipped_with_the_reason(out: Path) -> None:
    body = json.loads((out / "results" / "splits" / "ghn.json").read_text())
    skipped = {row["arch"] for row in body["skipped"]}
    assert "72" in skipped
    assert all(row["reason"] for row in body["skipped"])
    assert skipped.isdisjoint(row["arch"] for row in body["results"])


def test_sampled_shapes_are_valid_and_keep_to_their_budgets(out: Path) -> None:
    for row in json.loads((out / "results" / "budget" / "shapes.json").read_text())["results"]:
        assert row["within_budget"] == row["valid"] == row["networks"]


def test_without_the_mask_shapes_may_exceed_their_budgets(out: Path) -> None:
    rows = json.loads((out / "results" / "budget" / "unmasked.json").read_text())["results"]
    limited = [row for row in rows if row["budget"] is not None]
    # A model that has hardly been trained knows nothing of budgets.
    assert sum(row["within_budget"] for row in limited) < sum(row["networks"] for row in limited)
    free = [row for row in rows if row["budget"] is None]
    assert free
    for row in free:
        assert all(0 <= row[key] <= 1 for key in row if key.endswith("_apart"))


def test_generated_and_trained_from_scratch_are_compared_in_the_same_shapes(out: Path) -> None:
    shapes = [
        [
            (row["task"], row["budget"], row["arch"])
            for row in json.loads(path.read_text())["results"]
        ]
        for path in (out / "results" / "budget" / f"{name}.json" for name in ("nnit", "bc"))
    ]
    assert shapes[0] == shapes[1]


def test_the_report_has_a_table_a_figure_and_the_command_of_each_experiment(out: Path) -> None:
    text = (out / "docs" / "results.md").read_text()
    for name in EXPERIMENTS:
        assert f"python -m nnit reproduce --only {name}\n" in text
        assert f"(figures/{name}.svg)" in text
        picture = (out / "docs" / "figures" / f"{name}.svg").read_text()
        assert "<svg" in picture
        assert len(picture) < 400_000
    assert "Not measured yet" not in text
    assert "nan" not in text


def test_the_report_defines_its_words_once_and_before_they_head_a_table(out: Path) -> None:
    text = (out / "docs" / "results.md").read_text()
    for source in ("nnit", "ghn", "zoo", "nearest", "noise", "permuted", "crop", "ridge"):
        assert text.count(f"\n- `{source}`: {TERMS[source]}\n") == 1
        assert text.index(f"- `{source}`: {TERMS[source]}") < text.index("\n| split | nnit |")
    assert "- `flat`:" not in text  # not in the tiny version


def test_the_command_of_a_claim_measures_its_number(
    out: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    claims = all_claims({name: load_parts(out / "results" / name) for name in SECTIONS})
    (claim,) = [claim for claim in claims if "(`extrapolated to 1.5x`)" in claim.sentence]
    more = ["--checkpoint", str(tiny_checkpoint), "--json", str(tmp_path / "again.json")]
    assert main([*claim.command.split()[3:], *more]) == 0
    rows = json.loads((tmp_path / "again.json").read_text())["results"]
    successes, episodes = (sum(row[key] for row in rows) for key in ("successes", "episodes"))
    assert claim.measured.startswith(f"{successes}/{episodes} (")


def test_finished_parts_are_not_measured_again_and_the_report_is_the_same(
    out: Path, tiny_checkpoint: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in files(out)}
    text = (out / "docs" / "results.md").read_text()
    picture = (out / "docs" / "figures" / "steps.svg").read_bytes()
    assert reproduce(tiny_checkpoint, out) == 0
    assert {path: path.stat().st_mtime_ns for path in files(out)} == before
    assert (out / "docs" / "results.md").read_text() == text
    assert (out / "docs" / "figures" / "steps.svg").read_bytes() == picture


def test_other_settings_and_again_measure_anew(tiny_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "results" / "diversity" / "ghn.json"
    times = []
    for more in ((), ("--seed", "1"), ("--seed", "1", "--again"), ("--seed", "1")):
        assert reproduce(tiny_checkpoint, tmp_path, "--only", "diversity", *more) == 0
        times.append(path.stat().st_mtime_ns)
    assert times[0] < times[1] < times[2] == times[3]
    assert "Not measured yet" in (tmp_path / "docs" / "results.md").read_text()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--only", "nonsense"), 'unknown experiment "nonsense"'),
        (("--seed", "-1"), "--seed"),
        (("--workers", "0"), "--workers"),
    ],
)
def test_bad_input_ends_with_one_line(
    more: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", "--out", str(tmp_path), *more]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_damaged_results_are_refused_by_name(tmp_path: Path, tiny_checkpoint: Path) -> None:
    path = tmp_path / "results" / "grid" / "reach-v3.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"results": []}')
    assert reproduce(tiny_checkpoint, tmp_path, "--only", "report") == 2


def test_what_is_measured_is_unseen() -> None:
    assert ",".join(splits.HELD_OUT) == Evaluate(task="mt10").arch
    for text in (*splits.HELD_OUT, *splits.NEW_DEPTH, *splits.EXTRAPOLATED, *FEW_HELD_OUT):
        assert DENSE.split_of(MLPArchitecture.parse(text)) != "seen"
        assert splits.band_of(MLPArchitecture.parse(text), DENSE) in splits.BANDS


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_evaluations_are_counted_as_the_solver_makes_them(solver: str, steps: int) -> None:
    import torch

    calls = []

    def denoise(x: torch.Tensor, time: float) -> torch.Tensor:
        calls.append(time)
        return x

    SOLVERS[solver](denoise, torch.zeros(1, 1, 4), steps, None)
    assert len(calls) == evaluations(solver, steps)


def test_correlations_are_those_of_each_task_and_forgive_different_paces() -> None:
    asked = np.linspace(0, 1, 5)
    rows = [
        {"task": task, "asked": a, "hand_speed": pace * (1 + a)}
        for task, pace in (("slow", 0.1), ("fast", 1.0), ("still", 0.0))
        for a in asked.tolist()
    ]
    found = correlations(rows, "hand_speed")
    assert found["correlation_by_task"] == {
        "slow": pytest.approx(1),
        "fast": pytest.approx(1),
        "still": None,
    }
    assert found["correlation_pooled"] == pytest.approx(1)


def test_a_source_that_can_make_few_shapes_of_a_band_is_said_to(tmp_path: Path) -> None:
    def part(source: str, rates: dict[str, float]) -> dict:
        return {
            "results": [
                {"band": "wide", "source": source, "task": "reach-v3", "arch": arch, **success}
                for arch, rate in rates.items()
                for success in [{"success_rate": rate, "successes": rate, "episodes": 1}]
            ]
        }

    parts = {"nnit": part("nnit", {"70": 1.0, "20": 0.0}), "crop": part("crop", {"20": 1.0})}
    text = SECTIONS["bands"][2](parts, tmp_path / "figure.svg")
    row = next(line for line in text.splitlines() if line.startswith("| wide"))
    assert row.count("**") == 2
    assert "**50 %" in row
    assert row.endswith("100 % (100-100), at 1 of 2 shapes |")


def test_what_is_not_defined_is_said_once_with_the_first_of_its_shapes() -> None:
    skipped = [
        {"arch": str(width), "reason": f"layers of 8 to 64 neurons; not {width}"}
        for width in (4, 5, 64, *range(70, 76))
    ]
    (line,) = not_defined({"ridge": {"skipped": skipped[:2]}}).splitlines()[2:]
    assert line == "- `ridge` at 4, 5: layers of 8 to 64 neurons; not these"
    lines = not_defined({"ridge": {"skipped": skipped}}).splitlines()[2:]
    assert any("at 8 shapes, such as 4, 5, 70, 71, 72, 73:" in line for line in lines)
