"""What a visitor asks of networks: whose order, what is undone, groups, and observations to run them on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.engine.checkpoint import suite_of, task_of
from app.engine.progress import wait_for
from app.views.alignment.kept import OBSERVATIONS, observations_file, show_kept_observations
from app.views.alignment.request import Comparison
from app.views.alignment.services import alignment_services
from app.views.alignment.uploads import Own
from app.widgets.links import literally
from nnit.mlp.readings import activation_said

if TYPE_CHECKING:
    from nnit.alignment.examination import Question as Asked
    from nnit.alignment.neurons import Observations

_UNDO = {
    "auto": "Detected from the weights",
    "other": "Order alone",
    "tanh": "Order and signs (tanh)",
    "relu": "Order and scales (ReLU)",
    "all": "Order, signs and scales",
}
_BY = ("weights", "activations")


def settings(own: Own) -> "tuple[Asked, Observations | None]":
    """Reference, what is undone, how neurons are matched, groups and observations."""
    from nnit.alignment.examination import Question as Asked

    names = own.uploads.names
    places = range(len(names))
    elsewhere = own.uploads.elsewhere
    identities = [
        *(file.file_id for file in own.files),
        *names[len(own.files) :],
        *(file.file_id for file in own.elsewhere),
    ]

    def label(place: int) -> str:
        if place < len(names):
            return f"{place + 1} \u00b7 {names[place][-40:]}"
        other = elsewhere[place - len(names)]
        return f"{other.name[-40:]} ({other.inputs} inputs)"

    first = activation_said(own.uploads.readings)
    one, two, three = st.columns([3, 3, 3], gap="medium", vertical_alignment="bottom")
    # Kept by file: which networks are compared, and so their places, depends on it.
    state = st.session_state
    asked = state.get("align_compare")
    state.align_reference = identities.index(asked) if asked in identities[: len(names)] else 0
    # Defaults are of the session alone: it may have what was asked before another page was looked at.
    state.setdefault("align_undo", first)
    state.setdefault("align_by", "weights")
    reference = one.selectbox(
        "Compare with",
        range(len(identities)),
        key="align_reference",
        format_func=label,
        on_change=_compare_with,
        args=(identities, len(names)),
        help="The others are brought into the order of this one.",
    )
    undo = two.selectbox(
        "Undo",
        list(_UNDO),
        key="align_undo",
        format_func=lambda name: _UNDO[name],
        help="Another order of neurons leaves any MLP as it is. With tanh, so does the opposite sign of all that goes "
        "into a neuron and comes out of it; with ReLU, a positive scale. Undoing what your activation does not allow "
        "would change what the networks compute.",
    )
    with three.popover("Observations, groups", width="stretch"):
        if "align_group" in state:  # with fewer networks some places are gone
            state.align_group = [place for place in state.align_group if place < len(names)]
        second = st.multiselect(
            "Second group",
            places,
            key="align_group",
            format_func=label,
            help="The others are the first. A test says whether the groups differ.",
        )
        observations = _observations(own, undo)
        by = st.segmented_control(
            "Match by",
            _BY,
            key="align_by",
            disabled=observations is None,
        )
    whole = {"all": {"signs": True, "scales": True}}.get(undo, {})
    question = Asked(
        reference=reference if reference is not None and reference < len(names) else 0,
        activation="other" if undo == "all" else undo,
        by_activations=by == "activations" and observations is not None,
        second_group=tuple(second) if 0 < len(second) < len(names) and len(names) > 2 else (),
        **whole,
    )
    return question, observations


def _compare_with(identities: Sequence[str], compared: int) -> None:
    """Keep whose order the visitor wants; places of networks mean nothing where others are compared then."""
    state = st.session_state
    place = state.align_reference
    state.align_compare = identities[place]
    if place >= compared:
        for key in ("align_group", "align_chosen"):
            state.pop(key, None)


def _observations(own: Own, undo: str) -> "Observations | None":
    """Inputs that the visitor brings, or states of the task that is chosen below, if the sizes are its own."""
    from nnit.alignment.neurons import Observations
    from nnit.alignment.observations import read_observations
    from nnit.errors import UserError
    from nnit.mlp.network import layer_sizes

    sizes = layer_sizes(own.uploads.networks[0])
    st.session_state.setdefault("align_activation", "relu" if undo == "relu" else "tanh")
    activation = st.segmented_control(
        "Activation, to run your networks with",
        ["tanh", "relu"],
        key="align_activation",
    )
    st.file_uploader(
        "Observations (npz or csv), with targets if you have them",
        type=["npz", "csv"],
        max_upload_size=32,
        key=OBSERVATIONS,
        help=f"Rows of {sizes[0]} numbers as the first layer takes them; in a csv, {sizes[-1]} targets may follow.",
    )
    show_kept_observations()
    file = observations_file()
    if file is None:
        return _states_of_task(sizes)
    if activation is None:
        return None
    try:
        inputs, targets = read_observations(file.name, file.getvalue(), sizes[0], sizes[-1])
    except UserError as error:
        st.error(f"{literally(str(error))}.")
        return None
    st.caption(f"{len(inputs):,} observations{' with targets' if targets is not None else ''}.")
    return Observations(inputs, activation, targets)


def _states_of_task(sizes: Sequence[int]) -> "Observations | None":
    """States of the task that is chosen below, for networks of its sizes, if the visitor wants them."""
    last = st.session_state.get("align_last", Comparison())
    suite = suite_of(last.task)
    if (sizes[0], sizes[-1]) != (suite.observation_size, suite.action_size):
        return None
    title = task_of(last.task).title
    wanted = st.toggle(
        f"States of the task: {literally(title)}",
        key="align_states",
        help="States normalised as the networks of this page take them, with the actions of the task's expert.",
    )
    if not wanted:
        return None
    job = alignment_services().states(last.task)
    wrong = wait_for(job, "Getting states of the task")
    if wrong is not None:
        st.error(f"There are no states of the task: {literally(wrong)}.")
        return None
    return job.future.result()
