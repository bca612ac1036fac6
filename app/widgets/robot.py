"""The robot's place in a view: a film, the same episode in 3D, or a robot that the browser runs itself."""

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.engine.film import Film
from app.engine.progress import View
from app.widgets.choice import ROBOT_KINDS, cannot_run_live, robot_kind, shown_kind
from app.widgets.links import literally
from app.widgets.live.live import show_live
from app.widgets.replay.replay import show_replay

if TYPE_CHECKING:
    from app.engine.networks import Network
    from nnit.sim.recording import Recording


def robot_kind_control(name: str) -> None:
    """Let the visitor choose how robots are seen; `name` is unique on the page."""
    state = st.session_state
    key = f"robot_kind_{name}"
    state[key] = robot_kind()

    def choose() -> None:
        state.robot_kind = state[key] or state.robot_kind
        state.pop("live_failed", None)

    st.segmented_control(
        "Robot as",
        list(ROBOT_KINDS),
        format_func=lambda kind: ROBOT_KINDS[kind],
        key=key,
        on_change=choose,
        label_visibility="collapsed",
        required=True,
        help="In 3D your browser draws the episode, and you can look around. Live, your browser runs the robot "
        "itself: move the goal, or push the arm, while the network drives it. The server draws the film of the "
        "episode when it is asked for.",
    )


def _show_recordings_instead(why: str) -> None:
    """The browser cannot run the robot: it is seen as it was recorded, and a line says why."""
    state = st.session_state
    # Without WebGL the browser draws no recording either.
    film = "WebGL" in why
    state.robot_kind = "film" if film else "3d"
    state.live_failed = f"{why} {'The film' if film else 'The recording'} shows the same episode."


class RobotPlace(View):
    """A place of the final size, filled as the visitor chose."""

    def __init__(self, name: str, task: str, *, chooser: bool = True) -> None:
        """Lay the place out here.

        Args:
            name: unique on the page.
            task: of the robot.
            chooser: whether the choice of how robots are seen stands above it.
        """
        self._name = name
        self._kind = shown_kind(task)
        if chooser:
            robot_kind_control(name)
        if (why := cannot_run_live(task)) is not None:
            st.caption(literally(why))
        self._place = st.empty()
        self._replay: Recording | None = None
        self._no_film: str | None = None
        self.show_waiting()

    @property
    def wants_replay(self) -> bool:
        """Whether the episode is to be seen in 3D."""
        return self._kind == "3d"

    @property
    def wants_live(self) -> bool:
        """Whether the browser is to run the robot."""
        return self._kind == "live"

    def show_live(self, network: "Network", episode: int) -> None:
        """The robot, run by the browser from the start of an episode; nothing else is shown here then."""
        with self._place.container():
            show_live(network, episode, key=f"live_{self._name}", fail=_show_recordings_instead)

    def show_waiting(self) -> None:
        """Hold the place."""
        if not self.wants_live and (self._replay is None or not self.wants_replay):
            self._place.html('<div class="film-place"></div>')

    def say_robot(self, text: str) -> None:
        """Say in the place how far the episode is."""
        if not self.wants_live and (self._replay is None or not self.wants_replay):
            self._place.html(
                f'<div class="film-place said" role="status"><span>{escape(text)}</span></div>'
            )

    def show_replay(self, recording: "Recording") -> None:
        """The episode in 3D, if that is wanted or there can be no film."""
        self._replay = recording
        name = f"replay_{self._name}"
        if self.wants_replay:
            # Not in a container: the browser leaves in a container what was there before, until something else comes.
            with self._place:
                show_replay(recording, name=name)
        elif self._no_film is not None:
            with self._place.container():
                st.warning(f"No film: {self._no_film}.")
                show_replay(recording, name=name)

    def show_no_replay(self, reason: str) -> None:
        """Say why, if it was wanted, or in the film's place."""
        if self.wants_replay:
            self._place.warning(f"No 3D view: {literally(reason)}.")
        elif self._no_film is not None:
            self._place.warning(f"No film: {self._no_film}. No 3D view: {literally(reason)}.")

    def show_film(self, film: Film) -> None:
        """The film, if it is wanted."""
        if self._kind == "film":
            self._place.video(film.video, autoplay=True, muted=True, loop=True)

    def show_no_film(self, reason: str) -> None:
        """The episode in 3D instead, where it is there; one line says why."""
        self._no_film = literally(reason)
        if self._kind != "film":
            return
        if self._replay is None:
            self._place.warning(f"No film: {self._no_film}.")
        else:
            self.show_replay(self._replay)
