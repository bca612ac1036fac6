"""How it works: a walk of seven screens, alone or for a room; the current one is in the address."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from app.engine.checkpoint import default_task
from app.engine.networks import Network
from app.engine.services import services
from app.views.how import figures
from app.views.how.deck import show_deck
from app.views.how.place import Place, parse_place
from app.views.how.questions import show_question
from app.views.how.sources import sources
from app.widgets.glossary.glossary import explained
from nnit.errors import UserError

try:
    from app.views.how.screens import SCREENS, lecture_notes
except UserError as error:  # all screens are about the network of the shipped example
    st.info(f"There is nothing to show here: {error}.")
    st.stop()

_FOLDER = Path(__file__).parent
_STYLES = {
    name: (_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in ("page", "present")
}


def go(place: Place) -> None:
    """Be somewhere else in the walk."""
    st.query_params.from_dict(place.to_query())


def turn(by: int) -> None:
    """Turn to another screen."""
    go(place.turned(by, len(SCREENS)))


def show_answer() -> None:
    """Show the answer to the question of this screen."""
    go(replace(place, shown=True))


def show_slide(place: Place) -> None:
    """The sentence, the question, the figure, and the robot beside it."""
    screen = SCREENS[place.screen - 1]
    st.subheader(screen.title, anchor=False)
    st.html(f'<p class="said">{explained(screen.text)}</p>')
    show_question(screen.question, place.screen, shown=place.shown, show=show_answer)
    if place.shown:
        st.html(f'<p class="attempt"><b>Try:</b> {explained(screen.attempt)}</p>')
    two_robots = place.shown and screen.after is figures.shuffled
    figure, robot = st.columns([6, 5] if two_robots else [8, 3], gap="large")
    made = None
    with figure, st.container(key="figure"):
        try:
            made = screen.after() if place.shown else screen.before()
        except UserError as error:
            st.info(f"There is nothing to show here: {error}.")
    with robot, st.container(key="robot"):
        if isinstance(made, Network):
            figures.new_robot(made)
        elif two_robots:
            broken, mine = st.columns(2)
            with mine:
                figures.show_our_robot()
            with broken:
                figures.broken_robot()
        else:
            try:
                screen.beside()
            except UserError as error:
                st.info(f"There is nothing to show here: {error}.")
    if not place.shown and screen.after is figures.shuffled:
        figures.prepare_broken_robot()


def show_beside_the_slide(place: Place) -> None:
    """Exercise, solution and notes, for who is not in the room."""
    screen = SCREENS[place.screen - 1]
    start = sum(one.minutes for one in SCREENS[: place.screen - 1])
    with st.expander("Exercise", key="exercise"):
        st.html(f"<p>{explained(screen.exercise)}</p>")
    with st.expander("Solution", key="solution"):
        st.html(f"<p>{explained(screen.solution)}</p>")
    with st.expander("Notes for lecturers", key="notes"):
        st.html(
            f"<p><b>Minutes {start} to {start + screen.minutes}.</b> {explained(screen.notes)}</p>"
        )
        st.download_button(
            "All notes, exercises and solutions (.md)",
            lecture_notes,
            "how-it-works.md",
            "text/markdown",
            on_click="ignore",
            key="how_notes",
            type="tertiary",
        )
    with st.expander("What the numbers mean, and sources", key="sources"):
        st.markdown(sources())


place, problem = parse_place(st.query_params.to_dict(), len(SCREENS))
if problem is not None:
    st.error(problem)
st.html(f"<style>{_STYLES['page']}{_STYLES['present'] if place.present else ''}</style>")
with st.container(horizontal=True, vertical_alignment="center", key="walk"):
    st.button("Back", on_click=turn, args=(-1,), disabled=place.screen == 1, key="how_back")
    st.button(
        "Next",
        on_click=turn,
        args=(1,),
        disabled=place.screen == len(SCREENS),
        key="how_next",
        type="primary",
    )
    st.html(f'<span class="number">{place.screen} of {len(SCREENS)}</span>')
    show_deck(place, len(SCREENS), go)
services().warm_up(default_task())
slide = st.container(key="slide")
if not place.present:
    show_beside_the_slide(place)
with slide:
    show_slide(place)
