"""What all figures that go to files share: one style, and SVG that is the same for the same numbers.

Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; every series has a
marker of its own besides. matplotlib is imported when a figure is drawn, so that commands start fast.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from nnit.writing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
    *("#000000", "#999999", "#8B6914", "#5D3A9B"),
)
MARKERS = "osD^vP*Xhd"
_WIDTH = 8.0  # inches; as wide as a README shows pictures
_STYLE: Any = {
    "font.size": 10,
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "svg.fonttype": "path",  # readers need no font
    "svg.hashsalt": "nnit",  # the same numbers give the same file
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e5e5",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


@contextmanager
def drawing(
    path: Path, columns: int = 1, height: float = 3.6, rows: int = 1
) -> "Iterator[tuple[Figure, list[Axes]]]":
    """An empty figure in the common style, written to `path` when it is done; needs no screen.

    Args:
        path: of the SVG file.
        columns: panels side by side.
        height: in inches, of all rows together.
        rows: of panels; the axes come row by row.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        yield figure, list(figure.subplots(rows, columns, squeeze=False).flat)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        write_whole(path, _with_values(figure, drawn.getvalue()))


def say_value(axes: "Axes", x: float, y: float, text: str) -> None:
    """Keep what a mark stands for, for pages on which the figure is pointed at.

    Args:
        axes: of the mark.
        x: its place, in the units of the axes.
        y: the same.
        text: its value in words.
    """
    axes.figure.__dict__.setdefault("_values", []).append((axes, x, y, text))


def _with_values(figure: "Figure", svg: str) -> str:
    """The drawing with `<metadata id="values">`: [x, y, text] of each value, in units of its viewBox."""
    values = figure.__dict__.get("_values", [])
    if not values:
        return svg
    unit = 72 / figure.dpi  # an SVG counts in points, from its top
    height = 72 * figure.get_figheight()
    places = []
    for axes, x, y, text in values:
        across, up = axes.transData.transform((x, y)) * unit
        places.append([round(float(across), 1), round(float(height - up), 1), text])
    body = escape(json.dumps(places, ensure_ascii=False, separators=(",", ":")))
    head, _, _ = svg.rpartition("</svg>")
    return f'{head}<metadata id="values">{body}</metadata>\n</svg>\n'
