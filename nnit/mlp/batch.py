"""Many MLPs in one tensor: padded, masked, and run with one batched product a layer.

All networks of a batch have the same depth; each matrix lies in the top left corner of a
larger one, the rest is zero. Both tanh and ReLU are 0 at 0, so that padded neurons stay silent; padded
components of observations and actions are 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from nnit.mlp.network import hidden_activations
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture


def _linear(hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """One layer of N networks: (N, batch, inputs) -> (N, batch, outputs)."""
    return torch.baddbmm(bias[:, None, :], hidden, weight.transpose(1, 2))


def run_together(
    weights: Sequence[Float[Tensor, "N rows columns"]],
    biases: Sequence[Float[Tensor, "N rows"]],
    inputs: Float[Tensor, "N batch inputs"],
    relu: Bool[Tensor, " N"] | bool,
) -> Float[Tensor, "N batch outputs"]:
    """Outputs of N networks of one depth, each for inputs of its own.

    Args:
        weights: one tensor a layer.
        biases: one tensor a layer.
        inputs: of the first layer.
        relu: which networks have ReLU as their activation and which tanh, or whether all have.
    """

    def activation(x: Tensor) -> Tensor:
        if isinstance(relu, bool):
            return torch.relu(x) if relu else torch.tanh(x)
        return torch.where(relu[:, None, None], torch.relu(x), torch.tanh(x))

    *_, outputs = hidden_activations(weights, biases, inputs, activation, _linear)
    return outputs


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
        relu = [architecture.activation == "relu" for architecture in self.architectures]
        mixed = any(relu) and not all(relu)
        mask = torch.tensor(relu, device=observations.device) if mixed else relu[0]
        return run_together(self.weights, self.biases, observations, mask)

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
    widths = torch.tensor([a.hidden for a in architectures], device=device)
    inputs, outputs = (
        torch.tensor([getattr(a, name) for a in architectures], device=device)
        for name in ("observation_size", "action_size")
    )
    return [
        existing(inputs, max(a.observation_size for a in architectures)),
        *(existing(width, side) for width in widths.unbind(1)),
        existing(outputs, max(a.action_size for a in architectures)),
    ]


def existing(sizes: Int[Tensor, " N"], padded: int) -> Float[Tensor, "N padded"]:
    """1 for each network's own neurons and 0 for those that it is padded with."""
    return (torch.arange(padded, device=sizes.device) < sizes[:, None]).float()


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
