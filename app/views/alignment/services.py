"""The work of the Alignment page, in threads of its own; nothing here draws.

One thread draws and measures networks, another drives robots, a third reads what visitors bring, a fourth compares it
neuron by neuron, and a fifth measures it at every stop of the slider: who brings networks sees them at once, and does
not wait behind what others have measured. Results are kept by what was asked for, the latest `_JOBS_KEPT` of them.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.engine.checkpoint import checkpoint_folder
from app.engine.jobs import Job, Jobs, Report
from app.engine.queues import WorkQueue
from app.engine.services import keep_what_is_loaded
from app.views.alignment.measurements import (
    Drawn,
    Measured,
    draw,
    drive_line,
    measure_all,
    states_of,
)
from app.views.alignment.request import Comparison, Kind
from app.views.alignment.uploads import Uploads, read_uploads, slowness
from nnit.cores import one_thread_a_product

if TYPE_CHECKING:
    import numpy as np

    from nnit.alignment.examination import Examination, Question
    from nnit.alignment.neurons import Observations
    from nnit.mlp.network import MLP
    from nnit.mlp.policy import Policy

_JOBS_KEPT = 32
_WAITING = 60
_LOOK_SECONDS = 0.5
_WARM_UP_AFTER_SECONDS = 1.5
# Not while networks that have just been read are compared.
_READER_AFTER_SECONDS = 5.0


class AlignmentServices:
    """One thread that draws and measures, one that drives, and three for uploads: to read, compare and measure them."""

    def __init__(self) -> None:
        self._jobs = Jobs(_JOBS_KEPT)
        self._worker = WorkQueue("align", _WAITING)
        self._driver = WorkQueue("drive", _WAITING)
        self._uploads = WorkQueue("uploads", _WAITING)
        self._measurer = WorkQueue("measure uploads", _WAITING)
        self._examiner = WorkQueue("examine uploads", _WAITING)
        self._warmed = False

    def warm_up(self) -> None:
        """Begin to load what the networks that a visitor brings will need, behind all that the page shows."""
        self._later(_WARM_UP_AFTER_SECONDS, _keep_reader if self._warmed else _load_readers)
        self._warmed = True

    def _later(self, seconds: float, work: "Callable[[Job[None]], None]") -> None:
        """Do something in the thread that reads files, once what the page shows now is there."""
        timer = threading.Timer(seconds, lambda: self._uploads.add(Job(kept=True), work))
        timer.daemon = True
        timer.start()

    def networks(self, kind: Kind, comparison: Comparison) -> Job[Drawn]:
        """Networks of a kind."""
        return self._jobs.get(
            ("networks", kind, *_what(comparison)),
            lambda job: self._worker.add(job, lambda job: _draw(kind, comparison)),
        )

    def measured(self, kind: Kind, comparison: Comparison, drawn: Drawn) -> Job[Measured]:
        """Every metric of them."""
        return self._jobs.get(
            ("measured", kind, *_what(comparison)),
            lambda job: self._worker.add(
                job, lambda job: _measure(drawn, comparison.task, job.report)
            ),
        )

    def uploads(
        self, files: Sequence[tuple[str, str, bytes]], choices: Sequence[int | None] = ()
    ) -> Job[Uploads]:
        """Networks that a visitor brought: (identity, name, content) of each file, and how to read it."""
        contents = [(name, content) for _, name, content in files]

        def work(job: Job[Uploads]) -> Uploads:
            found = read_uploads(contents, choices)
            # A process reads the files of one person and then ends; the next is wanted soon.
            self._later(_READER_AFTER_SECONDS, _keep_reader)
            return found

        return self._jobs.get(
            ("uploads", *(identity for identity, *_ in files), *choices),
            lambda job: self._uploads.add(job, work),
        )

    def measured_uploads(
        self, identities: Sequence[str], drawn: Drawn, after: "Job[Any] | None" = None
    ) -> Job[Measured]:
        """Every metric of them that needs no task; once another job has ended, where one is to come first."""

        def work(job: Job[Measured]) -> Measured:
            while after is not None and not after.future.done():
                wait([after.future], _LOOK_SECONDS)
                job.report(0, 0)  # it ends here if the visitor has left
            with one_thread_a_product():
                return measure_all(drawn, None, job.report)

        return self._jobs.get(
            ("measured uploads", *identities), lambda job: self._measurer.add(job, work)
        )

    def examined(
        self,
        identity: Sequence[str],
        networks: "tuple[MLP, ...]",
        question: "Question",
        observations: "Observations | None",
    ) -> "Job[Examination]":
        """Everything that is known of a visitor's networks beside one of them."""

        def work(job: "Job[Examination]") -> "Examination":
            from nnit.alignment.examination import examine

            return examine(networks, question, observations, job.report)

        return self._jobs.get(("examined", *identity), lambda job: self._examiner.add(job, work))

    def states(self, task: str) -> "Job[Observations]":
        """States of a task, with its expert's actions, as networks of its own take them."""

        def work(job: "Job[Observations]") -> "Observations":
            from nnit.alignment.neurons import Observations

            found = states_of(task, checkpoint_folder())
            return Observations(found.inputs, found.activation, found.actions)

        return self._jobs.get(("states", task), lambda job: self._worker.add(job, work))

    def distances(self, identity: Sequence[str], networks: "tuple[MLP, ...]") -> "Job[np.ndarray]":
        """Distances of all pairs as they are."""

        def work(job: "Job[np.ndarray]") -> "np.ndarray":
            from nnit.alignment.groups import pairwise_distances

            with one_thread_a_product():
                return pairwise_distances(networks)

        return self._jobs.get(("distances", *identity), lambda job: self._uploads.add(job, work))

    def drive(
        self,
        kind: Kind,
        comparison: Comparison,
        policies: "Sequence[Policy]",
        fraction: float,
        realigned: bool,
        pair: int,
    ) -> Job[tuple[int, ...]]:
        """Episodes along a line between two networks."""
        return self._jobs.get(
            ("drive", kind, *_what(comparison), fraction, realigned, pair),
            lambda job: self._driver.add(
                job, lambda job: drive_line(policies, fraction, realigned, pair, job.report)
            ),
        )

    def close(self) -> None:
        """Finish what runs, drop what waits, and end the threads."""
        for queue in (self._worker, self._driver, self._uploads, self._measurer, self._examiner):
            queue.close()


def _what(comparison: Comparison) -> tuple[object, ...]:
    """What the networks of any one kind depend on."""
    return (comparison.task, comparison.architectures, comparison.networks)


def _load_readers(job: Job[None]) -> None:
    import nnit.alignment.examination
    import nnit.evaluation.alignment.report
    import nnit.evaluation.alignment.treatments
    import nnit.mlp.files  # noqa: F401

    slowness()
    _keep_reader(job)
    keep_what_is_loaded()


def _keep_reader(job: Job[None]) -> None:
    """Have a process ready that reads PyTorch's files: loading torch takes it more than a second."""
    from nnit.mlp.worker_files import keep_one_ready

    keep_one_ready()


def _draw(kind: Kind, comparison: Comparison) -> Drawn:
    from nnit.device import use_free_cores

    use_free_cores()
    return draw(kind, comparison, checkpoint_folder(comparison.task))


def _measure(drawn: Drawn, task: str, report: Report) -> Measured:
    return measure_all(drawn, states_of(task, checkpoint_folder(task)), report)


@st.cache_resource(show_spinner=False)
def alignment_services() -> AlignmentServices:
    """The services of this process."""
    return AlignmentServices()
