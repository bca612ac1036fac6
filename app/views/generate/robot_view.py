"""One network's robot: who drives it, whether it reached its goal, the robot, and all goals that were tried."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.film import Film
from app.engine.networks import Network, Trial
from app.engine.progress import View
from app.engine.services import services
from app.views.generate import words
from app.widgets.choice import Choice, see_goal, shown_kind
from app.widgets.goals.goals import knows_places, show_goals
from app.widgets.links import literally
from app.widgets.robot import RobotPlace

if TYPE_CHECKING:
    from nnit.sim.recording import Recording


class RobotView(View):
    """A column with one robot, its parts filled in as they become ready.

    Attributes:
        name: unique on the page.
        title: who wrote the network, where two models are compared; else empty.
    """

    def __init__(self, network: Network, choice: Choice, *, name: str, title: str | None) -> None:
        """Lay the places out, in their final size.

        Args:
            network: that drives the robot.
            choice: with which goal it is seen.
            name: unique on the page.
            title: who wrote the network, where two models are compared.
        """
        self._network, self._goal, self.name = network, choice.goal, name
        self.title = title or ""
        self._trial: Trial | None = None
        self._episode: Film | Recording | None = None
        self._picture: DeltaGenerator | None = None
        self._head = st.empty()
        self._show_head()
        with st.container(key=f"driven_{name}", gap="small"):
            with st.container(key=f"stage_{name}"):
                self._place = RobotPlace(name, network.policy.task, chooser=False)
                if self._place.wants_live:
                    self._place.show_live(network, choice.goal)
            self._note = st.empty()
            with st.container(key=f"tries_{name}"):
                self._goals = st.empty()
        known = services().known_trial(network)
        if known is None:
            self.say_trial(f"{words.tries(network.policy.task)}: to be tried.")
        else:
            self.show_trial(known)

    def show_waiting(self) -> None:
        """Hold the robot's place."""
        self._place.show_waiting()

    def say_robot(self, text: str) -> None:
        """Say in the robot's place how far its episode is."""
        self._place.say_robot(text)

    def say_trial(self, text: str) -> None:
        """Say where the goals will be how far they are."""
        self._goals.html(f'<p class="goals-place" role="status">{escape(text)}</p>')

    def show_replay(self, recording: "Recording") -> None:
        """The episode in 3D."""
        self._episode = recording
        self._place.show_replay(recording)
        self._show_head()

    def show_no_replay(self, reason: str) -> None:
        """There is no recording."""
        self._place.show_no_replay(reason)
        self._show_head()

    def show_film(self, film: Film) -> None:
        """The film, and how fast it runs."""
        self._episode = film
        self._place.show_film(film)
        self._note.caption(film.caption)
        self._show_head()

    def show_no_film(self, reason: str) -> None:
        """Why there is no film; the same episode in 3D follows."""
        self._place.show_no_film(reason)

    def show_trial(self, trial: Trial) -> None:
        """Which goals were reached."""
        if self._trial is not None:  # known from the start
            return
        self._trial = trial
        self._show_head()
        with self._goals.container():
            st.html(f'<p class="rate">{words.reached(self._network.policy.task, trial)}</p>')
            show_goals(
                trial,
                self._goal,
                words.whose(self.title),
                key=f"goals_{self.name}",
                choose=see_goal,
            )
        self._show_picture()

    def show_no_trial(self, reason: str) -> None:
        """Say where the goals would be that there are none."""
        if self._picture is not None:
            self._picture.empty()
        self._goals.error(f"The trial on other goals failed: {literally(reason)}.")
        self._show_head(failed=True)

    def place_of_goals(self, place: DeltaGenerator) -> None:
        """Take a place for the picture of where the goals are."""
        self._picture = place
        if self._trial is None:
            place.html('<div class="picture-place"></div>')
        else:
            self._show_picture()

    def _show_picture(self) -> None:
        """Where the goals are, if there is a place for it."""
        if self._picture is None or self._trial is None:
            return
        if not knows_places(self._trial):
            self._picture.html(f'<p class="quiet">{words.no_places(self._network.policy.task)}</p>')
            return
        with self._picture.container():
            show_goals(
                self._trial,
                self._goal,
                words.whose(self.title),
                key=f"places_{self.name}",
                choose=see_goal,
                picture=True,
            )

    def _show_head(self, *, failed: bool = False) -> None:
        task = self._network.policy.task
        kind, text = words.outcome(task, self._episode, self._trial, self._goal, short=True)
        if failed and self._episode is None:
            kind, text = "quiet", "Not tried"
        elif kind == "quiet" and shown_kind(task) == "live":
            text = "Running in your browser"
        title = f"<h3>{escape(self.title)}</h3>" if self.title else ""
        self._head.html(
            f'<div class="robot-head">{title}<p class="outcome {kind}">{text}</p></div>'
        )
