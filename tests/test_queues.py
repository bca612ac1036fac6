"""Queues of work: order, places, sharing a run, limits, and visitors who leave."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from patience import SECONDS
from streamlit.runtime.scriptrunner import RerunData, RerunException

from app.engine import progress, queues
from app.engine.failures import failure_of
from app.engine.jobs import AbandonedError, HeldJobs, Job, Jobs
from app.engine.progress import Looks, keep_waiting, wait_for
from app.engine.queues import Together, WorkQueue, report_to_all
from nnit.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


class Gate:
    """Work that holds its queue's thread until it is let go."""

    def __init__(self, queue: WorkQueue) -> None:
        self._begun, self._go_on = threading.Event(), threading.Event()
        self.job: Job[int] = Job(kept=True)
        queue.add(self.job, self._hold)
        assert self._begun.wait(SECONDS)

    def _hold(self, job: Job[int]) -> int:
        self._begun.set()
        assert self._go_on.wait(SECONDS)
        return 0

    def open(self) -> None:
        self._go_on.set()


@pytest.fixture
def queue():
    made = WorkQueue("test", 4, largest_run=5)
    yield made
    made.close()


def leave(job: Job) -> None:
    """As if everybody who waits for the job had gone a while ago."""
    job._until = time.monotonic() - 1


def test_jobs_run_by_priority_then_in_the_order_they_came(queue):
    gate, order = Gate(queue), []
    jobs = [Job() for _ in range(3)]
    for number, priority in enumerate((1, 1, 0)):
        queue.add(jobs[number], lambda job, n=number: order.append(n), priority=priority)
    assert [job.ahead for job in jobs] == [2, 3, 1]
    assert (queue.waiting, queue.running) == (3, 1)
    gate.open()
    for job in jobs:
        job.future.result(SECONDS)
    assert order == [2, 0, 1]
    assert [job.ahead for job in jobs] == [0, 0, 0]


def test_what_comes_last_waits_for_other_queues_but_not_for_ever(queue, monkeypatch):
    gate, order, looked = Gate(queue), [], threading.Event()
    later = WorkQueue("later", 4, after=(queue,))
    gives_way = later._gives_way

    def look() -> bool:
        looked.set()
        return gives_way()

    monkeypatch.setattr(later, "_gives_way", look)
    jobs = {name: Job(kept=True) for name in ("trial", "replay", "old")}

    def add(name: str, priority: int) -> None:
        later.add(jobs[name], lambda job: order.append(name), priority=priority)

    add("trial", 1)
    assert looked.wait(SECONDS)
    add("replay", 0)
    jobs["replay"].future.result(SECONDS)  # priority 0 waits for no other queue
    assert not jobs["trial"].future.done()
    gate.open()
    jobs["trial"].future.result(SECONDS)
    gate = Gate(queue)
    monkeypatch.setattr(queues, "_COURTESY", 0.0)
    add("old", 1)
    jobs["old"].future.result(SECONDS)
    gate.open()
    assert order == ["replay", "trial", "old"]
    later.close()


def test_jobs_of_one_group_share_a_run_up_to_its_size(queue):
    gate, runs = Gate(queue), []

    def run(jobs):
        runs.append([item for _, item in jobs])
        return [UserError("bad") if item == "b" else item.upper() for _, item in jobs]

    jobs = {}
    for item, group, size in (("a", 8, 2), ("x", 50, 1), ("b", 8, 3), ("c", 8, 1)):
        jobs[item] = Job()
        queue.add_together(jobs[item], Together(run, item, group, size))
    gate.open()
    assert jobs["c"].future.result(SECONDS) == "C"
    assert runs == [["a", "b"], ["x"], ["c"]]
    assert jobs["a"].future.result(0) == "A"
    assert failure_of(jobs["b"].future) == "bad"


def test_a_job_larger_than_a_run_has_one_to_itself(queue):
    job = Job()
    queue.add_together(job, Together(lambda jobs: [len(jobs)], None, 1, 99))
    assert job.future.result(SECONDS) == 1


def test_a_full_queue_says_so_and_goes_on(queue):
    gate = Gate(queue)
    jobs = [Job() for _ in range(5)]
    for job in jobs:
        queue.add(job, lambda job: 1)
    assert "the server is busy, 4 others are waiting" in failure_of(jobs[4].future)
    gate.open()
    assert [job.future.result(SECONDS) for job in jobs[:4]] == [1] * 4


def test_work_nobody_waits_for_is_not_done_and_frees_its_place(queue):
    gate, done = Gate(queue), []
    gone, stays = Job(), Job()
    queue.add(gone, lambda job: done.append("gone"))
    queue.add(stays, lambda job: done.append("stays"))
    leave(gone)
    late = Job()
    queue.add(late, lambda job: done.append("late"))
    assert (stays.ahead, late.ahead) == (1, 2)
    gate.open()
    late.future.result(SECONDS)
    assert done == ["stays", "late"]
    assert failure_of(gone.future) == "it was cancelled"


def test_running_work_ends_when_the_last_visitor_leaves(queue):
    left, reported = threading.Event(), threading.Semaphore(0)

    def work(job: Job[None]) -> None:
        assert left.wait(SECONDS)
        while True:
            job.report(1, 2)
            reported.release()

    job: Job[None] = Job()
    with job.watched():
        queue.add(job, work)
        leave(job)
        left.set()
        for _ in range(50):
            assert reported.acquire(timeout=SECONDS)
        assert not job.future.done()
    leave(job)
    assert isinstance(job.future.exception(SECONDS), AbandonedError)
    after = Job()
    queue.add(after, lambda job: 3)
    assert after.future.result(SECONDS) == 3


