"""A visitor's own networks: read first, drawn at once, examined next, given back aligned."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.engine.checkpoint import checkpoint_version, suite_of, task_of
from app.engine.failures import failure_of
from app.engine.jobs import Job
from app.engine.networks import Network
from app.engine.progress import Looks, how_far, keep_waiting, wait_for
from app.engine.services import services
from app.views.alignment.examination import (
    Shown,
    examination_data,
    labels_of,
    parse_choice,
    show_examination,
)
from app.views.alignment.kept import (
    OBSERVATIONS,
    UPLOADER,
    keep_answers,
    keep_files,
    observations_file,
    show_kept,
    show_kept_observations,
)
from app.views.alignment.measurements import Drawn
from app.views.alignment.request import SEED, Comparison
from app.views.alignment.services import alignment_services
from app.views.alignment.uploads import (
    MAX_FILE_MIB,
    MAX_FILES,
    NO_UPLOADS,
    STATES_FILE,
    Question,
    Uploads,
    compared_with,
    examined_archive,
    seconds_for,
    with_slider,
)
from app.widgets.links import literally
from app.widgets.replay.replay import show_replay
from nnit.mlp.formats import ENDINGS, format_words
from nnit.mlp.network import MLP
from nnit.mlp.notes import notes_of, warnings_of
from nnit.mlp.readings import activation_said

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from nnit.alignment.examination import Examination
    from nnit.alignment.examination import Question as Asked
    from nnit.alignment.neurons import Observations
    from nnit.mlp.policy import Policy

    Others = Sequence[tuple[str, Policy]]

# A short comparison is looked at often, a long one now and then.
_LOOK_SECONDS, _LOOKS_AT_MOST = (0.15, 0.6), 100
_UNDO = {
    "auto": "Detected from the weights",
    "other": "Order alone",
    "tanh": "Order and signs (tanh)",
    "relu": "Order and scales (ReLU)",
    "all": "Order, signs and scales",
}
_BY = ("weights", "activations")


@dataclass(frozen=True, eq=False)
class Own:
    """What the visitor brought.

    Attributes:
        uploads: what became of the files.
        ids: what identifies the networks, their readings included.
        files: of the networks, in their order.
        elsewhere: of the networks that take other inputs, and are not compared.
    """

    uploads: Uploads
    ids: list[str]
    files: list["UploadedFile"]
    elsewhere: Sequence["UploadedFile"] = ()


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


# --- What is asked of them ------------------------------------------------------------------------


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
    file = st.file_uploader(
        "Observations (npz or csv), with targets if you have them",
        type=["npz", "csv"],
        max_upload_size=32,
        key=OBSERVATIONS,
        help=f"Rows of {sizes[0]} numbers as the first layer takes them; in a csv, {sizes[-1]} targets may follow.",
    )
    show_kept_observations()
    file = file or observations_file()
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
    job = alignment_services().examined([*own.ids, repr(marks)], networks, question, observations)
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
        pass
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
        run_on = _run_on(observations)
        _take_away(own, examination, run_on, observations if _is_of_task(run_on) else None)
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
    wanted = parse_choice(show_examination(examination_data(shown)), len(shown.networks))
    if wanted is not None and wanted != state.get("align_chosen"):
        state.align_chosen = wanted
        st.rerun(scope="fragment")
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


def _take_away(
    own: Own,
    examination: "Examination",
    run_on: tuple[str, str] | None,
    states: "Observations | None",
) -> None:
    """Downloads, and the command that gives the same numbers.

    Args:
        own: what the visitor brought, followed by networks of the task.
        examination: of these.
        run_on: file of the observations, and the activation that networks were run with; None without.
        states: of the task, where these were the observations.
    """
    from nnit.alignment.files import question_of_files

    uploads, count = own.uploads, len(own.files)
    question = question_of_files(examination.question, count)
    contents = partial(_contents, own.files)
    parts = (
        ("Permutations (.json)", _orders, "permutations.json", "application/json", "permutations"),
        ("Numbers (.csv)", _csv, "metrics.csv", "text/csv", "csv"),
        ("Neurons (.csv)", _neurons_csv, "neurons.csv", "text/csv", "neurons"),
        ("Distances (.csv)", _distances_csv, "distances.csv", "text/csv", "distances"),
        ("Numbers (.json)", _json, "alignment.json", "application/json", "json"),
        ("Report (.html)", _report, "report.html", "text/html", "report"),
    )
    with st.container(horizontal=True, gap="small", key="align_take"):
        st.download_button(
            "Everything (.zip)",
            data=partial(_everything, contents, uploads, examination, run_on, states),
            file_name="aligned.zip",
            mime="application/zip",
            key="align_download",
            on_click="ignore",
            help="Your networks aligned, in their own formats and names; permutations and signs; numbers as CSV and "
            "JSON; a report; a notebook.",
        )
        for label, make, name, mime, key in parts:
            st.download_button(
                label,
                data=partial(make, uploads, examination),
                file_name=name,
                mime=mime,
                key=f"align_{key}",
                on_click="ignore",
            )
        if question is not None:
            st.download_button(
                "Notebook (.ipynb)",
                data=partial(_notebook, question, uploads, count, run_on),
                file_name="notebook.ipynb",
                mime="application/x-ipynb+json",
                key="align_notebook",
                on_click="ignore",
            )
    _command(uploads, question, count, run_on)


def _command(
    uploads: Uploads, question: "Asked | None", count: int, run_on: tuple[str, str] | None
) -> None:
    """The command that gives the same numbers, or why there is none."""
    if question is None:
        st.caption(
            "The command line and a notebook compare files alone: choose one of your files under "
            "\u201cCompare with\u201d."
        )
        return
    asked = {reading.name for reading in uploads.readings[:count] if reading.among > 1}
    if len(asked) > 1:
        st.caption(
            "The command line takes the network of one name from all files; where they differ, the notebook gives the "
            "same numbers."
        )
        return
    among = "" if count == len(uploads.names) else ", without the networks of the task"
    states = f", with {STATES_FILE} of Everything (.zip)" if _is_of_task(run_on) else ""
    st.caption(
        f"The same numbers from the command line, in the folder of your files{states}{among}:"
    )
    st.code(command_of(uploads, question, run_on, count), language="bash", wrap_lines=True)


def _run_on(observations: "Observations | None") -> tuple[str, str] | None:
    """File of the observations, and the activation that networks are run with; None without observations."""
    if observations is None:
        return None
    file = observations_file()
    return (STATES_FILE if file is None else file.name, observations.activation)


def _is_of_task(run_on: tuple[str, str] | None) -> bool:
    """Whether the observations are in no file of the visitor's."""
    return run_on is not None and observations_file() is None


