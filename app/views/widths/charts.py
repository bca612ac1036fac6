"""The two charts of the page, in plotly."""

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from app.engine.checkpoint import description
from app.engine.results import Cell, Count
from app.views.widths.measured import Point
from nnit.evaluation.statistics import accuracy_text, success_text
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites import Suite
from nnit.splits import MAP_WIDTHS, Protocol

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SCALES = {False: ("#e9e9e2", "#2f7358"), True: ("#23292f", "#7cc4a4")}
_PERCENT = {
    "tickvals": [0, 0.25, 0.5, 0.75, 1],
    "ticktext": [f"{part} %" for part in (0, 25, 50, 75, 100)],
}
_PARAMETER_TICKS = (300, 500, 1000, 2000, 4000, 8000)
_NAMES = {"nnit": "generated", "bc": "the same shapes, trained from scratch"}


def _graph_objects() -> ModuleType:
    """Plotly, imported when the first chart is drawn.

    Plotly asks of every value whether pandas is loaded and has its class. Another thread, which loads the model, may
    be importing pandas just then, and a half imported module has no class yet; an import here waits until it is whole.
    """
    import_module("pandas")
    import plotly.graph_objects

    return plotly.graph_objects


def width_map(counts: Mapping[Cell, Count], suite: Suite, *, dark: bool) -> "Figure":
    """Success, or accuracy, over first and second hidden width; cells that are not measured are hatched."""
    go = _graph_objects()
    ink = "#e4e7ea" if dark else "#1c2024"
    protocol, (what, least) = _protocol(suite), _scale_of(suite)
    cells = [(first, second) for second in MAP_WIDTHS for first in MAP_WIDTHS]
    rates = [
        [counts[first, second].rate if (first, second) in counts else None for first in MAP_WIDTHS]
        for second in MAP_WIDTHS
    ]
    pale, strong = _SCALES[dark]
    figure = go.Figure(
        go.Heatmap(
            z=rates,
            zmin=least,
            zmax=1,
            colorscale=[[0, pale], [1, strong]],
            xgap=1,
            ygap=1,
            hoverinfo="skip",
            colorbar={
                "title": {"text": what, "side": "top"},
                **_ticks(least),
                "thickness": 10,
                "outlinewidth": 0,
                "orientation": "h",
                "len": 0.5,
                "x": 0,
                "xanchor": "left",
                "y": -0.2,
                "yanchor": "top",
            },
        )
    )
    open_cells = [cell for cell in cells if cell not in counts]
    seen = [cell for cell in cells if protocol.split_of(MLPArchitecture(cell)) == "seen"]
    for chosen, marker, name in (
        (open_cells, {"symbol": "line-ne-open", "size": 13, "color": ink}, "not measured"),
        (seen, {"symbol": "circle", "size": 4, "color": ink}, "in training"),
    ):
        figure.add_scatter(
            x=[MAP_WIDTHS.index(first) for first, _ in chosen],
            y=[MAP_WIDTHS.index(second) for _, second in chosen],
            mode="markers",
            marker={**marker, "opacity": 0.35 if name == "not measured" else 0.8},
            name=name,
            hoverinfo="skip",
        )
    # Heatmaps cannot be clicked: transparent squares above it can.
    figure.add_scatter(
        x=[MAP_WIDTHS.index(first) for first, _ in cells],
        y=[MAP_WIDTHS.index(second) for _, second in cells],
        mode="markers",
        marker={"symbol": "square", "size": 20, "color": "rgba(0,0,0,0)"},
        customdata=[f"{first}-{second}" for first, second in cells],
        text=[cell_text(cell, counts.get(cell), suite) for cell in cells],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    labels = [str(w) if _trained_or_outside(w, protocol) else f"<b>{w}</b>" for w in MAP_WIDTHS]
    low = sum(width < protocol.narrowest for width in MAP_WIDTHS) - 0.5
    high = sum(width <= protocol.widest for width in MAP_WIDTHS) - 0.5
    dotted = {"color": ink, "width": 1, "dash": "dot"}
    for end in [high] if low < 0 else [low, high]:
        figure.add_shape(type="line", line=dotted, x0=end, x1=end, y0=low, y1=high)
        figure.add_shape(type="line", line=dotted, x0=low, x1=high, y0=end, y1=end)
    axis = {
        "tickvals": list(range(len(MAP_WIDTHS))),
        "ticktext": labels,
        "showgrid": False,
        "tickfont": {"size": 10},
    }
    figure.update_layout(
        # Upright where they would run into each other, as on a phone.
        xaxis={**axis, "title": "neurons in the first hidden layer", "autotickangles": [0, 90]},
        yaxis={**axis, "title": "neurons in the second hidden layer"},
        legend={"orientation": "h", "y": 1.06, "x": 0},
        height=600,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        dragmode=False,
    )
    return figure


def _protocol(suite: Suite) -> Protocol:
    """Of the checkpoint that covers a suite."""
    return description(suite.tasks[0].name).protocol


def _scale_of(suite: Suite) -> tuple[str, float]:
    """What a map shows of a suite's tasks, and where its colours begin: accuracies differ by little."""
    return ("accuracy", 0.9) if suite.classifies else ("success", 0.0)


def _ticks(least: float) -> dict[str, list[Any]]:
    """The ends and the middle of a scale of colours."""
    values = [least, (least + 1) / 2, 1]
    return {"tickvals": values, "ticktext": [f"{100 * value:g} %" for value in values]}


def _trained_or_outside(width: int, protocol: Protocol) -> bool:
    """Whether training had a width, or only narrower or only wider ones."""
    return width in protocol.widths or not protocol.narrowest <= width <= protocol.widest


def _beyond(cell: Cell, protocol: Protocol) -> str:
    """How a pair goes beyond the trained widths."""
    beyond = []
    if min(cell) < protocol.narrowest:
        beyond.append("narrower")
    if max(cell) > protocol.widest:
        beyond.append("wider")
    return f"{' and '.join(beyond)} than training"


def cell_text(cell: Cell, count: Count | None, suite: Suite) -> str:
    """A cell in words; parameters are those of networks for the suite's tasks."""
    architecture = suite.architecture(cell)
    text_of = accuracy_text if suite.classifies else success_text
    protocol = _protocol(suite)
    words = {
        "seen": "in training",
        "recombined": "this pair never in training",
        "new-width": "a width never in training",
        "new-ratio": "widths that differ more than in training",
        "new-depth": "a depth never in training",
        "extrapolated": _beyond(cell, protocol),
    }[protocol.split_of(architecture)]
    measured = "not measured" if count is None else text_of(count.successes, count.episodes)
    return f"{architecture}: {measured}<br>{words}, {architecture.parameter_count:,} parameters"


def frontier_chart(points: Sequence[Point], *, dark: bool) -> "Figure":
    """Success against parameters, with 95 % intervals."""
    go = _graph_objects()
    from nnit.evaluation.statistics import wilson_interval

    colours = {"nnit": "#8f7af0" if dark else "#5b3fc4", "bc": "#9aa3ab" if dark else "#6b737a"}
    figure = go.Figure()
    for source, name in _NAMES.items():
        mine = [point for point in points if point.source == source]
        if not mine:
            continue
        rates = [point.successes / point.episodes for point in mine]
        ends = [wilson_interval(point.successes, point.episodes) for point in mine]
        seconds = sum(point.seconds for point in mine) / len(mine)
        figure.add_scatter(
            x=[point.parameters for point in mine],
            y=rates,
            error_y={
                "type": "data",
                "array": [max(0.0, high - r) for r, (_, high) in zip(rates, ends, strict=True)],
                "arrayminus": [max(0.0, r - low) for r, (low, _) in zip(rates, ends, strict=True)],
                "thickness": 1,
                "width": 3,
            },
            mode="lines+markers",
            name=f"{name}, {seconds:.2g} s a network",
            marker={"symbol": "circle" if source == "nnit" else "square", "size": 7},
            line={"color": colours[source], "width": 2},
            text=[success_text(point.successes, point.episodes) for point in mine],
            hovertemplate="%{text}<br>%{x:,.0f} parameters<extra></extra>",
        )
    figure.update_layout(
        xaxis={
            "type": "log",
            "title": "parameters (mean within a budget)",
            "tickvals": _PARAMETER_TICKS,
            "ticktext": [f"{ticked:,}" for ticked in _PARAMETER_TICKS],
        },
        yaxis={"title": "success", **_PERCENT, "range": [-0.02, 1.04]},
        legend={"orientation": "h", "y": -0.28, "x": 0},
        height=420,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        dragmode=False,
    )
    return figure


def class_chart(
    counts: Mapping[MLPArchitecture, Count], suite: Suite, *, dark: bool, large: bool
) -> "Figure":
    """Success over both hidden widths, of whatever widths were tried.

    Args:
        counts: episodes of each architecture; those of two hidden layers are drawn.
        suite: of the task.
        dark: whether the page is dark.
        large: whether it is seen from afar.
    """
    go = _graph_objects()
    ink = "#e4e7ea" if dark else "#1c2024"
    low, high = _SCALES[dark]
    what, least = _scale_of(suite)
    pairs = {one: count for one, count in counts.items() if one.depth == 2}
    size = 22 if large else 12
    figure = go.Figure(
        go.Scatter(
            x=[one.hidden[0] for one in pairs],
            y=[one.hidden[1] for one in pairs],
            mode="markers",
            marker={
                "symbol": "square",
                "size": size,
                "color": [count.rate for count in pairs.values()],
                "cmin": least,
                "cmax": 1,
                "colorscale": [[0, low], [1, high]],
                "line": {"color": ink, "width": 1},
                "showscale": True,
                "colorbar": {
                    "title": {"text": what, "side": "top"},
                    **_ticks(least),
                    "thickness": 10,
                    "outlinewidth": 0,
                    "orientation": "h",
                    "len": 0.5,
                    "x": 0,
                    "xanchor": "left",
                    "y": -0.2,
                    "yanchor": "top",
                },
            },
            text=[
                cell_text((one.hidden[0], one.hidden[1]), count, suite)
                for one, count in pairs.items()
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    ticks = [4, 8, 16, 32, 64, 128, 256]
    axis = {
        "type": "log",
        "tickvals": ticks,
        "ticktext": [str(tick) for tick in ticks],
        "range": [math.log10(3.4), math.log10(300)],
        "tickfont": {"size": 24 if large else 12},
        "showgrid": True,
        "title": {"font": {"size": 24 if large else 14}},
    }
    first, second = (
        {**axis, "title": {**axis["title"], "text": f"neurons in the {which} hidden layer"}}  # type: ignore[dict-item]
        for which in ("first", "second")
    )
    figure.update_layout(
        xaxis=first,
        yaxis=second,
        height=760 if large else 560,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        font={"size": 24 if large else 12},
    )
    return figure
