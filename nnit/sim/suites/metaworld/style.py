"""The style of a motion: how brisk it is, and how high the hand comes; conditions of a network.

The expert labels every state twice, for the lowest and for the highest approach. Any style's action
follows from the two labels alone, so that one set of states serves all styles.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.errors import UserError

STYLES = ("tempo", "height")
SLOWEST = 0.4  # limit of each component of the hand's motion at tempo 0, as a share of the fastest
Tempo = TypeVar("Tempo", float, Tensor)
_HAND = 3  # components of an action that move the hand; the fourth closes the fingers
# Styles are drawn from a range this much wider and then cut, so that the ends are learnt as well.
_BEYOND = 0.1


@dataclass(frozen=True)
class Style:
    """How a robot should do its task.

    Attributes:
        tempo: 0 is calm, 1 is brisk: how fast the hand may move.
        height: 0 is a low approach, 1 a high one.
    """

    tempo: float = 1.0
    height: float = 0.5

    def __post_init__(self) -> None:
        for name in STYLES:
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise UserError(f"{name} must be from 0 to 1, not {value}")

    def tensor(self, count: int) -> Float[Tensor, "count 2"]:
        """This style for `count` networks."""
        return torch.tensor([[self.tempo, self.height]], dtype=torch.float32).expand(count, 2)

    def action(self, labels: Float[np.ndarray, "2 action"]) -> Float[np.ndarray, " action"]:
        """What the expert does in this style, from its actions at the lowest and highest approach."""
        action = labels[0] + np.float32(self.height) * (labels[1] - labels[0])
        limit = _limit(self.tempo)
        action[:_HAND] = action[:_HAND].clip(-limit, limit)
        return action


def _limit(tempo: Tempo) -> Tempo:
    """What each component of the hand's motion is cut to."""
    return SLOWEST + (1 - SLOWEST) * tempo


def styled(
    labels: Float[Tensor, "N batch 2 action"], styles: Float[Tensor, "N 2"]
) -> Float[Tensor, "N batch action"]:
    """`Style.action` for N networks of a style each."""
    tempo, height = styles[:, 0, None, None], styles[:, 1, None, None]
    actions = torch.lerp(labels[:, :, 0], labels[:, :, 1], height)
    limit = _limit(tempo)
    return torch.cat([actions[..., :_HAND].clamp(-limit, limit), actions[..., _HAND:]], -1)


def draw_styles(count: int, generator: torch.Generator) -> Float[Tensor, "count 2"]:
    """Styles to train on."""
    wide = torch.rand(count, len(STYLES), generator=generator) * (1 + 2 * _BEYOND) - _BEYOND
    return wide.clamp(0, 1)
