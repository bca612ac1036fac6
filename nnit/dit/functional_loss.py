"""Networks spelt by tokens, run on states: the part of the DiT's loss that looks at what networks do.

A squared error of weights treats all directions alike, but actions do not: some small errors make a
robot miss. So the predicted network is also run on states of its task and its actions compared with
those of the network it should have been (as perceptual losses do for images).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from nnit.imitation.fitting import action_sizes, imitation_loss
from nnit.mlp.batch import MLPBatch, padded
from nnit.mlp.patches import from_tokens, token_layout
from nnit.mlp.spec import MLPArchitecture


class FunctionalLoss:
    """Compares networks spelt by tokens with the ones they should be, by their actions.

    Attributes:
        scales: size of each kind's cells, by which tokens are divided, (KIND_COUNT,).
        states: normalised observations of each task, (n, observation), by index of the task; sizes may differ.
        count: states that each comparison draws.
        patch: side of a weight patch in cells.
    """

    def __init__(
        self,
        scales: Float32[np.ndarray, " kinds"],
        states: Sequence[Tensor],
        count: int,
        patch: int,
    ) -> None:
        self.scales = torch.from_numpy(scales)
        self.states, self.count, self.patch = states, count, patch

    def loss(
        self,
        predicted: Float[Tensor, "N T cells"],
        clean: Float[Tensor, "N T cells"],
        kind: Int64[Tensor, "N T"],
        task: Int64[Tensor, " N"],
        architectures: Sequence[MLPArchitecture],
        generator: torch.Generator,
    ) -> Float[Tensor, " N"]:
        """Smooth L1 between the actions of predicted and clean networks, for each network.

        Actions count as the environment takes them, clipped to [-1, 1].
        """
        device = predicted.device
        scales = self.scales.to(device)[kind][..., None]
        drawn = [self._draw(int(index), generator) for index in task]
        losses = predicted.new_zeros(len(predicted))
        for rows in by_depth(architectures):
            places = TokenIndex([architectures[row] for row in rows], self.patch)
            losses[rows] = action_errors(
                places.networks((predicted * scales)[rows]),
                places.networks((clean * scales)[rows]),
                [drawn[row] for row in rows],
            )
        return losses

    def _draw(self, task: int, generator: torch.Generator) -> Tensor:
        """Random states of a task, (count, observation)."""
        states = self.states[task]
        return states[torch.randint(len(states), (self.count,), generator=generator)]


def action_errors(
    predicted: MLPBatch, clean: MLPBatch, states: Sequence[Tensor]
) -> Float[Tensor, " N"]:
    """Smooth L1 between the actions of predicted and clean networks, for each network.

    Args:
        predicted: N networks of one depth.
        clean: what they should be.
        states: normalised observations for each, (n, observation).
    """
    seen = padded(states, max(one.shape[1] for one in states)).to(predicted.weights[0].device)
    with torch.no_grad():
        target = clean(seen).clamp(-1, 1)
    return imitation_loss(predicted(seen), target, action_sizes(predicted))


def by_depth(architectures: Sequence[MLPArchitecture]) -> list[list[int]]:
    """Indices of the architectures of each depth."""
    rows: Mapping[int, list[int]] = defaultdict(list)
    for index, architecture in enumerate(architectures):
        rows[architecture.depth].append(index)
    return list(rows.values())


class TokenIndex:
    """Where the weights of networks of one depth lie among their tokens, padded to the widest.

    Found by letting `nnit.mlp.patches.from_tokens` take numbered cells apart, so that there is one layout.
    """

    def __init__(self, architectures: Sequence[MLPArchitecture], patch: int) -> None:
        self.architectures = architectures
        numbered = [_numbered_cells(architecture, patch) for architecture in architectures]
        self.weights, self.biases = (
            [padded_places(arrays) for arrays in zip(*parts, strict=True)]
            for parts in zip(*numbered, strict=True)
        )

    def networks(self, tokens: Float[Tensor, "N T cells"]) -> MLPBatch:
        """The networks that unscaled tokens spell; gradients flow through."""
        flat = tokens.float().flatten(1)
        flat = torch.cat([flat.new_zeros(len(flat), 1), flat], 1)  # the first cell is the padding's
        return MLPBatch(
            self.architectures,
            [gathered(flat, places) for places in self.weights],
            [gathered(flat, places) for places in self.biases],
        )


def _numbered_cells(
    architecture: MLPArchitecture, patch: int
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Weights and biases made of the numbers of their cells, from 1."""
    count = len(token_layout(architecture, patch))
    cells = np.arange(1, count * patch**2 + 1).reshape(count, patch**2)
    return from_tokens(cells, architecture, patch)


def padded_places(arrays: Sequence[np.ndarray]) -> Tensor:
    """Arrays of different sizes as one tensor, (N, ...), zero where one has ended."""
    shape = np.max([array.shape for array in arrays], 0)
    padded = np.zeros((len(arrays), *shape), np.int64)
    for row, array in zip(padded, arrays, strict=True):
        row[tuple(slice(size) for size in array.shape)] = array
    return torch.from_numpy(padded)


def gathered(flat: Tensor, places: Tensor) -> Tensor:
    """Cells of each row of `flat` (N, cells) at `places` (N, ...)."""
    index = places.to(flat.device)
    return flat.gather(1, index.flatten(1)).view(index.shape)
