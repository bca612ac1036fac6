"""The contrast that the project rests on, as a figure: one panel a metric, one column a set of networks."""

from pathlib import Path

from nnit.evaluation.alignment.contrast import COLUMNS, Rows, cell_means
from nnit.evaluation.alignment.report import METRICS, summarise
from nnit.evaluation.drawing import COLOURS, drawing

_PANELS_A_ROW = 3
_GROUPS = {"as it is": COLOURS[0], "shuffled": COLOURS[1], "realigned": COLOURS[2]}


def contrast_figure(rows: Rows, path: Path) -> None:
    """Every metric's mean over cells (a task and an architecture) with Student's 95 % interval, beside noise.

    Args:
        rows: "results" of the JSON of the command `align`.
        path: of the SVG file.
    """
    columns = [
        (title, kind, treatment)
        for title, kind, treatment in COLUMNS
        if cell_means(rows, next(iter(METRICS)), kind, treatment)
    ]
    count = -(-len(METRICS) // _PANELS_A_ROW)
    with drawing(path, _PANELS_A_ROW, 2.9 * count, count) as (figure, panels):
        for axes, (name, metric) in zip(panels, METRICS.items(), strict=True):
            for place, (_, kind, treatment) in enumerate(columns):
                means = cell_means(rows, name, kind, treatment)
                if not means:
                    continue
                summary = summarise(means)
                low, high = summary.ci95 or (summary.mean, summary.mean)
                axes.errorbar(
                    [place],
                    [summary.mean],
                    yerr=[[summary.mean - low], [high - summary.mean]],
                    color="#000000" if kind == "scratch" else _GROUPS[treatment],
                    marker="o" if treatment == "as it is" else "s",
                    markersize=5,
                    capsize=2,
                )
            noise = cell_means(rows, name, None, "as it is", "noise")
            if noise:
                axes.axhline(
                    sum(noise) / len(noise), color="#999999", linestyle="--", linewidth=1, zorder=0
                )
            axes.set_title(metric.title, fontsize=9)
            axes.set_xticks(range(len(columns)), [title for title, *_ in columns], fontsize=7)
            axes.tick_params(axis="x", rotation=90)
            axes.grid(visible=False, axis="x")
        for axes in panels[: -_PANELS_A_ROW or None]:
            axes.set_xticklabels([])
        figure.suptitle("dashed: independent noise of the same shapes", fontsize=9)
