"""Alignment: the same networks shuffled and put back, in pictures and in numbers."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.engine.checkpoint import checkpoint_version
from app.engine.jobs import Job
from app.engine.progress import Looks, how_far, keep_waiting, wait_for
from app.views.alignment import controls
from app.views.alignment.figure import figure_data, show_figure
from app.views.alignment.kept import keep_settings, kept_files
from app.views.alignment.own import show_own, uploader
from app.views.alignment.request import SEED, Comparison
from app.views.alignment.services import alignment_services
from app.views.alignment.shipped import joined, shipped_figure
from app.views.alignment.states import Held, Progress, follow_drives, gather, parse_drive
from app.views.alignment.uploads import NO_UPLOADS, with_slider
from app.views.alignment.words import KIND_WORDS
from app.widgets.glossary.glossary import explained
from app.widgets.links import literally

_LEAD = (
    "Put hidden neurons in another order, and a network computes exactly what it did. Move the slider: every "
    "picture changes, no function does. A model that writes weights patch by patch can only learn from networks in "
    "which neurons at the same place do the same work: aligned networks."
)
_SECONDS_BETWEEN_LOOKS = 0.3
_DRIVES_KEPT = 12


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
    return shipped_figure(comparison, checkpoint_version(comparison.task))


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
        task = None if comparison is None else comparison.task
        shipped = shipped_figure(comparison, checkpoint_version(task))
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
        st.info("Choose a kind of networks above, or bring networks of your own.")


def hidden_text(network: Any) -> str:
    """Its hidden widths, such as 64-64."""
    return "-".join(str(len(weight)) for weight in network.weights[:-1])


def others_of(comparison: Comparison | None) -> list[tuple[str, Any]]:
    """Label and network of every kind that is chosen; those that are not there yet come with the next run."""
    found: list[tuple[str, Any]] = []
    for kind in comparison.kinds if comparison else ():
        job = alignment_services().networks(kind, comparison)  # type: ignore[arg-type]
        title = KIND_WORDS[kind].title
        wrong = wait_for(job, f"{title}: getting networks")
        if wrong is not None:
            st.error(f"{title}: there is nothing to compare, because {literally(wrong)}.")
            continue
        found += [
            (f"{title.lower()} {number} \u00b7 {hidden_text(one)}", one)
            for number, one in enumerate(job.future.result().networks, 1)
        ]
    return found


if "align_task" not in st.session_state:  # the visitor has just come
    alignment_services().warm_up()
controls.read_address()
st.html(f'<p class="lead">{explained(_LEAD)}</p>')
controls.show_problems()
kept = kept_files()
with st.expander("Bring your own networks", key="align_own", expanded=bool(kept)):
    own = uploader(kept)
own_place = st.container(key="align_examination")
uploads = own.uploads
if uploads.networks:
    st.subheader("Networks of a task, shuffled and put back")
comparison, status_place = controls.comparison_controls()
beside = st.toggle(
    "Compare them neuron by neuron above, with your own if you bring some",
    key="align_beside",
    help="A verdict on every pair, and all networks on a plane before and after alignment. A click on one drives "
    "its robot.",
)
figure_place = st.container(key="align_figure")
with own_place:
    examined = show_own(own, others_of(comparison) if beside else ())
keep_settings()
# What is asked of the visitor's networks comes first; the slider over them, where they fit it, after that.
sliding = uploads if examined and with_slider(uploads) else NO_UPLOADS
ids = own.ids if sliding.networks else []
held = held_jobs(comparison, ids)
shipped = standing_in(comparison)
progress = gather(held, None if shipped else comparison, sliding, ids)
with figure_place:
    show(held, comparison, progress, shipped)
if comparison is not None and comparison.kinds:
    command_line(comparison)
with status_place:
    if progress.own or progress.pending:
        watch([*progress.own, *progress.pending], Looks())
