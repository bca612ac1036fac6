"""The linear code of the flat baseline: principal components of networks of different widths.

Networks of different widths lack different weights. These are filled in: first with the mean of the task and
depth, then with what the components make of the network, round by round (as in EM for principal components
with missing values; Roweis 1998, "EM algorithms for PCA and SPCA"). And not all weights matter alike: an error
counts by how much it changes actions, the diagonal of the Gauss-Newton matrix of the actions' squared error
on states of the task. Without that, as many components reconstruct networks that miss by millimetres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from nnit.mlp.network import ACTIVATION_FUNCTIONS, hidden_activations, linear

_FLOOR = 0.1  # share of the mean sensitivity that every weight has at least
_POWER_ROUNDS = 3  # of subspace iteration, before the first filling
_BLOCK = 512  # networks filled at a time


@dataclass(frozen=True, eq=False)
class LinearCode:
    """Codes of networks, and what makes networks of codes.

    Attributes:
        codes: of the networks, (n, components).
        components: (components, length), orthonormal.
        scale: of each task's weights, (tasks, length): what an error of 1 is.
        mean: of each task and depth, (tasks, depths, length).
        explained: share of the scaled variance around the means that the codes have.
    """

    codes: Tensor
    components: Tensor
    scale: Tensor
    mean: Tensor
    explained: float


def action_sensitivity(
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    observations: Float[np.ndarray, "n observation"],
    activation: str,
) -> Float[np.ndarray, " parameters"]:
    """Mean over states of the sum of squared derivatives of all actions by each parameter.

    Args:
        weights: of one network.
        biases: likewise.
        observations: normalised.
        activation: of the hidden layers.

    Returns:
        Layer by layer, matrix before bias.
    """
    function = ACTIVATION_FUNCTIONS[activation]
    *hidden, outputs = hidden_activations(weights, biases, observations, function, linear)
    inputs = [observations, *hidden]
    count, actions = outputs.shape
    derivative = np.broadcast_to(np.eye(actions), (count, actions, actions))
    found: list[np.ndarray] = []
    for layer in reversed(range(len(weights))):
        squared = (derivative**2).sum(1)  # (n, neurons)
        found[:0] = [(squared.T @ inputs[layer] ** 2 / count).reshape(-1), squared.mean(0)]
        if layer:
            slope = 1 - inputs[layer] ** 2 if activation == "tanh" else inputs[layer] > 0
            derivative = (derivative @ weights[layer]) * slope[:, None]
    return np.concatenate(found)


def fit_code(
    flat: Float[Tensor, "n length"],
    there: Bool[Tensor, "n length"],
    task: Int64[Tensor, " n"],
    depth: Int64[Tensor, " n"],
    sensitivity: Mapping[int, Tensor],
    *,
    depths: int,
    components: int,
    fillings: int,
    generator: torch.Generator,
) -> LinearCode:
    """The code of flat networks.

    Args:
        flat: weights, 0 where a network has none.
        there: where it has one.
        task: index of each network's task.
        depth: hidden layers of each network.
        sensitivity: of the actions to each weight, by task, (length,); 0 where no network has one.
        depths: most hidden layers.
        components: numbers in a code; as many as there are networks at most.
        fillings: rounds of filling in what is not there.
        generator: of the start.
    """
    tasks, length = 1 + max(sensitivity), flat.shape[1]
    mean, scale = torch.zeros(tasks, depths, length), torch.ones(tasks, length)
    filled = torch.zeros_like(flat)
    for index, own in sensitivity.items():
        least = _FLOOR * own[own > 0].mean()
        scale[index] = (own + least) ** -0.5
        rows = task == index
        for count in depth[rows].unique():
            group = rows & (depth == count)
            sizes = there[group].sum(0).clamp_min(1)
            mean[index, count - 1] = flat[group].sum(0) / sizes
            filled[group] = (flat[group] - mean[index, count - 1]) * there[group]
        size = (filled[rows] / scale[index]).square().sum(1).mean().sqrt().clamp_min(1e-6)
        scale[index] *= size  # tasks weigh the same
        filled[rows] /= scale[index]
    total = filled.square().sum()
    basis, _ = torch.linalg.qr(torch.randn(length, components, generator=generator))
    for _ in range(_POWER_ROUNDS):
        basis, _ = torch.linalg.qr(filled.T @ (filled @ basis))
    for _ in range(fillings):
        for start in range(0, len(filled), _BLOCK):
            block, known = filled[start : start + _BLOCK], there[start : start + _BLOCK]
            guess = (block @ basis) @ basis.T
            block.copy_(torch.where(known, block, guess))
        basis, _ = torch.linalg.qr(filled.T @ (filled @ basis))
    codes = filled @ basis
    _, turned = torch.linalg.eigh(codes.T @ codes)
    turned = turned.flip(1)  # the component with the largest variance first
    basis, codes = basis @ turned, codes @ turned
    missed = 0.0
    for start in range(0, len(filled), _BLOCK):
        some = slice(start, start + _BLOCK)
        error = (codes[some] @ basis.T - filled[some]) * there[some]
        missed += float(error.square().sum())
    return LinearCode(codes, basis.T.contiguous(), scale, mean, 1 - missed / float(total))
