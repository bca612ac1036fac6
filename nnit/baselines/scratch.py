"""The same MLP trained from scratch on a sample of the same data: behaviour cloning, source `bc`."""

from pathlib import Path

import numpy as np
import torch

from nnit.architecture import MLPArchitecture
from nnit.finetuning import OwnShares, fit, normalised
from nnit.networks import PaddedNetworks, width_masks
from nnit.policy import Policy
from nnit.shipped import shipped_states
from nnit.style import Style

STEPS = 4000
BATCH = 256
RATE = 3e-3


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


def train_from_scratch(
    task: str,
    architecture: MLPArchitecture,
    count: int,
    rng: np.random.Generator,
    checkpoint: Path,
    style: Style,
    steps: int = STEPS,
) -> list[Policy]:
    """`count` policies trained from different random starts on the checkpoint's transitions.

    Raises:
        UserError: the checkpoint has no transitions of `task`.
    """
    states, normaliser = shipped_states(task, checkpoint)
    data = normalised({task: states}, {task: normaliser})
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    networks = fit(
        random_networks(architecture, count, generator),
        OwnShares(data, [task] * count, style.tensor(count), 1.0, rng),
        steps=steps,
        batch=BATCH,
        rate=RATE,
        generator=generator,
        warmup=100,
    )
    return [networks.policy(index, task, normaliser) for index in range(count)]
