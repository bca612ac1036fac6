"""One thread that owns the GL context and draws for everybody else, first come, first served."""

import atexit
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import numpy as np

from nnit.errors import UserError
from nnit.policy import Policy
from nnit.render import HEIGHT, WIDTH, Clip, Progress, SceneRenderer

T = TypeVar("T")


class _Job(Generic[T]):
    """A piece of work and the future that its caller waits for."""

    def __init__(self, work: Callable[[SceneRenderer], T]) -> None:
        self.work = work
        self.future: Future[T] = Future()

    def run(self, renderer: SceneRenderer) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.work(renderer))
        except BaseException as error:  # The caller gets it; the thread lives on.
            self.future.set_exception(error)


class RenderThread:
    """Draws films in a thread of its own; safe to call from any thread.

    The context is made with the first job. What goes wrong is told by the job's future alone:
    `GLUnavailable` if nothing can be drawn here, `UserError` if too many jobs are waiting.
    """

    def __init__(
        self, width: int = WIDTH, height: int = HEIGHT, *, waiting_at_most: int = 16
    ) -> None:
        """Start the thread for frames of one size in pixels."""
        self._size = (width, height)
        self._jobs: queue.Queue[_Job[Any] | None] = queue.Queue(waiting_at_most)
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)
        self._thread.start()
        # A GL context that is still open when the interpreter ends can crash it.
        atexit.register(self.close)

    def film(
        self, policy: Policy, seed: int, *, progress: Progress | None = None
    ) -> "Future[Clip]":
        """Ask for a film of one episode.

        Args:
            policy: what drives the robot.
            seed: names the goal.
            progress: called with (steps done, horizon) in the thread that draws.
        """
        return self._submit(lambda renderer: renderer.film(policy, seed, progress=progress))

    def picture(self, task: str, seed: int) -> "Future[np.ndarray]":
        """Ask for a picture of a task's scene, (height, width, 3)."""
        return self._submit(lambda renderer: renderer.picture(task, seed))

    def warm_up(self, task: str) -> "Future[np.ndarray]":
        """Ask to load a task's scene now, so that the first film of it starts sooner."""
        return self.picture(task, 0)

    def _submit(self, work: Callable[[SceneRenderer], T]) -> "Future[T]":
        job = _Job(work)
        if not self._thread.is_alive():
            job.future.set_exception(
                UserError("the renderer has stopped; start again to see films")
            )
            return job.future
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            job.future.set_exception(
                UserError("many films are being made just now; try again in a moment")
            )
        return job.future

    def _run(self) -> None:
        renderer: SceneRenderer | None = None
        while (job := self._jobs.get()) is not None:
            if renderer is None:
                try:
                    renderer = SceneRenderer(*self._size)
                except Exception as error:
                    job.future.set_exception(error)
                    continue
                # The GL library ends itself at exit too; what is registered last is called first.
                atexit.unregister(self.close)
                atexit.register(self.close)
            job.run(renderer)
        if renderer is not None:
            renderer.close()

    def close(self) -> None:
        """Finish what is asked for, then free the context."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join(timeout=30)
        atexit.unregister(self.close)
