"""What several pages let the visitor set: the task, numbers of a request, conditions of the motion, the solver."""

from typing import Any

import streamlit as st

from app.engine.checkpoint import description, task_of
from app.widgets.style.style import apply_task_pictures
from nnit.request import SOLVERS, Parameter, suite_parameters
from nnit.sim.suites import Suite


def task_picker() -> str:
    """A card for each task, with a picture where one ships; under titles of suites if there are several.

    The session's `task` is the one that is chosen.
    """
    suites = description().suites
    if len(suites) == 1:
        return str(_cards(suites[0], "Task", key="task"))
    state = st.session_state
    with st.container(key="task"):
        for suite in suites:
            key = f"task_{suite.name}"

            def choose(key: str = key) -> None:
                state.task = state[key]

            # One group of cards a suite, of which one holds the chosen task.
            state[key] = state.task if state.task in _names(suite) else None
            st.caption(suite.title)
            _cards(suite, f"Task of {suite.title}", key=key, index=None, on_change=choose)
    return str(state.task)


def _names(suite: Suite) -> tuple[str, ...]:
    return tuple(task.name for task in suite.tasks)


def _cards(suite: Suite, label: str, *, key: str, **more: Any) -> str | None:
    apply_task_pictures(key, _names(suite))
    chosen: str | None = st.radio(
        label,
        _names(suite),
        key=key,
        format_func=lambda name: task_of(name).title,
        horizontal=True,
        label_visibility="collapsed",
        width="stretch",
        **more,
    )
    return chosen


def number_control(parameter: Parameter, prefix: str = "", *, width: int = 118) -> int | None:
    """A whole number of a request, under its name in the session; None where it is left open."""
    left_open: dict[str, Any] = {}
    if parameter.default is None:
        left_open = {"value": None, "placeholder": "at most"}
    value: int | None = st.number_input(
        parameter.title,
        int(parameter.low),
        int(parameter.high),
        step=int(parameter.step),
        key=prefix + parameter.name,
        width=width,
        help=parameter.help,
        **left_open,
    )
    return None if value is None else int(value)


def condition_controls(suite: Suite, prefix: str = "") -> dict[str, float]:
    """A slider for each condition of a suite, under its name in the session; gives the values."""
    values = {}
    for parameter in suite_parameters([suite]).values():
        key = prefix + parameter.name
        st.session_state.setdefault(key, parameter.default)
        value = st.slider(
            parameter.title,
            parameter.low,
            parameter.high,
            step=parameter.step,
            key=key,
            help=parameter.help,
        )
        values[parameter.name] = parameter.parse(parameter.text(value))
    return values


def solver_control(prefix: str = "") -> str:
    """How the flow is followed."""
    return str(
        st.selectbox(
            "Solver",
            SOLVERS,
            key=f"{prefix}solver",
            width=170,
            help="How the flow is followed; heun evaluates the transformer twice a step.",
        )
    )
