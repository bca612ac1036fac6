"""The 50 tasks of Meta-World v3: real MuJoCo scenes with a Sawyer arm, and the suite's scripted experts.

Source: Farama Foundation, `metaworld` 3.1.1 (MIT). Observations are (39,): hand position in metres
(3), gripper opening (1), two objects as position and quaternion (14), the same 18 one step ago, and
the goal's position (3). Actions are (4,): the hand's displacement and the gripper's effort, in [-1, 1].
"""

import functools
import os
import warnings
from typing import Any

import gymnasium
import numpy as np

from nnit.tasks.base import Expert, Task
from nnit.tasks.metaworld_descriptions import DEFAULT_CAMERA, DESCRIPTIONS
from nnit.tasks.metaworld_experts import OWN_EXPERTS, approach_of, raised

# MuJoCo loads the OpenGL that MUJOCO_GL names as soon as it is imported, and fails where it is missing
# or misspelt. Physics needs none, and nnit.gl reads the variable when there is something to draw.
_wanted_gl = os.environ.get("MUJOCO_GL")
os.environ["MUJOCO_GL"] = "off"
from metaworld.env_dict import ALL_V3_ENVIRONMENTS  # noqa: E402
from metaworld.policies import ENV_POLICY_MAP  # noqa: E402

if _wanted_gl is None:
    del os.environ["MUJOCO_GL"]
else:
    os.environ["MUJOCO_GL"] = _wanted_gl

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


def _make_expert(name: str, height: float) -> Expert:
    """The suite's own expert, or ours where there is one, coming as high as asked."""
    if name in OWN_EXPERTS:
        own, approach = OWN_EXPERTS[name], approach_of(height)
        return lambda observation: np.clip(own(observation, approach), -1.0, 1.0).astype(np.float32)
    policy = ENV_POLICY_MAP[name]()  # type: ignore[abstract]  # the map holds concrete ones
    anchor = _GOAL if name.startswith("reach") else _OBJECT

    def act(observation: np.ndarray) -> np.ndarray:
        # A copy: some of the suite's experts write into what they are shown.
        action = policy.get_action(observation.copy())
        action = raised(action, observation, observation[anchor], height)
        return np.clip(action, -1.0, 1.0).astype(np.float32)

    return act


def tasks() -> list[Task]:
    """All 50 tasks, the ten of MT10 first."""
    names = [*MT10, *(name for name in ALL_V3_ENVIRONMENTS if name not in MT10)]
    return [
        Task(
            name=name,
            title=DESCRIPTIONS[name].title,
            success=DESCRIPTIONS[name].success,
            camera=DESCRIPTIONS[name].camera or DEFAULT_CAMERA,
            observation_groups=OBSERVATION_GROUPS,
            action_names=ACTION_NAMES,
            horizon=HORIZON,
            make_environment=functools.partial(GoalFromSeed, name),
            make_expert=functools.partial(_make_expert, name),
        )
        for name in names
    ]
