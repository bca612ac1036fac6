"""Styles: labels of two approaches make the action of any style, and robots move accordingly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnit.errors import UserError
from nnit.sim.rollout import Episode, run_episode, worker_environment
from nnit.sim.suites import get_task
from nnit.sim.suites.metaworld.experts import OWN_EXPERTS
from nnit.sim.suites.metaworld.style import SLOWEST, Style, draw_styles, styled
from nnit.splits import goal_seed

unit = st.floats(0, 1, width=32)


@given(unit, unit, st.integers(0, 1000))
def test_one_action_and_many_agree(tempo: float, height: float, seed: int) -> None:
    labels = np.random.default_rng(seed).uniform(-1, 1, (2, 4)).astype(np.float32)
    style = Style(tempo, height)
    many = styled(torch.from_numpy(labels)[None, None], style.tensor(1))[0, 0]
    one = style.action(labels)
    np.testing.assert_allclose(many.numpy(), one, atol=1e-6)
    assert np.abs(one[:3]).max() <= SLOWEST + (1 - SLOWEST) * tempo + 1e-6
    low, high = labels[:, 3].min(), labels[:, 3].max()
    assert low - 1e-6 <= one[3] <= high + 1e-6


def test_brisk_and_low_is_the_expert_itself() -> None:
    labels = np.random.default_rng(0).uniform(-1, 1, (2, 4)).astype(np.float32)
    np.testing.assert_array_equal(Style(1.0, 0.0).action(labels), labels[0])


def test_drawn_styles_reach_the_ends() -> None:
    styles = draw_styles(2000, torch.Generator().manual_seed(0))
    assert styles.shape == (2000, 2)
    assert styles.min() == 0
    assert styles.max() == 1
    assert styles.mean().item() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("values", [(-0.1, 0.0), (0.0, 1.1), (float("nan"), 0.0)])
def test_styles_out_of_range_are_refused(values: tuple[float, float]) -> None:
    with pytest.raises(UserError, match="from 0 to 1"):
        Style(*values)


def drive(task: str, style: Style, index: int) -> Episode:
    low, high = (get_task(task).make_expert(height) for height in (0.0, 1.0))

    def act(observation: np.ndarray) -> np.ndarray:
        return style.action(np.stack([low(observation), high(observation)]))

    environment = worker_environment(task)
    return run_episode(environment, act, goal_seed("evaluate", "style", task, index), 500)


@pytest.mark.parametrize("task", [*OWN_EXPERTS, "reach-v3", "window-open-v3"])
def test_experts_succeed_calm_and_brisk_and_move_as_asked(task: str) -> None:
    calm, brisk = (drive(task, Style(tempo, 0.0), 0) for tempo in (0.0, 1.0))
    high = drive(task, Style(1.0, 1.0), 0)
    assert calm.success
    assert brisk.success
    assert high.success
    assert calm.speed < 0.8 * brisk.speed
    assert high.height > brisk.height
