"""Alignment: the same networks shuffled and put back, in pictures and in numbers."""

import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.engine.checkpoint import checkpoint_version
from app.engine.failures import failure_of
from app.engine.jobs import Job
from app.engine.progress import Looks, how_far, keep_waiting
from app.views.alignment import controls
from app.views.alignment.figure import figure_data, show_figure
from app.views.alignment.request import SEED, Comparison
from app.views.alignment.services import alignment_services
from app.views.alignment.shipped import joined, shipped_figure
from app.views.alignment.states import Held, Progress, follow_drives, gather, parse_drive
from app.views.alignment.uploads import (
    MAX_FILE_MIB,
    MAX_FILES,
    MAX_WIDTH,
    Question,
    Uploads,
    aligned_archive,
)
from app.widgets.glossary.glossary import explained
from app.widgets.links import literally

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from app.views.alignment.figure import View
    from nnit.alignment.symmetry import Permutations

    Orders = Sequence[Permutations]

_LEAD = (
    "Put hidden neurons in another order, and a network computes exactly what it did. Move the slider: every "
    "picture changes, no function does. A model that writes weights patch by patch can only learn from networks in "
    "which neurons at the same place do the same work: aligned networks."
)
_SECONDS_BETWEEN_LOOKS = 0.7
_DRIVES_KEPT = 12


def uploader() -> tuple[Uploads, list[str], list["UploadedFile"]]:
    """Networks that the visitor brings, what identifies them, and their files."""
    st.markdown(
        f"Up to {MAX_FILES} MLPs of the same depth, inputs and outputs, as safetensors, npz or ONNX; hidden "
        f"layers up to {MAX_WIDTH} neurons, files up to {MAX_FILE_MIB} MiB. They are compared with the first, "
        "stay in this session, and are never run."
    )
    files = st.file_uploader(
        "Networks",
        type=["safetensors", "npz", "onnx"],
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_MIB,
        key="align_files",
        label_visibility="collapsed",
    )
    if not files:
        return Uploads((), (), ()), [], []
    choices = [st.session_state.get(choice_key(file)) for file in files[:MAX_FILES]]
    # Of those that are too many only the names are needed.
    contents = [f.getvalue() if place < MAX_FILES else b"" for place, f in enumerate(files)]
    named = [(f.file_id, f.name, content) for f, content in zip(files, contents, strict=True)]
    job = alignment_services().uploads(named, choices)
    with st.spinner("Reading your networks"):
        for _ in job.watch():
            pass
    wrong = failure_of(job.future)
    if wrong is not None:
        st.error(f"Your files could not be read: {literally(wrong)}.")
        return Uploads((), (), ()), [], []
    uploads = job.future.result()
    for problem in uploads.problems:
        st.error(f"{literally(problem)}.")
    for question in uploads.questions:
        ask(question, choice_key(files[question.file]))
    for name, reading in zip(uploads.names, uploads.readings, strict=True):
        if reading.left_out:
            st.caption(literally(beside_words(name, reading.left_out)))
    ids = [file.file_id for file in files[:MAX_FILES]]
    chosen = [f"{one} {choice}" for one, choice in zip(ids, choices, strict=True)]
    return uploads, chosen, [files[place] for place in uploads.files]


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


def beside_words(name: str, left_out: Sequence[str]) -> str:
    """What of a file is not compared."""
    shown = ", ".join(key[:40] for key in left_out[:4])
    more = f" and {len(left_out) - 4} more" if len(left_out) > 4 else ""
    return f"{name[-60:]}: not compared, and kept in the aligned file: {shown}{more}."


def aligned_files(files: "Sequence[UploadedFile]", uploads: Uploads, orders: "Orders") -> bytes:
    """The visitor's files in the order of the first, when they are asked for."""
    contents = [(file.name, file.getvalue()) for file in files]
    return aligned_archive(contents, uploads.readings, orders)


def show_upload_result(view: "View", uploads: Uploads, files: "Sequence[UploadedFile]") -> None:
    """What matching found for uploaded networks, and the aligned set to take away."""
    count = len(view.drawn.networks)
    if count < 2:
        st.info("One network alone has nothing to be aligned with. Add another of the same depth.")
        return
    if view.measured is None:
        st.caption("Looking for the best alignment.")
        return
    before, after = view.measured.shuffled[0].values, view.measured.realigned[0].values
    lines = [
        f"- Network {number}, *{literally(view.labels[number - 1])}*: distance to the first "
        f"{before['distance'][number - 2]:.3f}, after matching {after['distance'][number - 2]:.3f}; "
        f"matching moved {before['moved'][number - 2]:.0%} of its neurons"
        for number in range(2, count + 1)
    ]
    noise = view.measured.noise_realigned["distance"]
    st.markdown("The best alignment found, by weight matching:\n" + "\n".join(lines))
    st.caption(
        f"Matched noise of the same shapes comes to {noise:.3f}: only what is well below that is agreement. "
        "The aligned networks compute what yours do. They keep the names, formats and tensors of your files, so "
        "that they load into what they came from."
    )
    orders = view.measured.realigned[0].permutations
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Aligned networks (.zip)",
            data=partial(aligned_files, files, uploads, orders),
            file_name="aligned.zip",
            mime="application/zip",
            key="align_download",
            on_click="ignore",
        )
        st.download_button(
            "Permutations (.json)",
            data=partial(orders_for_programs, uploads, orders),
            file_name="permutations.json",
            mime="application/json",
            key="align_permutations",
            on_click="ignore",
        )
    named = " ".join(map(shlex.quote, uploads.names))
    st.caption("The same from the command line, in the folder of your files:")
    st.code(f"python -m nnit match {named} --out aligned", language="bash", wrap_lines=True)


