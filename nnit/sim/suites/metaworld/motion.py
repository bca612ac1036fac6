"""Tempo and height of a motion: how the experts' labels become an action, and how an episode measures both.

The expert labels every state twice, for the lowest and for the highest approach. Any tempo's and height's
action follows from the two labels alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from nnit.sim.suites.base import Condition

if TYPE_CHECKING:
    from torch import Tensor

CONDITIONS = (
    Condition(
        "tempo",
        "Tempo, calm to brisk",
        "0 limits each component of the hand's motion to 40 % of the fastest, 1 not at all.",
        1.0,
        "mean speed of the hand, m/s",
        "hand_speed",
    ),
    Condition(
        "height",
        "Approach, low to high",
        "How high the hand comes towards the object.",
        0.5,
        "mean height of the hand, m",
        "hand_height",
    ),
)
HAND = slice(0, 3)  # of an observation: the hand's position in metres
_SLOWEST = 0.4  # limit of each component of the hand's motion at tempo 0, as a share of the fastest
MOVED = 3  # components of an action that move the hand; the fourth closes the fingers
Tempo = TypeVar("Tempo", float, "Tensor")


def speed_limit(tempo: Tempo) -> Tempo:
    """What each component of the hand's motion is cut to."""
    return _SLOWEST + (1 - _SLOWEST) * tempo


class SawyerMotion:
    """Tempo and height of the approach."""

    def action(self, labels: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        """The action (4,) from those at the lowest and at the highest approach, (2, 4)."""
        action = labels[0] + np.float32(values["height"]) * (labels[1] - labels[0])
        limit = speed_limit(values["tempo"])
        action[:MOVED] = action[:MOVED].clip(-limit, limit)
        return np.asarray(action)

    def actions(self, labels: "Tensor", values: "Tensor") -> "Tensor":
        """The same for N networks: labels (N, batch, 2, 4), values (N, 2) -> (N, batch, 4)."""
        import torch

        tempo, height = values[:, 0, None, None], values[:, 1, None, None]
        actions = torch.lerp(labels[:, :, 0], labels[:, :, 1], height)
        limit = speed_limit(tempo)
        return torch.cat([actions[..., :MOVED].clamp(-limit, limit), actions[..., MOVED:]], -1)

    def measure(
        self, observations: Sequence[np.ndarray], steps_per_second: float
    ) -> dict[str, float]:
        """Mean speed (m/s) and mean height (m) of the hand."""
        path, height = 0.0, 0.0
        for before, after in zip(observations[:-1], observations[1:], strict=True):
            path += float(np.linalg.norm(after[HAND] - before[HAND]))
            height += float(after[HAND][2])
        moved = len(observations) - 1
        return {"tempo": path / moved * steps_per_second, "height": height / moved}
