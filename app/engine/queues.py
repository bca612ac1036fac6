"""Queues of work, each with one thread: bounded, with places that are known, and without those who left.

Whoever draws needs one thread that owns the GL context, and whoever samples gains by taking many callers
at once; both also want to say how long the queue is, and to do no work for visitors who have gone.
"""

import atexit
import itertools
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.engine.jobs import AbandonedError, Job
from nnit.errors import UserError

T = TypeVar("T")

_COURTESY = 30.0  # seconds
_LOOK_SECONDS = 0.1
_LIBRARIES = threading.Lock()


@dataclass(frozen=True, eq=False)
class Together:
    """What lets jobs share a run: those of one group, up to a total size.

    Attributes:
        run: gets the jobs with their items; gives the result of each, or the exception it failed with.
        item: what this job is about.
        group: jobs of different groups never share a run.
        size: of this job.
    """

    run: Callable[[Sequence[tuple[Job[Any], Any]]], Sequence[Any]]
    item: Any
    group: Hashable
    size: int


@dataclass(frozen=True, eq=False)
class _Entry:
    rank: tuple[int, int]
    job: Job[Any]
    together: Together
    since: float


def load_libraries() -> bool:
    """Import what jobs need, in one thread; who comes meanwhile waits, and later calls do nothing.

    Returns whether it is there: not if the server is being stopped.

    Every queue does this before its first job. SciPy, which the simulated robots turn hands with, looks for Torch
    among the imported modules, and an episode that ran while another thread was importing Torch failed on half of it.
    """
    with _LIBRARIES:
        try:
            import nnit.dit.generator
            import nnit.sim.replay
            import nnit.sim.rollout  # noqa: F401
        except RuntimeError as error:
            # "can't register atexit after shutdown": the server is being stopped, and pools of processes cannot
            # be made any more. The main thread still counts as alive then, so only the words can tell.
            if "shutdown" not in str(error):
                raise
            return False
    return True


class WorkQueue:
    """One thread that works through jobs, by priority and then first come, first served."""

    def __init__(
        self,
        name: str,
        waiting_at_most: int,
        *,
        largest_run: int = 1,
        after: "Sequence[WorkQueue]" = (),
    ) -> None:
        """A queue whose thread starts with its first job.

        Args:
            name: of the thread.
            waiting_at_most: number of jobs; further ones fail with a `UserError`.
            largest_run: total size of jobs that share a run.
            after: queues whose jobs come before those of this one, except those of priority 0; but no job waits
                for them longer than `_COURTESY`.
        """
        self._name, self._most, self._largest = name, waiting_at_most, largest_run
        self._after = tuple(after)
        self._waiting: list[_Entry] = []
        self._changed = threading.Condition()
        self._tickets = itertools.count()
        self._thread: threading.Thread | None = None
        self._running = 0
        self._closed = False
        self._at_end: list[Callable[[], None]] = []

    @property
    def waiting(self) -> int:
        """Number of jobs that wait."""
        with self._changed:
            return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether it has anything to do; never waits for its lock."""
        return bool(self._running or self._waiting)

    @property
    def running(self) -> int:
        """Number of jobs that are being done."""
        return self._running

    def add(self, job: Job[T], work: Callable[[Job[T]], T], *, priority: int = 0) -> None:
        """Put a job at the end of those of its priority; lower ones come first."""
        alone = Together(lambda jobs: [work(jobs[0][0])], None, object(), 1)
        self.add_together(job, alone, priority=priority)

    def add_together(self, job: Job[Any], together: Together, *, priority: int = 0) -> None:
        """Put a job into the queue that may share its run with others."""
        with self._changed:
            self._drop_abandoned()
            if self._closed:
                job.future.set_exception(UserError("the server is being stopped"))
            elif len(self._waiting) >= self._most:
                job.future.set_exception(
                    UserError(
                        f"the server is busy, {len(self._waiting)} others are waiting; "
                        "try again in a minute"
                    )
                )
            else:
                self._waiting.append(
                    _Entry((priority, next(self._tickets)), job, together, time.monotonic())
                )
                self._waiting.sort(key=lambda entry: entry.rank)
                self._count_places()
                self._start()
                self._changed.notify()

    def at_end(self, cleanup: Callable[[], None]) -> None:
        """Call this in the queue's thread before it ends; to be called from there."""
        self._at_end.append(cleanup)
        # Libraries that a job has loaded end themselves at exit too; what is registered last comes first.
        atexit.unregister(self.close)
        atexit.register(self.close)

    def close(self) -> None:
        """Finish what runs, drop what waits, and end the thread."""
        with self._changed:
            self._closed = True
            for entry in self._waiting:
                _cancel(entry.job)
            self._waiting.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=30)
        atexit.unregister(self.close)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        load_libraries()
        while entries := self._next():
            _run(entries)
            self._running = 0
        for cleanup in self._at_end:
            cleanup()

    def _next(self) -> list[_Entry]:
        """The jobs of the next run; none when there will be no more."""
        with self._changed:
            while True:
                self._drop_abandoned()
                if self._closed or (self._waiting and not self._gives_way()):
                    break
                self._changed.wait(_LOOK_SECONDS if self._waiting else None)
            entries: list[_Entry] = []
            size = 0
            for entry in list(self._waiting):
                fits = not entries or size + entry.together.size <= self._largest
                if fits and (not entries or entry.together.group == entries[0].together.group):
                    entries.append(entry)
                    size += entry.together.size
                    self._waiting.remove(entry)
            self._running = len(entries)
            self._count_places()
            for entry in entries:
                entry.job.ahead = 0
            return entries

    def _gives_way(self) -> bool:
        """Whether the next job waits for queues that come first."""
        priority, _ = self._waiting[0].rank
        if not priority or time.monotonic() - self._waiting[0].since > _COURTESY:
            return False
        return any(queue.busy for queue in self._after)

    def _drop_abandoned(self) -> None:
        for entry in [entry for entry in self._waiting if entry.job.give_up_if_abandoned()]:
            self._waiting.remove(entry)
            _cancel(entry.job)
        self._count_places()

    def _count_places(self) -> None:
        for place, entry in enumerate(self._waiting):
            entry.job.ahead = self._running + place


def _cancel(job: Job[Any]) -> None:
    job.future.cancel()
    job.future.set_running_or_notify_cancel()


def _run(entries: Sequence[_Entry]) -> None:
    """Do jobs, and tell their futures what came of it; the thread lives on."""
    entries = [entry for entry in entries if entry.job.future.set_running_or_notify_cancel()]
    if not entries:
        return
    try:
        results = entries[0].together.run([(entry.job, entry.together.item) for entry in entries])
    except BaseException as error:
        results = [error] * len(entries)
    for entry, result in zip(entries, results, strict=True):
        if isinstance(result, BaseException):
            entry.job.future.set_exception(result)
        else:
            entry.job.future.set_result(result)


def report_to_all(jobs: Sequence[Job[Any]]) -> Callable[[int, int], None]:
    """Tell several jobs how far their shared run is.

    The run ends with `AbandonedError` only when nobody waits for any of them.
    """

    def report(done: int, total: int) -> None:
        gone = 0
        for job in jobs:
            try:
                job.report(done, total)
            except AbandonedError:
                gone += 1
        if gone == len(jobs):
            raise AbandonedError

    return report
