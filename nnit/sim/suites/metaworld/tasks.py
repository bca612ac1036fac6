"""The 50 tasks of Meta-World v3: real MuJoCo scenes with a Sawyer arm, and the suite's scripted experts.

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


def _make_experts(name: str) -> tuple[Expert, Expert]:
    """Those of the lowest and of the highest approach."""
    return _make_expert(name, 0.0), _make_expert(name, 1.0)


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
    conditions=CONDITIONS,
    tracked=(HAND.start, HAND.stop),
    collections=(("mt10", MT10),),
    tasks=tuple(  # the ten of MT10 first
        TaskDescription(
            name,
            DESCRIPTIONS[name].title,
            DESCRIPTIONS[name].success,
            DESCRIPTIONS[name].camera or DEFAULT_CAMERA,
        )
        for name in dict.fromkeys([*MT10, *DESCRIPTIONS])
    ),
)

_SCRIPT = ScriptEnvironment(
    packages='"metaworld==3.1.1"',
    imports="import gymnasium\nimport metaworld  # noqa: F401  (it registers the environments)",
    make="""gymnasium.make(
    "Meta-World/MT1", env_name="{task}", seed={seed}, disable_env_checker=True
)""",
)

register(
    [
        Task(
            description,
            SUITE,
            make_environment=functools.partial(_make_environment, description.name),
            make_experts=functools.partial(_make_experts, description.name),
            motion=SawyerMotion(),
            script=_SCRIPT,
        )
        for description in SUITE.tasks
    ]
)
