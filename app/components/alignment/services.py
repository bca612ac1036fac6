"""The work of the Alignment page, in threads of its own; nothing here draws.

One thread draws and measures networks, another drives robots. Results are kept by what was asked for, the
latest `_JOBS_KEPT` of them.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import streamlit as st

from app.components.alignment.measurements import (
    Drawn,
    Measured,
    Report,
    draw,
    drive_line,
    measure_all,
    states_of,
)
from app.components.alignment.request import Comparison, Kind
from app.components.alignment.uploads import Uploads, read_uploads
from app.components.jobs import Job, Jobs
from app.components.services import checkpoint_folder

if TYPE_CHECKING:
    from nnit.policy import Policy

_JOBS_KEPT = 32


class AlignmentServices:
    """One thread that draws and measures, one that drives."""

    def __init__(self) -> None:
        self._jobs = Jobs(_JOBS_KEPT)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="align")
        self._driver = ThreadPoolExecutor(1, thread_name_prefix="drive")

    def networks(self, kind: Kind, comparison: Comparison) -> Job[Drawn]:
        """Networks of a kind."""
        key = ("networks", kind, *_what(comparison))
        return self._jobs.get(
            key, lambda report: self._worker.submit(_draw, kind, comparison, report)
        )

    def measured(self, kind: Kind, comparison: Comparison, drawn: Drawn) -> Job[Measured]:
        """Every metric of them."""
        key = ("measured", kind, *_what(comparison))
        return self._jobs.get(
            key, lambda report: self._worker.submit(_measure, drawn, comparison.task, report)
        )

    def uploads(self, files: Sequence[tuple[str, str, bytes]]) -> Job[Uploads]:
        """Networks that a visitor brought: (identity, name, content) of each file."""
        key = ("uploads", *(identity for identity, *_ in files))
        contents = [(name, content) for _, name, content in files]
        return self._jobs.get(key, lambda report: self._worker.submit(read_uploads, contents))

    def measured_uploads(self, identities: Sequence[str], drawn: Drawn) -> Job[Measured]:
        """Every metric of them that needs no task."""
        return self._jobs.get(
            ("measured uploads", *identities),
            lambda report: self._worker.submit(measure_all, drawn, None, report),
        )

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
        key = ("drive", kind, *_what(comparison), fraction, realigned, pair)
        return self._jobs.get(
            key,
            lambda report: self._driver.submit(
                drive_line, policies, fraction, realigned, pair, report
            ),
        )

    def close(self) -> None:
        """Finish what runs, drop what waits, and end the threads."""
        for executor in (self._worker, self._driver):
            executor.shutdown(cancel_futures=True)


def _what(comparison: Comparison) -> tuple[object, ...]:
    """What the networks of any one kind depend on."""
    return (comparison.task, comparison.architectures, comparison.networks)


def _draw(kind: Kind, comparison: Comparison, report: Report) -> Drawn:
    import torch

    from nnit.rollout import default_workers

    torch.set_num_threads(default_workers())
    return draw(kind, comparison, checkpoint_folder())


def _measure(drawn: Drawn, task: str, report: Report) -> Measured:
    return measure_all(drawn, states_of(task, checkpoint_folder()), report)


@st.cache_resource(show_spinner=False)
def alignment_services() -> AlignmentServices:
    """The services of this process."""
    return AlignmentServices()
