"""What several pages let the visitor set: the task, numbers of a request, conditions of the motion, the solver."""

from typing import Any

import streamlit as st

from app.engine.checkpoint import covered_suites, suite_of, task_of
from app.widgets.goals.pad import show_pad
from app.widgets.style.style import apply_task_pictures
from nnit.request import SOLVERS, Parameter, SampleRequest, task_parameters
from nnit.sim.suites import Suite

_ON_THE_TABLE = 2  # of a goal's coordinates, the first ones: those that are seen from above


def open_task(task: str) -> None:
    """Choose a task when a page is opened; it stays chosen on the pages that follow."""
    state = st.session_state
    state.opened_task = state.opened_in_tab = state.chosen_task = task
    state.pop("goals_set", None)  # the goals come from the request that the page is opened with


def task_picker() -> str:
    """A card for each task, with a picture where one ships; a tab for each suite if there are several.

    `open_task` comes first. The session's `chosen_task` is the one that is chosen. A tab opens with the task that
    was chosen there last.
    """
    suites, state = covered_suites(), st.session_state
    if len(suites) == 1:
        first = _names(suites[0]).index(state.opened_task)
        state.chosen_task = _cards(suites[0], "Task", key="task", index=first)
        return str(state.chosen_task)
    by_name = {suite.name: suite for suite in suites}
    last: dict[str, str] = state.setdefault("last_task", {})

    def suite_with(task: str) -> Suite:
        return next((suite for suite in suites if task in _names(suite)), suites[0])

    def open_suite() -> None:
        suite = by_name[state.task_suite]
        state.chosen_task = state.opened_in_tab = last.get(suite.name, suite.tasks[0].name)

    st.segmented_control(
        "Tasks of",
        list(by_name),
        format_func=lambda name: by_name[name].title,
        default=suite_with(state.opened_task).name,
        key="task_suite",
        on_change=open_suite,
        required=True,
        label_visibility="collapsed",
    )
    shown = suite_with(state.chosen_task)
    names = _names(shown)
    first = names.index(state.opened_in_tab) if state.opened_in_tab in names else 0
    state.chosen_task = _cards(shown, f"Task of {shown.title}", key="task", index=first)
    last[shown.name] = state.chosen_task
    return str(state.chosen_task)


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


# What a control shows at first is its default, from the page's address, rather than a value of the session: the
# browser is told of that only once, and takes no notice where the page is drawn again at once.


def number_control(
    parameter: Parameter, first: float | None, prefix: str = "", *, width: int = 118
) -> int | None:
    """A whole number of a request, `first` at first; None where it is left open."""
    key, may_be_empty = prefix + parameter.name, parameter.default is None
    number = None if first is None else int(first)
    if may_be_empty:  # only without a default of its own can the control be emptied again
        st.session_state.setdefault(key, number)
    value: int | None = st.number_input(
        parameter.title,
        int(parameter.low),
        int(parameter.high),
        value=None if may_be_empty else number,
        step=int(parameter.step),
        key=key,
        width=width,
        help=parameter.help,
        placeholder="at most" if may_be_empty else None,
    )
    return None if value is None else int(value)


def goal_parameters(task: str) -> tuple[Parameter, ...]:
    """The conditions that say where the goal of a task is, which a suite gives in the order x, y, z; often none."""
    suite = suite_of(task)
    every = task_parameters(suite, task)
    return tuple(every[c.name] for c in suite.conditions_of(task) if c.is_goal)


def goal_of(request: SampleRequest) -> dict[str, float]:
    """The conditions of a request that say where its goal is."""
    names = {one.name for one in goal_parameters(request.task)}
    return {name: value for name, value in dict(request.conditions).items() if name in names}


def goal_controls(task: str, first: SampleRequest, prefix: str = "") -> dict[str, float]:
    """A picture of the table with the goal, and a slider for its height; gives the values of the conditions.

    Args:
        task: that is chosen; where it has no hidden goal, nothing is drawn.
        first: says where the goal is at first.
        prefix: of the page's keys in the session.
    """
    parameters = goal_parameters(task)
    if not parameters:
        return {}
    kept: dict[str, dict[str, float]] = st.session_state.setdefault("goals_set", {})
    flat, heights = parameters[:_ON_THE_TABLE], parameters[_ON_THE_TABLE:]
    values = kept.setdefault(task, {one.name: float(first.value(one) or 0.0) for one in flat})

    def choose(goal: dict[str, float]) -> None:
        kept[task] = goal

    st.markdown(":small[Goal]", help=parameters[0].help)
    show_pad(task, flat, values, key=f"{prefix}goal", choose=choose)
    return values | {one.name: _slider(one, first, prefix) for one in heights}


def condition_controls(task: str, first: SampleRequest, prefix: str = "") -> dict[str, float]:
    """A slider for each condition of a task but its goal, at first as a request has it; gives the values."""
    goal = {parameter.name for parameter in goal_parameters(task)}
    every = task_parameters(suite_of(task), task)
    return {name: _slider(one, first, prefix) for name, one in every.items() if name not in goal}


def _slider(parameter: Parameter, first: SampleRequest, prefix: str) -> float:
    value = st.slider(
        parameter.title,
        parameter.low,
        parameter.high,
        first.value(parameter),
        step=parameter.step,
        key=prefix + parameter.name,
        help=parameter.help,
    )
    return parameter.parse(parameter.text(value))


def solver_control(first: str, prefix: str = "") -> str:
    """How the flow is followed."""
    return str(
        st.selectbox(
            "Solver",
            SOLVERS,
            SOLVERS.index(first),
            key=f"{prefix}solver",
            width=170,
            help="How the flow is followed; heun evaluates the transformer twice in every step but the last.",
        )
    )
