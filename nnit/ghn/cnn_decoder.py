"""A CNN decoder that carries every weight: convolutions along neurons, and over hidden matrices.

After StyleGAN (Karras, Laine, Aila 2019): what belongs to a task enters at the bottom as learned
constants, coarse ones first, and the node's embedding gates channels on the way up. Nothing is added
to what the last convolution writes. Components of observations and actions have no order, so they are
channels; only neurons lie on an axis that is convolved. Skip connections lead past the nonlinear
convolutions, never past the last one.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from nnit.ghn.graph import INPUT

_COARSEST = 8  # places on the axis at the bottom
# So many places, from the first, have constants at each level; the others lie between coarser ones, which keeps
# fields smooth. At full length few have: they serve in narrow layers, which cannot spare two neurons alike.
_CONSTANTS, _FINEST_CONSTANTS, _FINEST_WEIGHT = 32, 16, 0.5
# Places written beyond those asked for at each level: convolutions and doublings reach so far, so that a
# neuron's weights do not depend on how wide the other networks of a batch are.
_MARGIN = 6
_RMS_OF_SILU = 0.6  # of standard normal numbers
_OUT = 0.6  # size that outputs start at


def _levels(widest: int) -> list[tuple[int, int, float]]:
    """On the way up: neurons a place stands for, how many places have constants, and the constants' weight."""
    levels = []
    stride = widest // _COARSEST
    while stride > 1:
        levels.append((stride, min(widest // stride, _CONSTANTS), 1.0))
        stride //= 2
    return [*levels, (1, _FINEST_CONSTANTS, _FINEST_WEIGHT)]


class AxisCNN(nn.Module):
    """Channels along an axis of neurons, written by a CNN from a task's constants and a node's embedding.

    Attributes:
        constants: each task's own at every level, (tasks, channels, places).
    """

    def __init__(
        self, tasks: int, node: int, channels: int, outputs: int, widest: int, kernel: int = 3
    ) -> None:
        super().__init__()
        self.widest, self.levels = widest, _levels(widest)
        self.constants = nn.ParameterList(
            torch.randn(tasks, channels, places) for _, places, _ in self.levels
        )
        count = len(self.levels)
        self.gains = nn.Linear(node, channels * count)
        self.convolutions = nn.ModuleList(
            _convolution(channels, channels, kernel, _RMS_OF_SILU) for _ in range(count)
        )
        # A gain and a shift before each convolution, the last included.
        self.style = nn.Linear(node, channels * 2 * (count + 1))
        self.out = _convolution(channels, outputs, kernel)

    def forward(
        self, node: Float[Tensor, "n node"], task: Int[Tensor, " n"], length: int
    ) -> Float[Tensor, "n outputs places"]:
        """All outputs at the first `length` places and a few more, of which the last are not exact."""
        gains = self.gains(node)[:, :, None].chunk(len(self.levels), 1)
        *styles, gain, shift = self.style(node)[:, :, None].chunk(2 * (len(self.levels) + 1), 1)
        x = torch.zeros(())
        for level, (stride, constants, weight) in enumerate(self.levels):
            places = min(self.widest // stride, -(-length // stride) + _MARGIN)
            if level > 0:
                x = F.interpolate(x, scale_factor=2, mode="linear", align_corners=False)
                x = x[:, :, :places]
            own = weight * self.constants[level][task] * (1 + gains[level])
            x = x + F.pad(own[:, :, :places], (0, max(0, places - constants)))
            scaled = x * (1 + styles[2 * level]) + styles[2 * level + 1]
            x = (x + self.convolutions[level](F.silu(scaled))) * 0.5**0.5
        return self.out(_OUT * (x * (1 + gain) + shift))


def _convolution(inputs: int, outputs: int, kernel: int, size: float = 1.0) -> nn.Conv1d:
    """Over `kernel` neighbours, started so that inputs of root mean square `size` give outputs of unit size."""
    convolution = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.normal_(convolution.weight, std=(kernel * inputs) ** -0.5 / size)
    return convolution


class EdgeDecoder(nn.Module):
    """Fields of matrices with neurons on one side only, which read observations or write actions.

    Attributes:
        size: number of components of the observation or the action, the largest of all tasks.
    """

    def __init__(
        self,
        tasks: int,
        node: int,
        channels: int,
        widest: int,
        kernel: int,
        *,
        kind: int,
        size: int,
    ) -> None:
        super().__init__()
        self.kind, self.size = kind, size
        outputs = size + 1 if kind == INPUT else 2 * size
        self.axis = AxisCNN(tasks, node, channels, outputs, widest, kernel)

    def forward(
        self, node: Float[Tensor, "n node"], task: Int[Tensor, " n"], length: int
    ) -> tuple[Tensor, Tensor]:
        """Matrices (n, rows, columns) and biases (n, rows), of unit size, of `length` neurons."""
        written = self.axis(node, task, length)[:, :, :length].float()
        if self.kind == INPUT:
            return written[:, : self.size].transpose(1, 2), written[:, -1]
        return written[:, : self.size], written[:, self.size :].mean(2)


class PlaneDecoder(nn.Module):
    """Fields of hidden matrices: products of two axes, and a two-dimensional CNN over them.

    Channels along the rows and along the columns give every cell its identity for the price of two axes;
    the CNN sees some such products side by side, as channels, and writes the matrix.
    """

    def __init__(
        self,
        tasks: int,
        node: int,
        channels: int,
        widest: int,
        kernel: int,
        *,
        planes: int,
        rank: int,
    ) -> None:
        super().__init__()
        self.planes, self.rank = planes, rank
        self.rows = AxisCNN(tasks, node, channels, planes * rank + 1, widest, kernel)
        self.columns = AxisCNN(tasks, node, channels, planes * rank, widest, kernel)
        self.first = nn.Conv2d(planes, planes, kernel, padding=kernel // 2)
        self.second = nn.Conv2d(planes, planes, kernel, padding=kernel // 2)
        self.style = nn.Linear(node, 2 * planes)
        self.out = nn.Conv2d(planes, 1, kernel, padding=kernel // 2)
        nn.init.normal_(self.out.weight, std=(kernel**2 * planes) ** -0.5)

    def forward(
        self, node: Float[Tensor, "n node"], task: Int[Tensor, " n"], length: int
    ) -> tuple[Tensor, Tensor]:
        """Matrices (n, rows, columns) and biases (n, rows), of unit size, of `length` neurons a side."""
        written = self.rows(node, task, length)
        rows = rearrange(written[:, :-1], "n (p k) r -> (n p) r k", k=self.rank)
        columns = rearrange(self.columns(node, task, length), "n (p k) c -> (n p) k c", k=self.rank)
        x = rearrange(torch.bmm(rows, columns), "(n p) r c -> n p r c", p=self.planes)
        x = (x * self.rank**-0.5).contiguous(memory_format=torch.channels_last)
        gain, shift = self.style(node)[:, :, None, None].chunk(2, 1)
        x = x + self.second(F.silu(self.first(x) * (1 + gain) + shift))
        matrix = self.out(x)[:, 0, :length, :length]
        return matrix.float(), written[:, -1, :length].float()
