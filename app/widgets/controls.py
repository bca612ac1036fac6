"""What several pages let the visitor set: the task, and the style of the motion."""

import streamlit as st

from nnit.sim.suites import MT10, get_task


def task_picker() -> str:
    """Ten cards with pictures."""
    return st.radio(
        "Task",
        MT10,
        key="task",
        format_func=lambda name: get_task(name).title,
        horizontal=True,
        label_visibility="collapsed",
        width="stretch",
    )


def style_controls(tempo_key: str = "tempo", height_key: str = "height") -> tuple[float, float]:
    """Tempo and height of the approach, under these keys of the session."""
    tempo = st.slider(
        "Tempo, calm to brisk",
        0.0,
        1.0,
        step=0.05,
        key=tempo_key,
        help="0 limits each component of the hand's motion to 40 % of the fastest, 1 not at all. The "
        "model was told the tempo of the networks that it learned from.",
    )
    height = st.slider(
        "Approach, low to high",
        0.0,
        1.0,
        step=0.05,
        key=height_key,
        help="How high the hand comes towards the object.",
    )
    return round(float(tempo), 2), round(float(height), 2)
