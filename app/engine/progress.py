"""Waiting for jobs on the page: saying how far they are, and filling views in as they end."""

import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import RerunException

from app.engine.failures import failure_of
from app.engine.film import Film
from app.engine.jobs import HeldJobs, Job
from app.engine.networks import EPISODES, Network, Trial
from app.engine.services import services

if TYPE_CHECKING:
    from nnit.sim.recording import Recording

P = ParamSpec("P")

POLL_SECONDS = 0.2
_SAY_AGAIN_SECONDS = 1.0


class View:
    """What shows a network somewhere on the page; of what it does not show, it is told in vain."""

    def show_waiting(self) -> None:
        """Hold the robot's place."""

    def say_robot(self, text: str) -> None:
        """Say in the robot's place how far its episode is."""

    def say_trial(self, text: str) -> None:
        """Say where the outcome of the trial will be how far it is."""

    def show_replay(self, recording: "Recording") -> None:
        """The recorded episode is there."""

    def show_no_replay(self, reason: str) -> None:
        """There will be no recording."""

    def show_film(self, film: Film) -> None:
        """The film is there."""

    def show_no_film(self, reason: str) -> None:
        """There will be no film."""

    def show_trial(self, trial: Trial) -> None:
        """The trial is done."""

    def show_no_trial(self, reason: str) -> None:
        """There will be no trial."""


@dataclass
class Waiting:
    """A job, what is said while it goes on, and what is done when it has ended, well or badly.

    Attributes:
        job: that is waited for.
        label: how far it is.
        end: is told what went wrong, or None.
        say: says it where the result will be; where there is none, the page's status does.
    """

    job: Job[Any]
    label: Callable[[Job[Any]], str]
    end: Callable[[str | None], None] = lambda wrong: None
    say: Callable[[str], None] | None = None
    said: str = ""


def follow(
    waiting: list[Waiting], status: DeltaGenerator, meanwhile: Sequence[Waiting] = ()
) -> None:
    """Wait for jobs, ending each as soon as it is done; meanwhile say how far they are.

    Each says it where its result will be; of those that have no such place, the first one says it in the status.
    Who leaves or asks for something else meanwhile stops waiting: Streamlit ends this run the next time
    something is said.

    Args:
        waiting: is emptied.
        status: where the others say it.
        meanwhile: what is followed later, and must not be given up until then.
    """
    with ExitStack() as stack:
        for one in (*waiting, *meanwhile):
            stack.enter_context(one.job.watched())
        since = time.monotonic()
        while True:
            for one in [one for one in waiting if one.job.future.done()]:
                waiting.remove(one)
                one.end(failure_of(one.job.future))
            if not waiting:
                return
            again = time.monotonic() - since > _SAY_AGAIN_SECONDS
            if again:
                since = time.monotonic()
            without_place = [one for one in waiting if one.say is None][:1]
            for one in [*without_place, *(one for one in waiting if one.say is not None)]:
                label = _place(one.job) or one.label(one.job)
                if label != one.said or again:
                    one.said = label
                    (one.say or status.status)(label)
            wait([one.job.future for one in waiting], POLL_SECONDS, FIRST_COMPLETED)


def _place(job: Job[Any]) -> str:
    """Where a job is in its queue; nothing if it is being done."""
    return f"In the queue, {job.ahead} before you" if job.ahead else ""


def sampling_label(job: Job[Any]) -> str:
    """How far sampling is."""
    if job.total:
        return f"Writing the weights, step {job.done} of {job.total}"
    return "Waiting for the model"


def held_for(name: str, what: Hashable) -> HeldJobs:
    """The session's jobs of what is asked for now; those of what was asked for before are let go of.

    Args:
        name: of these jobs in the session.
        what: is asked for.
    """
    state = st.session_state
    if name not in state or state[name][0] != what:
        state[name] = (what, HeldJobs())
    held: HeldJobs = state[name][1]
    return held


