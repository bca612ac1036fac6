"""Generate: choose a task and a shape, get a network and see its robot."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import controls
from app.components.example import shipped_example
from app.components.jobs import Job
from app.components.request import Request
from app.components.results import Film, ResultView
from app.components.services import EPISODES, Network, services
from app.components.style import apply_task_pictures
from nnit.errors import UserError
from nnit.tasks import MT10

_logger = logging.getLogger(__name__)
_UNEXPECTED = (
    "something went wrong that this page does not know; the log of the server has the details"
)


def problem(future: "Future[Any]") -> str | None:
    """What went wrong, in one sentence; `None` if nothing did."""
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, UserError):
        return str(error)
    _logger.error("a job failed", exc_info=error)
    return _UNEXPECTED


def watch(job: Job[Any], status: DeltaGenerator, label: Callable[[Job[Any]], str]) -> str | None:
    """Wait for a job, saying how far it is; gives what went wrong, if anything did."""
    said = ""
    for _ in job.watch():
        if label(job) != said:
            said = label(job)
            status.status(said)
    return problem(job.future)


def show_example(view: ResultView) -> None:
    """The shipped example, which needs no model."""
    try:
        example = shipped_example()
    except UserError as error:
        st.info(f"There is no example to show: {error}.")
        return
    request, network, film = example.request, example.network, example.film
    view.show_network(request, network, example=True)
    view.show_outcome(film.success, film.steps, example.trial)
    view.show_facts(request, network, example.trial)
    view.show_film(film)
    view.show_film_download(request, film.video)


def show_result(
    view: ResultView, request: Request, network: Network, status: DeltaGenerator
) -> None:
    """Fill the view: weights at once, then the film, then the trial."""
    film_job = services().film(request, network.policy)
    if not film_job.future.done():
        view.show_waiting()
    view.show_network(request, network, example=False)
    wrong = watch(film_job, status, lambda job: f"Filming the robot, step {job.done}")
    film = None
    if wrong is None:
        film = Film.of(film_job.future.result())
        view.show_film(film)
        view.show_film_download(request, film.video)
        view.show_outcome(film.success, film.steps, None)
    else:
        view.show_no_film(wrong)
    trial_job = services().trial(request, network)
    wrong = watch(trial_job, status, lambda job: f"Trying other goals, {job.done} of {EPISODES}")
    if wrong is None:
        trial = trial_job.future.result()
        view.show_outcome(trial.successes[0], trial.steps, trial)
        view.show_facts(request, network, trial)
    else:
        view.show_no_trial(request, network, film)
        st.error(f"The trial on other goals failed: {wrong}.")


def sampling_label(job: Job[Any]) -> str:
    """How far sampling is."""
    if job.total:
        return f"Writing the weights, step {job.done} of {job.total}"
    return "Waiting for the model"


def show(request: Request | None, status: DeltaGenerator, error_place: DeltaGenerator) -> None:
    """The result of a request; where it fails, what was there before it."""
    state = st.session_state
    if request is not None:
        job = services().network(request)
        wrong = watch(job, status, sampling_label)
        if wrong is None:
            state.shown = request
            show_result(ResultView(), request, job.future.result(), status)
            status.empty()
            return
        status.empty()
        error_place.error(f"No network was generated: {wrong}.")
    previous = state.get("shown")
    if previous is not None:
        job = services().network(previous)
        if watch(job, status, sampling_label) is None:
            show_result(ResultView(), previous, job.future.result(), st.empty())
            return
    show_example(ResultView())


state = st.session_state
from_link = controls.read_address()
if from_link is not None:
    state.requested = from_link

st.html(
    '<p class="lead">A diffusion transformer writes the weights of a small neural network, for a shape '
    "it was never trained on. The network then drives the robot.</p>"
)
apply_task_pictures(MT10)
controls.show_problems()
task = controls.task_picker()
left, right = st.columns([3, 10], gap="large")
with left, st.container(key="controls"):
    architecture = controls.network_editor()
    seed, steps = controls.sampling_controls()
    pressed = st.button(
        "Generate", type="primary", width="stretch", key="generate", disabled=architecture is None
    )
    status, error_place = st.empty(), st.empty()
if architecture is not None:
    current = Request(task, architecture, seed, steps)
    if pressed:
        state.requested = current
    if pressed or state.get("requested") or current != Request():
        controls.write_address(current)
with right:
    show(state.get("requested"), status, error_place)
services().warm_up(task)
