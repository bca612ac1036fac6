"""Generate: choose a task and a shape, get a network and see its robot."""

import logging
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


def show_example(view: ResultView) -> None:
    """The shipped example, which needs no model."""
    try:
        example = shipped_example()
    except UserError as error:
        st.info(f"There is no example to show: {error}.")
        return
    view.show_network(example.request, example.network, example=True)
    view.show_outcome(example.film.success, example.film.steps, example.trial)
    view.show_facts(example.request, example.network, example.trial)
    view.show_film(example.film)
    view.show_downloads(example.request, example.network, example.film.video)


def wait_for_network(job: Job[Network], request: Request, status: DeltaGenerator) -> None:
    """Say how far sampling is."""
    for _ in job.watch():
        label = (
            f"Writing the weights, step {job.done} of {request.steps}"
            if job.total
            else "Waiting for the model"
        )
        status.status(label)


def show_result(
    view: ResultView, request: Request, network: Network, status: DeltaGenerator
) -> None:
    """Fill the view: weights at once, then the film, then the trial."""
    film_job = services().film(request, network.policy)
    trial_job = services().trial(request, network)
    view.show_network(request, network, example=False)
    if not film_job.future.done():
        view.show_waiting()
    for _ in film_job.watch():
        status.status(f"Running and filming the robot, {film_job.fraction:.0%}")
    film_problem = problem(film_job.future)
    film = Film.of(film_job.future.result()) if film_problem is None else None
    if film is not None:
        view.show_film(film)
        view.show_outcome(film.success, film.steps, None)
    else:
        view.show_no_film(film_problem or "")
    for _ in trial_job.watch():
        status.status(f"Trying other goals, {trial_job.done} of {EPISODES}")
    trial_problem = problem(trial_job.future)
    if trial_problem is None:
        trial = trial_job.future.result()
        view.show_outcome(trial.successes[0], trial.steps, trial)
        view.show_facts(request, network, trial)
    else:
        st.error(f"The trial on other goals failed: {trial_problem}.")
    view.show_downloads(request, network, None if film is None else film.video)


def show(request: Request | None, status: DeltaGenerator) -> None:
    """The result of a request; where it fails, what was there before it."""
    state = st.session_state
    job = None if request is None else services().network(request)
    if request is not None and job is not None:
        wait_for_network(job, request, status)
        wrong = problem(job.future)
        if wrong is None:
            view = ResultView()
            show_result(view, request, job.future.result(), status)
            state.shown = request
            status.empty()
            return
        status.error(f"No network was generated: {wrong}.")
    previous = state.get("shown")
    view = ResultView()
    if previous is None:
        show_example(view)
    else:
        show_result(view, previous, services().network(previous).future.result(), status)


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
    status = st.empty()
if architecture is not None:
    current = Request(task, architecture, seed, steps)
    if pressed:
        state.requested = current
    if pressed or state.get("requested") or current != Request():
        controls.write_address(current)
with right:
    show(state.get("requested"), status)
services().warm_up(task)
