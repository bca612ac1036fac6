"""The zoo's recipe for any architecture: written by the GHN, fine-tuned on data of its own. Source `zoo`.

The zoo holds networks of architectures that training may see; this makes new ones the same way, on the
checkpoint's sample of the states, as the bound that the DiT is held against.
"""

import functools
from pathlib import Path

import numpy as np
import torch

from nnit.architecture import MLPArchitecture
from nnit.checkpoint import load_json
from nnit.demonstrations import load_sample
from nnit.errors import UserError
from nnit.finetuning import OwnShares, fit, normalised
from nnit.ghn.store import load_ghn, write_networks
from nnit.policy import Policy
from nnit.presets import ZooSettings
from nnit.style import Style

_load_ghn = functools.lru_cache(maxsize=1)(load_ghn)
_load_sample = functools.lru_cache(maxsize=1)(load_sample)


def fine_tuned(
    task: str,
    architecture: MLPArchitecture,
    count: int,
    rng: np.random.Generator,
    checkpoint: Path,
    style: Style,
) -> list[Policy]:
    """`count` networks made as those of the zoo are.

    Raises:
        UserError: the checkpoint does not cover the task, or the architecture is wider than the GHN's
            field.
    """
    ghn, normalisers = _load_ghn(checkpoint)
    transitions = _load_sample(checkpoint / "transitions.safetensors")
    if task not in ghn.config.tasks or task not in transitions:
        raise UserError(f'the checkpoint does not cover the task "{task[:60]}"')
    settings = _settings(checkpoint)
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    styles = style.tensor(count)
    index = torch.full((count,), ghn.config.tasks.index(task))
    networks = fit(
        write_networks(ghn, [architecture] * count, index, styles, generator),
        OwnShares(
            normalised({task: transitions[task]}, normalisers),
            [task] * count,
            styles,
            settings.share,
            rng,
        ),
        steps=settings.steps,
        batch=settings.batch,
        rate=settings.rate,
        generator=generator,
    )
    return [networks.policy(i, task, normalisers[task]) for i in range(count)]


def _settings(checkpoint: Path) -> ZooSettings:
    """How the checkpoint's zoo was fine-tuned."""
    config = load_json(checkpoint / "config.json")
    try:
        return ZooSettings(**config["preset"]["zoo"])
    except (KeyError, TypeError) as error:
        raise UserError(
            f"{checkpoint / 'config.json'} does not say how its zoo was made"
        ) from error
