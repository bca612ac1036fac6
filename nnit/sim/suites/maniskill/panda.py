"""Where the Panda's hand is for given joint angles, and which joint steps move it as wanted.

The chain of joints is that of the arm's description in ManiSkill3 (`panda_v2.urdf`, after Franka's own);
a test compares it with the simulator. Lengths in metres, angles in radians. The hand's frame lies between
the fingertips: z points away from the hand, y is the direction in which the fingers close.
"""

import numpy as np

_HALF = np.pi / 2
# Roll about x, then (x, y, z), from one joint to the next; every joint turns about its own z.
_CHAIN = (
    (0.0, (0.0, 0.0, 0.333)),
    (-_HALF, (0.0, 0.0, 0.0)),
    (_HALF, (0.0, -0.316, 0.0)),
    (_HALF, (0.0825, 0.0, 0.0)),
    (-_HALF, (-0.0825, 0.384, 0.0)),
    (_HALF, (0.0, 0.0, 0.0)),
    (_HALF, (0.088, 0.0, 0.0)),
)
BASE = np.array([-0.615, 0.0, 0.0])  # where ManiSkill's table has the robot
_TO_TCP = 0.107 + 0.1034  # along the last joint's z; between them the hand is turned by -45 degrees
_HAND_TURN = -np.pi / 4
ARM = 7  # joints
_DAMPING = 0.05  # of the least squares, so that stretched arms get no huge steps
# How joints respond: an action of 1 sets a joint's target 0.1 rad ahead, of which it makes less than half in a
# step, the heavy ones less, and it pulls its neighbours along; a speed of 1 rad/s carries a joint on. Both
# fitted to random actions in the simulator (residuals of 1 to 3 mrad).
_RESPONSE = np.diag([0.0245, 0.0253, 0.0329, 0.0329, 0.0391, 0.0375, 0.0388])
_RESPONSE[0, 2], _RESPONSE[2, 0] = -0.007, -0.013
_RESPONSE[1, 3], _RESPONSE[3, 1] = 0.007, 0.007
_INVERSE = np.linalg.inv(_RESPONSE)
_CARRIED = np.array([0.02, 0.0185, 0.009, 0.009, 0.0, 0.002, 0.001])


def _about_z(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _about_x(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


_ROLLS = tuple(_about_x(roll) for roll, _ in _CHAIN)
_OFFSETS = tuple(np.array(offset) for _, offset in _CHAIN)


def forward(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The hand for seven joint angles.

    Returns:
        Its position (3,), its orientation as a matrix (3, 3), and the Jacobian of position and rotation (6, 7).
    """
    turn, place = np.eye(3), BASE.copy()
    axes, places = np.empty((ARM, 3)), np.empty((ARM, 3))
    for joint, angle in enumerate(joints[:ARM]):
        place = place + turn @ _OFFSETS[joint]
        turn = turn @ _ROLLS[joint] @ _about_z(float(angle))
        axes[joint], places[joint] = turn[:, 2], place
    place = place + _TO_TCP * turn[:, 2]
    jacobian = np.concatenate([np.cross(axes, place - places).T, axes.T])
    return place, turn @ _about_z(_HAND_TURN), jacobian


def joint_steps(
    joints: np.ndarray, speeds: np.ndarray, move: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """The actions (7,) in [-1, 1] that move the hand by `move` and turn it to `wanted`, if they can at once.

    Damped least squares gives how far each joint should turn; the actions follow from how joints respond.
    Where an action would be too large, the whole motion is slower, so that the hand keeps its direction.

    Args:
        joints: angles, (7,) or more.
        speeds: of the joints, rad/s, likewise.
        move: of the hand in this step, (3,).
        wanted: its orientation, (3, 3); at most a third of the way there is made in one step.
    """
    _, turn, jacobian = forward(joints)
    error = 0.5 * np.cross(turn.T, wanted.T).sum(0)  # sines of the angles still to turn
    task = np.concatenate([move, error / 3])
    square = jacobian @ jacobian.T + _DAMPING**2 * np.eye(6)
    turns = jacobian.T @ np.linalg.solve(square, task)
    resting = -_INVERSE @ (_CARRIED * speeds[:ARM])
    actions = _INVERSE @ turns
    room = np.where(actions > 0, 1 - resting, 1 + resting).clip(0)
    share = np.min(room / np.maximum(np.abs(actions), 1e-9), initial=1.0)
    return np.asarray((resting + share * actions).clip(-1, 1))
