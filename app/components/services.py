"""What the page asks of `nnit`: networks, films and trials, each made in one thread for all visitors.

Nothing here calls Streamlit but the cache that holds the one `Services` of this process.
"""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components.jobs import Job, Jobs, Report
from app.components.request import Request
from nnit.alignment.permute import shuffle
from nnit.errors import UserError
from nnit.policy import Policy

if TYPE_CHECKING:
    from nnit.generate import Generator
    from nnit.render import Clip
    from nnit.render_thread import RenderThread

EPISODES = 10
_JOBS_KEPT = 120


@dataclass(frozen=True, eq=False)
class Network:
    """A network and its twin with shuffled hidden neurons.

    Attributes:
        policy: as it was generated.
        shuffled: the same function, its hidden neurons in a random order.
        seconds: how long sampling took.
        version: of the checkpoint.
        device: that sampled it.
        patch: side of the square patches, in cells.
    """

    policy: Policy
    shuffled: Policy
    seconds: float
    version: str
    device: str
    patch: int


@dataclass(frozen=True)
class Trial:
    """How a network does on goals that training never saw, and whether its twin does the same.

    Attributes:
        successes: one flag an episode; the first episode is the one that is filmed.
        steps: number of steps of the first episode until success, or the horizon.
        difference: largest difference between an action of the network and one of its twin, over all
            observations of the first episode.
        shuffled_success: whether the twin succeeds in the first episode.
        shuffled_steps: in how many steps.
    """

    successes: tuple[bool, ...]
    steps: int
    difference: float
    shuffled_success: bool
    shuffled_steps: int


def goal(request: Request, episode: int) -> int:
    """The environment seed of an episode, as in `python -m nnit evaluate` and `render`."""
    from nnit.rollout import evaluation_goal

    return evaluation_goal(request.seed, request.task, str(request.architecture), 0, episode)


def checkpoint_folder() -> Path:
    """The checkpoint that is used: NNIT_CHECKPOINT, read anew each time, or the repository's."""
    from nnit.checkpoint import DEFAULT_CHECKPOINT

    return Path(os.environ.get("NNIT_CHECKPOINT") or DEFAULT_CHECKPOINT)


class Services:
    """One sampler, one simulator and one renderer, each with a thread and a queue of its own."""

    def __init__(self) -> None:
        self._jobs = Jobs(_JOBS_KEPT)
        self._sampler = ThreadPoolExecutor(1, thread_name_prefix="sample")
        self._simulator = ThreadPoolExecutor(1, thread_name_prefix="simulate")
        self._renderer: RenderThread | None = None
        self._lock = threading.Lock()
        self._generator: Generator | None = None
        self._warmed = False

    def network(self, request: Request) -> Job[Network]:
        """Sample a network."""
        return self._jobs.get(
            ("network", request),
            lambda report: self._sampler.submit(self._sample, request, report),
        )

    def film(self, request: Request, policy: Policy) -> "Job[Clip]":
        """Film the first episode of a network."""
        return self._jobs.get(
            ("film", request),
            lambda report: self._render_thread().film(policy, goal(request, 0), progress=report),
        )

    def trial(self, request: Request, network: Network) -> Job[Trial]:
        """Try a network on `EPISODES` goals."""
        return self._jobs.get(
            ("trial", request),
            lambda report: self._simulator.submit(run_trial, request, network, report),
        )

    def warm_up(self, task: str) -> None:
        """Begin to load what the first click will need; once, and in the background."""
        with self._lock:
            if self._warmed:
                return
            self._warmed = True
        self._sampler.submit(self._load)
        self._render_thread().warm_up(task)

    def close(self) -> None:
        """Finish what runs, drop what waits, and end the threads."""
        for executor in (self._sampler, self._simulator):
            executor.shutdown(cancel_futures=True)
        if self._renderer is not None:
            self._renderer.close()

    def _render_thread(self) -> "RenderThread":
        from nnit.render_thread import RenderThread

        with self._lock:
            if self._renderer is None:
                self._renderer = RenderThread()
            return self._renderer

    def _load(self) -> "Generator":
        """The generator, loaded once; runs in the sampler's thread."""
        if self._generator is None:
            import torch

            from nnit.generate import Generator
            from nnit.rollout import default_workers

            torch.set_num_threads(default_workers())
            try:
                self._generator = Generator.load(checkpoint_folder())
            except UserError as error:
                raise UserError(
                    f"{error}. Put the repository's `checkpoints/mt10` back, or train one "
                    "(`make train`) and copy `runs/cpu/checkpoint` to `checkpoints/mt10`, then press "
                    "Generate again"
                ) from error
        return self._generator

    def _sample(self, request: Request, report: Report) -> Network:
        generator = self._load()
        started = time.perf_counter()
        (policy,) = generator.sample(
            request.task,
            request.architecture,
            seed=request.seed,
            steps=request.steps,
            progress=report,
        )
        return Network(
            policy=policy,
            shuffled=shuffle(policy, request.seed),
            seconds=time.perf_counter() - started,
            version=generator.version,
            device=str(generator.device),
            patch=generator.patch,
        )


def run_trial(request: Request, network: Network, report: Report | None = None) -> Trial:
    """Run the episodes of a trial, in this thread."""
    from nnit.rollout import run_episode, worker_environment
    from nnit.tasks import get_task

    environment = worker_environment(request.task)
    horizon = get_task(request.task).horizon
    policy, shuffled = network.policy, network.shuffled
    twin = run_episode(environment, shuffled.act, goal(request, 0), horizon)
    successes = []
    steps, difference = 0, 0.0
    for number in range(EPISODES):
        seed = goal(request, number)
        episode = run_episode(environment, policy.act, seed, horizon, record=number == 0)
        successes.append(episode.success)
        if number == 0:
            steps, seen = episode.steps, episode.observations
            difference = float(np.abs(policy.act(seen) - shuffled.act(seen)).max())
        if report is not None:
            report(number + 1, EPISODES)
    return Trial(tuple(successes), steps, difference, twin.success, twin.steps)


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """The services of this process."""
    return Services()
