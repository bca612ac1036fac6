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

from nnit.architecture import MLPArchitecture
from nnit.networks import PaddedNetworks, imitation_loss


class Behaviour:
    """Compares networks spelt by tokens with the ones they should be, by their actions.

    Attributes:
        scales: size of each kind's cells, by which tokens are divided, (KIND_COUNT,).
        states: normalised observations of each task, (n, observation), by index of the task.
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
        observations = torch.stack([self._draw(int(index), generator) for index in task])
        losses = predicted.new_zeros(len(predicted))
        for rows in by_depth(architectures):
            group = [architectures[row] for row in rows]
            seen = observations[rows].to(device)
            with torch.no_grad():
                target = networks_of_tokens((clean * scales)[rows], group, self.patch)(seen)
            actions = networks_of_tokens((predicted * scales)[rows], group, self.patch)(seen)
            losses[rows] = imitation_loss(actions, target.clamp(-1, 1))
        return losses

    def _draw(self, task: int, generator: torch.Generator) -> Tensor:
        """Random states of a task, (count, observation)."""
        states = self.states[task]
        return states[torch.randint(len(states), (self.count,), generator=generator)]


def by_depth(architectures: Sequence[MLPArchitecture]) -> list[list[int]]:
    """Indices of the architectures of each depth."""
    rows: Mapping[int, list[int]] = defaultdict(list)
    for index, architecture in enumerate(architectures):
        rows[architecture.depth].append(index)
    return list(rows.values())


def networks_of_tokens(
    tokens: Float[Tensor, "N T cells"], architectures: Sequence[MLPArchitecture], patch: int
) -> PaddedNetworks:
    """The networks of one depth that unscaled tokens spell; gradients flow through.

    The layout is that of `nnit.tokens.to_tokens`.
    """
    count, depth = len(architectures), architectures[0].depth
    flat = tokens.float().flatten(1)
    flat = torch.cat([flat, flat.new_zeros(count, 1)], 1)  # the last cell is for the padding
    nowhere = flat.shape[1] - 1
    sides = [
        max(sizes)
        for sizes in zip(*(architecture.sizes for architecture in architectures), strict=True)
    ]
    starts, cells = np.zeros(count, np.int64), patch * patch
    weights, biases = [], []
    for layer in range(depth + 1):
        matrix = np.full((count, sides[layer + 1], sides[layer]), nowhere)
        bias = np.full((count, sides[layer + 1]), nowhere)
        for index, architecture in enumerate(architectures):
            rows, columns = architecture.shapes[layer]
            row, column = np.arange(rows)[:, None], np.arange(columns)
            across = -(-columns // patch)
            place = (row // patch) * across + column // patch
            cell = (row % patch) * patch + column % patch
            matrix[index, :rows, :columns] = (starts[index] + place) * cells + cell
            starts[index] += -(-rows // patch) * across
            row = np.arange(rows)
            bias[index, :rows] = (starts[index] + row // patch) * cells + row % patch
            starts[index] += -(-rows // patch)
        weights.append(_gather(flat, matrix))
        biases.append(_gather(flat, bias))
    return PaddedNetworks(architectures, weights, biases)


def _gather(flat: Tensor, places: np.ndarray) -> Tensor:
    """Cells of each row of `flat` (N, cells) at `places` (N, ...)."""
    index = torch.from_numpy(places).to(flat.device)
    return flat.gather(1, index.flatten(1)).view(index.shape)
