"""Networks spelt by tokens, run on states: the part of the DiT's loss that looks at what networks do.

A squared error of weights treats all directions alike, but actions do not: some small errors make a
robot miss. So the predicted network is also run on states of its task and its actions compared with
those of the network it should have been (as perceptual losses do for images).
"""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from nnit.imitation.fitting import TrainingStates, answers_of, loss_of
from nnit.mlp.batch import MLPBatch
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites import get_task


class FunctionalLoss:
    """Compares networks spelt by tokens with the ones they should be, by their actions.

    Attributes:
        scales: size of each kind's cells, by which tokens are divided, (KIND_COUNT,).
        states: normalised observations of all tasks.
        tasks: names of the tasks, in the order of their indices.
        count: states that each comparison draws.
    """

    def __init__(
        self,
        scales: Float32[np.ndarray, " kinds"],
        states: TrainingStates,
        tasks: Sequence[str],
        count: int,
    ) -> None:
        self.scales = torch.from_numpy(scales).to(states.device)
        self.states, self.count = states, count
        suites = [get_task(task).suite for task in tasks]
        self._spans = np.array([states.spans[task] for task in tasks])
        self._sizes = torch.tensor([s.action_size for s in suites], device=states.device)

    def draw(
        self, tasks: Int64[np.ndarray, " N"], rng: np.random.Generator
    ) -> Int64[Tensor, "N n"]:
        """Rows of random states for networks of these tasks."""
        first, count = self._spans[tasks].T[:, :, None]
        return torch.from_numpy(first + (rng.random((len(tasks), self.count)) * count).astype(int))

    def loss(
        self,
        predicted: Float[Tensor, "N T cells"],
        clean: Float[Tensor, "N T cells"],
        kind: Int64[Tensor, "N T"],
        task: Int64[Tensor, " N"],
        places: "TokenIndex",
        rows: Int64[Tensor, "N n"],
    ) -> Float[Tensor, " N"]:
        """How far the answers of predicted networks are from those of clean ones, see `action_errors`.

        Args:
            predicted: tokens divided by the scales.
            clean: what they should be.
            kind: of the tokens.
            task: index of each network's task.
            places: of the matrices of these networks.
            rows: of states, from `draw`.
        """
        scales = self.scales[kind][..., None]
        found, wanted = (places.networks(tokens * scales) for tokens in (predicted, clean))
        seen = self.states.observations[rows][..., : found.weights[0].shape[2]]
        return action_errors(found, wanted, seen, self._sizes[task])


def action_errors(
    predicted: MLPBatch,
    clean: MLPBatch,
    seen: Float[Tensor, "N n observation"],
    sizes: Int64[Tensor, " N"],
) -> Float[Tensor, " N"]:
    """How far the answers of predicted networks are from those of clean ones, for each network.

    Between actions, as the environment takes them, clipped to [-1, 1], it is smooth L1; between classes the
    divergence of their probabilities.

    Args:
        predicted: N networks of one depth and kind of output.
        clean: what they should be.
        seen: normalised observations for each.
        sizes: number of components of each network's action.
    """
    output = predicted.architectures[0].output
    with torch.no_grad():
        target = answers_of(output, clean(seen))
    return loss_of(output)(predicted(seen), target, sizes)


def by_depth(architectures: Sequence[MLPArchitecture]) -> list[list[int]]:
    """Indices of the architectures of each depth."""
    rows: Mapping[int, list[int]] = defaultdict(list)
    for index, architecture in enumerate(architectures):
        rows[architecture.depth].append(index)
    return list(rows.values())


class TokenIndex:
    """Where the patches of networks of one depth lie among their tokens; see `nnit.mlp.patches`."""

    def __init__(
        self,
        architectures: Sequence[MLPArchitecture],
        patch: int,
        device: torch.device | None = None,
    ) -> None:
        """Find them.

        Args:
            architectures: of one depth and activation.
            patch: side of a patch in cells.
            device: of the tokens; by default the CPU.
        """
        self.architectures, self.patch = architectures, patch
        shapes = np.array([architecture.shapes for architecture in architectures])  # (N, L, 2)
        rows, columns = np.moveaxis(-(-shapes // patch), 2, 0)  # patches along each side, (N, L)
        after = np.cumsum(rows * columns + rows, 1)  # each layer has its matrix, then its bias
        first = after - (rows * columns + rows)
        self._sides = shapes.max(0).tolist()
        self._layers = []
        for layer in range(shapes.shape[1]):
            r, c, start = (array[:, layer, None, None] for array in (rows, columns, first))
            row, column = np.arange(r.max())[:, None], np.arange(c.max())
            # The first token is the padding's.
            matrix = np.where((row < r) & (column < c), 1 + start + row * c + column, 0)
            bias = np.where(row < r, 1 + start + r * c + row, 0)[:, :, 0]
            self._layers.append([torch.from_numpy(a).to(device or "cpu") for a in (matrix, bias)])

    def at(self, places: Int64[Tensor, " M"]) -> "TokenIndex":
        """The same for some of the networks, padded as all of them are."""
        some = copy.copy(self)
        some._layers = [[array[places] for array in layer] for layer in self._layers]
        return some

    def networks(self, tokens: Float[Tensor, "N T cells"]) -> MLPBatch:
        """The networks that unscaled tokens spell, padded to the widest; gradients flow through."""
        patch = self.patch
        tokens = torch.nn.functional.pad(tokens.float(), (0, 0, 1, 0))
        network = torch.arange(len(tokens), device=tokens.device)
        weights, biases = [], []
        for (matrix, bias), (rows, columns) in zip(self._layers, self._sides, strict=True):
            patches = tokens[network[:, None, None], matrix]
            whole = rearrange(patches, "n r c (p q) -> n (r p) (c q)", p=patch, q=patch)
            weights.append(whole[:, :rows, :columns])
            pieces = tokens[network[:, None], bias, :patch]
            biases.append(pieces.flatten(1)[:, :rows])
        return MLPBatch(self.architectures, weights, biases)


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
