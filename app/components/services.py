"""What the page asks of `nnit`: networks, films and trials, each made in one thread for all visitors.

Nothing here calls Streamlit but the cache that holds the one `Services` of this process.
"""

import hashlib
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components.jobs import Job, Jobs, Report
from app.components.request import Request
from nnit.alignment.permute import shuffle
from nnit.errors import UserError
from nnit.folders import DEFAULT_CHECKPOINT
from nnit.policy import Policy

if TYPE_CHECKING:
    from nnit.generate import Generator
    from nnit.render import Clip
    from nnit.render_thread import RenderThread

EPISODES = 10
_JOBS_KEPT = 240
# Several visitors with six networks each.
_FILMS_WAITING = 60


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
        together: number of networks that were sampled in that time.
    """

    policy: Policy
    shuffled: Policy
    seconds: float
    version: str
    device: str
    patch: int
    together: int = 1

    @cached_property
    def file(self) -> bytes:
        """The policy as a file."""
        return self.policy.to_bytes()

    @cached_property
    def digest(self) -> str:
        """Names the network and how it was made; files may order what they say differently."""
        policy = self.policy
        made = json.dumps([policy.task, dict(policy.provenance)], sort_keys=True).encode()
        arrays = (array.tobytes() for array in (*policy.weights, *policy.biases))
        return hashlib.sha256(b"".join((made, *arrays))).hexdigest()

    @property
    def index(self) -> int:
        """Which of the networks of its seed it is."""
        return int(self.policy.provenance["index"])


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


def goal(policy: Policy, episode: int) -> int:
    """The environment seed of an episode, as in `python -m nnit evaluate` and `render`.

    Networks of one seed and architecture meet the same goals, so that they can be compared.
    """
    from nnit.rollout import evaluation_goal

    seed = int(policy.provenance["seed"])
    return evaluation_goal(seed, policy.task, str(policy.architecture), 0, episode)


def checkpoint_folder() -> Path:
    """The checkpoint that is used: NNIT_CHECKPOINT, read anew each time, or the repository's."""
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

    def networks(self, request: Request) -> Job[tuple[Network, ...]]:
        """Sample the networks of a request."""
        return self._jobs.get(
            ("networks", request),
            lambda report: self._sampler.submit(self._sample, request, report),
        )

    def film(self, network: Network) -> "Job[Clip]":
        """Film the first episode of a network."""
        policy = network.policy
        return self._jobs.get(
            ("film", network.digest),
            lambda report: self._render_thread().film(policy, goal(policy, 0), progress=report),
        )

    def trial(self, network: Network) -> Job[Trial]:
        """Try a network on `EPISODES` goals."""
        return self._jobs.get(
            ("trial", network.digest),
            lambda report: self._simulator.submit(run_trial, network, report),
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
                self._renderer = RenderThread(waiting_at_most=_FILMS_WAITING)
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

    def _sample(self, request: Request, report: Report) -> tuple[Network, ...]:
        return sample(self._load(), request, report)


def sample(
    generator: "Generator", request: Request, report: Report | None = None
) -> tuple[Network, ...]:
    """Sample the networks of a request, in this thread."""
    from nnit.style import Style

    started = time.perf_counter()
    policies = generator.sample(
        request.task,
        request.architecture,
        count=request.count,
        seed=request.seed,
        steps=request.steps,
        # A checkpoint that knows no styles does not mind if none is asked for.
        style=Style(request.tempo, request.height) if request.styled else None,
        max_parameters=request.max_parameters,
        progress=report,
    )
    seconds = time.perf_counter() - started
    return tuple(
        Network(
            policy=policy,
            shuffled=shuffle(policy, request.seed),
            seconds=seconds,
            version=generator.version,
            device=generator.device,
            patch=generator.patch,
            together=request.count,
        )
        for policy in policies
    )


def run_trial(network: Network, report: Report | None = None) -> Trial:
    """Run the episodes of a trial, in this thread."""
    from nnit.rollout import run_episode, worker_environment
    from nnit.tasks import get_task

    policy, shuffled = network.policy, network.shuffled
    environment = worker_environment(policy.task)
    horizon = get_task(policy.task).horizon
    twin = run_episode(environment, shuffled.act, goal(policy, 0), horizon)
    successes = []
    steps, difference = 0, 0.0
    for number in range(EPISODES):
        seed = goal(policy, number)
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
