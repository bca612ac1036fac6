"""What the visitor sets: task, conditions, budget, seed and number, in step with the page's address."""

import copy
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.checkpoint import suite_of
from app.engine.request import (
    PAGE_PARAMETERS,
    check_budget,
    one_form,
    parse_query,
    query_names,
    to_query,
)
from app.widgets.choice import LOOK_NAMES, look_query, take_look
from app.widgets.classroom import class_query
from app.widgets.controls import (
    condition_controls,
    goal_controls,
    goal_of,
    number_control,
    open_task,
    solver_control,
)
from app.widgets.editor import (
    network_editor,
    next_seed,
    set_architecture,
    surprise,
)
from app.widgets.links import carried, show_link_problems
from nnit.errors import UserError
from nnit.request import SampleRequest


def is_open() -> bool:
    """Whether the controls have been drawn since the page was opened.

    That the session has their values says less: a run may set them and end before it draws them, and then Streamlit
    keeps them for the pages that follow, or loses them.
    """
    state = st.session_state
    return "arch" in state and state.get("controls_of") == state.page_opened


def read_address() -> SampleRequest | None:
    """Take the controls from the page's address when it is opened, or from the page before.

    Only then: later the address follows the controls, and a run may still be told an old one.

    Returns:
        The request to carry out at once, if there is one; values of a link that cannot be used have their defaults.
    """
    state = st.session_state
    if is_open():
        return None
    # Others may have added parameters of their own, such as utm_source.
    names = query_names()
    known = names | LOOK_NAMES
    query = {name: text for name, text in st.query_params.to_dict().items() if name in known}
    # From another page, the address is empty and the controls are forgotten; what was asked for is not.
    last = None if query else carried()
    request, problems = (last, []) if last is not None else parse_query(query)
    problems += take_look(query, request)
    state.problems, state.first = problems, request
    open_task(request.task)
    # Where the link sets something that "More" holds, it is open.
    outside = SampleRequest(request.task, request.architecture, request.seed, request.count)
    state.more_open = request != replace(outside, conditions=goal_of(request))
    set_architecture(request.architecture)
    state.set_before = None
    asked = last is not None or query.keys() & names
    # Without its task nothing of such a link is what was meant, and the example is shown.
    meant = not problems or query.get("task", "").strip() == request.task
    return request if asked and meant else None


def _what_is_set() -> dict[str, Any]:
    """The values of all controls."""
    state = st.session_state
    names = (*sorted(query_names()), "chosen_task", "goals_set")
    return copy.deepcopy({name: state[name] for name in names if name in state})


def _another() -> None:
    """Go on to the next seed, if what is set has been generated already."""
    state = st.session_state
    if state.get("set_before") == (_what_is_set(), state.get("on_screen")):
        next_seed()


def remember(request: SampleRequest | None) -> None:
    """Keep what is set, and whether it is what is seen, until the next run."""
    st.session_state.set_before = (_what_is_set(), request)


def write_address(request: SampleRequest) -> None:
    """Make the page's address a link to this request."""
    query = to_query(request) | look_query(request) | class_query()
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state.problems = []


def show_problems() -> None:
    """Say what in the page's address could not be used."""
    show_link_problems(st.session_state.get("problems", ()))


def request_controls(task: str) -> tuple[SampleRequest | None, DeltaGenerator]:
    """All controls beside the result.

    Returns:
        What they spell, `None` while that is no request; and a place for buttons, above what is seldom changed.
    """
    suite = suite_of(task)
    first: SampleRequest = st.session_state.first
    architecture = network_editor(suite)
    st.session_state.controls_of = st.session_state.page_opened
    goal = goal_controls(task, first)

    def number(name: str, width: int = 112) -> int | None:
        parameter = PAGE_PARAMETERS[name]
        return number_control(parameter, first.value(parameter), width=width)

    values: dict[str, int | None] = {}
    with st.container(horizontal=True, gap="small"):
        for name in ("seed", "count"):
            values[name] = number(name)
    buttons = st.container(key="buttons")
    with st.expander("More", expanded=st.session_state.more_open, key="more"):
        conditions = condition_controls(task, first)
        with st.container(horizontal=True, gap="small", key="limits"):
            values["max_params"] = number("max_params")
            values["steps"] = number("steps", width=90)
        solver = solver_control(first.solver)
    if architecture is None:
        return None, buttons
    numbers: dict[str, Any] = {
        str(PAGE_PARAMETERS[name].field): value for name, value in values.items()
    }
    request = one_form(
        SampleRequest(task, architecture, solver=solver, conditions=goal | conditions, **numbers)
    )
    try:
        check_budget(request)
    except UserError as error:
        st.error(f"{str(error)[0].upper()}{str(error)[1:]}.")
        return None, buttons
    return request, buttons


def generate_buttons(*, ready: bool) -> bool:
    """Generate what is set, once more with the next seed, or an architecture that the model chooses.

    Args:
        ready: whether what is set can be generated.

    Returns:
        Whether one was pressed.
    """
    with st.container(key="generate_bar"):
        pressed = st.button(
            "Generate",
            type="primary",
            width="stretch",
            key="generate",
            disabled=not ready,
            on_click=_another,
            shortcut="Ctrl+Enter",
            help="Writes the network that is set; once it is there, another one, with the next seed.",
        )
    pressed |= st.button(
        "Surprise me",
        key="surprise",
        width="stretch",
        on_click=surprise,
        help="The model chooses the architecture as well.",
    )
    return pressed
