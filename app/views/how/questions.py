"""A question before each answer, with what can be answered."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import streamlit as st

from app.widgets.glossary.glossary import explained


@dataclass(frozen=True)
class Question:
    """What a screen asks before it shows.

    Attributes:
        text: the question.
        options: what can be answered.
        right: index of the right one.
        because: why, in one or two sentences.
    """

    text: str
    options: tuple[str, ...]
    right: int
    because: str

    def verdict(self, chosen: str | None) -> str:
        """What is said once the answer is shown, as HTML."""
        answer = self.options[self.right]
        head = "Answer" if chosen is None else "Right" if chosen == answer else "Not quite"
        return f"<b>{head}: {escape(answer)}.</b> {explained(self.because)}"


def show_question(
    question: Question, screen: int, *, shown: bool, show: Callable[[], None]
) -> None:
    """Ask it; once something is answered, or the answer is asked for, `show` is called.

    Args:
        question: of the screen.
        screen: its number.
        shown: whether the answer is to be seen.
        show: goes to where it is.
    """
    st.html(f'<p class="question">{explained(question.text)}</p>')
    with st.container(key="answer", horizontal=True, vertical_alignment="center"):
        chosen = st.radio(
            question.text,
            question.options,
            index=None,
            key=f"how_answer_{screen}",
            on_change=show,
            horizontal=True,
            label_visibility="collapsed",
        )
        if not shown:
            st.button("Show the answer", key="how_show", on_click=show, type="tertiary")
    if shown:
        st.html(f'<p class="verdict">{question.verdict(chosen)}</p>')
