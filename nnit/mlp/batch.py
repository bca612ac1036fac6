"""Many MLPs in one tensor: padded, masked, and run with one batched product a layer.

All networks of a batch have the same depth; each matrix lies in the top left corner of a square of
`side` x `side`, the rest is zero. tanh(0) = 0, so that padded neurons stay silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTION_SIZE, OBSERVATION_SIZE, MLPArchitecture


@dataclass
class PaddedNetworks:
    """The weights of N networks of one depth.

    Attributes:
        architectures: their hidden widths, all of the same depth.
        weights: one tensor a layer, (N, rows, columns): the first has `OBSERVATION_SIZE` columns, the
            last `ACTION_SIZE` rows, hidden sides are padded to the same size.
        biases: one tensor a layer, (N, rows).
    """

    architectures: Sequence[MLPArchitecture]
    weights: list[Tensor]
    biases: list[Tensor]

    def __call__(
        self, observations: Float[Tensor, "N batch observation"]
    ) -> Float[Tensor, "N batch action"]:
        """Unclipped actions for normalised observations, each network on its own."""
        hidden = observations
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias[:, None, :], hidden, weight.transpose(1, 2))
            if layer < last:
                hidden = torch.tanh(hidden)
        return hidden

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


def width_masks(
    architectures: Sequence[MLPArchitecture], side: int, device: torch.device | None = None
) -> list[Tensor]:
    """For each layer, input and output included, which of its padded neurons exist: (N, padded size)."""
    depth = architectures[0].depth
    widths = torch.tensor([a.hidden for a in architectures], device=device)
    masks = [torch.ones(len(architectures), OBSERVATION_SIZE, device=device)]
    places = torch.arange(side, device=device)
    masks += [(places < widths[:, layer, None]).float() for layer in range(depth)]
    return [*masks, torch.ones(len(architectures), ACTION_SIZE, device=device)]


def stack_policies(policies: Sequence[Policy], side: int) -> PaddedNetworks:
    """Policies of one depth as padded networks."""
    architectures = [policy.architecture for policy in policies]
    masks = width_masks(architectures, side)
    weights, biases = [], []
    for layer, (before, after) in enumerate(zip(masks[:-1], masks[1:], strict=True)):
        weight = torch.zeros(len(policies), after.shape[1], before.shape[1])
        bias = torch.zeros(len(policies), after.shape[1])
        for index, policy in enumerate(policies):
            rows, columns = policy.weights[layer].shape
            weight[index, :rows, :columns] = torch.from_numpy(policy.weights[layer])
            bias[index, :rows] = torch.from_numpy(policy.biases[layer])
        weights.append(weight)
        biases.append(bias)
    return PaddedNetworks(architectures, weights, biases)


def random_networks(
    architecture: MLPArchitecture, count: int, generator: torch.Generator
) -> PaddedNetworks:
    """Networks with LeCun-normal weights and zero biases, the usual start for tanh units."""
    masks = width_masks([architecture] * count, max(architecture.hidden))
    weights, biases = [], []
    for before, after in zip(masks[:-1], masks[1:], strict=True):
        shape = (count, after.shape[1], before.shape[1])
        weight = torch.randn(shape, generator=generator) * before[0].sum() ** -0.5
        weights.append(weight * after[:, :, None] * before[:, None, :])
        biases.append(torch.zeros(count, after.shape[1]))
    return PaddedNetworks([architecture] * count, weights, biases)
