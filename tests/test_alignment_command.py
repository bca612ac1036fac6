"""The command `align`: its contract, its table, and bad input."""

import json
from pathlib import Path
from typing import Any

import pytest

from nnit.__main__ import main
from nnit.checkpoint import load_json
from nnit.evaluation.alignment.contrast import contrast_table
from nnit.evaluation.alignment.kinds import KINDS
from nnit.evaluation.alignment.report import METRICS
from nnit.evaluation.alignment.treatments import TREATMENTS

CHECKPOINT = Path(__file__).resolve().parent.parent / "checkpoints" / "mt10"
ROW_KEYS = {"task", "arch", "split", "kind", "treatment", "networks", "note", "metrics", "line"}


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["align", *arguments, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_kind_and_treatment(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = load_json(tiny_checkpoint / "config.json")["dit"]["tasks"][0]
    options = ["--task", task, "--arch", "8", "--networks", "2", "--steps", "2"]
    results = run_json(capsys, *options, "--checkpoint", str(tiny_checkpoint))
    assert {"results", "seed", "shuffle", "patch", "checkpoint", "version"} <= set(results)
    rows = results["results"]
    assert [(row["kind"], row["treatment"]) for row in rows] == [
        (kind, treatment) for kind in KINDS for treatment in TREATMENTS
    ]
    for row in rows:
        assert set(row) == ROW_KEYS
        assert (row["task"], row["arch"], row["line"]) == (task, "8", None)
        if len(row["networks"]) < 2:  # the tiny zoo need not have two of this depth
            assert "only" in row["note"]
            continue
        assert set(row["metrics"]) == set(METRICS)
        for name, figures in row["metrics"].items():
            assert len(figures["values"]) == (2 if METRICS[name].of == "network" else 1)
            assert figures["min"] <= figures["mean"] <= figures["max"]
            assert (figures["ci95"] is None) == (len(figures["values"]) < 2)
            assert isinstance(figures["noise"], float)


def test_a_name_for_several_tasks_finds_the_checkpoint_that_has_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--task", "hidden-goals", "--arch", "12", "--networks", "2", "--kinds", "ghn"]
    results = run_json(capsys, *options)
    assert results["version"].startswith("hidden-goals-")
    assert {row["task"] for row in results["results"]} == {
        f"{name}-hidden-v3" for name in ("reach", "push", "pick-place")
    }


def test_episodes_along_the_line_and_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, table, figure = (tmp_path / name for name in ("align.json", "table.md", "figure.svg"))
    options = ["--task", "drawer-close-v3", "--arch", "40-40", "--networks", "2"]
    options += ["--kinds", "zoo,ghn", "--checkpoint", str(CHECKPOINT), "--markdown", str(table)]
    options += ["--figure", str(figure)]
    assert main(["align", *options, "--episodes", "1", "--json", str(file)]) == 0
    rows = json.loads(file.read_text())["results"]
    aligned = [row for row in rows if row["treatment"] != "shuffled"]
    assert all(point["successes"] == 1 for row in aligned for point in row["line"])
    assert [point["position"] for point in rows[0]["line"]] == [0, 0.25, 0.5, 0.75, 1]
    assert table.read_text() == contrast_table(rows)
    apart = [line for line in table.read_text().splitlines() if "| 1 of 1 |" in line]
    assert len(apart) == len(METRICS) - 1  # all but the distance after matching
    drawn = figure.read_text()
    assert drawn.count('<g id="axes_') == len(METRICS)
    capsys.readouterr()
    assert main(["align", *options]) == 0
    assert figure.read_text() == drawn
    printed = capsys.readouterr().out
    assert "Moran's I" in printed
    assert "note: drawer-close-v3 40-40 zoo: nearest widths" in printed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--arch 8 --networks 1", "--networks"),
        ("--arch 8 --shuffle 1.5", "--shuffle"),
        ("--arch 8 --shuffle nan", "--shuffle"),
        ("--arch 8 --kinds ghn,magic", "magic"),
        ("--arch 8 --episodes -1", "--episodes"),
        ("--arch 8 --seed -1", "--seed"),
        ("--arch 8 --steps 0", "--steps"),
        ("--arch 8 --checkpoint missing", "missing"),
        ("--arch 8-x", "8-x"),
        ("", "--arch"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], options: str, words: str) -> None:
    assert main(["align", "--task", "reach-v3", *options.split()]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    assert words in line
