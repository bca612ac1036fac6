"""The contrast that the project rests on, as a table: aligned kinds against shuffled and from-scratch ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from nnit.evaluation.alignment.report import METRICS, summarise
from nnit.evaluation.statistics import success_text

Rows = Sequence[Mapping[str, Any]]

_ALIGNED = ("ghn", "zoo", "nnit")
COLUMNS = (
    ("GHN", "ghn", "as it is"),
    ("zoo", "zoo", "as it is"),
    ("NNiT", "nnit", "as it is"),
    ("GHN, shuffled", "ghn", "shuffled"),
    ("zoo, shuffled", "zoo", "shuffled"),
    ("NNiT, shuffled", "nnit", "shuffled"),
    ("NNiT, realigned", "nnit", "realigned"),
    ("scratch", "scratch", "as it is"),
    ("scratch, realigned", "scratch", "realigned"),
)


def contrast_table(rows: Rows) -> str:
    """Markdown tables of the results of `align` over all their tasks and architectures.

    The first: mean over the cells (a task and an architecture), with Student's 95 % interval over cells where
    there are several. The second: the range of all single values of the aligned kinds as they are, of the
    same shuffled, and of those from scratch, and in how many cells the ranges are apart: every aligned value
    on the aligned side of every other value of that cell. The third, where episodes were run: success along
    the straight lines between networks, with Wilson's 95 % interval.

    Args:
        rows: "results" of the command's JSON.
    """
    columns = [(t, k, how) for t, k, how in COLUMNS if _values(rows, "total_variation", [k], how)]
    lines = [
        "| metric | " + " | ".join(title for title, *_ in columns) + " | noise |",
        "| --- |" + " --- |" * (len(columns) + 1),
    ]
    for name, metric in METRICS.items():
        texts = [_mean_text(rows, name, kind, treatment) for _, kind, treatment in columns]
        noise = cell_means(rows, name, None, "as it is", "noise")
        lines.append(
            f"| {metric.title} | "
            + " | ".join(texts)
            + (f" | {sum(noise) / len(noise):.3f} |" if noise else " | - |")
        )
    lines += [
        "",
        "| metric | aligned (GHN, zoo, NNiT) | the same shuffled | apart in cells | scratch | apart in cells |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, metric in METRICS.items():
        cells = [metric.title, _range(_values(rows, name, _ALIGNED, "as it is"))]
        for kinds, treatment in ((_ALIGNED, "shuffled"), (("scratch",), "as it is")):
            cells.append(_range(_values(rows, name, kinds, treatment)))
            cells.append(_apart(rows, name, kinds, treatment))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, *_line_table(rows)]) + "\n"


def _line_table(rows: Rows) -> list[str]:
    """Success at each position, over all cells and lines; nothing where no episodes were run."""
    positions = next(([p["position"] for p in row["line"]] for row in rows if row["line"]), [])
    if not positions:
        return []
    lines = ["", "| networks | " + " | ".join(f"{p:g}" for p in positions) + " |"]
    lines.append("| --- |" + " --- |" * len(positions))
    for title, kind, treatment in COLUMNS:
        found = [
            row["line"]
            for row in rows
            if row["line"] and (row["kind"], row["treatment"]) == (kind, treatment)
        ]
        if found:
            texts = [
                success_text(sum(p["successes"] for p in at), sum(p["episodes"] for p in at))
                for at in zip(*found, strict=True)
            ]
            lines.append(f"| {title} | " + " | ".join(texts) + " |")
    return lines


def cell_means(
    rows: Rows, name: str, kind: str | None, treatment: str, figure: str = "mean"
) -> list[float]:
    """A figure ("mean" or "noise") of a metric in each cell, of one kind or of all."""
    return [
        row["metrics"][name][figure]
        for row in rows
        if kind in (None, row["kind"]) and row["treatment"] == treatment and name in row["metrics"]
    ]


def _values(rows: Rows, name: str, kinds: Sequence[str], treatment: str) -> list[float]:
    """All single values of a metric."""
    return [
        value
        for row in rows
        if row["kind"] in kinds and row["treatment"] == treatment and name in row["metrics"]
        for value in row["metrics"][name]["values"]
    ]


def _mean_text(rows: Rows, name: str, kind: str, treatment: str) -> str:
    """The mean over cells with its interval, such as "0.512 [0.498, 0.526]"."""
    means = cell_means(rows, name, kind, treatment)
    if not means:
        return "-"
    summary = summarise(means)
    if summary.ci95 is None:
        return f"{summary.mean:z.3f}"
    low, high = summary.ci95
    # z: a rounded zero has no sign
    return f"{summary.mean:z.3f} [{low:z.3f}, {high:z.3f}]"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):z.3f} to {max(values):z.3f}" if values else "-"


def _apart(rows: Rows, name: str, kinds: Sequence[str], treatment: str) -> str:
    """In how many cells every aligned value is beyond every other value, such as "5 of 6"."""
    apart = total = 0
    for cell in dict.fromkeys((row["task"], row["arch"]) for row in rows):
        inside = [row for row in rows if (row["task"], row["arch"]) == cell]
        aligned = _values(inside, name, _ALIGNED, "as it is")
        others = _values(inside, name, kinds, treatment)
        if aligned and others:
            small = METRICS[name].aligned == "small"
            gap = min(others) - max(aligned) if small else min(aligned) - max(others)
            apart, total = apart + (gap > 0), total + 1
    return f"{apart} of {total}" if total else "-"
