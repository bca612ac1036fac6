"""What the networks of one step of the flow do: a robot, as a film or in 3D, or what they read in a picture."""

from contextlib import suppress
from typing import Any, Literal

import streamlit as st

from app.engine.checkpoint import suite_of
from app.engine.example import example_for, recording_for
from app.engine.failures import failure_of
from app.engine.jobs import HeldJobs, Job, done_job
from app.engine.services import services
from app.engine.traces import FlowTrace
from app.widgets.reading.reading import Reader, show_reading
from app.widgets.robot import RobotPlace
from nnit.errors import UserError

DRIVERS = {"predicted": "that is predicted", "noisy": "on the way"}
_DOING = {"film": "Filming", "replay": "Recording"}
_Kind = Literal["film", "replay"]


def _job(kind: _Kind, trace: FlowTrace, step: int, driver: str) -> Job[Any]:
    """Film or recording; the example's, where the flow ends in its network, need no work."""
    networks = trace.noisy if driver == "noisy" else trace.predicted
    network = networks[step]
    if networks is trace.predicted and step == len(networks) - 1:
        with suppress(UserError):
            task = network.policy.task
            example = example_for(task)
            if network.made_as(example.network):
                return done_job(example.film if kind == "film" else recording_for(task))
    return services().film(network) if kind == "film" else services().replay(network)


def show_robot(held: HeldJobs, trace: FlowTrace, step: int) -> tuple[str, Job[Any]] | None:
    """The robot that a network of this step drives; or a pad to draw on, and what both networks read there.

    Args:
        held: jobs of what is looked at.
        trace: the flow.
        step: from 0.

    Returns:
        What is still done for it, and the job that does it; None if all is there.
    """
    if suite_of(trace.predicted[step].policy.task).classifies:
        show_reading(
            [
                Reader(networks[step].policy, f"The network {DRIVERS[name]}, step {step + 1}")
                for name, networks in (("predicted", trace.predicted), ("noisy", trace.noisy))
            ],
            compact=True,
        )
        return None
    driver = st.segmented_control(
        f"Driven at step {step + 1} of the flow by the network",
        list(DRIVERS),
        format_func=lambda name: DRIVERS[name],
        key="noise_driver",
        required=True,
        default="predicted",
    )

    def job_of(kind: _Kind) -> Job[Any]:
        return held.get(
            (kind, driver, step), lambda: _job(kind, trace, step, driver or "predicted")
        )

    with st.container(key="robot"):
        place = RobotPlace("noise", trace.predicted[step].policy.task)
        if place.wants_live:
            networks = trace.noisy if driver == "noisy" else trace.predicted
            place.show_live(networks[step], 0)
            return None
        kind: _Kind = "replay" if place.wants_replay else "film"
        job = job_of(kind)
        if kind == "film" and job.future.done() and failure_of(job.future) is not None:
            # Without a film the same episode in 3D, which needs no OpenGL here.
            place.show_no_film(failure_of(job.future) or "")
            kind, job = "replay", job_of("replay")
        if not job.future.done():
            place.show_waiting()
            st.caption(f"{_DOING[kind]}.")
            return f"{_DOING[kind]} the robot of step {step + 1} of the flow", job
        wrong = failure_of(job.future)
        if wrong is not None:
            place.show_no_replay(wrong)
            return None
        result = job.future.result()
        if kind == "film":
            place.show_film(result)
        else:
            place.show_replay(result)
    outcome = "\u2713 Success" if result.success else "\u2717 No success"
    st.caption(
        f"{outcome} in {result.steps} steps of the robot. The goal is the same at every step."
    )
    return None