def test_a_shared_run_goes_on_while_one_still_waits():
    here, gone = Job(), Job()
    report = report_to_all([here, gone])
    leave(gone)
    report(3, 8)
    assert (here.done, here.total) == (3, 8)
    leave(here)
    with pytest.raises(AbandonedError):
        report(4, 8)


def test_asking_for_what_was_given_up_begins_anew(queue):
    jobs, gate = Jobs(5), Gate(queue)
    first = jobs.get("key", lambda job: queue.add(job, lambda job: 1))
    assert jobs.get("key", pytest.fail) is first
    leave(first)
    assert first.give_up_if_abandoned()
    second = jobs.get("key", lambda job: queue.add(job, lambda job: 2))
    gate.open()
    assert second.future.result(SECONDS) == 2
    assert first.future.cancelled()


def test_who_waits_hears_that_the_page_is_asked_for_anew(monkeypatch):
    class EndedError(Exception):
        pass

    looks = []

    class Session:
        def __contains__(self, name):
            looks.append(name)
            if len(looks) == 3:
                raise EndedError
            return False

    monkeypatch.setattr(progress.st, "session_state", Session())
    job = Job()
    with pytest.raises(EndedError):
        wait_for(job, "Waiting")
    leave(job)
    assert job.give_up_if_abandoned()


def test_a_callback_that_is_cut_short_is_carried_out_and_the_run_ends_then():
    done = []

    @progress.whole
    def callback(name):
        if not done:
            done.append("cut")
            raise RerunException(RerunData())
        done.append(name)

    with pytest.raises(RerunException):
        callback("whole")
    assert done == ["cut", "whole"]


def test_a_session_gets_anew_what_was_given_up_and_keeps_what_failed(queue):
    held, gate = HeldJobs(), Gate(queue)

    def start(work):
        job = Job()
        queue.add(job, work)
        return job

    waits = held.get("key", lambda: start(lambda job: 1))
    assert held.get("key", pytest.fail) is waits
    leave(waits)
    assert waits.give_up_if_abandoned()
    again = held.get("key", lambda: start(lambda job: 2))
    gate.open()
    assert again.future.result(SECONDS) == 2

    begun, left = threading.Event(), threading.Event()

    def work(job):
        begun.set()
        assert left.wait(SECONDS)
        job.report(1, 2)

    runs = held.get("runs", lambda: start(work))
    assert begun.wait(SECONDS)
    leave(runs)
    left.set()
    assert isinstance(runs.future.exception(SECONDS), AbandonedError)
    assert held.get("runs", lambda: start(lambda job: 3)).future.result(SECONDS) == 3

    bad = held.get("bad", lambda: start(lambda job: 1 / 0))
    assert isinstance(bad.future.exception(SECONDS), ZeroDivisionError)
    assert held.get("bad", pytest.fail) is bad


def test_only_the_latest_jobs_are_kept(queue):
    jobs = Jobs(2)
    for key in "abc":
        jobs.get(key, lambda job: job.future.set_result(1))
    assert list(jobs._jobs) == ["b", "c"]


def test_an_error_reaches_its_caller_and_the_thread_lives_on(queue):
    bad, good = Job(), Job()
    queue.add(bad, lambda job: 1 / 0)
    queue.add(good, lambda job: 1)
    assert good.future.result(SECONDS) == 1
    assert isinstance(bad.future.exception(0), ZeroDivisionError)


def test_closing_ends_the_thread_after_its_cleanup(queue):
    ended = []
    gate, waiting = Gate(queue), Job()
    queue.add(waiting, lambda job: 1)
    queue.at_end(lambda: ended.append(threading.current_thread().name))
    gate.open()
    queue.close()
    assert ended == ["test"]
    late = Job()
    queue.add(late, lambda job: 1)
    assert failure_of(late.future) == "the server is being stopped"
    assert gate.job.future.done()


def test_the_run_that_draws_a_page_never_ends_itself(monkeypatch):
    again = []
    monkeypatch.setattr("streamlit.rerun", lambda: again.append(True))
    job, looks = Job(), Looks()
    keep_waiting([job], looks)
    keep_waiting([job], looks)
    job.future.set_result(0)
    keep_waiting([job], looks := Looks())
    assert not again
    keep_waiting([job], looks)
    assert again


def test_a_server_that_is_stopped_while_it_warms_up_ends_without_a_traceback():
    # Registered last and so called first of what ends the interpreter's threads, when no pool of processes can be
    # made any more and the main thread still counts as alive.
    stopping = """
import threading
from app.engine.services import Services
services = Services()
threading._register_atexit(services._warm_up, "reach-v3")
"""
    ended = subprocess.run(
        [sys.executable, "-c", stopping], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_queues_that_begin_together_have_whole_libraries():
    # In a process of its own: here Torch is there already.
    begin = """
import sys
from app.engine.jobs import Job
from app.engine.queues import WorkQueue

def state(job):
    torch = sys.modules.get("torch")
    return hasattr(torch, "Tensor"), getattr(torch.__spec__, "_initializing", False)

queues = [WorkQueue(name, 4) for name in ("sample", "simulate", "align")]
assert "torch" not in sys.modules
jobs = [Job(kept=True) for _ in queues]
for queue, job in zip(queues, jobs, strict=True):
    queue.add(job, state)
print([job.future.result() for job in jobs])
for queue in queues:
    queue.close()
"""
    ended = subprocess.run(
        [sys.executable, "-c", begin], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    assert (ended.stderr, ended.stdout) == ("", f"{[(True, False)] * 3}\n")
