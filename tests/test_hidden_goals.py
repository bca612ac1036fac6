"""Tasks that hide their goal: where an episode's goal comes from, and what the expert does for any goal."""

import functools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnit.errors import UserError
from nnit.imitation.demonstrations import collect_expert
from nnit.imitation.fitting import Conditions, Teachers
from nnit.request import SampleRequest
from nnit.sim.rollout import goal_of, run_episode, worker_environment
from nnit.sim.suites import get_task, suites
from nnit.sim.suites.metaworld.environments import suite_expert
from nnit.sim.suites.metaworld.experts import approach_of, carry_puck, raised
from nnit.splits import goal_seed

HIDDEN = ("reach-hidden-v3", "push-hidden-v3", "pick-place-hidden-v3")
NAMES = ("tempo", "height", "goal_x", "goal_y", "goal_z")
GOAL = {"goal_x": 0.25, "goal_y": 0.88, "goal_z": 0.12}
unit = st.floats(0, 1, width=32)


@functools.cache
def states(task: str) -> np.ndarray:
    """Observations of real episodes, in which hands approach, grasp, carry and miss."""
    return collect_expert([task], 6, workers=1)[task].observations


def values_of(task: str, shares: tuple[float, ...]) -> dict[str, float]:
    return {
        c.name: c.low + share * (c.high - c.low)
        for c, share in zip(get_task(task).conditions, shares, strict=False)
    }


def labels_of(task: str, observation: np.ndarray) -> np.ndarray:
    return np.stack([expert(observation) for expert in get_task(task).make_experts()])


def clipped(action: np.ndarray, tempo: float) -> np.ndarray:
    limit = 0.4 + 0.6 * tempo
    return np.append(action[:3].clip(-1, 1).clip(-limit, limit), action[3].clip(-1, 1))


@pytest.mark.parametrize("task", HIDDEN)
@given(st.integers(0, 10**6), st.tuples(unit, unit, unit, unit, unit))
def test_any_goals_action_is_that_of_the_expert_who_sees_it(
    task: str, row: int, shares: tuple[float, ...]
) -> None:
    """From labels alone, for one state and for many, against the experts of the tasks that show the goal."""
    seen = states(task)
    observation, values = seen[row % len(seen)], values_of(task, shares)
    assert (observation[-3:] == 0).all()
    shown = observation.astype(float)
    shown[-3:] = values["goal_x"], values["goal_y"], values.get("goal_z", 0.02)
    if task == "reach-hidden-v3":
        expected = suite_expert("reach-v3")(shown)
        expected = raised(expected, shown, shown[-3:], values["height"])
    else:
        expected = carry_puck(shown, approach_of(values["height"]))
    expected = clipped(expected, values["tempo"])

    labels, motion = labels_of(task, observation), get_task(task).motion
    before = labels.copy()
    one = motion.action(labels, values)
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_allclose(one, expected, atol=2e-4)

    conditions = Conditions.same(NAMES, values, 2)
    batch = torch.from_numpy(np.stack([labels, labels]))
    many = motion.actions(
        batch[None].repeat(2, 1, 1, 1), conditions.of([0, 1], get_task(task).suite)
    )
    assert many.shape == (2, 2, 4)
    np.testing.assert_allclose(many.numpy(), np.broadcast_to(expected, (2, 2, 4)), atol=2e-3)


def test_hidden_and_shown_tasks_share_a_batch() -> None:
    """Each network's wanted actions come from its own task's motion."""
    tasks = ["push-v3", "reach-hidden-v3", "push-hidden-v3", "pick-place-hidden-v3", "push-v3"]
    rng = np.random.default_rng(0)
    conditions = Conditions.draw(NAMES, tasks, torch.Generator().manual_seed(1))
    labels = [torch.from_numpy(rng.uniform(0, 1, (3, 2, 4)).astype(np.float32)) for _ in tasks]
    actions = Teachers(tasks, conditions, torch.device("cpu")).actions(torch.stack(labels))
    for row, task in enumerate(tasks):
        for step in range(3):
            own = get_task(task).motion.action(labels[row][step].numpy(), conditions.named(row))
            np.testing.assert_allclose(actions[row, step], own, atol=1e-4)
    assert set(conditions.named(2)) == {"tempo", "height", "goal_x", "goal_y"}
    assert set(conditions.named(0)) == {"tempo", "height"}


