"""Widths: how success depends on a network's two hidden widths, and on its number of parameters."""

from dataclasses import replace

import streamlit as st

from app.engine.address import parse_values
from app.engine.checkpoint import (
    checkpoint_version,
    covered_tasks,
    default_task,
    description,
    suite_of,
    task_of,
)
from app.engine.failures import failure_of
from app.engine.jobs import HeldJobs
from app.engine.networks import EPISODES
from app.engine.request import default_request, one_form, parse_task, to_query
from app.engine.results import Cell, Count, shipped_map
from app.engine.services import services
from app.views.widths.charts import cell_text, frontier_chart, width_map
from app.views.widths.class_map import show_class_map
from app.views.widths.measured import (
    frontier,
    live_maps,
    merged,
    next_cell,
)
from app.widgets.classroom import add_to_class, class_query, my_class
from app.widgets.controls import goal_of, open_task, task_picker
from app.widgets.links import carried, carry, show_link_problems
from app.widgets.words import in_words
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.splits import MAP_WIDTHS

_REFRESH_SECONDS = 1.0
_FIRST_TASK = "pick-place-v3"  # whose map has an edge, and a row of failures inside it
_FIRST_PAIR = (27, 45)


def chart_config(name: str) -> dict[str, object]:
    """A chart that stands still, with one button, which saves it."""
    return {
        "scrollZoom": False,
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }


def read_address() -> None:
    """Take the task from the page's address when it is opened, otherwise from the page before."""
    state = st.session_state
    if "first_width" in state:
        return
    values, problems = parse_values(st.query_params.to_dict(), {"task": ("task", parse_task)})
    usual = _FIRST_TASK if _FIRST_TASK in covered_tasks() else default_task()
    state.widths_problems = problems
    last = carried()
    open_task(values.get("task") or (last.task if last is not None else usual))
    hidden = last.architecture.hidden if last is not None else ()
    # The pair that the visitor comes with, where the map has it.
    state.widths_pair = (
        hidden if len(hidden) == 2 and set(hidden) <= set(MAP_WIDTHS) else _FIRST_PAIR
    )


def open_in_generate(task: str, architecture: MLPArchitecture) -> None:
    """Show a network on the first page; with the goal of the page before, where it was for the same task."""
    last = carried()
    goal = goal_of(last) if last is not None and last.task == task else {}
    request = SampleRequest(task, architecture, conditions=goal)
    st.switch_page("views/generate/page.py", query_params=to_query(request))


def measured_word(task: str) -> str:
    """What is measured of a task's networks."""
    return "accuracy" if suite_of(task).classifies else "success"


def measure(task: str, now: str | None, counts: dict[Cell, Count]) -> str | None:
    """Go on with the cell that is being measured, one at a time; gives what went wrong, if anything did.

    A visitor's page drives it, so that nothing goes on once nobody looks.
    """
    cell = next_cell(counts)
    held: HeldJobs = st.session_state.setdefault("widths_held", HeldJobs())
    # Another network each time; the shipped results are of seed 0.
    known = counts.get(cell)
    before = known.live if known is not None else 0
    seed = 1 + before // EPISODES
    request = one_form(SampleRequest(task, MLPArchitecture(cell), seed))
    networks = held.get(("networks", request), lambda: services().networks(request))
    if not networks.future.done():
        return None
    if (wrong := failure_of(networks.future)) is not None:
        return wrong
    (network,) = networks.future.result()
    trial = held.get(("trial", request), lambda: services().trial(network))
    if not trial.future.done():
        return None
    if (wrong := failure_of(trial.future)) is not None:
        return wrong
    del st.session_state.widths_held
    outcome = trial.future.result()
    add_to_class(network, outcome)
    done, tried = outcome.counted
    live_maps().add(now, task, cell, Count(done, tried, tried), after=before)
    return None


@st.fragment(run_every=_REFRESH_SECONDS if st.session_state.get("measuring") else None)
def show_map(task: str, now: str | None) -> None:
    """The map, which fills while a visitor measures."""
    shipped = shipped_map(task, now)
    counts = merged(shipped, live_maps().of(now, task))
    if st.session_state.get("measuring"):
        if (wrong := measure(task, now, counts)) is not None:
            st.session_state.measuring = False
            del st.session_state.widths_held
            st.session_state.stopped = f"Measuring stopped: {wrong}."
        counts = merged(shipped, live_maps().of(now, task))
        if not st.session_state.measuring:
            st.rerun()
    if (stopped := st.session_state.pop("stopped", None)) is not None:
        st.error(stopped)
    chart, beside = st.columns([7, 5], gap="large")
    with chart:
        event = st.plotly_chart(
            width_map(counts, suite_of(task), dark=st.context.theme.type == "dark"),
            key=f"map_{task}",
            on_select="rerun",
            selection_mode="points",
            config=chart_config(f"success-by-width_{task}"),
            alt=f"{measured_word(task).capitalize()} of {task} over both widths; choose a pair to read its values",
        )
    points = event.selection.points
    if points and "customdata" in points[0]:
        chosen = points[0]["customdata"]
        text = chosen[0] if isinstance(chosen, list) else chosen
        open_in_generate(task, MLPArchitecture.parse(str(text)))
    with beside:
        show_reader(task, counts)
        show_status(counts, "pictures read" if suite_of(task).classifies else "episodes")
        show_frontier(task, now)


