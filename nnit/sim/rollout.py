"""Episodes in the simulator: one at a time, or many in worker processes."""

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

import gymnasium
import joblib
import numpy as np

from nnit.cores import free_cores
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.seeds import Purpose, purpose_of
from nnit.sim.suites import Examples, Task, get_task

Result = TypeVar("Result")
ACT = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Episode:
    """What happened in one episode.

    Attributes:
        success: whether the suite's success flag was 1 at any step within the horizon.
        success_at_end: whether it was 1 after the last step; an episode that is not run to its end ends with its
            success.
        steps: number of steps until success, or the horizon.
        measured: the suite's conditions as they came out until then, by name.
        observations: (steps, observation_size), what the policy saw; empty unless recorded.
        actions: (steps, action_size), what it did; empty unless recorded.
    """

    success: bool
    success_at_end: bool
    steps: int
    measured: Mapping[str, float]
    observations: np.ndarray
    actions: np.ndarray


def goal_of(task: Task, values: Mapping[str, Any]) -> dict[str, float] | None:
    """What `reset` takes as options where conditions are parts of the goal; None where there are none.

    Args:
        task: what is done.
        values: of the conditions by name, such as a policy's provenance; other entries do not matter.

    Raises:
        UserError: a value is missing or out of range.
    """
    goal: dict[str, float] = {}
    for condition in task.goal_conditions:
        value = values.get(condition.name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise UserError(f"nothing says which {condition.name} this network for {task.name} has")
        value = round(float(value), 6)  # ends of a range in 32 bits may be just beyond it
        condition.check(value)
        goal[condition.name] = value
    return goal or None


def run_episode(
    task: Task,
    environment: gymnasium.Env,
    act: ACT,
    seed: int,
    *,
    goal: Mapping[str, float] | None = None,
    record: bool = False,
    on_step: Callable[[], None] | None = None,
    steps_after_success: int = 0,
    limit: int | None = None,
) -> Episode:
    """Run one episode until success (and `steps_after_success` more) or the horizon.

    Args:
        task: what is done.
        environment: of the task.
        act: observation (observation_size,) -> action (action_size,) in [-1, 1].
        seed: names the goal, or what else is random where the goal is given.
        goal: from `goal_of`; None: the one that belongs to the seed.
        record: keep observations and actions.
        on_step: called after the reset and after every step, for drawing.
        steps_after_success: how long to go on, so that a video does not end at once.
        limit: number of steps at most; by default the suite's horizon.
    """
    horizon = task.suite.horizon if limit is None else limit
    observation, _ = environment.reset(seed=seed, options=None if goal is None else dict(goal))
    if on_step is not None:
        on_step()
    observations, actions = [], []
    until_success = [observation.copy()]
    succeeded_at: int | None = None
    succeeds = False
    for step in range(horizon):
        action = act(observation)
        if record:
            observations.append(observation)
            actions.append(action)
        observation, _, terminated, truncated, info = environment.step(action)
        if on_step is not None:
            on_step()
        succeeds = bool(info["success"])
        if succeeded_at is None:
            until_success.append(observation.copy())
            if succeeds:
                succeeded_at = step + 1
        if (
            terminated
            or truncated
            or (succeeded_at is not None and step + 1 >= succeeded_at + steps_after_success)
        ):
            break
    return Episode(
        success=succeeded_at is not None,
        success_at_end=succeeds,
        steps=horizon if succeeded_at is None else succeeded_at,
        measured=task.motion.measure(until_success, task.suite.steps_per_second),
        observations=np.asarray(observations, np.float32),
        actions=np.asarray(actions, np.float32),
    )


@functools.lru_cache(maxsize=16)
def worker_environment(task: str) -> gymnasium.Env:
    """This process's own environment of a task; building one takes a tenth of a second."""
    return get_task(task).new_environment()


def check_fits(policy: Policy) -> Task:
    """The task of a policy.

    Raises:
        UserError: the task is unknown, the policy has other sizes than the task's suite, or it does not
            say its goal where it should.
    """
    task, architecture = get_task(policy.task), policy.architecture
    sizes = (architecture.observation_size, architecture.action_size)
    if sizes != (task.suite.observation_size, task.suite.action_size):
        raise UserError(
            f"a network of {sizes[0]} inputs and {sizes[1]} outputs cannot do {policy.task}, which has"
            f" {task.suite.observation_size} and {task.suite.action_size}"
        )
    goal_of(task, policy.provenance)
    return task


@functools.lru_cache(maxsize=6)
def worker_examples(task: str, purpose: Purpose) -> Examples:
    """This process's own labelled examples of a task.

    Raises:
        UserError: the task has none, or they are not here.
    """
    examples = get_task(task).examples
    if examples is None:
        raise UserError(f"{task} has no labelled examples")
    return examples(purpose)


def warm_worker(task: str) -> None:
    """Make or load what this process needs to try networks of a task."""
    if get_task(task).suite.classifies:
        worker_examples(task, "evaluate")
    else:
        worker_environment(task)


def example_of(task: str, seed: int) -> tuple[np.ndarray, int]:
    """The example that a seed names, as a seed names the goal of an episode: its observation and its class."""
    purpose, place = purpose_of(seed)
    examples = worker_examples(task, purpose)
    row = place % len(examples)
    return examples.observations[row], int(examples.labels[row])


def _answer(policy: Policy, seeds: Sequence[int]) -> list[Episode]:
    """One example a seed, as an episode of one step: a success where the likeliest class is the label."""
    nothing = np.zeros((0, 0), np.float32)
    drawn = [example_of(policy.task, seed) for seed in seeds]
    found = policy.outputs(np.stack([observation for observation, _ in drawn])).argmax(-1)
    return [
        Episode(bool(answer == label), bool(answer == label), 1, {}, nothing, nothing)
        for answer, (_, label) in zip(found, drawn, strict=True)
    ]


def right_answers(policy: Policy, purpose: Purpose = "evaluate") -> np.ndarray:
    """Which of all examples of a purpose a policy puts into the right class, (n,).

    Raises:
        UserError: its task has no labelled examples, or it has other sizes than they.
    """
    check_fits(policy)
    examples = worker_examples(policy.task, purpose)
    return np.asarray(policy.outputs(examples.observations).argmax(-1) == examples.labels)


def _run_seeds(policy: Policy, seeds: Sequence[int], to_end: bool) -> list[Episode]:
    task = get_task(policy.task)
    if task.examples is not None:
        return _answer(policy, seeds)
    environment = worker_environment(policy.task)
    goal, further = goal_of(task, policy.provenance), task.suite.horizon if to_end else 0
    return [
        run_episode(task, environment, policy.act, seed, goal=goal, steps_after_success=further)
        for seed in seeds
    ]


def default_workers() -> int:
    """Number of worker processes: the processors this process may use."""
    return free_cores()


def in_workers(
    function: Callable[..., Result],
    jobs: Sequence[tuple[Any, ...]],
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """`function(*job)` for every job, in worker processes; results in the order of the jobs.

    No backend is named here, so that an enclosing `joblib.parallel_config` can send the same work to a
    cluster; without one it is loky, which also keeps each worker to its share of the processors.

    Args:
        progress: called with (jobs done, jobs in all).

    Raises:
        UserError: the system ended a worker process.
    """
    parallel = joblib.Parallel(n_jobs=workers or default_workers(), return_as="generator")
    results: list[Result] = []
    coming = parallel(joblib.delayed(function)(*job) for job in jobs)
    try:
        for result in coming:
            results.append(result)
            if progress is not None:
                progress(len(results), len(jobs))
    except BrokenProcessPool as error:
        raise UserError(
            "the system ended a worker process, perhaps because memory ran out; fewer --workers need less"
        ) from error
    except BaseException:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it ends early is what is wanted
            coming.close()  # ends the workers, whatever they are doing
        raise
    return results


def run_many(
    policies: Sequence[Policy],
    seeds: Sequence[Sequence[int]],
    *,
    to_end: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[list[Episode]]:
    """Episodes of many policies, spread over worker processes.

    Args:
        policies: what to run.
        seeds: for each policy, the goals of its episodes.
        to_end: go on after success until the horizon.
        workers: number of processes; by default one a processor.
        progress: called with (policies done, policies in all).

    Returns:
        For each policy, its episodes in the order of its seeds.
    """
    for policy in policies:
        check_fits(policy)
    jobs = [(policy, own, to_end) for policy, own in zip(policies, seeds, strict=True)]
    return in_workers(_run_seeds, jobs, workers, progress)
