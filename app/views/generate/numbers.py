"""The first numbers of the page: how often the networks of both models succeed, from the results that ship."""

from html import escape

import streamlit as st

from app.engine.checkpoint import checkpoint_version, has_contrast, suite_of
from app.engine.results import Count, Difference, difference
from app.widgets.glossary.glossary import explained
from app.widgets.weights.weights import ALIGNED_TITLE, UNALIGNED_TITLE
from app.widgets.words import in_words


def show_story() -> None:
    """What this is, why anyone wants it, and what the difference between the two models is."""
    task = st.session_state.chosen_task
    suite = suite_of(task)
    version = checkpoint_version(task)
    measured = difference(version) or difference(version, suite.name)
    numbers = "" if measured is None else _numbers(measured, accuracy=suite.classifies)
    lead = _READING if suite.classifies else _DRIVING
    if has_contrast(task):
        lead += _SHUFFLED + (
            "reads far fewer digits." if suite.classifies else "fails far more often."
        )
    st.html(
        f'<div class="story"><p class="lead">{explained(lead, escaped=True)}</p>{numbers}</div>'
    )


_READING = (
    "<b>A model writes the weights of a neural network that reads digits</b>, for any shape that is asked for and "
    "without training it. Draw a digit and see what it reads. The model learned this from networks whose neurons all "
    "stand in one order, <i>aligned</i>."
)
_DRIVING = (
    "<b>A model writes the weights of a robot\u2019s neural network</b>, for any shape that is asked for. So a robot "
    "gets a network of the size that its computer has room for, at once and without training it. The model learned "
    "this from networks whose neurons all stand in one order, <i>aligned</i>."
)
_SHUFFLED = " The same model, trained on the same networks with their neurons <i>shuffled</i>, "


def _numbers(measured: Difference, *, accuracy: bool) -> str:
    tasks, shapes = in_words(measured.tasks), in_words(measured.architectures)
    tasks += " task" if measured.tasks == 1 else " tasks"
    return (
        '<div class="numbers">'
        f"{_number('good', measured.aligned, ALIGNED_TITLE, accuracy=accuracy)}"
        f"{_number('bad', measured.shuffled, UNALIGNED_TITLE, accuracy=accuracy)}"
        f'<p class="quiet">{measured.points:.1f} points apart, {tasks}, {shapes} shapes</p></div>'
    )


def _number(kind: str, count: Count, title: str, *, accuracy: bool) -> str:
    from nnit.evaluation.statistics import wilson_interval

    # As everywhere: of tens of thousands of answers, a whole number says too little.
    digits = 1 if accuracy else 0
    low, high = (
        f"{100 * end:.{digits}f}" for end in wilson_interval(count.successes, count.episodes)
    )
    return (
        f'<div class="{kind}"><b>{100 * count.rate:.{digits}f} %</b><span>{escape(title)}<br>'
        f"{count.successes:,}/{count.episodes:,} {'right' if accuracy else 'succeed'}, "
        f"95 % CI {low}-{high}</span></div>"
    )
