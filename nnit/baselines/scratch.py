"""The same MLP trained from scratch on a sample of the same data: behaviour cloning, source `bc`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from nnit.baselines.shipped import training_states
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.mlp.batch import random_networks
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture

STEPS = 4000
BATCH = 256
LR = 3e-3


def train_from_scratch(
    task: str,
    architecture: MLPArchitecture,
    count: int,
    rng: np.random.Generator,
    checkpoint: Path,
    values: Mapping[str, float],
    steps: int = STEPS,
) -> list[Policy]:
    """`count` policies trained from different random starts on all that `training_states` has.

    Args:
        values: of the task's conditions, by name.

    Raises:
        UserError: the checkpoint has no transitions of `task`.
    """
    states, normaliser = training_states(task, checkpoint)
    data = normalised({task: states}, {task: normaliser})
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    networks = fit(
        random_networks([architecture] * count, generator),
        OwnShares(data, [task] * count, Conditions.same(tuple(values), values, count), 1.0, rng),
        steps=steps,
        batch=BATCH,
        lr=LR,
        generator=generator,
        warmup=100,
    )
    return [networks.policy(index, task, normaliser) for index in range(count)]
