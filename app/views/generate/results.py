"""One network and what its robot does: the robot, the facts, the weights."""

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.engine.checkpoint import task_of
from app.engine.film import Film
from app.engine.networks import Network, Trial
from app.engine.request import FLOW_STEPS, to_query
from app.views.generate import words
from app.views.generate.downloads import film_downloads, network_downloads, show_commands
from app.widgets.robot import RobotPlace
from app.widgets.weights.weights import show_weights
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.sim.recording import Recording


def _flow_query(request: SampleRequest, network: Network) -> dict[str, str] | None:
    """The address of the flow that wrote this network, where "Noise to robot" can show it."""
    if network.index or request.max_parameters is not None or request.steps > FLOW_STEPS.high:
        return None
    return to_query(replace(request, architecture=network.policy.architecture, count=1))


class ResultView:
    """One result on the page, its parts filled in as they become ready."""

    def __init__(self, request: SampleRequest, network: Network, *, example: bool = False) -> None:
        """Lay the places out, in their final size, and show what needs no simulation."""
        self._request, self._network = request, network
        self._film: Film | None = None
        self._trial: Trial | None = None
        # Whatever was in these places before, the new content follows at once: an empty place would let all
        # below it jump.
        self._heading = st.empty()
        self._show_heading(example)
        with st.container(key="result"):
            robot, facts = st.columns([5, 6], gap="large")
            with robot, st.container(key="robot"):
                self._robot, self._film_caption = RobotPlace("large"), st.empty()
                self._film_caption.caption("Filming.")
            with facts:
                self._outcome = st.empty()
                self._show_outcome(words.TO_TRY)
                self._facts = st.empty()
                self._show_facts("trying")
                with (
                    st.popover("Download", key="download", icon=":material/download:"),
                    st.container(key="menu", gap=None),
                ):
                    network_downloads(network)
                    self._film_downloads = st.container(gap=None)
                show_commands(request, network)
                flow = _flow_query(request, network)
                if flow is not None:
                    st.page_link(
                        "views/noise/page.py",
                        label="Watch it form out of noise",
                        icon=":material/animation:",
                        query_params=flow,
                    )
        with st.container(key="matrices"):
            show_weights(network.policy, network.shuffled, network.patch)

    def show_waiting(self) -> None:
        """Hold the film's place."""
        self._robot.show_waiting()
        self._film_caption.caption("Filming.")

    def show_replay(self, recording: "Recording") -> None:
        """The episode in 3D, if that is wanted."""
        self._robot.show_replay(recording)

    def show_no_replay(self, reason: str) -> None:
        """There is no recording."""
        self._robot.show_no_replay(reason)

    def show_film(self, film: Film) -> None:
        """The film, and what happens in it."""
        self._film = film
        self._robot.show_film(film)
        self._film_caption.caption(
            "Drag to look around; the film of the same episode is under Download."
            if self._robot.wants_replay
            else film.caption
        )
        with self._film_downloads:
            film_downloads(self._network.policy, film)
        if self._trial is None:
            self._show_outcome(words.TO_TRY)

    def show_no_film(self, reason: str) -> None:
        """A card in the film's place."""
        self._robot.show_no_film(reason)
        self._film_caption.empty()

    def show_trial(self, trial: Trial) -> None:
        """How many episodes succeed, and what the twin does."""
        self._trial = trial
        self._show_outcome(words.marks(trial))
        self._show_facts(words.twin(trial))

    def show_no_trial(self, reason: str) -> None:
        """Say where the results of the trial would be that there are none."""
        self._show_facts("not tried")
        if self._film is None:
            self._outcome.html(words.outcome_html("quiet", "Not tried", ""))
        else:
            self._show_outcome(words.no_marks("other goals not tried"))
        st.error(f"The trial on other goals failed: {reason}.")

    def _show_heading(self, example: bool) -> None:
        tag = ""
        if example:
            tag = '<span class="tag">example, made earlier</span>'
        elif words.is_chosen(self._request):
            tag = '<span class="tag">the model chose the architecture</span>'
        title, architecture = task_of(self._request.task).title, self._network.policy.architecture
        self._heading.html(
            f'<h2 style="margin:0;font-size:1.35rem">{escape(title)}, with a network of '
            f"{architecture}{tag}</h2>"
        )

    def _show_facts(self, twin: str) -> None:
        facts = words.facts(self._request, self._network, twin)
        self._facts.html(words.facts_html(facts))

    def _show_outcome(self, marks: str) -> None:
        kind, text = words.outcome(self._request.task, self._film, self._trial)
        self._outcome.html(words.outcome_html(kind, text, marks))
