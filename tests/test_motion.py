"""Tempo and height: labels of two approaches make the action of any values, and robots move accordingly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnit.errors import UserError
from nnit.imitation.fitting import Conditions
from nnit.request import SampleRequest
from nnit.sim.rollout import Episode, run_episode, worker_environment
from nnit.sim.suites import get_task, suites
from nnit.sim.suites.metaworld.experts import OWN_EXPERTS
from nnit.sim.suites.metaworld.motion import SawyerMotion
from nnit.splits import goal_seed

NAMES = ("tempo", "height")
unit = st.floats(0, 1, width=32)


@given(unit, unit, st.integers(0, 1000))
def test_one_action_and_many_agree(tempo: float, height: float, seed: int) -> None:
    labels = np.random.default_rng(seed).uniform(-1, 1, (2, 4)).astype(np.float32)
    values = {"tempo": tempo, "height": height}
    motion = SawyerMotion()
    row = Conditions.same(NAMES, values, 1).values
    many = motion.actions(torch.from_numpy(labels)[None, None], row)[0, 0]
    before = labels.copy()
    one = motion.action(labels, values)
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_allclose(many.numpy(), one, atol=1e-6)
    # The slowest is 40 % of the fastest.
    assert np.abs(one[:3]).max() <= 0.4 + 0.6 * tempo + 1e-6
    low, high = labels[:, 3].min(), labels[:, 3].max()
    assert low - 1e-6 <= one[3] <= high + 1e-6


def test_brisk_and_low_is_the_expert_itself() -> None:
    labels = np.random.default_rng(0).uniform(-1, 1, (2, 4)).astype(np.float32)
    action = SawyerMotion().action(labels, {"tempo": 1.0, "height": 0.0})
    np.testing.assert_array_equal(action, labels[0])


def test_drawn_values_reach_the_ends() -> None:
    tasks = ["reach-v3"] * 2000
    drawn = Conditions.draw(NAMES, tasks, torch.Generator().manual_seed(0))
    assert drawn.names == NAMES
    assert drawn.values.shape == (2000, 2)
    assert drawn.values.min() == 0
    assert drawn.values.max() == 1
    assert drawn.values.mean().item() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("values", [(-0.1, 0.0), (0.0, 1.1), (float("nan"), 0.0)])
def test_values_out_of_range_are_refused(values: tuple[float, float]) -> None:
    asked = dict(zip(NAMES, values, strict=True))
    with pytest.raises(UserError, match="from 0 to 1"):
        SampleRequest("reach-v3", conditions=asked).check(suites())


def test_speed_and_height_are_those_of_the_hand() -> None:
    """Three steps of 1 cm along x at a height of 20 cm, 80 steps a second."""
    observations = np.zeros((4, 39))
    observations[:, 0] = 0.01 * np.arange(4)
    observations[:, 2] = 0.2
    measured = SawyerMotion().measure(list(observations), 80)
    assert measured == pytest.approx({"tempo": 0.8, "height": 0.2})


def drive(name: str, index: int, **values: float) -> Episode:
    task = get_task(name)
    experts = task.make_experts()

    def act(observation: np.ndarray) -> np.ndarray:
        return task.motion.action(np.stack([expert(observation) for expert in experts]), values)

    seed = goal_seed("evaluate", "style", name, index)
    return run_episode(task, worker_environment(name), act, seed)


@pytest.mark.parametrize("task", [*OWN_EXPERTS, "reach-v3", "window-open-v3"])
def test_experts_succeed_calm_and_brisk_and_move_as_asked(task: str) -> None:
    calm, brisk = (drive(task, 0, tempo=tempo, height=0.0) for tempo in (0.0, 1.0))
    high = drive(task, 0, tempo=1.0, height=1.0)
    assert calm.success
    assert brisk.success
    assert high.success
    assert calm.measured["tempo"] < 0.8 * brisk.measured["tempo"]
    assert high.measured["height"] > brisk.measured["height"]
