"""Tasks whose goal the observation hides: the goal is a condition of the network.

Meta-World's meta-learning benchmarks (ML1, ML10) hide the goal likewise, by zeros in its place, and ask a
learner to find it by trying; here the generator is told it, and writes a network that goes there. Experts
label a state with what they need to know of it; the action for any goal, tempo and height is computed from
these labels, for one state in NumPy (`action`) and for many in torch (`actions`). Lengths are in metres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from nnit.sim.suites.base import Condition
from nnit.sim.suites.metaworld.experts import (
    LIFT,
    LIFTED_FROM,
    PUCK,
    PUCK_GAIN,
    PUCK_OFFSET,
    Ramp,
    approach_of,
    carry_puck_to,
    raised,
)
from nnit.sim.suites.metaworld.motion import HAND, MOVED, SawyerMotion, speed_limit

if TYPE_CHECKING:
    from torch import Tensor

# Meta-World's own goals for reach, push and pick-place are in these ranges of y and z, and in a third of the
# range of x. There a puck that is pushed to one goal is within the 5 cm of another, drawn at random, in
# every third case; here a network that knows nothing of its goal cannot succeed often.
_X, _Y, _Z = (-0.3, 0.3), (0.8, 0.9), (0.05, 0.3)


def _goal_condition(axis: str, ends: str, bounds: tuple[float, float]) -> Condition:
    low, high = bounds
    return Condition(
        f"goal_{axis}",
        f"Goal, {ends}",
        f"The goal's {axis} in metres. The network sees no goal; it is written for this one.",
        round((low + high) / 2, 3),
        f"{axis} at the end of the hand (reach) or the puck, m",
        f"end_{axis}",
        low,
        high,
        0.005,
        is_goal=True,
    )


GOAL_CONDITIONS = (
    _goal_condition("x", "left to right", _X),
    _goal_condition("y", "near to far", _Y),
    _goal_condition("z", "low to high", _Z),
)
_MIDDLE = {condition.name: condition.default for condition in GOAL_CONDITIONS}
_PUCK_AT = slice(4, 7)  # of an observation
_REACH_GAIN = 5.0  # that of Meta-World's own expert
Kind = Literal["reach", "carry"]


def see_hand(observation: np.ndarray) -> np.ndarray:
    """First row of a state's labels, (4,): position of the hand, opening of the fingers."""
    return observation[:4].astype(np.float32)


def see_puck(observation: np.ndarray) -> np.ndarray:
    """Second row, (4,): position of the puck, and 0."""
    return np.append(observation[_PUCK_AT], 0.0).astype(np.float32)


@dataclass(frozen=True)
class HiddenGoalMotion:
    """The actions of experts for a goal, a tempo and a height of the approach.

    Attributes:
        kind: whether the hand is to be at the goal, or the puck.
        goal_height: z of the goal where it is no condition: on the table.
    """

    kind: Kind
    goal_height: float | None = None

    def action(self, labels: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        """The action (4,) from what is known of the state, (2, 4)."""
        (*hand, opening), puck = labels[0].astype(float), labels[1, :3].astype(float)
        z = values["goal_z"] if self.goal_height is None else self.goal_height
        goal = np.array([values["goal_x"], values["goal_y"], z])
        if self.kind == "reach":
            towards = np.append(_REACH_GAIN * (goal - hand), 0.0)
            action = raised(towards, labels[0], goal, values["height"])
        else:
            approach = approach_of(values["height"])
            action = carry_puck_to(np.array(hand), opening, puck, goal, approach)
        action = action.clip(-1.0, 1.0)
        limit = speed_limit(values["tempo"])
        action[:MOVED] = action[:MOVED].clip(-limit, limit)
        return action.astype(np.float32)

    def actions(self, labels: "Tensor", values: "Tensor") -> "Tensor":
        """The same for N networks: labels (N, batch, 2, 4), values (N, 5) -> (N, batch, 4)."""
        import torch

        tempo, height = values[:, 0, None, None], values[:, 1, None]  # (N, 1, 1), (N, 1)
        goal = values[:, None, 2:5]  # (N, 1, 3)
        if self.goal_height is not None:
            goal = torch.cat([goal[..., :2], torch.full_like(goal[..., 2:], self.goal_height)], -1)
        hand, opening, puck = labels[:, :, 0, :3], labels[:, :, 0, 3], labels[:, :, 1, :3]
        if self.kind == "reach":
            towards, grip = _reach(hand, goal, height), torch.zeros_like(opening)
        else:
            towards, grip = _carry(hand, opening, puck, goal, height)
        limit = speed_limit(tempo)
        moved = towards.clamp(-1, 1).clamp(-limit, limit)
        return torch.cat([moved, grip.clamp(-1, 1)[..., None]], -1)

    def measure(
        self, observations: Sequence[np.ndarray], steps_per_second: float
    ) -> dict[str, float]:
        """Those of `SawyerMotion`, and where the hand or the puck was at the end."""
        end = observations[-1][HAND if self.kind == "reach" else _PUCK_AT]
        return {
            **SawyerMotion().measure(observations, steps_per_second),
            **dict(zip(_MIDDLE, map(float, end), strict=True)),
        }


def _rise(value: "Tensor", ends: Ramp) -> "Tensor":
    """0 up to the first end, 1 from the second, straight between."""
    return ((value - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)


def _reach(hand: "Tensor", goal: "Tensor", height: "Tensor") -> "Tensor":
    """Motion of the hand to the goal, (N, batch, 3), as `raised` makes it."""
    towards = (_REACH_GAIN * (goal - hand)).clamp(-1, 1)
    away = _rise((hand - goal)[..., :2].norm(dim=-1), LIFTED_FROM)  # (N, batch)
    towards[..., 2] += height * LIFT * away
    return towards


def _carry(
    hand: "Tensor", opening: "Tensor", puck: "Tensor", goal: "Tensor", height: "Tensor"
) -> tuple["Tensor", "Tensor"]:
    """`carry_puck_to` for many states: motion of the hand (N, batch, 3), effort of the fingers (N, batch)."""
    approach = approach_of(height)  # (N, 1)
    thing = puck.clone()
    thing[..., 0] -= PUCK_OFFSET
    across, above = (hand - thing)[..., :2].norm(dim=-1), hand[..., 2] - thing[..., 2]
    closed = 1 - _rise(opening, PUCK.closed)

    def near(distance: "Tensor", ramp: Ramp, slack: Ramp) -> "Tensor":
        low, high = ramp[0] + slack[0] * closed, ramp[1] + slack[1] * closed
        return 1 - ((distance - low) / (high - low)).clamp(0, 1)

    around = near(across, PUCK.across, PUCK.slack_across) * near(
        above, PUCK.above, PUCK.slack_above
    )
    held = around * (1 - _rise(opening, PUCK.firm))
    over = thing
    over[..., 2] += PUCK.depth + approach * _rise(across, PUCK.funnel)
    wanted = over + held[..., None] * (hand + goal - puck - over)
    return PUCK_GAIN * (wanted - hand), 2 * around - 1
