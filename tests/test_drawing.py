"""Figures keep what their marks stand for, where the marks are."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from nnit.evaluation.drawing import drawing
from nnit.evaluation.experiments.figures import Series, success_lines

SVG = "{http://www.w3.org/2000/svg}"


def values(path):
    kept = ElementTree.parse(path).getroot().find(f"{SVG}metadata[@id='values']")
    return None if kept is None else json.loads(kept.text)


def test_each_value_lies_on_its_mark(tmp_path):
    counts = [
        {"success_rate": rate, "ci95": [rate / 2, (1 + rate) / 2], "successes": 1, "episodes": 2}
        for rate in (0.1, 0.5, 0.9)
    ]
    path = tmp_path / "figure.svg"
    success_lines([Series("<a> & b", [1, 4, 16], counts)], "steps", [1, 4, 16], path)
    found = values(path)
    assert [text for *_, text in found] == [
        "<a> & b: 1/2 (10 %, 95 % CI 5-55)",
        "<a> & b: 1/2 (50 %, 95 % CI 25-75)",
        "<a> & b: 1/2 (90 %, 95 % CI 45-95)",
    ]
    # The marks of the line: three uses of one shape, in the series' colour.
    used = re.findall(
        r'<use xlink:href="#\w+" x="([\d.]+)" y="([\d.]+)" style="fill: #0072b2', path.read_text()
    )
    marks = {(round(float(x), 1), round(float(y), 1)) for x, y in used}
    for x, y, _ in found:
        assert min(np.hypot(x - a, y - b) for a, b in marks) < 0.2


def test_a_figure_without_values_is_left_as_it_is(tmp_path):
    path = tmp_path / "plain.svg"
    with drawing(path) as (_, (axes,)):
        axes.plot([0, 1], [0, 1])
    assert values(path) is None


@pytest.mark.parametrize("name", ["splits", "grid", "steps", "tempo", "bands"])
def test_the_shipped_figures_have_values(name):
    from app.views.evidence.document import DOCS

    path = DOCS / "figures" / f"{name}.svg"
    *_, width, height = map(float, ElementTree.parse(path).getroot().get("viewBox").split())
    found = values(path)
    assert found
    assert all(0 <= x <= width and 0 <= y <= height and text for x, y, text in found)
