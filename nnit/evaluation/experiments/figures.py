"""The figures of docs/results.md. Vertical bars are 95 % intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnit.evaluation.drawing import COLOURS, MARKERS, drawing, say_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """Measured success along an axis.

    Attributes:
        name: for the legend.
        x: places on the axis.
        counts: at each, a row with "success_rate" and "ci95".
    """

    name: str
    x: Sequence[float]
    counts: Sequence[Row]


def _success_axis(axes: "Axes") -> None:
    axes.set_ylim(-0.03, 1.05)
    axes.set_yticks(np.linspace(0, 1, 6), [f"{p} %" for p in range(0, 101, 20)])
    axes.set_ylabel("success")


def _draw(axes: "Axes", series: Series, index: int, *, line: bool) -> None:
    """A series with its intervals."""
    rates = np.array([count["success_rate"] for count in series.counts])
    ends = np.array([count["ci95"] for count in series.counts]).reshape(-1, 2)
    # Rounding can put the ends of an interval of 0 or 100 % on the wrong side of the rate.
    around = np.abs(np.stack([rates - ends[:, 0], ends[:, 1] - rates]).clip(min=0))
    axes.errorbar(
        series.x,
        rates,
        yerr=around,
        label=series.name,
        color=COLOURS[index % len(COLOURS)],
        marker=MARKERS[index % len(MARKERS)],
        linestyle="-" if line else "none",
        markersize=5,
        capsize=2,
        linewidth=1.4,
        elinewidth=1,
    )
    for x, rate, count in zip(series.x, rates, series.counts, strict=True):
        say_value(
            axes, x, rate, f"{series.name}: {_success(count)}" if series.name else _success(count)
        )


def _success(count: Row) -> str:
    """Success of a row, as everywhere."""
    low, high = count["ci95"]
    text = f"{100 * count['success_rate']:.0f} %, 95 % CI {100 * low:.0f}-{100 * high:.0f}"
    if "successes" in count and "episodes" in count:
        return f"{count['successes']}/{count['episodes']} ({text})"
    return text


def _rate(row: Row) -> str:
    return f"{row['successes']}/{row['episodes']} ({100 * row['success_rate']:.0f} %)"


def success_lines(series: Sequence[Series], label: str, ticks: Sequence[float], path: Path) -> None:
    """Success of each series along a logarithmic axis."""
    with drawing(path) as (_, (axes,)):
        axes.set_xscale("log")
        for index, one in enumerate(series):
            _draw(axes, one, index, line=True)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel(label)
        _success_axis(axes)
        axes.legend(loc="lower right")


def success_by_group(
    counts: Mapping[str, Mapping[str, Row]], groups: Sequence[str], path: Path
) -> None:
    """Success of each source (first key) in each of `groups` (second key), side by side."""
    with drawing(path, height=4.2) as (figure, (axes,)):
        room = 0.8 / max(1, len(counts))
        for index, (source, by_group) in enumerate(counts.items()):
            there = [i for i, group in enumerate(groups) if group in by_group]
            x = [i - 0.4 + room * (index + 0.5) for i in there]
            _draw(axes, Series(source, x, [by_group[groups[i]] for i in there]), index, line=False)
        for edge in range(1, len(groups)):
            axes.axvline(edge - 0.5, color="#cccccc", linewidth=0.8)
        axes.set_xticks(range(len(groups)), ["\n".join(group.rsplit(" ", 1)) for group in groups])
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.grid(visible=False, axis="x")
        _success_axis(axes)
        figure.legend(loc="outside upper center", ncols=5)


def success_by_line(
    names: Sequence[str], counts: Mapping[str, Mapping[str, Row]], path: Path
) -> None:
    """Success of each source (first key) for each of `names` (second key), one below the other."""
    with drawing(path, height=1.2 + 0.3 * len(names)) as (figure, (axes,)):
        for index, (source, by_name) in enumerate(counts.items()):
            for name, count in by_name.items():
                y = names.index(name) + 0.16 * (2 * index - len(counts) + 1)
                rate, (low, high) = count["success_rate"], count["ci95"]
                axes.errorbar(
                    [rate],
                    [y],
                    xerr=np.abs([[rate - low], [high - rate]]),
                    label=source if name == next(iter(by_name)) else None,
                    color=COLOURS[index],
                    marker=MARKERS[index],
                    linestyle="none",
                    capsize=2,
                    elinewidth=1,
                )
                say_value(axes, rate, y, f"{name}, {source}: {_success(count)}")
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks(np.linspace(0, 1, 6), [f"{p} %" for p in range(0, 101, 20)])
        axes.set_xlabel("success")
        figure.legend(loc="outside upper center", ncols=2)


def requested_and_measured(
    panels: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]], path: Path
) -> None:
    """What was measured against what was requested: a panel an axis label, a line a task."""
    with drawing(path, len(panels), height=4.4) as (figure, every):
        for column, (axes, (label, tasks)) in enumerate(zip(every, panels.items(), strict=True)):
            for index, (task, (requested, measured)) in enumerate(tasks.items()):
                axes.plot(
                    requested,
                    measured,
                    label=task if column == 0 else None,
                    color=COLOURS[index % len(COLOURS)],
                    marker=MARKERS[index % len(MARKERS)],
                    markersize=4,
                    linewidth=1.2,
                )
                for x, y in zip(requested, measured, strict=True):
                    say_value(axes, x, y, f"{task}: requested {x:g}, measured {y:.3g}")
            axes.set_xlabel(f"requested {label.split(':')[0]}")
            axes.set_ylabel(label.split(": ")[1])
        figure.legend(loc="outside lower center", ncols=4, fontsize=8)


def ratios(
    series: Mapping[str, Mapping[str, tuple[float, float, float]]],
    path: Path,
) -> None:
    """Ratios by task, each with its least and greatest over architectures."""
    tasks = list(dict.fromkeys(task for one in series.values() for task in one))
    with drawing(path, height=1.6 + 0.32 * len(tasks)) as (figure, (axes,)):
        axes.axvline(1, color="#999999", linewidth=0.8)
        for index, (name, values) in enumerate(series.items()):
            y = [tasks.index(task) + 0.16 * (2 * index - len(series) + 1) for task in values]
            mean, low, high = np.array(list(values.values())).T
            axes.errorbar(
                mean,
                y,
                xerr=np.stack([mean - low, high - mean]).clip(min=0),
                label=name,
                color=COLOURS[index],
                marker=MARKERS[index],
                linestyle="none",
                capsize=2,
                elinewidth=1,
            )
            for task, place in zip(values, y, strict=True):
                middle, least, most = values[task]
                text = f"{task}, {name}: {middle:.2f}, from {least:.2f} to {most:.2f}"
                say_value(axes, middle, place, text)
        axes.set_yticks(range(len(tasks)), tasks)
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.set_xlabel("spread of samples over spread of the zoo's networks")
        figure.legend(loc="outside upper center", ncols=2)


def success_and_distance(
    panels: Mapping[str, Sequence[tuple[str, np.ndarray, Row]]], path: Path
) -> None:
    """Success of each kind against its distances: the median, and the middle half as a line across."""
    with drawing(path, len(panels), height=4.4) as (figure, every):
        for column, (axes, (label, kinds)) in enumerate(zip(every, panels.items(), strict=True)):
            for index, (name, distances, count) in enumerate(kinds):
                low, middle, high = np.quantile(distances, (0.25, 0.5, 0.75))
                axes.plot(
                    [low, high], [count["success_rate"]] * 2, color=COLOURS[index % len(COLOURS)]
                )
                _draw(
                    axes, Series(name if column == 0 else "", [middle], [count]), index, line=False
                )
            axes.set_xlabel(label)
            axes.set_xlim(left=0)
            _success_axis(axes)
        figure.legend(*every[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


def success_grid(grids: Mapping[str, Sequence[Row]], path: Path) -> None:
    """Success by the two widths; a dot where training saw the pair, reserved widths are printed bold."""
    columns = min(2, len(grids))
    lines = -(-len(grids) // columns)
    with drawing(path, columns, 3.5 * lines + 0.6, lines) as (figure, every):
        for axes in every[len(grids) :]:
            axes.remove()
        for axes, (task, rows) in zip(every, grids.items(), strict=False):
            widths = sorted({row["first"] for row in rows} | {row["second"] for row in rows})
            table = np.full((len(widths), len(widths)), np.nan)
            equal = [row for row in rows if row["first"] == row["second"]]
            reserved = {row["first"] for row in equal if row["split"] == "new-width"}
            for row in rows:
                place = widths.index(row["second"]), widths.index(row["first"])
                table[place] = row["success_rate"]
                widths_text = f"{row['first']}-{row['second']}"
                say_value(axes, place[1], place[0], f"{task}, {widths_text}: {_rate(row)}")
                if row["split"] == "seen":
                    light = row["success_rate"] > 0.6
                    axes.plot(
                        place[1], place[0], ".", color="black" if light else "white", markersize=4
                    )
            mesh = axes.imshow(table, cmap="cividis", vmin=0, vmax=1, origin="lower")
            axes.grid(visible=False)
            for set_ticks, turn in ((axes.set_xticks, 90), (axes.set_yticks, 0)):
                for width, text in zip(
                    widths,
                    set_ticks(range(len(widths)), widths, rotation=turn, fontsize=7),
                    strict=True,
                ):
                    text.label1.set_fontweight("bold" if width in reserved else "normal")
            axes.set_title(task)
            axes.set_xlabel("first hidden layer")
            axes.set_ylabel("second hidden layer")
        bar = figure.colorbar(mesh, ax=every[: len(grids)], location="top", shrink=0.5, aspect=30)
        bar.set_ticks(list(np.linspace(0, 1, 6)), labels=[f"{p} %" for p in range(0, 101, 20)])
        bar.set_label("success")
