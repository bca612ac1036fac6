"""Work that goes on beside the page, and whose results are kept.

Streamlit may stop a script run at any moment; a job goes on as long as somebody waits for it. Asking for
the same key again gives the same job, finished or not, so that nothing is computed twice.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Report = Callable[[int, int], None]

POLL_SECONDS = 0.04
# How long a job waits for somebody who has just asked for it, or who asks anew now and then.
_PATIENCE = 20.0
# A page that draws itself again asks for the same job at once; who has left does not.
_GRACE = 1.5


class AbandonedError(Exception):
    """Nobody waits for the work any more."""


class Job(Generic[T]):
    """A piece of work.

    Attributes:
        future: its result, or what went wrong.
        done: how many of `total` parts are done.
        total: number of parts, 0 while it is not known.
        ahead: number of jobs that come before it; 0 as soon as it runs.
    """

    def __init__(self, future: "Future[T] | None" = None, *, kept: bool = False) -> None:
        """A job that has not begun; a `kept` one is done even if nobody waits."""
        self.future: Future[T] = future if future is not None else Future()
        self.done = self.total = self.ahead = 0
        self._watchers = 0
        self._until = float("inf") if kept else time.monotonic() + _PATIENCE
        self._given_up = False
        self._lock = threading.Lock()

    def report(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            AbandonedError: nobody waits for it any more.
        """
        self.done, self.total = done, total
        if self.give_up_if_abandoned():
            raise AbandonedError

    def give_up_if_abandoned(self) -> bool:
        """Whether nobody waits any more; then nobody can begin to."""
        with self._lock:
            if not self._watchers and time.monotonic() > self._until:
                self._given_up = True
            return self._given_up

    def touch(self) -> bool:
        """Say that somebody will come back for the result; `False` if it is too late for that."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + _PATIENCE)
            return not self._given_up

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Wait for the job in here; who leaves early gives it up, unless somebody else waits."""
        with self._lock:
            self._watchers += 1
        try:
            yield
        finally:
            with self._lock:
                self._watchers -= 1
                if self._until != float("inf"):
                    self._until = time.monotonic() + _GRACE

    def watch(self) -> Iterator[None]:
        """Yield now and then until the job has ended, well or badly."""
        with self.watched():
            while not self.future.done():
                yield
                time.sleep(POLL_SECONDS)


def done_job(result: T) -> Job[T]:
    """A job that is done already."""
    job: Job[T] = Job()
    job.future.set_result(result)
    return job


class Jobs:
    """The latest jobs by key; safe to use from any thread."""

    def __init__(self, kept: int) -> None:
        """Keep the `kept` latest jobs."""
        self._jobs: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._kept = kept
        self._lock = threading.Lock()

    def get(self, key: Hashable, start: Callable[[Job[T]], None]) -> Job[T]:
        """The job of this key; where there is none, or it failed or was given up, a new one.

        Args:
            key: what identifies the result.
            start: puts the job where it will be done.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or _failed(job.future) or not job.touch():
                job = Job()
                start(job)
                self._jobs[key] = job
            self._jobs.move_to_end(key)
            while len(self._jobs) > self._kept:
                self._jobs.popitem(last=False)
            return job

    def ended_well(self, key: Hashable) -> Job[Any] | None:
        """The job of this key, if it has a result; nothing is begun."""
        with self._lock:
            job = self._jobs.get(key)
        return job if job is not None and job.future.done() and not _failed(job.future) else None


class HeldJobs:
    """A session's view of its jobs: one that failed stays failed until the session lets go of it.

    `Jobs` starts a failed job anew whenever it is asked for; a page that draws itself again when a job ends
    would never come to rest.
    """

    def __init__(self) -> None:
        self._jobs: dict[Hashable, Job[Any]] = {}

    def get(self, key: Hashable, start: Callable[[], Job[T]]) -> Job[T]:
        """The job of this key, started once, and again if it was given up; asking for it keeps it alive."""
        job = self._jobs.get(key)
        # On a busy machine a page may look so rarely that its job was given up: that is no failure.
        if job is None or (not job.touch() and (not job.future.done() or _failed(job.future))):
            job = self._jobs[key] = start()
        return job


def _failed(future: "Future[Any]") -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)
