"""A suite of other sizes: the planar arm of Gymnasium's `Reacher-v5`, with a scripted expert.

It stands for a suite that somebody adds: its facts, its environment, its expert and its registration are
all there is. Observations are (10,): cosines and sines of both joints, the target, the joints' speeds
(rad/s) and the fingertip seen from the target, in metres. Actions are (2,): torques on the joints.
Importing this module registers it; the environment variable NNIT_SUITES=tests.reacher makes commands, workers
and the app do so.
"""

from typing import Any

import gymnasium
import numpy as np

from nnit.sim.suites import register
from nnit.sim.suites.base import Expert, Suite, Task, TaskDescription

NAME = "reacher-v5"
_NEAR = 0.02  # metres between fingertip and target that count as success
_UPPER, _LOWER = 0.1, 0.11  # lengths of the arm's links in metres
_STIFFNESS, _DAMPING = 100.0, 0.1

SUITE = Suite(
    name="reacher",
    title="Gymnasium Reacher",
    observation_size=10,
    action_size=2,
    observation_groups=(
        ("cosines", 0, 2),
        ("sines", 2, 4),
        ("target", 4, 6),
        ("joint speeds", 6, 8),
        ("tip from target", 8, 10),
    ),
    action_names=("shoulder", "elbow"),
    steps_per_second=50,
    horizon=150,
    tasks=(
        TaskDescription(
            NAME,
            "Reach a point in the plane",
            "The fingertip is within 2 cm of the target.",
            (90.0, -60.0, 0.7, (0.0, 0.0, 0.0)),
        ),
    ),
)


class WithSuccess(gymnasium.Wrapper[np.ndarray, np.ndarray, np.ndarray, np.ndarray]):
    """Reacher with a success flag; a goal follows from `reset(seed=...)` already."""

    def step(self, action: np.ndarray) -> tuple[np.ndarray, Any, bool, bool, dict[str, Any]]:
        """One control step."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        success = float(np.linalg.norm(observation[8:10]) < _NEAR)
        return observation, reward, terminated, truncated, {**info, "success": success}


def _make_environment() -> gymnasium.Env:
    from nnit.sim.physics import mujoco  # noqa: F401  (first, so that physics needs no OpenGL)

    return WithSuccess(gymnasium.make("Reacher-v5", max_episode_steps=1000))


def _expert(observation: np.ndarray) -> np.ndarray:
    """The torques that pull the fingertip to the target: the transposed Jacobian, and damping."""
    first = np.arctan2(observation[2], observation[0])
    both = first + np.arctan2(observation[3], observation[1])
    jacobian = np.array(
        [
            [-_UPPER * np.sin(first) - _LOWER * np.sin(both), -_LOWER * np.sin(both)],
            [_UPPER * np.cos(first) + _LOWER * np.cos(both), _LOWER * np.cos(both)],
        ]
    )
    torque = -_STIFFNESS * jacobian.T @ observation[8:10] - _DAMPING * observation[6:8]
    return np.clip(torque, -1, 1).astype(np.float32)


def _make_experts() -> tuple[Expert, ...]:
    return (_expert,)


register([Task(SUITE.tasks[0], SUITE, _make_environment, _make_experts)])
