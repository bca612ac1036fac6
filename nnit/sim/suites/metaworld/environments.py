"""What is taken from Meta-World itself: environments and experts. Importing it takes half a second.

Source: Farama Foundation, `metaworld` 3.1.1 (MIT).
"""

import warnings
from typing import Any

import gymnasium
import numpy as np

from nnit.sim.physics import mujoco as mujoco

# isort: split
from metaworld.env_dict import ALL_V3_ENVIRONMENTS
from metaworld.policies import ENV_POLICY_MAP

from nnit.sim.suites.base import Expert

# The experts ask for more than the action space allows and say so at every step; we clip on purpose.
warnings.filterwarnings("ignore", message=r"Constant\(s\) may be too high")


class GoalFromSeed(gymnasium.Wrapper[np.ndarray, np.ndarray, np.ndarray, np.ndarray]):
    """A Meta-World environment whose goal follows from `reset(seed=...)`, with the goal observable.

    The suite's own benchmarks draw fifty goals when they are built and pick among them at random; here
    each seed names one goal, drawn by the environment from the same distribution, so that an episode
    can be repeated from its seed alone.
    """

    def __init__(self, name: str) -> None:
        environment = ALL_V3_ENVIRONMENTS[name]()
        environment._partially_observable = False
        environment._freeze_rand_vec = False
        environment.seeded_rand_vec = True
        environment._set_task_called = True
        # A cached property that was computed while the goal was still hidden.
        environment.__dict__.pop("sawyer_observation_space", None)
        super().__init__(environment)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; with a seed, its goal is always the same."""
        if seed is not None:
            self.unwrapped.seed(seed)  # type: ignore[attr-defined]
        return self.env.reset(options=options)


def suite_expert(name: str) -> Expert:
    """The suite's scripted expert of a task; it may ask for more than the action space allows."""
    policy = ENV_POLICY_MAP[name]()  # type: ignore[abstract]  # the map holds concrete ones
    # A copy: some of them write into what they are shown.
    return lambda observation: np.asarray(policy.get_action(observation.copy()))