def show_status(counts: dict[Cell, Count], tries: str) -> None:
    """How much of the map there is, of tries of this name, and the button that measures the rest."""
    every = len(MAP_WIDTHS) ** 2
    episodes, live = sum(c.episodes for c in counts.values()), sum(c.live for c in counts.values())
    if counts:
        note = f"{len(counts)} of {every} pairs measured, {episodes:,} {tries}"
        if live:
            note += f", {live:,} of them here"
    else:
        note = "No pair of this task is measured yet. Measuring fills the map while you watch"
    measuring = st.session_state.get("measuring", False)
    what = "Refine" if len(counts) == every else "Measure the rest" if counts else "Measure"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(note + ".")
        pressed = st.button(
            "Stop" if measuring else what,
            key="stop" if measuring else "measure",
            help=None
            if measuring
            else f"Generates another network for the pair that was tried least, lets it try {EPISODES} goals or "
            "read all test pictures, and goes on with the next pair, while this page is open.",
        )
    if pressed:
        # The whole page anew: a fragment's interval is set where the page defines it.
        st.session_state.measuring = not measuring
        st.rerun()


def show_reader(task: str, counts: dict[Cell, Count]) -> None:
    """One pair in words, and the way to its network: for keyboards, phones and screen readers."""
    pair = st.session_state.widths_pair
    first, second, button = st.columns([1, 1, 1.3], vertical_alignment="bottom")
    cell = (
        int(
            first.selectbox("First layer", MAP_WIDTHS, MAP_WIDTHS.index(pair[0]), key="first_width")
        ),
        int(
            second.selectbox(
                "Second layer", MAP_WIDTHS, MAP_WIDTHS.index(pair[1]), key="second_width"
            )
        ),
    )
    if button.button("Open in Generate", width="stretch", key="open_pair"):
        open_in_generate(task, MLPArchitecture(cell))
    st.markdown(cell_text(cell, counts.get(cell), suite_of(task)).replace("<br>", "  \n"))


def show_frontier(task: str, now: str | None) -> None:
    """Success against parameters, where results of this checkpoint ship."""
    points = frontier(None, now)
    if not points:
        return
    st.subheader("How small can a network be?", anchor=False)
    st.caption(
        f"All {in_words(len(description(task).tasks))} tasks. The model chooses an architecture within a "
        "budget and writes its weights; the same shapes are then trained from scratch. Look for where the "
        "two curves part."
    )
    st.plotly_chart(
        frontier_chart(points, dark=st.context.theme.type == "dark"),
        config=chart_config("success-by-parameters"),
        key="frontier",
        alt="Success against parameters, generated and trained from scratch; the numbers are on the "
        "page Evidence",
    )


st.html(
    '<p class="lead">One model writes networks of any width. Where does that work, and where does it end? '
    "Each square is a pair of hidden widths; click one to see its network at work.</p>"
)
read_address()
show_link_problems(st.session_state.widths_problems)
task = task_picker()
if task != st.session_state.opened_task:  # chosen here
    carry(one_form(replace(carried() or default_request(), task=task)))
query = {"task": task, **class_query()}
if st.query_params.to_dict() != query:
    st.query_params.from_dict(query)
now = checkpoint_version(task)
st.session_state.setdefault("which_map", "class" if my_class() is not None else "measured")
which = st.segmented_control(
    "Map",
    ["measured", "class"],
    format_func={"measured": "Measured", "class": "Class"}.__getitem__,
    key="which_map",
    required=True,
    label_visibility="collapsed",
    help="What was measured of this model, or what a class tries together.",
)
if which == "class":
    show_class_map(task)
    services().warm_up(task)
    st.stop()
st.subheader(f"{task_of(task).title}: {measured_word(task)} by width", anchor=False)
st.caption(
    "Dots mark pairs that training had, bold widths never occurred in it, and outside the dotted lines "
    "networks are narrower or wider than any it saw. Look for the edge at narrow layers, and for bold widths: "
    "inside that edge they look like their neighbours, near it they need not."
)
show_map(task, now)
# The experiments are those of one checkpoint.
command = (
    "reproduce --only budget,grid" if frontier(None, now) else f"evaluate --task {task} --arch 8-64"
)
st.code(f"python -m nnit {command}", language="bash")
services().warm_up(task)
