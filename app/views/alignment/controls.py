"""What the visitor of the Alignment page sets, in step with the page's address."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.checkpoint import covered_tasks, task_of
from app.views.alignment.request import (
    DEFAULT_ARCHITECTURES,
    KINDS,
    MAX_NETWORKS,
    Comparison,
    Kind,
    architectures_text,
    parse_architectures,
    parse_query,
)
from app.views.alignment.words import KIND_WORDS
from app.widgets.links import carried, literally, show_link_problems
from nnit.errors import UserError
from nnit.mlp.spec import MAX_DEPTH, MAX_WIDTH, MIN_WIDTH, MLPArchitecture
from nnit.request import SampleRequest


def read_address() -> None:
    """Take the controls from the page's address when it is opened; later the address follows them."""
    state = st.session_state
    if "align_task" in state:
        return
    # Others may have added parameters of their own, such as utm_source.
    names = Comparison().to_query()
    query = {name: text for name, text in st.query_params.to_dict().items() if name in names}
    # Back from another page, the address is empty and the controls are forgotten.
    last = state.get("align_last")
    # What was asked for on a page before goes first, once.
    asked = None if query else carried()
    if asked is not None and asked != state.get("align_carried"):
        state.align_carried, last = asked, comparison_of(asked)
    comparison, problems = (last, []) if last and not query else parse_query(query)
    state.align_first, state.align_problems = comparison, problems


def comparison_of(request: SampleRequest) -> Comparison:
    """Networks of the task that was asked for elsewhere, and of its widths where all of them are known."""
    hidden = request.architecture.hidden
    if not hidden or None in hidden or hidden in [one.hidden for one in DEFAULT_ARCHITECTURES]:
        return Comparison(task=request.task)
    return Comparison(task=request.task, architectures=(MLPArchitecture(hidden),))  # type: ignore[arg-type]


def write_address(comparison: Comparison) -> None:
    """Make the page's address a link to this comparison, unless it is the first view's."""
    state, query = st.session_state, comparison.to_query()
    if comparison != state.get("align_last", Comparison()):
        state.align_problems = []
    state.align_last = comparison
    plain = comparison == Comparison() and not st.query_params.to_dict()
    if not plain and not state.align_problems and st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def show_problems() -> None:
    """Say what in the page's address could not be used."""
    show_link_problems(st.session_state.get("align_problems", ()))


def comparison_controls() -> tuple[Comparison | None, DeltaGenerator]:
    """Task, widths, number and kinds of networks.

    Returns:
        The comparison, `None` while they do not make one; and a place beside them, as high as they are,
        for what goes on.
    """
    state = st.session_state
    first: Comparison = state.align_first
    tasks = covered_tasks()
    task_place, arch_place, count_place = st.columns([3, 5, 3], gap="medium")
    with task_place:
        task = st.selectbox(
            "Task",
            tasks,
            tasks.index(first.task),
            key="align_task",
            format_func=lambda name: task_of(name).title,
        )
        state.chosen_task = task  # the corner names its checkpoint
    with arch_place:
        text = st.text_input(
            "Hidden widths, one network after the other",
            architectures_text(first.architectures).replace(",", ", "),
            key="align_arch",
            max_chars=160,
            help=f"Up to {MAX_NETWORKS} architectures of one depth, joined by commas, such as "
            f"64-64, 27-45. Each has 1 to {MAX_DEPTH} layers of {MIN_WIDTH} to {MAX_WIDTH} neurons. "
            "Where there are more networks than architectures, they begin again.",
        )
    with count_place:
        count = st.number_input(
            "Networks of each kind", 1, MAX_NETWORKS, first.networks, key="align_networks"
        )
    kinds_place, status_place = st.columns([6, 5], gap="medium", vertical_alignment="bottom")
    kinds = kinds_place.pills(
        "Kinds of networks",
        KINDS,
        selection_mode="multi",
        default=first.kinds,
        key="align_kinds",
        format_func=lambda kind: KIND_WORDS[kind].title,
        help="Generated: written by the transformer. Zoo: what it learned from. Hypernetwork: what wrote "
        "the zoo's first drafts. From scratch: trained here and now from random starts, which takes "
        "minutes.",
    )
    try:
        architectures = parse_architectures(text)
    except UserError as error:
        st.error(f"{literally(str(error))}.")
        return None, status_place
    chosen: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind in kinds)
    comparison = Comparison(task, architectures, chosen, int(count))
    if not chosen:
        state.align_last = comparison
        return comparison, status_place
    write_address(comparison)
    return comparison, status_place
