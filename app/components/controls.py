"""What the visitor sets: task, hidden widths, seed and flow steps, in step with the page's address."""

import re

import streamlit as st

from app.components.request import (
    MAX_LAYERS,
    MAX_SEED,
    MAX_STEPS,
    Request,
    parse_architecture,
    parse_query,
)
from nnit.architecture import MAX_TRAINED_WIDTH, MAX_WIDTH, MIN_WIDTH, MLPArchitecture
from nnit.errors import UserError
from nnit.tasks import MT10, get_task

_NEW_LAYER_WIDTH = 32


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
    names = Request().to_query()
    query = {name: text for name, text in st.query_params.to_dict().items() if name in names}
    # Back from another page, the address is empty and the controls are forgotten; the result is not.
    last = state.get("requested")
    request, problems = (last, []) if last and not query else parse_query(query)
    state.problems = problems
    state.task, state.seed, state.steps = request.task, request.seed, request.steps
    _set_architecture(request.architecture)
    return request if query and not problems else None


def write_address(request: Request) -> None:
    """Make the page's address a link to this request."""
    query = request.to_query()
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state.problems = []


def _literally(text: str) -> str:
    """Text that may hold what somebody else wrote, for a place that reads Markdown."""
    return re.sub(r"([\\`*_\[\]$:<>~#|])", r"\\\1", text)


def show_problems() -> None:
    """Say what in the page's address could not be used."""
    problems = st.session_state.get("problems", ())
    if problems:
        items = "\n".join(f"- {_literally(problem)}" for problem in problems)
        st.error(f"Parts of this link cannot be used; their defaults are shown instead.\n{items}")


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


def _set_architecture(architecture: MLPArchitecture) -> None:
    """Show an architecture in all controls of the editor."""
    state = st.session_state
    state.arch = str(architecture)
    state.arch_problem = None
    for layer, width in enumerate(architecture.hidden):
        state[f"width_{layer}"] = width
    state.depth = architecture.depth


def _widths() -> list[int]:
    return [st.session_state[f"width_{layer}"] for layer in range(st.session_state.depth)]


def _text_changed() -> None:
    try:
        _set_architecture(parse_architecture(st.session_state.arch))
    except UserError as error:
        st.session_state.arch_problem = str(error)


def _widths_changed() -> None:
    _set_architecture(MLPArchitecture(tuple(_widths())))


def _change_depth(by: int) -> None:
    widths = _widths()
    widths = [*widths, _NEW_LAYER_WIDTH] if by > 0 else widths[:-1]
    _set_architecture(MLPArchitecture(tuple(widths)))


def _drawing(architecture: MLPArchitecture) -> str:
    """The network as bars, as high as layers are wide."""
    sizes = architecture.sizes
    bars = []
    for index, size in enumerate(sizes):
        kind = "layer" if 0 < index < len(sizes) - 1 else "fixed"
        height = max(3, round(50 * min(size, MAX_TRAINED_WIDTH) / MAX_TRAINED_WIDTH))
        bars.append(
            f'<div class="{kind}"><span><i style="height:{height}px"></i></span>{size}</div>'
        )
    label = f"Layers of {', '.join(map(str, sizes))} neurons, input to output"
    return f'<div class="net" role="img" aria-label="{label}">{"".join(bars)}</div>'


def network_editor() -> MLPArchitecture | None:
    """Hidden widths as numbers and as text; `None` while the text is not an architecture."""
    state = st.session_state
    st.text_input(
        "Hidden widths",
        key="arch",
        on_change=_text_changed,
        max_chars=60,
        help=f"One to {MAX_LAYERS} layers, any whole numbers from {MIN_WIDTH} to {MAX_WIDTH}, "
        'joined by "-", such as 64-32.',
    )
    if state.arch_problem:
        st.error(f"{_literally(state.arch_problem)}.")
    else:
        st.html(_drawing(MLPArchitecture(tuple(_widths()))))
    with st.container(horizontal=True, gap="small", key="widths"):
        for layer in range(MAX_LAYERS):
            place = st.empty()  # so that a layer that is gone leaves at once
            if layer < state.depth:
                place.number_input(
                    f"Layer {layer + 1}",
                    MIN_WIDTH,
                    MAX_WIDTH,
                    key=f"width_{layer}",
                    on_change=_widths_changed,
                    width=118,
                )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add a layer",
            key="add_layer",
            on_click=_change_depth,
            args=(1,),
            disabled=state.depth >= MAX_LAYERS,
            type="tertiary",
        )
        st.button(
            "Remove the last",
            key="remove_layer",
            on_click=_change_depth,
            args=(-1,),
            disabled=state.depth <= 1,
            type="tertiary",
        )
    return None if state.arch_problem else MLPArchitecture(tuple(_widths()))


def sampling_controls() -> tuple[int, int]:
    """Seed and number of flow steps."""
    with st.container(horizontal=True, gap="small"):
        seed = st.number_input(
            "Seed",
            0,
            MAX_SEED,
            key="seed",
            width=118,
            help="Another seed, another network, tried on other goals.",
        )
        steps = st.number_input(
            "Flow steps",
            1,
            MAX_STEPS,
            key="steps",
            width=118,
            help="Steps from noise to weights, each one pass of the transformer.",
        )
    return int(seed), int(steps)
