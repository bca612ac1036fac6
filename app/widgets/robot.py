"""The robot's place in a view: a film, or the same episode in 3D."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.engine.film import Film
from app.widgets.choice import ROBOT_KINDS, robot_kind
from app.widgets.links import literally
from app.widgets.replay.replay import show_replay

if TYPE_CHECKING:
    from app.engine.networks import Trial
    from nnit.sim.recording import Recording


def robot_kind_control(name: str) -> None:
    """Let the visitor choose how robots are seen; `name` is unique on the page."""
    state = st.session_state
    key = f"robot_kind_{name}"
    state[key] = robot_kind()

    def choose() -> None:
        state.robot_kind = state[key] or state.robot_kind

    st.segmented_control(
        "Robot as",
        list(ROBOT_KINDS),
        format_func=lambda kind: ROBOT_KINDS[kind],
        key=key,
        on_change=choose,
        label_visibility="collapsed",
        required=True,
        help="In 3D your browser draws the episode, and you can look around; the server draws the film of "
        "the same episode when it is asked for.",
    )


class RobotPlace:
    """A place of the final size, filled by a film or a replay, as the visitor chose."""

    def __init__(self, name: str, *, chooser: bool = True) -> None:
        """Lay the place out here.

        Args:
            name: unique on the page.
            chooser: whether the choice between film and 3D stands above it.
        """
        self._name = name
        if chooser:
            robot_kind_control(name)
        self._place = st.empty()
        self._replay: Recording | None = None
        self._no_film: str | None = None
        self.show_waiting()

    @property
    def wants_replay(self) -> bool:
        """Whether the visitor chose 3D."""
        return robot_kind() == "3d"

    def show_waiting(self) -> None:
        """Hold the place."""
        if self._replay is None or not self.wants_replay:
            self._place.html('<div class="film-place"></div>')

    def say_robot(self, text: str) -> None:
        """Say in the place how far the episode is."""
        if self._replay is None or not self.wants_replay:
            self._place.html(
                f'<div class="film-place said" role="status"><span>{escape(text)}</span></div>'
            )

    def say_trial(self, text: str) -> None:
        """Nothing of it is said here."""

    def show_replay(self, recording: "Recording") -> None:
        """The episode in 3D, if that is wanted or there can be no film."""
        self._replay = recording
        if self.wants_replay or self._no_film is not None:
            with self._place.container():
                if not self.wants_replay:
                    st.warning(f"No film: {self._no_film}.")
                show_replay(recording, key=f"replay_{self._name}")

    def show_no_replay(self, reason: str) -> None:
        """Say why, if it was wanted, or in the film's place."""
        if self.wants_replay:
            self._place.warning(f"No 3D view: {literally(reason)}.")
        elif self._no_film is not None:
            self._place.warning(f"No film: {self._no_film}. No 3D view: {literally(reason)}.")

    def show_film(self, film: Film) -> None:
        """The film, if it is wanted."""
        if not self.wants_replay:
            self._place.video(film.video, autoplay=True, muted=True, loop=True)

    def show_trial(self, trial: "Trial") -> None:
        """Nothing of it is shown here."""

    def show_no_trial(self, reason: str) -> None:
        """Nothing of it is shown here."""

    def show_no_film(self, reason: str) -> None:
        """The episode in 3D instead, where it is there; one line says why."""
        self._no_film = literally(reason)
        if self.wants_replay:
            return
        if self._replay is None:
            self._place.warning(f"No film: {self._no_film}.")
        else:
            self.show_replay(self._replay)