def orders_for_programs(uploads: Uploads, orders: "Orders") -> bytes:
    """The permutations as JSON, when they are asked for."""
    from nnit.alignment.files import permutations_json

    return permutations_json(uploads.names, uploads.readings, orders)


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def watch(pending: list[tuple[str, Job[Any]]], looks: Looks) -> None:
    """Say what runs; when something has come to an end, draw the page anew."""
    keep_waiting([job for _, job in pending], looks)
    what, job = pending[0]
    more = len(pending) - 1
    st.status(f"{what}{how_far(job)}" + (f"; {more} more to do" if more else ""))


def held_jobs(comparison: Comparison | None, ids: list[str]) -> Held:
    """The jobs of what is asked for now."""
    what = (comparison, tuple(ids))
    if st.session_state.get("align_held_for") != what or "align_held" not in st.session_state:
        st.session_state.align_held_for = what
        st.session_state.align_held = Held(alignment_services())
    return st.session_state.align_held


def forget_failures() -> None:
    """Ask for everything again; what went well is kept by the services."""
    st.session_state.pop("align_held", None)


def command_line(comparison: Comparison) -> None:
    """How the same numbers come out of the command line."""
    commands = "\n".join(
        f"python -m nnit align --task {comparison.task} --arch {architecture} "
        f"--networks {max(2, comparison.networks)} --kinds {','.join(comparison.kinds)} "
        f"--shuffle 0.5 --seed {SEED}"
        for architecture in comparison.architectures[: comparison.networks]
    )
    with st.expander("The same from the command line"):
        if len(comparison.architectures) > 1:
            st.caption(
                "The command compares networks of one architecture at a time; so does this page, with the "
                "same numbers, when you give it one."
            )
        st.code(commands, language="bash", wrap_lines=True)


def standing_in(comparison: Comparison | None) -> dict[str, Any] | None:
    """The shipped figure of a comparison, which needs no networks until the visitor wants to drive one."""
    if comparison is None or st.session_state.get("align_computed") == comparison:
        return None
    return shipped_figure(comparison, checkpoint_version())


def show(
    held: Held,
    comparison: Comparison | None,
    progress: Progress,
    shipped: dict[str, Any] | None,
) -> None:
    """The figure, or what stands in its place."""
    state = st.session_state
    drives = state.setdefault("align_drives", {})
    mine = drives.get(comparison, [])
    followed = follow_drives(held, comparison, mine, progress) if comparison else []
    for problem in progress.problems:
        st.error(literally(problem))
    if progress.problems:
        st.button("Try again", key="align_again", on_click=forget_failures)
    own = [view for view in progress.views if view.kind == "uploaded"]
    if shipped is None and progress.pending and not progress.problems and not mine:
        # What the visitor wants to drive is on its way; meanwhile the same figure, made earlier.
        shipped = shipped_figure(comparison, checkpoint_version())
    if shipped is not None:
        wanted = show_figure(joined(figure_data(own), shipped) if own else shipped)
        if isinstance(wanted, Mapping) and comparison is not None:
            state.align_wanted, state.align_computed = wanted, comparison
            st.rerun()
    elif progress.views:
        wanted = show_figure(figure_data(progress.views, followed)) or state.get("align_wanted")
        asked = parse_drive(wanted, progress.views)
        if asked is not None and comparison is not None:
            state.pop("align_wanted", None)
        if asked is not None and comparison is not None and asked not in mine:
            drives.clear()  # of one comparison at a time
            drives[comparison] = [*mine, asked][-_DRIVES_KEPT:]
            st.rerun()
    elif progress.pending:
        st.skeleton(height=640)
    elif not progress.problems:
        st.info("Choose a kind of networks above, or bring networks of your own below.")


controls.read_address()
st.html(f'<p class="lead">{explained(_LEAD)}</p>')
controls.show_problems()
comparison, status_place = controls.comparison_controls()
figure_place = st.container(key="align_figure")
with st.expander("Bring your own networks", key="align_own", expanded=False):
    uploads, ids, files = uploader()
    upload_place = st.container()
held = held_jobs(comparison, ids)
shipped = standing_in(comparison)
progress = gather(held, None if shipped else comparison, uploads, ids)
with figure_place:
    show(held, comparison, progress, shipped)
for view in progress.views:
    if view.kind == "uploaded":
        with upload_place:
            if progress.own:
                watch(progress.own, Looks())
            show_upload_result(view, uploads, files)
if comparison is not None and comparison.kinds:
    command_line(comparison)
with status_place:
    if progress.pending:
        watch(progress.pending, Looks())
