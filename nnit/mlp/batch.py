"""Many MLPs in one tensor: padded, masked, and run with one batched product a layer.

All networks of a batch have the same depth; each matrix lies in the top left corner of a
larger one, the rest is zero. Both tanh and ReLU are 0 at 0, so that padded neurons stay silent; padded
components of observations and actions are 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.mlp.network import hidden_activations
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture

_ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


def _linear(hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """One layer of N networks: (N, batch, inputs) -> (N, batch, outputs)."""
    return torch.baddbmm(bias[:, None, :], hidden, weight.transpose(1, 2))


@dataclass
class MLPBatch:
    """The weights of N networks of one depth.

    Attributes:
        architectures: all of the same depth.
        weights: one tensor a layer, (N, rows, columns): the first has as many columns as the largest
            observation, the last as many rows as the largest action, hidden sides are padded to the
            same size.
        biases: one tensor a layer, (N, rows).
    """

    architectures: Sequence[MLPArchitecture]
    weights: list[Tensor]
    biases: list[Tensor]

    def __call__(
        self, observations: Float[Tensor, "N batch observation"]
    ) -> Float[Tensor, "N batch action"]:
        """Unclipped actions for normalised observations, each network on its own."""
        *_, outputs = hidden_activations(
            self.weights, self.biases, observations, self._activation, _linear
        )
        return outputs

    def _activation(self, x: Tensor) -> Tensor:
        """Each network's own activation, (N, batch, width)."""
        names = [architecture.activation for architecture in self.architectures]
        first, *others = dict.fromkeys(names)
        activated = _ACTIVATIONS[first](x)
        for name in others:
            own = torch.tensor([one == name for one in names], device=x.device)[:, None, None]
            activated = torch.where(own, _ACTIVATIONS[name](x), activated)
        return activated

    def to(self, device: torch.device) -> "MLPBatch":
        """The same on another device."""
        return MLPBatch(
            self.architectures,
            [weight.to(device) for weight in self.weights],
            [bias.to(device) for bias in self.biases],
        )

    @classmethod
    def join(cls, batches: Sequence["MLPBatch"]) -> "MLPBatch":
        """All networks of several batches of one depth, padded to the widest."""
        return cls(
            [architecture for batch in batches for architecture in batch.architectures],
            [_stacked(layer) for layer in zip(*(batch.weights for batch in batches), strict=True)],
            [_stacked(layer) for layer in zip(*(batch.biases for batch in batches), strict=True)],
        )

    def matrices(self, index: int) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Weights and biases of one network, without padding, as NumPy arrays."""
        shapes = self.architectures[index].shapes
        weights = tuple(
            weight[index, :rows, :columns].detach().float().cpu().numpy().copy()
            for weight, (rows, columns) in zip(self.weights, shapes, strict=True)
        )
        biases = tuple(
            bias[index, :rows].detach().float().cpu().numpy().copy()
            for bias, (rows, _) in zip(self.biases, shapes, strict=True)
        )
        return weights, biases

    def policy(self, index: int, task: str, normaliser: Normaliser) -> Policy:
        """One network as a policy."""
        weights, biases = self.matrices(index)
        return Policy(
            task, self.architectures[index], weights, biases, normaliser.mean, normaliser.scale
        )


def _stacked(parts: Sequence[Tensor]) -> Tensor:
    """Tensors (N, ...) of different sizes end to end, padded with zeros to the largest."""
    shape = [max(sizes) for sizes in zip(*(part.shape[1:] for part in parts), strict=True)]
    every = parts[0].new_zeros(sum(map(len, parts)), *shape)
    start = 0
    for part in parts:
        own = tuple(slice(size) for size in part.shape[1:])
        every[(slice(start, start + len(part)), *own)] = part
        start += len(part)
    return every


def width_masks(
    architectures: Sequence[MLPArchitecture], side: int, device: torch.device | None = None
) -> list[Tensor]:
    """For each layer, input and output included, which of its padded neurons exist: (N, padded size)."""
    depth = architectures[0].depth
    widths = torch.tensor([a.hidden for a in architectures], device=device)
    places = torch.arange(side, device=device)
    inputs, outputs = (
        _size_mask([getattr(a, name) for a in architectures], device)
        for name in ("observation_size", "action_size")
    )
    hidden = [(places < widths[:, layer, None]).float() for layer in range(depth)]
    return [inputs, *hidden, outputs]


def _size_mask(sizes: Sequence[int], device: torch.device | None) -> Tensor:
    """Which components of observations or actions exist, (N, largest size)."""
    places = torch.arange(max(sizes), device=device)
    return (places < torch.tensor(sizes, device=device)[:, None]).float()


def random_networks(
    architectures: Sequence[MLPArchitecture], generator: torch.Generator
) -> MLPBatch:
    """Networks with LeCun-normal weights and zero biases, the usual start for tanh units."""
    masks = width_masks(architectures, max(max(a.hidden) for a in architectures))
    weights, biases = [], []
    for before, after in zip(masks[:-1], masks[1:], strict=True):
        shape = (len(architectures), after.shape[1], before.shape[1])
        weight = torch.randn(shape, generator=generator) * before.sum(1)[:, None, None] ** -0.5
        weights.append(weight * after[:, :, None] * before[:, None, :])
        biases.append(torch.zeros(len(architectures), after.shape[1]))
    return MLPBatch(architectures, weights, biases)
