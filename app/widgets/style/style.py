"""The app's own CSS: task cards, the order on a phone, digits of one width."""

import base64
from functools import cache
from pathlib import Path

import streamlit as st

from app.engine.folders import ASSETS

_CSS = (Path(__file__).parent / "style.css").read_text()


class _Style:
    """CSS that Streamlit passes on as it is; it would look through text line by line, at every run of a page."""

    def __init__(self, rules: str) -> None:
        self._rules = rules

    def _repr_html_(self) -> str:
        return f"<style>{self._rules}</style>"


def apply_style() -> None:
    """Add the page's CSS; call it once a run."""
    st.html(_Style(_CSS))


@cache
def _picture_rules(key: str, tasks: tuple[str, ...]) -> str:
    """One rule a task that has a picture: to be on its card."""
    rules = []
    for number, task in enumerate(tasks, 1):
        picture = ASSETS / "tasks" / f"{task}.jpg"
        if picture.is_file():
            data = base64.b64encode(picture.read_bytes()).decode()
            rules.append(
                f".st-key-{key} [role=radiogroup] > :nth-child({number}) label::before "
                f"{{background-image: url(data:image/jpeg;base64,{data})}}"
            )
    return "\n".join(rules)


def apply_task_pictures(key: str, tasks: tuple[str, ...]) -> None:
    """Add the pictures of a group of cards of the task picker.

    Args:
        key: of the group.
        tasks: in the order of its options; those without a picture have a plain card.
    """
    st.html(_Style(_picture_rules(key, tasks)))
