"""The 50 tasks of Meta-World v3: real MuJoCo scenes with a Sawyer arm, and the suite's scripted experts.

Observations are (39,): hand position in metres (3), gripper opening (1), two objects as position and
quaternion (14), the same 18 one step ago, and the goal's position (3). Actions are (4,): the hand's
displacement and the gripper's effort, in [-1, 1]. The suite itself is imported when an environment or an
expert is made, not before: what only describes tasks need not wait for it.
"""

import functools
from typing import TYPE_CHECKING

import numpy as np

from nnit.sim.suites.base import Expert, Task
from nnit.sim.suites.metaworld.descriptions import DEFAULT_CAMERA, DESCRIPTIONS
from nnit.sim.suites.metaworld.experts import OWN_EXPERTS, approach_of, raised

if TYPE_CHECKING:
    import gymnasium

MT10 = (
    "reach-v3",
    "push-v3",
    "pick-place-v3",
    "door-open-v3",
    "drawer-open-v3",
    "drawer-close-v3",
    "button-press-topdown-v3",
    "peg-insert-side-v3",
    "window-open-v3",
    "window-close-v3",
)
HORIZON = 500
OBSERVATION_GROUPS = (
    ("hand", 0, 3),
    ("gripper", 3, 4),
    ("object", 4, 11),
    ("second object", 11, 18),
    ("previous frame", 18, 36),
    ("goal", 36, 39),
)
ACTION_NAMES = ("dx", "dy", "dz", "gripper")
_OBJECT, _GOAL = slice(4, 7), slice(36, 39)


def _make_environment(name: str) -> "gymnasium.Env":
    from nnit.sim.suites.metaworld.environments import GoalFromSeed

    return GoalFromSeed(name)


def _make_expert(name: str, height: float) -> Expert:
    """The suite's own expert, or ours where there is one, coming as high as asked."""
    if name in OWN_EXPERTS:
        own, approach = OWN_EXPERTS[name], approach_of(height)
        return lambda observation: np.clip(own(observation, approach), -1.0, 1.0).astype(np.float32)
    from nnit.sim.suites.metaworld.environments import suite_expert

    expert = suite_expert(name)
    anchor = _GOAL if name.startswith("reach") else _OBJECT

    def act(observation: np.ndarray) -> np.ndarray:
        action = raised(expert(observation), observation, observation[anchor], height)
        return np.clip(action, -1.0, 1.0).astype(np.float32)

    return act


def tasks() -> list[Task]:
    """All 50 tasks, the ten of MT10 first."""
    names = [*MT10, *(name for name in DESCRIPTIONS if name not in MT10)]
    return [
        Task(
            name=name,
            title=DESCRIPTIONS[name].title,
            success=DESCRIPTIONS[name].success,
            camera=DESCRIPTIONS[name].camera or DEFAULT_CAMERA,
            observation_groups=OBSERVATION_GROUPS,
            action_names=ACTION_NAMES,
            horizon=HORIZON,
            make_environment=functools.partial(_make_environment, name),
            make_expert=functools.partial(_make_expert, name),
        )
        for name in names
    ]
