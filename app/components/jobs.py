"""Work that goes on beside the page, and whose results are kept.

Streamlit may stop a script run at any moment; a job goes on. Asking for the same key again gives the
same job, finished or not, so that nothing is computed twice and nothing is lost.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Report = Callable[[int, int], None]

POLL_SECONDS = 0.04


@dataclass(eq=False)
class Job(Generic[T]):
    """A piece of work.

    Attributes:
        future: its result, or what went wrong.
        done: how many of `total` parts are done.
        total: number of parts, 0 while it is not known.
    """

    future: "Future[T]"
    done: int = 0
    total: int = 0

    def watch(self) -> Iterator[None]:
        """Yield now and then until the job has ended, well or badly."""
        while not self.future.done():
            yield
            time.sleep(POLL_SECONDS)


class Jobs:
    """The latest jobs by key; safe to use from any thread."""

    def __init__(self, kept: int) -> None:
        """Keep the `kept` latest jobs."""
        self._jobs: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._kept = kept
        self._lock = threading.Lock()

    def get(self, key: Hashable, start: Callable[[Report], "Future[T]"]) -> Job[T]:
        """The job of this key; where there is none, or it failed, a new one.

        Args:
            key: what identifies the result.
            start: begins the work and gives its future; the work calls what it is given with (parts
                done, parts in all).
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or _failed(job.future):
                job = Job(Future())

                def report(done: int, total: int, job: Job[T] = job) -> None:
                    job.done, job.total = done, total

                job.future = start(report)
                self._jobs[key] = job
            self._jobs.move_to_end(key)
            while len(self._jobs) > self._kept:
                self._jobs.popitem(last=False)
            return job


class HeldJobs:
    """A session's view of its jobs: one that failed stays failed until the session lets go of it.

    `Jobs` starts a failed job anew whenever it is asked for; a page that draws itself again when a job ends
    would never come to rest.
    """

    def __init__(self) -> None:
        self._jobs: dict[Hashable, Job[Any]] = {}

    def get(self, key: Hashable, start: Callable[[], Job[T]]) -> Job[T]:
        """The job of this key, started once."""
        if key not in self._jobs:
            self._jobs[key] = start()
        return self._jobs[key]


def _failed(future: "Future[Any]") -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)
