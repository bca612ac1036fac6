"""What is taken from Meta-World itself: environments and experts. Importing it takes half a second.

Source: Farama Foundation, `metaworld` 3.1.1 (MIT).
"""

import functools
import warnings
from collections.abc import Sequence
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
        environment: Any = ALL_V3_ENVIRONMENTS[name]()
        environment._partially_observable = False
        environment._freeze_rand_vec = False
        environment.seeded_rand_vec = True
        environment._set_task_called = True
        # A cached property that was computed while the goal was still hidden.
        environment.__dict__.pop("sawyer_observation_space", None)
        environment.touching_object = functools.partial(_touching, environment)
        super().__init__(environment)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; with a seed, its goal is always the same."""
        if seed is not None:
            self.unwrapped.seed(seed)  # type: ignore[attr-defined]
        return self.env.reset(options=options)


def _touching(environment: Any, geom: int) -> bool:
    """Whether both pads press on a geom, as Meta-World's `touching_object` says.

    That one makes an object of every contact, twice, which takes a third of a step of push-v3 and pick-place-v3.
    """
    contacts, force = environment.data.contact, environment.data.efc_force
    pairs = contacts.geom
    with_geom = (pairs == geom).any(1)
    return all(
        sum(force[contacts.efc_address[with_geom & (pairs == pad).any(1)]]) > 0
        for pad in (environment.data.geom(name).id for name in ("leftpad_geom", "rightpad_geom"))
    )


class HiddenGoal(GoalFromSeed):
    """The same with zeros in the observation where the goal was, and goals from a space of one's own.

    Both object and goal of an episode are drawn from one space by Meta-World itself, which draws again while
    they are less than 15 cm apart. A goal that is asked for is a space of that one point.

    Args:
        name: of Meta-World's environment.
        low: least x, y and z of goals, in metres.
        high: largest ones.
    """

    def __init__(self, name: str, low: Sequence[float], high: Sequence[float]) -> None:
        super().__init__(name)
        base: Any = self.unwrapped
        base._partially_observable = True
        space = base._random_reset_space
        self._objects = space.low[:3], space.high[:3]
        self._goals = np.array(low), np.array(high)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; with options "goal_x", "goal_y" and perhaps "goal_z", that is its goal."""
        low, high = self._goals
        if options is not None:
            at = [
                options.get(f"goal_{axis}", start) for axis, start in zip("xyz", low, strict=True)
            ]
            low = high = np.array(at, float)
        base: Any = self.unwrapped
        least, largest = self._objects
        base._random_reset_space = gymnasium.spaces.Box(
            np.hstack([least, low]), np.hstack([largest, high]), dtype=np.float64
        )
        return super().reset(seed=seed)


def suite_expert(name: str) -> Expert:
    """The suite's scripted expert of a task; it may ask for more than the action space allows."""
    policy = ENV_POLICY_MAP[name]()  # type: ignore[abstract]  # the map holds concrete ones
    # A copy: some of them write into what they are shown.
    return lambda observation: np.asarray(policy.get_action(observation.copy()))
