"""An examination to keep: one HTML page with its figures, and a notebook that computes it anew."""

import base64
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from nnit.mlp.notes import warnings_of

if TYPE_CHECKING:
    from nnit.alignment.examination import Examination, Question
    from nnit.mlp.readings import Reading

_PLANE_POINTS = 200.0  # typographic points of a plane's side, at least
_LETTER = (7.0, 12.0)  # of the names on it, about
_NAMED = 5  # numbers in one name
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
body { color: #222; background: #fff; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.85rem; }
td, th { padding: 2px 10px 2px 0; text-align: left; border-bottom: 1px solid #ddd; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #15171c; } td, th { border-color: #444; }
  img { background: #fff; } }
"""


def report_html(
    examination: "Examination",
    names: Sequence[str],
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> bytes:
    """The verdict, distances of all pairs as a figure, and every number, in one file that loads nothing else.

    Args:
        examination: that is reported.
        names: of the networks.
        notes: what was assumed of the files, and what became of their tensors that are no layers.
        warnings: what makes it likely that files hold other networks than they were read as.
    """
    warned = "".join(f"<p><strong>Warning.</strong> {html.escape(line)}</p>" for line in warnings)
    said = "".join(f"<li>{html.escape(sentence.text)}</li>" for sentence in examination.sentences)
    remarks = "".join(f"<li>{html.escape(one.text)}.</li>" for one in examination.remarks)
    rest = examination.text.splitlines()[len(examination.sentences) + len(examination.remarks) :]
    groups = "".join(f"<p>{html.escape(line)}</p>" for line in [*rest, *notes])
    files = "".join(
        f"<tr><td>{number}</td><td>{html.escape(name)}</td><td>{'-'.join(map(str, one['sizes']))}</td></tr>"
        for number, (name, one) in enumerate(
            zip(names, examination.as_json(names)["networks"], strict=True), 1
        )
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(row[key]))}</td>" for key in row) + "</tr>"
        for row in examination.rows(names)
    )
    undone = [name for name in ("signs", "scales") if getattr(examination.symmetries, name)]
    changes = " and ".join(["order", *undone])
    text = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Alignment of {len(names)} networks</title>
<style>{_STYLE}</style>
<h1>Alignment of {len(names)} networks</h1>
<p>Compared with network {examination.question.reference + 1}. Undone: {changes}. Noise is what the same search finds
between the same networks once every column of weights is shuffled by itself.</p>
{warned}<ul>{said}{remarks}</ul>{groups}
<table><tr><th></th><th>file</th><th>sizes</th></tr>{files}</table>
<h2>Distances of all pairs</h2>
<p>0 the same weights, 1 unrelated. Aligned: each to the reference; of two others as they are, where that is nearer.
On the plane, points are as far apart as two dimensions allow.</p>
{_figure(examination)}
<h2>Every number</h2>
<table><tr><th>network</th><th>file</th><th>layer</th><th>metric</th><th>value</th><th>noise</th></tr>{rows}</table>
</html>"""
    return text.encode(errors="replace")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else str(value)


def _figure(examination: "Examination") -> str:
    """Distances and planes, before and after, as an SVG inside the page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 8), layout="constrained")
    axes = figure.subplots(2, 2)
    squares = (examination.before, examination.after)
    titles = ("as they are", "aligned")
    ticks: Any = np.arange(len(examination.before)) if len(examination.before) <= 20 else []
    for column, (square, plane, title) in enumerate(
        zip(squares, examination.planes, titles, strict=True)
    ):
        image = axes[0, column].imshow(square, vmin=0, vmax=1, cmap="viridis_r")
        axes[0, column].set(title=f"Distances, {title}", xticks=ticks, yticks=ticks)
        axes[0, column].set_xticklabels([str(i + 1) for i in ticks])
        axes[0, column].set_yticklabels([str(i + 1) for i in ticks])
        axes[1, column].scatter(*plane.points.T)
        for name in plane_names(plane.points):
            axes[1, column].annotate(
                name.text,
                plane.points[name.place],
                textcoords="offset points",
                xytext=name.offset,
                ha="left" if name.offset[0] > 0 else "right",
            )
        axes[1, column].margins(0.12)
        axes[1, column].set(
            title=f"Plane, {title} ({plane.kept:.0%} of the spread)", aspect="equal"
        )
    figure.colorbar(image, ax=axes[0, :], shrink=0.8)
    stream = io.BytesIO()
    # The same examination makes the same bytes.
    with mpl.rc_context({"svg.hashsalt": "alignment"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="Distances of all pairs, and networks as points" src="data:image/svg+xml;base64,{encoded}">'


@dataclass(frozen=True)
class PlaneName:
    """The name of points on a plane that lie on each other, or of one alone.

    Attributes:
        place: of the first of them.
        text: their numbers.
        offset: of the name's lower left corner from the point, of the right one where it stands to the left, in
            typographic points.
    """

    place: int
    text: str
    offset: tuple[float, float]


def plane_names(points: Float[np.ndarray, "networks 2"]) -> list[PlaneName]:
    """Names that do not cover each other: points nearly in one place share one, and others move up."""
    span = float(np.ptp(points, axis=0).max(initial=0)) or 1.0
    at = points * (_PLANE_POINTS / span)
    middle = (at[:, 0].min() + at[:, 0].max()) / 2
    groups: list[list[int]] = []
    for place in range(len(at)):
        near = (
            group
            for group in groups
            if (np.abs(at[group[0]] - at[place]) < (_LETTER[0] * 2, _LETTER[1])).all()
        )
        group = next(near, None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    found: list[PlaneName] = []
    taken: list[tuple[float, float, float]] = []  # left, right, bottom
    for group in groups:
        numbers = [str(place + 1) for place in group]
        more = f" and {len(numbers) - _NAMED + 1} more" if len(numbers) > _NAMED else ""
        text = ", ".join(numbers[: _NAMED - 1] if more else numbers) + more
        x, y = at[group[0]]
        width, side = _LETTER[0] * len(text), 4.0 if x <= middle else -4.0
        left, bottom = x + side - (width if side < 0 else 0.0), y + 4.0
        while any(
            left < other[1] and other[0] < left + width and abs(bottom - other[2]) < _LETTER[1]
            for other in taken
        ):
            bottom += _LETTER[1] / 2
        taken.append((left, left + width, bottom))
        found.append(PlaneName(group[0], text, (side, float(bottom - y))))
    return found


def notebook(
    question: "Question",
    names: Sequence[str],
    readings: "Sequence[Reading]" = (),
    run_on: tuple[str, str] | None = None,
) -> bytes:
    """A Jupyter notebook that reads the files beside it and computes the page's numbers in five calls.

    Args:
        question: that was asked.
        names: of the files.
        readings: how each was read; needed where a file has several readings.
        run_on: file of the observations, and the activation that networks were run with; None without.
    """
    from nnit.alignment.examination import Question

    default = Question()
    given = ", ".join(
        f"{field.name}={getattr(question, field.name)!r}"
        for field in fields(question)
        if getattr(question, field.name) != getattr(default, field.name)
    )
    warnings = warnings_of(names, readings)
    several = any(reading.among > 1 for reading in readings)
    which = [reading.title if reading.among > 1 else "" for reading in readings]
    code = [
        "from pathlib import Path\n\nfrom nnit.alignment.examination import Question, examine\n"
        "from nnit.alignment.files import csv_bytes\nfrom nnit.mlp.files import read_network\n\n"
        f"names = {list(names)!r}"
        + (f"\n# Which of the networks in each file.\nwhich = {which!r}" if several else ""),
        "networks = [\n    read_network(name, Path(name).read_bytes(), one)\n"
        "    for name, one in zip(names, which, strict=True)\n]"
        if several
        else "networks = [read_network(name, Path(name).read_bytes()) for name in names]",
    ]
    if run_on is not None:
        code.append(
            "from nnit.alignment.neurons import Observations\n"
            "from nnit.alignment.observations import read_observations\n"
            "from nnit.mlp.network import layer_sizes\n\n"
            f"file, sizes = {run_on[0]!r}, layer_sizes(networks[0])\n"
            "inputs, targets = read_observations(file, Path(file).read_bytes(), sizes[0], sizes[-1])\n"
            f"observations = Observations(inputs, {run_on[1]!r}, targets)"
        )
    more = "" if run_on is None else ", observations"
    code += [
        f"examination = examine(networks, Question({given}){more})",
        *([_warned(warnings)] if warnings else []),
        "print(examination.text)",
        "print(csv_bytes(examination.rows(names)).decode())",
        "import matplotlib.pyplot as plt\n\n"
        "fig, axes = plt.subplots(1, 2)\n"
        "for ax, square, title in zip(axes, (examination.before, examination.after), ('as they are', 'aligned')):\n"
        "    ax.imshow(square, vmin=0, vmax=1)\n    ax.set_title(title)",
    ]
    start = (
        "# Alignment of your networks\n\nThe numbers of the page Alignment, computed anew. Put this notebook beside "
        "your files, with NNiT Explorer installed."
    )
    if run_on is not None:
        start += " Put the file of observations there as well."
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "start", "metadata": {}, "source": start}
    ]
    cells += [
        {
            "cell_type": "code",
            "id": f"cell{place}",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(code)
    ]
    body = {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(body, indent=1).encode()


def _warned(warnings: Sequence[str]) -> str:
    """A cell that says them. They hold names of tensors, which may hold anything, and so are written as texts."""
    said = "".join(f"    {warning!r},\n" for warning in warnings)
    return (
        "# What makes it likely that a file holds another network than it was read as.\n"
        f'warnings = [\n{said}]\nprint(*warnings, sep="\\n")'
    )
