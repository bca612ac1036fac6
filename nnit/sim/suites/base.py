"""What a task is, whichever suite it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import gymnasium

# Control steps a second: one step is 5 sub-steps of 2.5 ms.
STEPS_PER_SECOND = 80

Expert = Callable[[np.ndarray], np.ndarray]

HAND = slice(0, 3)  # of an observation: the hand's position in metres


@dataclass(frozen=True)
class Task:
    """A robot task: an environment, an expert, and how to show it.

    Attributes:
        name: registry name, such as "door-open-v3".
        title: for people, such as "Open the door".
        success: one sentence that says what success is.
        camera: how to look at the scene: (azimuth in degrees, elevation in degrees, distance in
            metres, and the point looked at, (x, y, z) in metres).
        observation_groups: name and half-open range of columns of each part of the observation.
        action_names: one name a component of the action.
        horizon: number of steps after which an episode ends.
        make_environment: a new environment; `reset(seed=s)` gives the goal that belongs to s.
        make_expert: the scripted expert, observation -> action in [-1, 1], for a height of the approach
            from 0 to 1.
    """

    name: str
    title: str
    success: str
    camera: tuple[float, float, float, tuple[float, float, float]]
    observation_groups: tuple[tuple[str, int, int], ...]
    action_names: tuple[str, ...]
    horizon: int
    make_environment: "Callable[[], gymnasium.Env]"
    make_expert: Callable[[float], Expert]
