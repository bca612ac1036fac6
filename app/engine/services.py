"""What the page asks of `nnit`: networks, replays, films and trials, each made in one thread for all.

Nothing here calls Streamlit but the cache that holds the one `Services` of this process.
"""

import gc
import threading
from collections.abc import Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.engine.checkpoint import checkpoint_folder, has_contrast
from app.engine.example import Shipped, shipped_results, shipped_trial
from app.engine.film import Film
from app.engine.jobs import Job, Jobs, done_job
from app.engine.networks import Network, Trial, goal, run_trial, sample_together
from app.engine.queues import Together, WorkQueue, load_libraries, report_to_all
from app.engine.traces import FlowTrace, SequenceTrace, trace_flow, trace_sequence
from nnit.errors import UserError
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.dit.generator import Generator, Model
    from nnit.sim.recording import Recording
    from nnit.sim.render import SceneRenderer

_JOBS_KEPT = 240
# A class of forty, each with a few networks; who comes later is told to come again.
_REQUESTS_WAITING, _TRIALS_WAITING, _FILMS_WAITING = 100, 400, 200
_NETWORKS_TOGETHER = 32
# The first page's own files come first: loading a model beside them would double the time to its first view.
_WARM_UP_AFTER_SECONDS = 1.5


def keep_what_is_loaded() -> None:
    """Leave what is loaded by now, modules and models above all, out of all collections of garbage to come.

    All of this stays for good: going through it each time would hold up every visitor for a third of a second.
    """
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Load:
    """How busy the server is.

    Attributes:
        device: that samples; None before the model is loaded.
        waiting: number of jobs that wait, by what they are.
        running: number of jobs that are being done.
    """

    device: str | None
    waiting: dict[str, int]
    running: int


