"""Two networks side by side: their robots, their facts, their weights on one colour scale."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.engine.checkpoint import task_of
from app.engine.film import Film
from app.engine.networks import Network, Trial
from app.engine.progress import View
from app.views.generate import words
from app.widgets.choice import choice_of
from app.widgets.robot import RobotPlace
from app.widgets.weights.weights import show_pair
from nnit.alignment.metrics import correlation, distance
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.sim.recording import Recording


class Side(View):
    """One of the two."""

    def __init__(self, request: SampleRequest, network: Network, goal: int) -> None:
        """Lay the places out in this column."""
        self._task = request.task
        self._film: Film | None = None
        self._trial: Trial | None = None
        st.html(f'<h3 class="side">{title(network)}</h3>')
        self._place = RobotPlace(str(network.index), request.task, chooser=False)
        if self._place.wants_live:
            self._place.show_live(network, goal)
        self._outcome = st.empty()
        self._show_outcome(words.TO_TRY)
        names = ("Architecture", "Parameters", "Training")
        facts = [(n, text) for n, text in words.facts(request, network, "") if n in names]
        st.html(words.facts_html(facts))

    def show_waiting(self) -> None:
        """Hold the film's place."""
        self._place.show_waiting()

    def say_robot(self, text: str) -> None:
        """How far the episode is."""
        self._place.say_robot(text)

    def say_trial(self, text: str) -> None:
        """How far the trial is."""
        self._show_outcome(words.no_marks(text))

    def show_replay(self, recording: "Recording") -> None:
        """The episode in 3D, if that is wanted."""
        self._place.show_replay(recording)

    def show_no_replay(self, reason: str) -> None:
        """There is no recording."""
        self._place.show_no_replay(reason)

    def show_film(self, film: Film) -> None:
        """The film, and what happens in it."""
        self._film = film
        self._place.show_film(film)
        if self._trial is None:
            self._show_outcome(words.TO_TRY)

    def show_no_film(self, reason: str) -> None:
        """A card in the film's place."""
        self._place.show_no_film(reason)

    def show_trial(self, trial: Trial) -> None:
        """How many episodes succeed."""
        self._trial = trial
        self._show_outcome(words.marks(self._task, trial))

    def show_no_trial(self, reason: str) -> None:
        """Why there are no results."""
        self._outcome.warning(f"The trial failed: {reason}.")

    def _show_outcome(self, marks: str) -> None:
        kind, text = words.outcome(self._task, self._film, self._trial)
        self._outcome.html(words.outcome_html(kind, text, marks))


def title(network: Network) -> str:
    """How a network is called among those of its request."""
    return f"{network.index + 1}: {network.policy.architecture}"


def apart_html(left: Network, right: Network) -> str:
    """How far two networks are apart: as numbers, and what these are for the same network and for noise."""
    first, second = left.policy, right.policy
    if first.architecture.depth != second.architecture.depth:
        return (
            '<p class="quiet">Networks of different depths have no weights at the same places.</p>'
        )
    cells = (
        f"Correlation of their weights, place by place: <b>{correlation(first, second):.3f}</b> "
        "(1 is the same network, 0 is noise). "
        f"Distance: <b>{distance(first, second):.3f}</b> (0 is the same network, 1 is noise)."
    )
    if first.architecture != second.architecture:
        cells += " Both over the neurons that both have."
    return f'<p class="apart">{cells}</p>'


def heading_of_two(task: str) -> str:
    """What is shown below, as HTML."""
    return f'<div class="shown"><h2>{escape(task_of(task).title)}, two networks</h2></div>'


def show_two(request: SampleRequest, left: Network, right: Network) -> tuple[Side, Side]:
    """Lay two networks out side by side."""
    sides = []
    with st.container(key="pair"):
        for column, network in zip(st.columns(2, gap="large"), (left, right), strict=True):
            with column:
                sides.append(Side(request, network, choice_of(request).goal))
    same = left.policy.architecture == right.policy.architecture
    met = "starts" if words.hides_goal(request.task) else "goals"
    st.caption(
        f"Both meet the same {met}."
        if same
        else f"{met.capitalize()} follow from the architecture, so the two meet different ones."
    )
    st.html(apart_html(left, right))
    with st.container(key="matrices"):
        show_pair((left.policy, right.policy), (title(left), title(right)), left.patch)
    return sides[0], sides[1]