@pytest.mark.parametrize("task", HIDDEN)
def test_the_goal_is_hidden_and_is_the_one_asked_for(task: str) -> None:
    found, environment = get_task(task), worker_environment(task)
    goal = goal_of(found, {**GOAL, "seed": 3})
    first, _ = environment.reset(seed=5, options=goal)
    base = environment.unwrapped
    expected = [0.25, 0.88, 0.12] if "goal_z" in (goal or {}) else [0.25, 0.88]
    for place in (base._target_pos, base.model.site("goal").pos):  # type: ignore[attr-defined]
        np.testing.assert_allclose(place[: len(expected)], expected)
    for _ in range(3):
        observation, *_ = environment.step(np.zeros(4, np.float32))
        assert (observation[-3:] == 0).all()
    # The object belongs to the seed, for any goal; without a goal, the goal does as well.
    again, _ = environment.reset(seed=5, options=goal)
    np.testing.assert_array_equal(again, first)
    drawn, _ = environment.reset(seed=5)
    own = base._target_pos.copy()  # type: ignore[attr-defined]
    np.testing.assert_array_equal(drawn[4:7], first[4:7])
    environment.reset(seed=6)
    environment.reset(seed=5)
    np.testing.assert_array_equal(base._target_pos, own)  # type: ignore[attr-defined]
    assert not np.allclose(own[:2], expected[:2])


@pytest.mark.parametrize("task", HIDDEN)
def test_the_expert_goes_to_its_goal_and_to_no_other(task: str) -> None:
    found, environment = get_task(task), worker_environment(task)
    values = {"tempo": 0.8, "height": 0.5, **GOAL}

    def act(observation: np.ndarray) -> np.ndarray:
        return found.motion.action(labels_of(task, observation), values)

    seed = goal_seed("evaluate", "hidden", task)
    there = run_episode(found, environment, act, seed, goal=goal_of(found, values))
    assert there.success
    ends = {name: there.measured[name] for name in ("goal_x", "goal_y")}
    assert ends == pytest.approx({name: GOAL[name] for name in ends}, abs=0.07)
    elsewhere = {**GOAL, "goal_x": -0.2}
    assert not run_episode(
        found, environment, act, seed, goal=goal_of(found, elsewhere), limit=150
    ).success


def test_a_network_must_say_its_goal() -> None:
    task = get_task("push-hidden-v3")
    assert goal_of(task, {**GOAL, "tempo": 1.0}) == {"goal_x": 0.25, "goal_y": 0.88}
    assert goal_of(get_task("push-v3"), {}) is None
    ends = {name: float(np.float32(value)) for name, value in {**GOAL, "goal_x": 0.3}.items()}
    assert goal_of(task, ends) == {"goal_x": 0.3, "goal_y": 0.88}
    for wrong in ({}, {"goal_x": 0.1}, {**GOAL, "goal_y": "far"}, {**GOAL, "goal_x": True}):
        with pytest.raises(UserError, match="nothing says which goal_"):
            goal_of(task, wrong)
    with pytest.raises(UserError, match=r"goal_x must be from -0\.3 to 0\.3"):
        goal_of(task, {**GOAL, "goal_x": 0.5})


def test_only_hidden_tasks_know_goals() -> None:
    for task, known in (
        ("push-v3", NAMES[:2]),
        ("push-hidden-v3", NAMES[:4]),
        ("reach-hidden-v3", NAMES),
    ):
        assert tuple(c.name for c in get_task(task).conditions) == known
    with pytest.raises(UserError, match="cannot be asked for goal_x; they can for tempo, height"):
        SampleRequest("push-v3", conditions={"goal_x": 0.1}).check(suites())
    with pytest.raises(UserError, match="cannot be asked for goal_z"):
        SampleRequest("push-hidden-v3", conditions={"goal_z": 0.1}).check(suites())
    SampleRequest("pick-place-hidden-v3", conditions=GOAL).check(suites())