def command_of(
    uploads: Uploads,
    question: "Asked",
    run_on: tuple[str, str] | None = None,
    count: int | None = None,
) -> str:
    """The command that gives the numbers of the page.

    Args:
        uploads: whose files are named.
        question: that was asked.
        run_on: file of observations, and the activation that networks are run with.
        count: of the visitor's files among these; the networks behind them are in none.
    """
    words = ["python", "-m", "nnit", "align", "--files", *uploads.names[:count]]
    asked = [reading.name for reading in uploads.readings[:count] if reading.among > 1]
    if asked:
        words += ["--network", asked[0]]
    if question.reference:
        words += ["--reference", str(question.reference + 1)]
    if question.activation != activation_said(uploads.readings[:count]):
        words += ["--activation", question.activation]
    for name in ("signs", "scales"):
        if getattr(question, name) is not None:
            words += [f"--{name}", str(getattr(question, name))]
    if run_on is not None:
        words += ["--observations", run_on[0], "--run-with", run_on[1]]
    if question.by_activations:
        words.append("--by-activations")
    if question.second_group:
        words += ["--second-group", *(str(place + 1) for place in question.second_group)]
    return " ".join(map(shlex.quote, [*words, "--out", "aligned"]))


def _contents(files: Sequence["UploadedFile"]) -> list[tuple[str, bytes]]:
    return [(file.name, file.getvalue()) for file in files]


def _everything(
    contents: Any,
    uploads: Uploads,
    examination: "Examination",
    run_on: tuple[str, str] | None,
    states: "Observations | None",
) -> bytes:
    return examined_archive(
        contents(), uploads.readings, examination, uploads.names, run_on, states
    )


def _orders(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import permutations_json

    orders, factors = examination.changes
    return permutations_json(uploads.names, uploads.readings, orders, factors)


def _csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.rows(own_names(uploads.names)))


def _neurons_csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.neuron_rows(own_names(uploads.names)))


def _distances_csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.distance_rows(own_names(uploads.names)))


def _json(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import own_names

    names = own_names(uploads.names)
    warnings = warnings_of(names, uploads.readings)
    return json.dumps(examination.as_json(names, warnings), allow_nan=False).encode()


def _report(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import own_names
    from nnit.alignment.report import report_html

    return report_html(
        examination,
        own_names(uploads.names),
        notes_of(uploads.names, uploads.readings),
        warnings_of(uploads.names, uploads.readings),
    )


def _notebook(
    question: "Asked", uploads: Uploads, count: int, run_on: tuple[str, str] | None
) -> bytes:
    from nnit.alignment.files import own_names
    from nnit.alignment.report import notebook

    return notebook(question, own_names(uploads.names)[:count], uploads.readings, run_on)
