"""Tasks of ManiSkill3 with a Panda arm on a table; the physics are PhysX, through SAPIEN.

Observations are the benchmark's own states: angles and speeds of nine joints (18), then what the task shows
of the hand, the things and the goal, then zeros up to the length of the longest (54). Actions are (8,): steps
of the seven joints' targets (1 is 0.1 rad, `pd_joint_delta_pos`) and how far the fingers should be open, in
[-1, 1]. The benchmark itself is imported when an environment is made, not before, and is an optional extra.
"""

import functools
import importlib.util
import os
from typing import TYPE_CHECKING

from nnit.errors import UserError
from nnit.sim.suites import register
from nnit.sim.suites.base import Expert, Suite, Task, TaskDescription
from nnit.sim.suites.maniskill.experts import make_expert
from nnit.sim.suites.maniskill.facts import ACTION_SIZE, OBSERVATION_SIZE

if TYPE_CHECKING:
    import gymnasium

_CAMERA = (135.0, -22.0, 1.5, (-0.16, 0.0, 0.28))
_FROM_THE_SIDE = (100.0, *_CAMERA[1:])


def _make_environment(name: str) -> "gymnasium.Env":
    """The environment of a task; with NNIT_MANISKILL=real in the environment, ManiSkill's own steps.

    Raises:
        UserError: ManiSkill is not installed.
    """
    missing = [one for one in ("mani_skill", "sapien") if importlib.util.find_spec(one) is None]
    if missing:
        raise UserError(
            f"{name} needs ManiSkill3: python -m pip install --no-deps -r requirements-maniskill.txt"
        )
    from nnit.sim.suites.maniskill.environments import DirectEnvironment, RealEnvironment

    kind = RealEnvironment if os.environ.get("NNIT_MANISKILL") == "real" else DirectEnvironment
    return kind(name)


def _make_experts(name: str) -> tuple[Expert, ...]:
    return (make_expert(name),)


SUITE = Suite(
    name="maniskill",
    title="ManiSkill3",
    observation_size=OBSERVATION_SIZE,
    action_size=ACTION_SIZE,
    observation_groups=(
        ("joint angles", 0, 9),
        ("joint speeds", 9, 18),
        ("hand, things, goal", 18, OBSERVATION_SIZE),
    ),
    action_names=(*(f"joint {number}" for number in range(1, 8)), "fingers"),
    steps_per_second=20,
    horizon=50,
    settling=10,
    tasks=(
        TaskDescription(
            "PickCube-v1",
            "Pick up a cube",
            "The cube is within 2.5 cm of the goal, and the arm is still.",
            _CAMERA,
        ),
        TaskDescription(
            "PushCube-v1",
            "Push a cube away",
            "The cube is within 10 cm of the middle of the goal region, on the table.",
            _CAMERA,
        ),
        TaskDescription(
            "PullCube-v1",
            "Pull a cube closer",
            "The cube is within 10 cm of the middle of the goal region.",
            _FROM_THE_SIDE,
        ),
        TaskDescription(
            "StackCube-v1",
            "Stack two cubes",
            "The red cube lies on the green one, still, and the hand has let go of it.",
            _CAMERA,
        ),
        TaskDescription(
            "LiftPegUpright-v1",
            "Set a peg upright",
            "The peg stands on the table within 0.08 rad of upright.",
            _CAMERA,
        ),
        TaskDescription(
            "PokeCube-v1",
            "Poke a cube with a peg",
            "The cube is within 5 cm of the middle of the goal region, and the arm is still.",
            _FROM_THE_SIDE,
        ),
    ),
    collections=(
        (
            "maniskill",
            (
                *("PickCube-v1", "PushCube-v1", "PullCube-v1", "StackCube-v1"),
                *("LiftPegUpright-v1", "PokeCube-v1"),
            ),
        ),
    ),
)

register(
    [
        Task(
            description,
            SUITE,
            functools.partial(_make_environment, description.name),
            functools.partial(_make_experts, description.name),
        )
        for description in SUITE.tasks
    ]
)