def let_go(name: str) -> None:
    """Ask for everything of `held_for` again; what went well is kept by the services."""
    st.session_state.pop(name, None)


def may_end_here() -> None:
    """Let Streamlit end this run of the page, where the visitor has asked for another or has gone.

    It looks only where a run sends something or reads the session. Call it in a loop that waits for work and does
    neither; otherwise the page is deaf until the work is done, and the work goes on for who has gone.
    """
    _ = "chosen_task" in st.session_state


def whole(callback: Callable[P, None]) -> Callable[P, None]:
    """A callback of a control that is carried out whole.

    Streamlit ends a run, and what it calls before it, at the next look into the session once another request has
    come, and does not call it again: a press in that moment would be lost. Here it is called again, and the run ends
    afterwards.
    """

    @wraps(callback)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except RerunException:
            callback(*args, **kwargs)
            raise

    return call


def wait_for(job: Job[Any], doing: str) -> str | None:
    """Wait for a job with a spinner that says what is being done; what went wrong, or None."""
    with st.spinner(doing):
        for _ in job.watch():
            may_end_here()
    return failure_of(job.future)


@dataclass
class Looks:
    """How often a fragment has looked at its jobs since the page was drawn; make one at every run of the page."""

    count: int = 0


def keep_waiting(jobs: Sequence[Job[Any]], looks: Looks) -> None:
    """Keep jobs alive for a fragment that looks at them now and then; draw the page anew when one has ended.

    Not at the first look, which belongs to the run that draws the page: if it ended at once and another began,
    the browser could take both together, and would never see the values that the first put into controls.
    """
    looks.count += 1
    if looks.count > 1 and any(job.future.done() for job in jobs):
        st.rerun()
    for job in jobs:
        job.touch()


def how_far(job: Job[Any]) -> str:
    """Where a job stands, as the end of a sentence about it."""
    if job.ahead:
        return f", in the queue, {job.ahead} before it"
    return f", {job.done} of {job.total}" if job.total else ""


def _shown(
    job: Job[Any],
    views: list[View],
    label: Callable[[Job[Any]], str],
    show: Callable[[View], None],
    fail: Callable[[View, str], None],
    say: Callable[[View, str], None] | None = None,
) -> Waiting:
    """Wait for a job, and tell its views what came of it."""

    def end(wrong: str | None) -> None:
        for view in views:
            if wrong is None:
                show(view)
            else:
                fail(view, wrong)

    def say_in_views(text: str) -> None:
        for view in views:
            if say is not None:
                say(view, text)

    return Waiting(job, label, end, None if say is None else say_in_views)


def film_of(network: Network, views: list[View], label: str, episode: int = 0) -> Waiting:
    """Film an episode of a network, and show the film in its views."""
    job = services().film(network, episode)
    if not job.future.done():
        for view in views:
            view.show_waiting()
    return _shown(
        job,
        views,
        lambda job: f"{label}, step {job.done}",
        lambda view: view.show_film(job.future.result()),
        lambda view, wrong: view.show_no_film(wrong),
        lambda view, text: view.say_robot(text),
    )


def replay_of(network: Network, views: list[View], label: str, episode: int = 0) -> Waiting:
    """Record an episode of a network, and show it in its views."""
    job = services().replay(network, episode)
    if not job.future.done():
        for view in views:
            view.show_waiting()
    return _shown(
        job,
        views,
        lambda job: f"{label}, step {job.done}",
        lambda view: view.show_replay(job.future.result()),
        lambda view, wrong: view.show_no_replay(wrong),
        lambda view, text: view.say_robot(text),
    )


def trial_of(network: Network, views: list[View], label: str) -> Waiting:
    """Try a network on other goals, and show the outcome in its views."""
    job = services().trial(network)
    return _shown(
        job,
        views,
        lambda job: f"{label}, {job.done} of {EPISODES}",
        lambda view: view.show_trial(job.future.result()),
        lambda view, wrong: view.show_no_trial(wrong),
        lambda view, text: view.say_trial(text),
    )
