"""Closed-loop experts of our own: from an observation to joint steps.

Each looks at one observation only, decides where the hand should go, and `joint_steps` turns that into steps
of the joints. The phases of a task are recognised from the observation, not counted, so that an expert also
says what to do in states that a learner has got itself into. Lengths in metres, angles in radians.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnit.sim.suites.base import Expert
from nnit.sim.suites.maniskill.panda import joint_steps

OPEN, CLOSED = 1.0, -1.0
DOWN = np.diag([1.0, -1.0, -1.0])  # orientation of a hand that points at the table
# The same, turned by 90 degrees about the vertical: the arm of StackCube starts so.
ACROSS = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
_FINGERS, _SPEEDS = slice(7, 9), slice(9, 16)  # of an observation
_EXTRA = 18  # its first component after joint angles and speeds
_SHARE = 0.5  # of what is left of a way, made in one step where the joints can

# Pushing and pulling: how far behind the cube's middle the hand starts, how far ahead of it it aims.
_BEHIND, _REACH = 0.055, 0.06

# The peg: where the hand grasps it, from its middle; by how much it turns the peg in a step; by how much
# the hand tilts for each radian that the peg is raised; how hard the fingers press, so that the peg turns between them.
_GRASP, _TURN, _TILT, _PINCH = 0.09, 0.2, 0.3, 0.25
_HALF_LENGTH, _HALF_WIDTH = 0.12, 0.025
_LET_GO = 1.43  # radians from which the peg stands up by itself

# Poking: where the hand holds the peg, behind its middle, so that the arm need not reach far; half a cube.
_HELD, _HALF_CUBE = 0.08, 0.02


@dataclass(frozen=True)
class Aim:
    """What the hand should do.

    Attributes:
        move: where to, from where it is, (3,).
        fingers: action, from -1 for closed to 1 for open.
        turn: orientation, (3, 3).
    """

    move: np.ndarray
    fingers: float
    turn: np.ndarray


def ramp(value: float, start: float, end: float) -> float:
    """0 up to `start`, 1 from `end`, straight between; also downwards."""
    return float(np.clip((value - start) / (end - start), 0.0, 1.0))


def _grasp(thing: np.ndarray, hand: np.ndarray, turn: np.ndarray) -> tuple[Aim, float]:
    """How to grasp a thing from above, and how well the fingers are around it, 0 to 1."""
    across = float(np.linalg.norm((thing - hand)[:2]))
    move = thing - hand
    above = -float(move[2])
    move[2] += 0.1 * ramp(across, 0.01, 0.05)
    around = (1 - ramp(across, 0.012, 0.02)) * (1 - ramp(above, 0.012, 0.02))
    return Aim(move, OPEN + (CLOSED - OPEN) * around, turn), around


def pick_cube(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Grasp the cube from above and carry it to the goal."""
    grasped, hand, goal, cube = extra[0], extra[1:4], extra[8:11], extra[11:14]
    if grasped > 0.5:
        return Aim(goal - cube, CLOSED, DOWN)
    return _grasp(cube, hand, DOWN)[0]


