"""`compare`: results of `evaluate --json` side by side, and files that are none."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnit.__main__ import main
from nnit.commands.compare import _mean


def row(task: str, arch: str, successes: int, source: str = "nnit", **more: Any) -> dict[str, Any]:
    split = "-" if arch == "-" else "recombined"
    counts = {"episodes": 20, "successes": successes}
    return {"task": task, "arch": arch, "split": split, "source": source, **counts, **more}


def write(path: Path, rows: list[dict[str, Any]], version: str | None = "cpu-1") -> str:
    path.write_text(json.dumps({"results": rows, "version": version}))
    return str(path)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The line that a command ends with."""
    assert main(list(arguments)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_tables_by_task_and_by_architecture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nnit = write(
        tmp_path / "a.json", [row("reach", "8", 20), row("reach", "9-9", 10), row("push", "8", 0)]
    )
    expert = write(tmp_path / "b.json", [row("reach", "-", 20, "expert")], None)
    assert main(["compare", nnit, expert]) == 0
    by_task, by_architecture, versions = capsys.readouterr().out.strip().split("\n\n")
    header, _, first, second = by_task.splitlines()
    assert cells(header) == ["source, %", "reach", "push", "mean", "95 % CI", "episodes"]
    assert cells(first)[:4] == ["`nnit`", "75.0", "0.0", "**50.0**"]
    assert cells(second)[:4] == ["`expert`", "100.0", "-", "**100.0**"]
    assert cells(first)[-1] == "60"
    header, _, *lines = by_architecture.splitlines()
    assert cells(header) == ["architecture", "split", "`nnit`"]  # the expert has none
    assert [cells(line) for line in lines] == [
        ["8", "recombined", "50.0"],
        ["9-9", "recombined", "50.0"],
    ]
    assert versions == "Checkpoint: cpu-1."


def test_one_source_of_two_checkpoints_is_told_apart_by_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write(tmp_path / "before.json", [row("reach", "8", 5, successes_at_end=5)])
    after = write(tmp_path / "after.json", [row("reach", "8", 20, successes_at_end=19)], "cpu-2")
    assert main(["compare", before, after]) == 0
    out = capsys.readouterr().out
    assert cells(out.splitlines()[2])[0] == "`nnit (before)`"
    assert cells(out.splitlines()[3])[4] == "95.0"  # at the end
    assert "Checkpoint: cpu-1, cpu-2." in out


def test_accuracies_have_two_decimals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a.json", [row("mnist", "8", 19, accuracy=0.95)])
    assert main(["compare", file]) == 0
    assert "95.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"results": [], "version": null}',
        '{"results": [1], "version": null}',
        '{"results": [{"task": 1}], "version": null}',
        json.dumps({"results": [row("reach", "8", 21)], "version": None}),
        json.dumps({"results": [row("reach", "8", 3, episodes=0)], "version": None}),
        json.dumps({"results": [row("reach", "8", 3, successes_at_end=21)], "version": None}),
        json.dumps({"results": [row("reach", "8", 3)], "version": [1]}),
    ],
)
def test_other_files_are_refused(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    assert str(path) in refusal(capsys, "compare", str(path))


def test_missing_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no file" in refusal(capsys, "compare", str(tmp_path / "none.json"))
    assert "at least one file" in refusal(capsys, "compare")


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30))
def test_a_mean_lies_between_its_rows(counts: list[int]) -> None:
    mean = float(_mean([row("reach", "8", count) for count in counts], 9))
    assert 5 * min(counts) - 1e-6 <= mean <= 5 * max(counts) + 1e-6
