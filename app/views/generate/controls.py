"""What the visitor sets: task, style, budget, seed and number, in step with the page's address."""

import streamlit as st

from app.engine.request import (
    MAX_BUDGET,
    MAX_COUNT,
    MAX_SEED,
    MAX_STEPS,
    QUERY_NAMES,
    Request,
    check_budget,
    parse_query,
)
from app.widgets.choice import LOOK_NAMES, look_query, take_look
from app.widgets.controls import style_controls
from app.widgets.editor import (
    network_editor,
    next_seed,
    set_architecture,
    surprise,
)
from app.widgets.links import show_link_problems
from nnit.errors import UserError

# Fields of a request that a widget of the same key shows as they are.
_PLAIN = ("task", "seed", "steps", "tempo", "height", "count")


def read_address() -> Request | None:
    """Take the controls from the page's address when it is opened.

    Only then: later the address follows the controls, and a run may still be told an old one.

    Returns:
        The request to carry out at once, if the address holds one and no value of it is wrong.
    """
    state = st.session_state
    if "arch" in state:
        return None
    # Others may have added parameters of their own, such as utm_source.
    known = QUERY_NAMES | LOOK_NAMES
    query = {name: text for name, text in st.query_params.to_dict().items() if name in known}
    # Back from another page, the address is empty and the controls are forgotten; the result is not.
    last = state.get("requested")
    request, problems = (last, []) if last and not query else parse_query(query)
    problems += take_look(query, request)
    state.problems = problems
    for name in _PLAIN:
        state[name] = getattr(request, name)
    state.max_params = request.max_parameters
    # Where the link sets something that "More" holds, it is open.
    unusual = {"steps": Request.steps, "max_parameters": None}
    state.more_open = request.styled or any(
        getattr(request, name) != usual for name, usual in unusual.items()
    )
    set_architecture(request.architecture)
    return request if query.keys() & QUERY_NAMES and not problems else None


def write_address(request: Request) -> None:
    """Make the page's address a link to this request."""
    query = request.to_query() | look_query(request)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state.problems = []


def show_problems() -> None:
    """Say what in the page's address could not be used."""
    show_link_problems(st.session_state.get("problems", ()))


def request_controls(task: str) -> Request | None:
    """All controls beside the result; `None` while they spell no request."""
    architecture = network_editor()
    with st.container(horizontal=True, gap="small"):
        seed = st.number_input(
            "Seed",
            0,
            MAX_SEED,
            key="seed",
            width=118,
            help="Another seed, other networks, tried on other goals.",
        )
        count = st.number_input(
            "Networks",
            1,
            MAX_COUNT,
            key="count",
            width=118,
            help="How many to generate, to see side by side how they differ.",
        )
    with st.expander("More", expanded=st.session_state.more_open, key="more"):
        tempo, height = style_controls()
        max_parameters, steps = _limit_controls()
    if architecture is None:
        return None
    try:
        check_budget(architecture, max_parameters)
    except UserError as error:
        st.error(f"{str(error)[0].upper()}{str(error)[1:]}.")
        return None
    return Request(
        task, architecture, int(seed), int(steps), tempo, height, max_parameters, int(count)
    )


def _limit_controls() -> tuple[int | None, int]:
    """Budget of parameters and number of flow steps."""
    with st.container(horizontal=True, gap="small", key="limits"):
        given = st.number_input(
            "Parameters",
            1,
            MAX_BUDGET,
            value=None,
            step=100,
            key="max_params",
            placeholder="at most",
            width=118,
            help="How many weights and biases a network may have at most. With widths left open "
            "(64-? or ?), the model chooses an architecture that keeps to it.",
        )
        steps = st.number_input(
            "Flow steps",
            1,
            MAX_STEPS,
            key="steps",
            width=90,
            help="Steps from noise to weights, each one pass of the transformer.",
        )
    return None if given is None else int(given), int(steps)


def generate_buttons(*, ready: bool) -> bool:
    """Generate what is set, the same with the next seed, or an architecture that the model chooses.

    Args:
        ready: whether what is set can be generated.

    Returns:
        Whether one was pressed.
    """
    pressed = st.button(
        "Generate",
        type="primary",
        width="stretch",
        key="generate",
        disabled=not ready,
        shortcut="Ctrl+Enter",
    )
    with st.container(horizontal=True, gap="small", key="again"):
        pressed |= st.button(
            "Next seed",
            key="next_seed",
            width="stretch",
            disabled=not ready,
            on_click=next_seed,
            shortcut="N",
            help="Generate again, with the next seed.",
        )
        pressed |= st.button(
            "Surprise me",
            key="surprise",
            width="stretch",
            on_click=surprise,
            help="The model chooses the architecture as well.",
        )
    return pressed