def push_cube(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Push the cube away from the robot."""
    return _slide(extra[0:3], extra[7:10], extra[10:13], 1.0)


def pull_cube(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Pull the cube towards the robot."""
    return _slide(extra[0:3], extra[7:10], extra[10:13], -1.0)


def _slide(hand: np.ndarray, goal: np.ndarray, cube: np.ndarray, side: float) -> Aim:
    """Move the cube along x with closed fingers, from behind it; `side` is 1 to push and -1 to pull."""
    start = cube + np.array([-side * _BEHIND, 0.0, 0.0])
    ahead = float(side * (hand[0] - start[0]))
    beside = abs(float(hand[1] - cube[1]))
    far = max(ramp(ahead, 0.03, 0.045), ramp(beside, 0.01, 0.03))
    low = 1 - ramp(float(hand[2]), 0.03, 0.06)
    ready = low * (1 - ramp(beside, 0.008, 0.02)) * (1 - ramp(ahead, 0.03, 0.045))
    left = float(np.clip(side * (goal[0] - cube[0]), 0.0, _REACH))
    move = start - hand
    move[0] += side * (left * ready - 0.01 * (1 - ready))
    move[2] = 0.012 + 0.1 * far - hand[2]
    return Aim(move, CLOSED, DOWN)


def stack_cube(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Grasp cube A, put it on cube B, let go and leave."""
    hand, a, b = extra[0:3], extra[7:10], extra[14:17]
    apart, height = float(np.linalg.norm((b - a)[:2])), float(a[2] - b[2])
    opened = float(fingers.mean())
    # Let go a little above: whoever waits for the last millimetre waits for ever if his hand is not quite steady.
    low = (1 - ramp(height, 0.048, 0.054)) * ramp(height, 0.03, 0.036)
    if low * (1 - ramp(apart, 0.015, 0.025)) > 0.5:
        return Aim(np.array([0.0, 0.0, 0.1]) * ramp(opened, 0.028, 0.031), OPEN, ACROSS)
    aim, around = _grasp(a, hand, ACROSS)
    # A cube that lies askew between the fingers keeps them further apart than one that does not.
    if around * (1 - ramp(opened, 0.0285, 0.031)) <= 0.5:
        return aim
    way = b - a + np.array([0.0, 0.0, 0.038 + 0.05 * ramp(apart, 0.01, 0.05)])
    way[:2] *= ramp(height, 0.03, 0.045)  # up first: the cube must not run into the other one
    return Aim(way, CLOSED, ACROSS)


def lift_peg(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Pinch the peg near its near end and lead that end up; the far end stays on the table.

    The hand itself hardly turns, since a joint turns too slowly for that: the peg turns between the fingers,
    which press just enough to hold it.
    """
    hand, peg = extra[0:3], extra[7:10]
    tilt, raised = _raised(extra[3:7]), -_raised(extra[10:14])
    if raised > _LET_GO:
        return Aim(np.zeros(3), OPEN, _tilted(tilt))
    near = np.array([-np.cos(raised), 0.0, np.sin(raised)])  # from the peg's middle to its near end
    move = peg + _GRASP * near - hand
    beside, off = abs(float(move[1])), abs(float(move[0]))
    around = (1 - ramp(beside, 0.015, 0.02)) * (1 - ramp(off, 0.02, 0.03))
    around *= 1 - ramp(-float(move[2]), 0.012, 0.02)
    opened = float(fingers.mean())
    if around * (1 - ramp(opened, 0.0275, 0.03)) < 0.5 and raised < 0.2:
        move[2] += 0.06 * ramp(beside, 0.012, 0.03)
        return Aim(move, OPEN + (CLOSED - OPEN) * around, DOWN)
    corner = peg - _HALF_LENGTH * near - _HALF_WIDTH * np.array([near[2], 0.0, -near[0]])
    arm = hand - corner
    lead = _TURN * np.array([arm[2], 0.0, -arm[0]]) / _SHARE
    lead[2] -= corner[2]
    pinch = CLOSED + (_PINCH - CLOSED) * (1 - ramp(opened, 0.0255, 0.0275))
    return Aim(lead, pinch, _tilted(_TILT * raised))


def poke_cube(extra: np.ndarray, fingers: np.ndarray) -> Aim:
    """Grasp the peg from above, bring it in line with the cube, and push the cube with its head."""
    hand, cube, peg, to_goal = extra[0:3], extra[7:10], extra[14:17], extra[30:33]
    w, x, y, z = extra[17:21]
    yaw = float(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))
    along = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    aim, around = _grasp(peg - _HELD * along, hand, _yawed(yaw))
    if around * (1 - ramp(float(fingers.mean()), 0.0265, 0.029)) <= 0.5:
        return aim
    head = peg + _HALF_LENGTH * along
    beside, gap = float(cube[1] - head[1]), float(cube[0] - _HALF_CUBE - head[0])
    ready = 1 - ramp(abs(beside), 0.006, 0.015)
    forward = gap + max(float(to_goal[0]) - 0.015, 0.0)
    near = gap - 0.02  # until they are in line, so that the peg does not sweep the cube aside
    move = np.array([forward * ready + near * (1 - ready), beside, _HALF_WIDTH - peg[2]])
    return Aim(move, CLOSED, DOWN)


def _yawed(angle: float) -> np.ndarray:
    """Orientation of a hand that points down, turned by an angle about the vertical."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]])


def _raised(quaternion: np.ndarray) -> float:
    """By how much the x axis of something points up, from its orientation (w, x, y, z)."""
    w, x, y, z = quaternion
    return float(np.arctan2(2 * (x * z - w * y), 1 - 2 * (y * y + z * z)))


def _tilted(angle: float) -> np.ndarray:
    """Orientation of a hand that points down, turned by an angle towards pointing away from the robot."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, -1.0, 0.0], [s, 0.0, -c]])


_AIMS: dict[str, Callable[[np.ndarray, np.ndarray], Aim]] = {
    "PickCube-v1": pick_cube,
    "PushCube-v1": push_cube,
    "PullCube-v1": pull_cube,
    "StackCube-v1": stack_cube,
    "LiftPegUpright-v1": lift_peg,
    "PokeCube-v1": poke_cube,
}


def make_expert(name: str) -> Expert:
    """The expert of a task: observation -> action (8,) in [-1, 1]."""
    aim_at = _AIMS[name]

    def act(observation: np.ndarray) -> np.ndarray:
        seen = observation.astype(float)
        aim = aim_at(seen[_EXTRA:], seen[_FINGERS])
        steps = joint_steps(seen, seen[_SPEEDS], _SHARE * aim.move, aim.turn)
        return np.append(steps, aim.fingers).astype(np.float32)

    return act