class Services:
    """A sampler for each model, a simulator and a renderer, each with a queue and a thread of its own."""

    def __init__(self) -> None:
        self._jobs = Jobs(_JOBS_KEPT)

        # Two models write for every request. A small network keeps one processor busy: they write at once.
        def sampler(name: str) -> WorkQueue:
            return WorkQueue(name, _REQUESTS_WAITING, largest_run=_NETWORKS_TOGETHER)

        self._sampler = sampler("sample")
        self._samplers: dict[Model, WorkQueue] = {
            "dit": self._sampler,
            "unaligned": sampler("sample unaligned"),
        }
        # Trials take longest, and are looked at last: who waits for a network comes before them.
        self._simulator = WorkQueue(
            "simulate", _TRIALS_WAITING, after=tuple(self._samplers.values())
        )
        self._painter = WorkQueue("render", _FILMS_WAITING)
        self._renderer: SceneRenderer | None = None
        self._generators: dict[tuple[Path, Model], Generator] = {}
        self._lock = threading.Lock()
        self._warmed: set[Path] = set()

    def networks(self, request: SampleRequest, model: "Model" = "dit") -> Job[tuple[Network, ...]]:
        """Sample the networks of a request by a model, together with those of others who wait."""
        # A batch takes the same steps by the same solver.
        folder = checkpoint_folder(request.task)
        group = (folder, model, request.steps, request.solver)
        together = Together(partial(self._sample, folder, model), request, group, request.count)
        return self._jobs.get(
            ("networks", model, request),
            lambda job: self._samplers[model].add_together(job, together),
        )

    def trace(self, request: SampleRequest) -> Job[FlowTrace]:
        """How the first network of a request comes out of noise."""
        return self._jobs.get(
            ("trace", request),
            lambda job: self._sampler.add(
                job, lambda job: trace_flow(self._load_for(request), request, job.report)
            ),
        )

    def sequence(self, request: SampleRequest) -> Job[SequenceTrace]:
        """How the model writes the first network of a request, its shape included."""
        return self._jobs.get(
            ("writing", request),
            lambda job: self._sampler.add(
                job, lambda job: trace_sequence(self._load_for(request), request, job.report)
            ),
        )

    def replay(self, network: Network, episode: int = 0) -> "Job[Recording]":
        """Record an episode of a network, for the browser to draw."""

        def work(job: "Job[Recording]") -> "Recording":
            from nnit.sim.replay import record

            return record(network.policy, goal(network.policy, episode), progress=job.report)

        shipped = _shipped(network, episode)
        if shipped is not None:
            return done_job(shipped[1])
        # Before all trials: it takes a tenth of their time, and is what visitors look at.
        return self._jobs.get(
            ("replay", network.digest, episode), lambda job: self._simulator.add(job, work)
        )

    def film(self, network: Network, episode: int = 0) -> Job[Film]:
        """Film an episode of a network."""

        def work(job: Job[Film]) -> Film:
            policy = network.policy
            renderer = self._load_renderer()
            return Film.of(renderer.film(policy, goal(policy, episode), progress=job.report))

        shipped = _shipped(network, episode)
        if shipped is not None and shipped[0] is not None:
            return done_job(shipped[0])
        key = ("film", network.digest, episode)
        return self._jobs.get(key, lambda job: self._painter.add(job, work))

    def trial(self, network: Network) -> Job[Trial]:
        """Try a network on `EPISODES` goals.

        What the model trained on shuffled networks wrote comes after all others: its robots fail, so that each
        episode lasts to its end, and what the other model wrote is looked at first.
        """
        last = network.policy.provenance.get("source") == "unaligned"
        shipped = shipped_trial(network)
        if shipped is not None:
            return done_job(shipped)
        return self._jobs.get(
            ("trial", network.digest),
            lambda job: self._simulator.add(
                job, lambda job: run_trial(network, job.report), priority=2 if last else 1
            ),
        )

    def known_trial(self, network: Network) -> Trial | None:
        """How a network did on its goals, if it has been tried; nothing is begun."""
        shipped = shipped_trial(network)
        if shipped is not None:
            return shipped
        job = self._jobs.ended_well(("trial", network.digest))
        return None if job is None else job.future.result()

    def warm_up(self, task: str) -> None:
        """Begin to load what the first click will need; once for each checkpoint, and in the background."""
        with self._lock:
            folder = checkpoint_folder(task)
            if folder in self._warmed:
                return
            self._warmed.add(folder)
        timer = threading.Timer(_WARM_UP_AFTER_SECONDS, self._warm_up, (task,))
        timer.daemon = True
        timer.start()

    def _warm_up(self, task: str) -> None:
        if not load_libraries():
            return
        from nnit.sim.rollout import warm_worker

        jobs: list[Job[Any]] = [Job(kept=True), Job(kept=True)]
        folder = checkpoint_folder(task)
        self._sampler.add(jobs[0], lambda job: self._load(folder))
        self._simulator.add(jobs[1], lambda job: warm_worker(task))
        if has_contrast(task):
            jobs.append(Job(kept=True))
            self._samplers["unaligned"].add(jobs[2], lambda job: self._load(folder, "unaligned"))
        wait([job.future for job in jobs])
        keep_what_is_loaded()

    def load(self) -> Load:
        """How busy the threads are."""
        queues = {
            "sampling": tuple(self._samplers.values()),
            "robots": (self._simulator,),
            "films": (self._painter,),
        }
        return Load(
            next((one.device for one in list(self._generators.values())), None),
            {name: sum(queue.waiting for queue in some) for name, some in queues.items()},
            sum(queue.running for some in queues.values() for queue in some),
        )

    def close(self) -> None:
        """Finish what runs, drop what waits, and end the threads."""
        for queue in (*self._samplers.values(), self._simulator, self._painter):
            queue.close()

    def _load_renderer(self) -> "SceneRenderer":
        """The renderer; it belongs to the painter's thread, where this runs."""
        if self._renderer is None:
            from nnit.sim.render import SceneRenderer

            self._renderer = SceneRenderer()
            self._painter.at_end(self._renderer.close)
        return self._renderer

    def _load_for(self, request: SampleRequest) -> "Generator":
        """The generator of a request."""
        return self._load(checkpoint_folder(request.task))

    def _load(self, folder: Path, model: "Model" = "dit") -> "Generator":
        """A generator, loaded once; runs in the thread of its model's sampler."""
        if (folder, model) not in self._generators:
            with self._lock:  # threads that import the same modules at once may wait for each other
                from nnit.device import choose_device, use_free_cores
                from nnit.dit.generator import Generator

            choose_device()  # where there is none, the checkpoint is not to blame
            try:
                self._generators[folder, model] = Generator.load(folder, model=model)
            except UserError as error:
                raise UserError(
                    f"{error}. Put `{folder}` back, or train a checkpoint (`make train`) and copy "
                    "`runs/cpu/checkpoint` there, then press Generate again"
                ) from error
            use_free_cores(shared_by=len(self._samplers))
        return self._generators[folder, model]

    def _sample(
        self, folder: Path, model: "Model", jobs: Sequence[tuple[Job[Any], SampleRequest]]
    ) -> list[tuple[Network, ...] | UserError]:
        return sample_together(
            self._load(folder, model),
            [request for _, request in jobs],
            report_to_all([job for job, _ in jobs]),
            "nnit" if model == "dit" else model,
        )


def _shipped(network: Network, episode: int = 0) -> Shipped | None:
    """What ships of a network; of its first episode alone."""
    return None if episode else shipped_results(network)


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """The services of this process."""
    return Services()
