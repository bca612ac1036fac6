"""A visitor's own networks: read first, drawn at once, examined next, given back aligned."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.engine.checkpoint import checkpoint_version
from app.engine.failures import failure_of
from app.engine.jobs import Job
from app.engine.networks import Network
from app.engine.progress import (
    Looks,
    held_for,
    how_far,
    keep_waiting,
    let_go,
    may_end_here,
    wait_for,
)
from app.engine.services import services
from app.views.alignment.asked import settings
from app.views.alignment.examination import (
    Shown,
    examination_data,
    labels_of,
    parse_choice,
    show_examination,
)
from app.views.alignment.kept import (
    UPLOADER,
    keep_answers,
    keep_files,
    observations_file,
    show_kept,
)
from app.views.alignment.measurements import Drawn
from app.views.alignment.request import SEED, Comparison
from app.views.alignment.services import alignment_services
from app.views.alignment.take_away import take_away
from app.views.alignment.uploads import (
    MAX_FILE_MIB,
    MAX_FILES,
    NO_UPLOADS,
    Own,
    Question,
    Uploads,
    compared_with,
    seconds_for,
    with_slider,
)
from app.widgets.links import literally
from app.widgets.replay.replay import show_replay
from nnit.mlp.formats import ENDINGS, format_words
from nnit.mlp.network import MLP
from nnit.mlp.notes import notes_of, warnings_of

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from nnit.mlp.policy import Policy

    Others = Sequence[tuple[str, Policy]]

# A short comparison is looked at often, a long one now and then.
_LOOK_SECONDS, _LOOKS_AT_MOST = (0.15, 0.6), 100
_HELD = "align_own_held"


def uploader(kept: Sequence["UploadedFile"]) -> Own:
    """Networks that the visitor brings.

    Args:
        kept: files of before another page was looked at.
    """
    st.markdown(
        f"Up to {MAX_FILES} MLPs with the same inputs, as {format_words('or')}; files up to {MAX_FILE_MIB} MiB. "
        "They are compared with one of them neuron by neuron, stay in this session, and nothing in them is ever run."
    )
    new = st.file_uploader(
        "Networks",
        type=[ending.removeprefix(".") for ending in ENDINGS],
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_MIB,
        key=UPLOADER,
        label_visibility="collapsed",
    )
    show_kept(kept)
    files = [*kept, *new]
    keep_files(files)
    if not files:
        return Own(NO_UPLOADS, [], [])
    choices = [st.session_state.get(choice_key(file)) for file in files[:MAX_FILES]]
    # Of those that are too many only the names are needed.
    contents = [f.getvalue() if place < MAX_FILES else b"" for place, f in enumerate(files)]
    named = [(f.file_id, f.name, content) for f, content in zip(files, contents, strict=True)]
    job = alignment_services().uploads(named, choices)
    wrong = wait_for(job, "Reading your networks")
    if wrong is not None:
        st.error(f"Your files could not be read: {literally(wrong)}.")
        return Own(NO_UPLOADS, [], [])
    asked = st.session_state.get("align_compare")
    uploads = compared_with(
        job.future.result(),
        next((place for place, file in enumerate(files) if file.file_id == asked), None),
    )
    for problem in uploads.problems:
        st.error(f"{literally(problem)}.")
    if uploads.elsewhere:
        st.info(literally(elsewhere_words(uploads)))
    for question in uploads.questions:
        ask(question, choice_key(files[question.file]))
    keep_answers([choice_key(files[question.file]) for question in uploads.questions])
    for warning in warnings_of(uploads.names, uploads.readings):
        st.warning(literally(warning))
    for note in notes_of(uploads.names, uploads.readings):
        st.caption(literally(note))
    ids = [file.file_id for file in files[:MAX_FILES]]
    chosen = [f"{one} {choice}" for one, choice in zip(ids, choices, strict=True)]
    return Own(
        uploads,
        [*chosen, f"{uploads.inputs} inputs"],
        [files[place] for place in uploads.files],
        [files[one.file] for one in uploads.elsewhere],
    )


def choice_key(file: "UploadedFile") -> str:
    """Where the session keeps how a file is to be read."""
    return f"align_reading_{file.file_id}"


def ask(question: Question, key: str) -> None:
    """Which network of a file is meant, or in which order its layers stand."""
    st.selectbox(
        f"{literally(question.name[-60:])} can be read in {len(question.titles)} ways. Which network do you mean?",
        options=range(len(question.titles)),
        format_func=lambda place: question.titles[place],
        index=None,
        placeholder="Choose, then it is compared",
        key=key,
    )


def elsewhere_words(uploads: Uploads) -> str:
    """Which networks are not compared, since they take other inputs."""
    count, others = len(uploads.networks), uploads.elsewhere
    inputs = uploads.inputs
    shown = ", ".join(f"{one.name[-40:]} ({one.inputs} inputs)" for one in others[:4])
    more = f" and {len(others) - 4} more" if len(others) > 4 else ""
    compared = (
        f"the {count} networks that take {inputs} inputs"
        if count > 1
        else f"the one that takes {inputs} inputs"
    )
    rest = f"{len(others)} take" if len(others) > 1 else "One takes"
    are = "are" if len(others) > 1 else "is"
    return (
        f"Only networks with the same inputs can be compared: here {compared}. {rest} another number of inputs and "
        f"{are} left out: {shown}{more}. To compare with one of those, choose it under \u201cCompare with\u201d."
    )


# --- What is shown --------------------------------------------------------------------------------


def show_own(own: Own, others: "Others" = ()) -> bool:
    """The figure of a visitor's networks, its numbers to take along; whether they have been examined.

    Args:
        own: what the visitor brought; may be nothing.
        others: label and network of those of the task that are to stand beside them.
    """
    brought = own
    takes = {network.weights[0].shape[1] for network in own.uploads.networks}
    fitting = [one for one in others if not takes or one[1].weights[0].shape[1] in takes]
    if len(fitting) < len(others):
        st.caption("The networks of the task take other inputs than yours, and are left out here.")
    own = with_others(own, fitting)
    networks = own.uploads.networks
    if not networks:
        return False
    if len(networks) == 1:
        st.info(
            "One network alone has nothing to be compared with. Add another with the same inputs."
        )
    question, observations = settings(own)
    state = st.session_state
    sent = observations_file()
    task = state.get("align_last", Comparison()).task if state.get("align_states") else None
    marks = (question, getattr(sent, "file_id", None), state.get("align_activation"), task)
    what = (*own.ids, repr(marks))
    job = held_for(_HELD, what).get(
        what, lambda: alignment_services().examined(what, networks, question, observations)
    )
    if with_slider(brought.uploads):
        drawn = Drawn(brought.uploads.networks)
        alignment_services().measured_uploads(brought.ids, drawn, after=job)
    examination = None
    # The figure keeps its place on the page, whether something runs above it or not.
    status = st.empty()
    if job.future.done():
        wrong = failure_of(job.future)
        if wrong is not None:
            st.error(f"Your networks could not be compared: {literally(wrong)}.")
            st.button("Try again", key="align_own_again", on_click=let_go, args=(_HELD,))
            return False
        examination = job.future.result()
    else:
        with status.container():
            seconds = seconds_for(networks)
            often = min(max(seconds / _LOOKS_AT_MOST, _LOOK_SECONDS[0]), _LOOK_SECONDS[1])
            st.fragment(_watch, run_every=often)(job, seconds, Looks())
    chosen = parse_choice(state.get("align_chosen"), len(networks))
    if chosen is None or chosen == question.reference:
        chosen = next((i for i in range(len(networks)) if i != question.reference), 0)
    distances = alignment_services().distances(own.ids, networks)
    for _ in distances.watch():
        may_end_here()
    shown = Shown(
        networks,
        labels_of(own.uploads.names),
        question.reference,
        chosen,
        distances.future.result(),
        examination,
        observations,
    )
    _figure(shown, tuple(policy for _, policy in fitting))
    if examination is not None and own.files:
        take_away(own, examination, observations)
    return examination is not None


def with_others(own: Own, others: "Others") -> Own:
    """What the visitor brought, followed by networks of the task."""
    if not others:
        return own
    from nnit.mlp.readings import Reading

    uploads = own.uploads
    bare = [MLP(tuple(one.weights), tuple(one.biases)) for _, one in others]
    activations = [one.architecture.activation for _, one in others]
    more = [Reading(one, activation=name) for one, name in zip(bare, activations, strict=True)]
    return Own(
        replace(
            uploads,
            networks=(*uploads.networks, *bare),
            names=(*uploads.names, *(label for label, _ in others)),
            readings=(*uploads.readings, *more),
        ),
        [*own.ids, *(f"{label} {one.provenance}" for label, one in others)],
        own.files,
        own.elsewhere,
    )


@st.fragment
def _figure(shown: Shown, policies: "tuple[Policy, ...]") -> None:
    """The figure; who chooses another network in it gets that, and nothing else is drawn anew.

    A network of the task that is chosen drives its robot.
    """
    state = st.session_state
    asked = parse_choice(state.get("align_chosen"), len(shown.networks))
    if asked is not None and asked != shown.reference:
        shown = Shown(**{**vars(shown), "chosen": asked})

    def choose(place: int) -> None:
        state.align_chosen = place

    show_examination(examination_data(shown), choose)
    first = len(shown.networks) - len(policies)
    if asked is not None and shown.chosen >= first:
        _robot(policies[shown.chosen - first], shown.labels[shown.chosen])


def _robot(policy: "Policy", label: str) -> None:
    """The robot, driven by a network of the task on a goal that no training used."""
    version = checkpoint_version() or ""
    if "seed" not in policy.provenance:  # of the zoo; it says which goal
        policy = policy.with_provenance(seed=SEED)
    network = Network(policy, policy, 0.0, version, "", 8)
    job = services().replay(network)
    with st.container(key="align_robot", width=680):
        st.caption(f"The robot, driven by {label}.")
        wrong = wait_for(job, "Driving the robot")
        if wrong is not None:
            st.warning(f"The robot could not be driven: {literally(wrong)}.")
            return
        recording = job.future.result()
        show_replay(recording, name="replay_alignment")
        outcome = "\u2713 Success" if recording.success else "\u2717 No success"
        st.caption(f"{outcome} in {recording.steps} steps.")


def _watch(job: Job[Any], seconds: float, looks: Looks) -> None:
    """Say what runs, and how long it takes; when it has come to an end, draw the page anew."""
    keep_waiting([job], looks)
    about = f", about {seconds:.0f} s in all on an idle server" if seconds >= 3 else ""
    how = f", {100 * job.done // job.total} %" if job.total and not job.ahead else how_far(job)
    st.status(f"Comparing your networks neuron by neuron{how}{about}")
