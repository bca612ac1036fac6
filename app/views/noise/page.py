"""Noise to robot: the steps of one flow, the network that each predicts, and what its robot does."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from app.engine.checkpoint import checkpoint_version, suite_of
from app.engine.failures import failure_of
from app.engine.jobs import HeldJobs, Job
from app.engine.networks import Trial
from app.engine.progress import Looks, held_for, how_far, keep_waiting, let_go
from app.engine.request import (
    FLOW_STEPS,
    MAX_LAYERS,
    PAGE_PARAMETERS,
    one_form,
    parse_architecture,
    parse_query,
    query_names,
    to_query,
)
from app.engine.services import services
from app.engine.traces import FlowTrace
from app.views.noise.figure import figure_data, show_figure
from app.views.noise.robot import DRIVERS, show_robot
from app.views.noise.shipped import ShippedFlow, shipped_flow
from app.widgets.choice import look_query, take_look
from app.widgets.controls import (
    condition_controls,
    goal_controls,
    goal_parameters,
    number_control,
    open_task,
    solver_control,
    task_picker,
)
from app.widgets.glossary.glossary import explained
from app.widgets.links import carried, carry, literally, show_link_problems
from nnit.errors import UserError
from nnit.request import SampleRequest

_LOOK_SECONDS = 0.4
_HELD = "noise_held"
_PREFIX = "noise_"  # of this page's values in the session
_LEAD = (
    "A few steps of the flow lead from noise to a network. Scrub: the network on the way fails for long, yet "
    "what the model predicts from it works from the first step on."
)
_LEFT_OUT = {"count", "max_params"}  # the page shows one network, whose widths nothing limits


def read_address() -> None:
    """Take the controls from the page's address when it is opened, or from the page before."""
    state = st.session_state
    if "noise_arch" in state:
        return
    names = query_names() - _LEFT_OUT
    query = {k: v for k, v in st.query_params.to_dict().items() if k in {*names, "robot"}}
    request, problems = parse_query({k: v for k, v in query.items() if k in names})
    last = None if query else carried()
    if last is not None:
        request = replace(last, count=1, max_parameters=None)
        if request.steps > FLOW_STEPS.high:
            request = replace(request, steps=SampleRequest.steps)
    state.noise_settled = None
    problems += take_look({k: v for k, v in query.items() if k == "robot"}, request)
    most = int(FLOW_STEPS.high)
    if request.steps > most:
        problems.append(f"this page shows at most {most} steps, not {request.steps}")
        request = replace(request, steps=SampleRequest.steps)
    state.noise_first, state.noise_problems = request, problems
    open_task(request.task)


def request_controls(task: str) -> SampleRequest | None:
    """Widths, seed and steps; `None` while they spell no request."""
    first: SampleRequest = st.session_state.noise_first
    conditions: dict[str, float] = {}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        text = st.text_input(
            "Hidden widths",
            str(first.architecture),
            key="noise_arch",
            max_chars=60,
            width=170,
            help=f'One to {MAX_LAYERS} layers, such as 64-32; "?" leaves a width to the model.',
        )
        numbers: dict[str, Any] = {
            str(one.field): number_control(one, first.value(one), _PREFIX, width=130)
            for one in (PAGE_PARAMETERS["seed"], FLOW_STEPS)
        }
        solver = solver_control(first.solver, _PREFIX)
        if suite_of(task).conditions_of(task):
            with st.popover("Goal and style" if goal_parameters(task) else "Style of motion"):
                conditions = goal_controls(task, first, _PREFIX)
                conditions |= condition_controls(task, first, _PREFIX)
    try:
        architecture = parse_architecture(text)
    except UserError as error:
        st.error(f"{literally(str(error))}.")
        return None
    return one_form(
        SampleRequest(task, architecture, solver=solver, conditions=conditions, **numbers)
    )


@st.fragment(run_every=_LOOK_SECONDS)
def watch(pending: list[tuple[str, Job[Any]]], looks: Looks) -> None:
    """Say what runs; when something has come to an end, draw the page anew."""
    keep_waiting([job for _, job in pending], looks)
    what, job = min(pending, key=lambda one: one[1].ahead)
    st.status(f"{what}{how_far(job)}")


def gather_trials(
    held: HeldJobs,
    trace: FlowTrace,
    shipped: ShippedFlow | None,
    pending: list[tuple[str, Job[Any]]],
    problems: list[str],
) -> dict[str, list[Trial | None]]:
    """The trials that are done, one a step, of the networks on the way and of the predicted ones."""
    if shipped is not None:
        return {kind: list(ours) for kind, ours in shipped.trials.items()}
    trials: dict[str, list[Trial | None]] = {}
    for name, networks in (("predicted", trace.predicted), ("noisy", trace.noisy)):
        ours: list[Trial | None] = []
        # From the end: the last steps succeed, which is quick, and their dots come first.
        for step in reversed(range(len(networks))):
            job = held.get(("trial", name, step), partial(services().trial, networks[step]))
            wrong = failure_of(job.future) if job.future.done() else None
            if wrong is not None:
                problems.append(f"Step {step + 1} could not be tried: {wrong}.")
            elif not job.future.done():
                pending.append((f"Trying step {step + 1}, {DRIVERS[name]}", job))
            ours.append(job.future.result() if job.future.done() and wrong is None else None)
        trials[name] = ours[::-1]
    return trials


def show_steps(held: HeldJobs, trace: FlowTrace, shipped: ShippedFlow | None) -> None:
    """Figure and robot, as far as they are known."""
    pending: list[tuple[str, Job[Any]]] = []
    problems: list[str] = []
    trials = gather_trials(held, trace, shipped, pending, problems)
    figure, robot = st.columns([7, 4], gap="large")
    with figure:
        step = show_figure(figure_data(trace, trials))
    with robot:
        robot_work = show_robot(held, trace, step)
        if robot_work is not None:
            pending.insert(0, robot_work)
        for problem in problems[:1]:
            st.error(literally(problem))
        if pending:
            watch(pending, Looks())


def show(request: SampleRequest) -> None:
    """All that is known of a request's flow."""
    held = held_for(_HELD, request)
    shipped = shipped_flow(request, checkpoint_version(request.task))
    if shipped is not None:
        show_steps(held, shipped.trace, shipped)
        return
    job = held.get("trace", lambda: services().trace(request))
    if not job.future.done():
        st.skeleton(height=620)
        watch([("Writing the weights", job)], Looks())
        return
    wrong = failure_of(job.future)
    if wrong is not None:
        st.error(f"There is nothing to show: {literally(wrong)}.")
        st.button("Try again", on_click=let_go, args=(_HELD,))
        return
    show_steps(held, job.future.result(), None)


st.html(f'<p class="lead">{explained(_LEAD)}</p>')
state = st.session_state
read_address()
show_link_problems(st.session_state.get("noise_problems", ()))
task = task_picker()
request = request_controls(task)
if request is not None:
    # At most one network, of which the look says no more than how its robot is seen.
    query = to_query(request) | look_query(request)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    if state.setdefault("noise_settled", None) not in (None, request):
        carry(request)  # as soon as the visitor has changed something
    state.noise_settled = request
    show(request)
    services().warm_up(task)
