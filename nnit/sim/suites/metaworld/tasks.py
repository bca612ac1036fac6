"""The 50 tasks of Meta-World v3, and three with a hidden goal: real MuJoCo scenes with a Sawyer arm.

Observations are (39,): hand position in metres (3), gripper opening (1), two objects as position and
quaternion (14), the same 18 one step ago, and the goal's position (3). Actions are (4,): the hand's
displacement and the gripper's effort, in [-1, 1]. The suite itself is imported when an environment or an
expert is made, not before: what only describes tasks need not wait for it.
"""

import functools
from typing import TYPE_CHECKING

import numpy as np

from nnit.sim.suites import register
from nnit.sim.suites.base import Expert, ScriptEnvironment, Suite, Task, TaskDescription
from nnit.sim.suites.metaworld.descriptions import DEFAULT_CAMERA, DESCRIPTIONS
from nnit.sim.suites.metaworld.experts import OWN_EXPERTS, approach_of, raised
from nnit.sim.suites.metaworld.hidden import (
    GOAL_CONDITIONS,
    HiddenGoalMotion,
    see_hand,
    see_puck,
)
from nnit.sim.suites.metaworld.motion import CONDITIONS, HAND, SawyerMotion

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
# Push's goal lies on the table, as high as the middle of the puck.
_HIDDEN = {
    "reach-hidden-v3": HiddenGoalMotion("reach"),
    "push-hidden-v3": HiddenGoalMotion("carry", 0.02),
    "pick-place-hidden-v3": HiddenGoalMotion("carry"),
}
_OBJECT, _GOAL = slice(4, 7), slice(36, 39)


def _make_environment(name: str) -> "gymnasium.Env":
    from nnit.sim.suites.metaworld.environments import GoalFromSeed

    return GoalFromSeed(name)


def _make_hidden(name: str) -> "gymnasium.Env":
    from nnit.sim.suites.metaworld.environments import HiddenGoal

    low, high = ([getattr(c, end) for c in GOAL_CONDITIONS] for end in ("low", "high"))
    return HiddenGoal(name.replace("-hidden", ""), low, high)


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


def _make_experts(name: str) -> tuple[Expert, Expert]:
    """Those of the lowest and of the highest approach."""
    return _make_expert(name, 0.0), _make_expert(name, 1.0)


def _see() -> tuple[Expert, Expert]:
    """What `HiddenGoalMotion` reads."""
    return see_hand, see_puck


def _describe(name: str) -> TaskDescription:
    words, known = DESCRIPTIONS[name], [*CONDITIONS]
    if name in _HIDDEN:
        known += GOAL_CONDITIONS if _HIDDEN[name].goal_height is None else GOAL_CONDITIONS[:2]
    return TaskDescription(
        name,
        words.title,
        words.success,
        words.camera or DEFAULT_CAMERA,
        tuple(condition.name for condition in known),
    )


SUITE = Suite(
    name="metaworld",
    title="Meta-World v3",
    observation_size=39,
    action_size=4,
    observation_groups=(
        ("hand", 0, 3),
        ("gripper", 3, 4),
        ("object", 4, 11),
        ("second object", 11, 18),
        ("previous frame", 18, 36),
        ("goal", 36, 39),
    ),
    action_names=("dx", "dy", "dz", "gripper"),
    steps_per_second=80,  # one step is 5 sub-steps of 2.5 ms
    horizon=500,
    labels=2,
    conditions=(*CONDITIONS, *GOAL_CONDITIONS),
    tracked=(HAND.start, HAND.stop),
    collections=(("mt10", MT10), ("hidden-goals", tuple(_HIDDEN))),
    tasks=tuple(map(_describe, dict.fromkeys([*MT10, *DESCRIPTIONS]))),  # the ten of MT10 first
)

_SCRIPT = ScriptEnvironment(
    # Gymnasium imports packaging and does not say so in its requirements.
    packages='"metaworld==3.1.1" packaging',
    imports="import gymnasium\nimport metaworld  # noqa: F401  (it registers the environments)",
    make="""gymnasium.make(
    "Meta-World/MT1", env_name="{task}", seed={seed}, disable_env_checker=True
)""",
)

_MOTION = SawyerMotion()


def _task(description: TaskDescription) -> Task:
    name = description.name
    if name in _HIDDEN:
        make = functools.partial(_make_hidden, name)
        return Task(description, SUITE, make, _see, _HIDDEN[name])
    make = functools.partial(_make_environment, name)
    return Task(description, SUITE, make, functools.partial(_make_experts, name), _MOTION, _SCRIPT)


register([_task(description) for description in SUITE.tasks])
