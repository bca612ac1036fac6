"""The first numbers of the page: how often the networks of both models succeed, from the results that ship."""

from html import escape

import streamlit as st

from app.engine.checkpoint import checkpoint_version
from app.engine.results import Count, Difference, difference
from app.widgets.glossary.glossary import explained
from app.widgets.weights.weights import ALIGNED_TITLE, UNALIGNED_TITLE
from app.widgets.words import in_words


def show_story() -> None:
    """What this is, why anyone wants it, and what the difference between the two models is."""
    measured = difference(checkpoint_version())
    numbers = "" if measured is None else _numbers(measured)
    st.html(
        f'<div class="story"><p class="lead">{explained(_LEAD, escaped=True)}</p>{numbers}</div>'
    )


_LEAD = (
    "<b>A model writes the weights of a robot\u2019s neural network</b>, for any shape that is asked for. So a robot "
    "gets a network of the size that its computer has room for, at once and without training it. The model learned "
    "this from networks whose neurons all stand in one order, <i>aligned</i>. The same model, trained on the same "
    "networks with their neurons <i>shuffled</i>, fails."
)


def _numbers(measured: Difference) -> str:
    tasks, shapes = in_words(measured.tasks), in_words(measured.architectures)
    return (
        '<div class="numbers">'
        f"{_number('good', measured.aligned, ALIGNED_TITLE)}{_number('bad', measured.shuffled, UNALIGNED_TITLE)}"
        f'<p class="quiet">{measured.points:.1f} points apart, {tasks} tasks, {shapes} shapes</p></div>'
    )


def _number(kind: str, count: Count, title: str) -> str:
    from nnit.evaluation.statistics import wilson_interval

    low, high = (round(100 * end) for end in wilson_interval(count.successes, count.episodes))
    return (
        f'<div class="{kind}"><b>{100 * count.rate:.0f} %</b><span>{escape(title)}<br>'
        f"{count.successes:,}/{count.episodes:,} succeed, 95 % CI {low}-{high}</span></div>"
    )
