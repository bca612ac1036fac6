"""Episodes: repeatable from their seed, alone and in worker processes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnit.mlp.spec import MLPArchitecture
from nnit.sim.rollout import Episode, run_episode, run_many
from nnit.sim.suites import get_task
from nnit.splits import goal_seed
from strategies import random_policy

parts = st.lists(st.integers() | st.text(max_size=10), max_size=4)


@given(parts)
def test_seeds_of_different_purposes_never_meet(identity: list[int | str]) -> None:
    assert 0 <= goal_seed("train", *identity) < 2**30
    assert 2**30 <= goal_seed("select", *identity) < 2**31
    assert 2**31 <= goal_seed("evaluate", *identity) < 2**32


def test_goal_seeds_are_fixed_and_differ() -> None:
    """Published results name goals by these numbers, so that they must never change."""
    assert goal_seed("evaluate", 0, "reach-v3", 0, 0) == goal_seed("evaluate", 0, "reach-v3", 0, 0)
    many = {goal_seed("evaluate", 0, "reach-v3", i, j) for i in range(50) for j in range(50)}
    assert len(many) == 2500


def assert_same_episode(a: Episode, b: Episode) -> None:
    assert (a.success, a.steps, a.measured) == (b.success, b.steps, b.measured)
    np.testing.assert_array_equal(a.observations, b.observations)
    np.testing.assert_array_equal(a.actions, b.actions)


@pytest.mark.parametrize("name", ["reach-v3", "pick-place-v3", "door-open-v3"])
def test_the_same_seed_gives_the_same_episode(name: str) -> None:
    task = get_task(name)
    expert, *_ = task.make_experts()

    def episode(environment, seed: int) -> Episode:  # type: ignore[no-untyped-def]
        return run_episode(task, environment, expert, seed, record=True)

    fresh, used = task.make_environment(), task.make_environment()
    episode(used, 1)
    first, again = episode(fresh, 2), episode(used, 2)
    assert_same_episode(first, again)
    other = episode(used, 3)
    assert not np.array_equal(first.observations[0], other.observations[0])


def test_episode_ends_at_success_or_a_little_later() -> None:
    task = get_task("reach-v3")
    environment, (expert, *_) = task.make_environment(), task.make_experts()
    drawn = []
    short = run_episode(task, environment, expert, 7, record=True)
    assert short.success_at_end
    long = run_episode(
        task,
        environment,
        expert,
        7,
        record=True,
        on_step=lambda: drawn.append(1),
        steps_after_success=10,
    )
    assert short.success
    assert long.success
    assert short.measured == long.measured, "what comes after success does not count"
    assert short.steps == long.steps == len(short.observations) == len(short.actions)
    assert len(long.observations) == short.steps + 10
    assert len(drawn) == 1 + len(long.observations)
    assert short.observations.shape == (short.steps, 39)
    assert short.actions.shape == (short.steps, 4)


@pytest.mark.parametrize("limit", [30, None])
def test_failure_lasts_until_the_horizon_or_the_limit(limit: int | None) -> None:
    task = get_task("door-open-v3")
    still = run_episode(
        task,
        task.make_environment(),
        lambda _: np.zeros(4, np.float32),
        0,
        record=True,
        limit=limit,
    )
    assert not still.success
    assert still.steps == len(still.actions) == (limit or task.suite.horizon)


def test_workers_give_what_one_process_gives() -> None:
    chosen = [
        random_policy(MLPArchitecture((8,)), seed, task)
        for seed, task in enumerate(["reach-v3", "drawer-close-v3", "reach-v3"])
    ]
    goals = [[11, 12], [13], [11]]
    progress: list[tuple[int, int]] = []
    results = run_many(
        chosen, goals, workers=2, progress=lambda done, total: progress.append((done, total))
    )
    assert progress == [(1, 3), (2, 3), (3, 3)]
    assert [len(episodes) for episodes in results] == [2, 1, 1]
    for policy, seeds, episodes in zip(chosen, goals, results, strict=True):
        task = get_task(policy.task)
        for seed, episode in zip(seeds, episodes, strict=True):
            alone = run_episode(task, task.make_environment(), policy.act, seed)
            assert_same_episode(episode, alone)
