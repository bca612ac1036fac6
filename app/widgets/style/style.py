"""The app's own CSS: task cards, the order on a phone, digits of one width."""

import base64
from functools import cache
from pathlib import Path

import streamlit as st

from app.engine.folders import ASSETS

_CSS = (Path(__file__).parent / "style.css").read_text()


def apply_style() -> None:
    """Add the page's CSS; call it once a run."""
    st.html(f"<style>{_CSS}</style>")


@cache
def _picture_rules(tasks: tuple[str, ...]) -> str:
    """One rule a task: its picture on its card of the task picker."""
    rules = []
    for number, task in enumerate(tasks, 1):
        picture = ASSETS / "tasks" / f"{task}.jpg"
        if picture.is_file():
            data = base64.b64encode(picture.read_bytes()).decode()
            rules.append(
                f".st-key-task [role=radiogroup] > :nth-child({number}) label::before "
                f"{{background-image: url(data:image/jpeg;base64,{data})}}"
            )
    return "\n".join(rules)


def apply_task_pictures(tasks: tuple[str, ...]) -> None:
    """Add the pictures of the task picker's cards, in the order of its options."""
    st.html(f"<style>{_picture_rules(tasks)}</style>")
