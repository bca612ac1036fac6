"""The zoo's recipe for any architecture: written by the GHN, fine-tuned on data of its own. Source `zoo`.

The zoo holds networks of architectures that training may see; this makes new ones the same way, on the
checkpoint's sample of the states, or on all training examples, as the bound that the DiT is held against.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.baselines.shipped import shipped_ghn, training_states
from nnit.description import describe, not_covered
from nnit.errors import UserError
from nnit.ghn.model import GHN
from nnit.ghn.store import draw_latents, write_networks
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import ZooSettings


def fine_tuned(
    task: str,
    architecture: MLPArchitecture,
    count: int,
    rng: np.random.Generator,
    checkpoint: Path,
    values: Mapping[str, float],
) -> list[Policy]:
    """`count` networks made as those of the zoo are.

    Args:
        values: of the task's conditions, by name.

    Raises:
        UserError: the checkpoint does not cover the task, or the architecture is wider than the GHN's
            field.
    """
    ghn, normaliser = shipped_ghn(task, checkpoint)
    states, _ = training_states(task, checkpoint)
    if task not in ghn.config.tasks:
        raise not_covered(task)
    settings = _settings(checkpoint)
    latents, generator = _drawn(ghn, count, rng)
    conditions = Conditions.same(ghn.config.conditions, values, count)
    index = torch.full((count,), ghn.config.tasks.index(task))
    networks = fit(
        write_networks(ghn, [architecture] * count, index, conditions, latents),
        OwnShares(
            normalised({task: states}, {task: normaliser}),
            [task] * count,
            conditions,
            settings.share,
            rng,
        ),
        steps=settings.steps,
        batch=settings.batch,
        lr=settings.lr,
        generator=generator,
    )
    return [networks.policy(i, task, normaliser) for i in range(count)]


def recipe_latents(
    task: str, count: int, rng: np.random.Generator, checkpoint: Path
) -> Float[np.ndarray, "count latent"]:
    """The latents from which `fine_tuned` starts, with the same `rng`.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    ghn, _ = shipped_ghn(task, checkpoint)
    return _drawn(ghn, count, rng)[0].numpy()


def _drawn(ghn: GHN, count: int, rng: np.random.Generator) -> tuple[Tensor, torch.Generator]:
    """The latents of `count` networks, and the source of what is random about their training."""
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    return draw_latents(ghn, count, generator), generator


def _settings(checkpoint: Path) -> ZooSettings:
    """How the checkpoint's zoo was fine-tuned."""
    try:
        return ZooSettings(**describe(checkpoint).models["preset"]["zoo"])
    except (KeyError, TypeError) as error:
        raise UserError(
            f"{checkpoint / 'config.json'} does not say how its zoo was made"
        ) from error
