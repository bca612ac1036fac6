"""Scripted experts of our own for tasks where the suite's are hard to imitate, and how high a hand approaches.

The suite's experts switch between stages at hard thresholds. They get stuck where noise or a slower
motion puts them between two stages (peg insertion: 6 of 8 episodes at full speed, none at 0.4), and
small networks blur the switches. The experts here steer by funnels instead: where the hand should be is a
continuous function of where things are, so that every state has a way on. All are functions of the
observation alone; lengths are in metres.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from torch import Tensor

Vector = Float[np.ndarray, "3"]
Ramp = tuple[float, float]
# (observation, height of the approach above the object) -> action, not clipped.
HeightExpert = Callable[[np.ndarray, float], np.ndarray]
Height = TypeVar("Height", float, "Tensor")

LOWEST_APPROACH, HIGHEST_APPROACH = 0.08, 0.20
LIFT = 1.0  # vertical action that the highest approach adds, far from the object
LIFTED_FROM: Ramp = (0.06, 0.12)  # distance from the anchor, seen from above


def _rise(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _action(gain: float, towards: Vector, grip: float) -> np.ndarray:
    return np.array([*(gain * towards), grip])


@dataclass(frozen=True)
class Grip:
    """When fingers are around a thing and when they hold it, each as the two ends of a ramp.

    Attributes:
        closed: opening of the fingers from which they count as closed, up to which as open.
        firm: the same for holding.
        across: distance from the thing, seen from above, within which the fingers may close; in metres,
            as all that follow.
        above: height above the thing likewise.
        slack_across: how much further off closed fingers may be before they let go.
        slack_above: the same for the height.
        depth: how far above the thing's middle the fingers close.
        funnel: distance from the thing over which the hand comes down to it.
    """

    closed: Ramp
    firm: Ramp
    across: Ramp
    above: Ramp
    slack_across: Ramp
    slack_above: Ramp
    depth: float
    funnel: Ramp


PUCK = Grip(
    closed=(0.65, 0.85),
    firm=(0.62, 0.75),
    across=(0.015, 0.03),
    above=(0.04, 0.06),
    slack_across=(0.015, 0.03),
    slack_above=(0.01, 0.01),
    depth=0.025,
    funnel=(0.01, 0.05),
)
PUCK_OFFSET = 0.005  # from the puck's middle to where it is gripped, along x
PUCK_GAIN = 12.0
_PEG = Grip(
    closed=(0.4, 0.8),
    firm=(0.40, 0.55),
    across=(0.02, 0.04),
    above=(0.03, 0.045),
    slack_across=(0.02, 0.03),
    slack_above=(0.01, 0.02),
    depth=0.015,
    funnel=(0.015, 0.06),
)


def _grasp_and_carry(
    grip: Grip,
    gain: float,
    hand: Vector,
    opening: float,
    thing: Vector,
    carry: Vector,
    approach: float,
) -> np.ndarray:
    """Come from above, close the fingers, then take the hand to `carry`."""
    across = float(np.linalg.norm(hand[:2] - thing[:2]))
    above = hand[2] - thing[2]
    closed = 1 - _rise(opening, *grip.closed)
    around = (1 - _rise(across, *_widened(grip.across, grip.slack_across, closed))) * (
        1 - _rise(above, *_widened(grip.above, grip.slack_above, closed))
    )
    held = around * (1 - _rise(opening, *grip.firm))
    over = thing + np.array([0.0, 0.0, grip.depth + approach * _rise(across, *grip.funnel)])
    return _action(gain, over + held * (carry - over) - hand, 2 * around - 1)


def _widened(ramp: Ramp, slack: Ramp, share: float) -> Ramp:
    """A ramp moved outwards by a share of some slack."""
    return ramp[0] + slack[0] * share, ramp[1] + slack[1] * share


def carry_puck(observation: np.ndarray, approach: float) -> np.ndarray:
    """Push and pick-place: come from above, close the fingers, take the puck to the goal."""
    return carry_puck_to(*_parts(observation), approach)


def carry_puck_to(
    hand: Vector, opening: float, puck: Vector, goal: Vector, approach: float
) -> np.ndarray:
    """The same from the parts of an observation that it needs."""
    thing = puck - np.array([PUCK_OFFSET, 0.0, 0.0])
    return _grasp_and_carry(PUCK, PUCK_GAIN, hand, opening, thing, hand + goal - puck, approach)


def insert_peg(observation: np.ndarray, approach: float) -> np.ndarray:
    """Peg insertion: grasp the peg, hold it beside the box in line with the hole, then in."""
    hand, opening, peg, goal = _parts(observation)
    # The peg is gripped 15 cm behind its head: 28 cm before the goal its head is clear of the box.
    height = goal[2] + 0.005
    misaligned = float(np.hypot(peg[1] - goal[1], peg[2] - height))
    wanted = np.array([goal[0] + 0.08 + 0.2 * _rise(misaligned, 0.012, 0.03), goal[1], height])
    return _grasp_and_carry(_PEG, 15.0, hand, opening, peg, hand + wanted - peg, approach)


def _parts(observation: np.ndarray) -> tuple[Vector, float, Vector, Vector]:
    """Position of the hand, opening of the fingers, position of the object, and the goal."""
    return observation[:3], observation[3], observation[4:7], observation[36:39]


def pull_door(observation: np.ndarray, approach: float) -> np.ndarray:
    """Door opening: over the handle, down behind it, then pull; from in front, up first."""
    hand, handle = observation[:3], observation[4:7]
    behind = handle + np.array([0.012, 0.02, 0.0])
    low = 1 - _rise(abs(hand[2] - handle[2]), 0.035, 0.06)
    beyond = _rise(hand[0] - handle[0], -0.02, 0.0) * (
        1 - _rise(float(np.linalg.norm(hand[:2] - handle[:2])), 0.08, 0.12)
    )
    away = _rise(float(np.linalg.norm(hand[:2] - behind[:2])), 0.02, 0.06)
    sideways = max(_rise(hand[2] - handle[2], 0.05, 0.10), 1 - away)
    over = np.array([*(hand[:2] + sideways * (behind[:2] - hand[:2])), handle[2] + approach * away])
    pull = handle - np.array([0.06, 0.0, 0.0])
    return _action(15.0, over + low * beyond * (pull - over) - hand, 1.0)


OWN_EXPERTS: dict[str, HeightExpert] = {
    "push-v3": carry_puck,
    "pick-place-v3": carry_puck,
    "peg-insert-side-v3": insert_peg,
    "door-open-v3": pull_door,
}


def approach_of(height: Height) -> Height:
    """How far above the object the hand comes, in metres, for a height from 0 to 1."""
    return LOWEST_APPROACH + height * (HIGHEST_APPROACH - LOWEST_APPROACH)


def raised(
    action: np.ndarray, observation: np.ndarray, anchor: Vector, height: float
) -> np.ndarray:
    """An expert's action with the hand raised while it is still away from the anchor."""
    distance = float(np.linalg.norm(observation[:2] - anchor[:2]))
    higher = np.clip(action, -1.0, 1.0)
    higher[2] += height * LIFT * _rise(distance, *LIFTED_FROM)
    return higher
