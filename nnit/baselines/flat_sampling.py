"""Policies from the flat baseline. Source `flat`."""

import functools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.baselines.flat import FlatConfig, FlatModel, places
from nnit.baselines.shipped import not_covered, shipped_normaliser
from nnit.checkpoint import load_json, load_state, load_tensors, read_config
from nnit.dit.conditions import wanted_conditions
from nnit.dit.flow import euler
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture
from nnit.sim.suites.metaworld.style import Style


@functools.lru_cache(maxsize=1)
def _load(checkpoint: Path) -> FlatModel:
    path = checkpoint / "config.json"
    config = load_json(path)
    if not isinstance(config, dict) or "flat" not in config:
        raise UserError(f"{checkpoint} holds no flat baseline; the stage `flat` trains one")
    model = FlatModel(read_config(FlatConfig, config["flat"], path))
    file = checkpoint / "flat.safetensors"
    load_state(model, load_tensors(file), file)
    return model.eval().requires_grad_(False)


@torch.inference_mode()
def sample_flat(
    task: str,
    architecture: MLPArchitecture,
    count: int,
    seed: int,
    steps: int,
    checkpoint: Path,
    style: Style,
) -> list[Policy]:
    """`count` policies: latents from noise, decoded, and cut to the architecture.

    Args:
        seed: of the noise, for this task and architecture alone.
        steps: of the flow.

    Raises:
        UserError: the checkpoint has no flat baseline, does not cover the task, or the architecture is
            larger than the flat vector.
    """
    model, normaliser = _load(checkpoint), shipped_normaliser(task, checkpoint)
    if task not in model.config.tasks:
        raise not_covered(task)
    where = places(architecture)
    hidden = torch.zeros(count, MAX_DEPTH)
    hidden[:, : architecture.depth] = torch.tensor(architecture.hidden, dtype=torch.float32)
    wanted = wanted_conditions(model.config.conditions, style, None).astype(np.float32)
    told = model.told(
        torch.full((count,), model.config.tasks.index(task)),
        hidden,
        torch.from_numpy(np.tile(wanted, (count, 1))),
    )

    def denoise(x: Tensor, time: float) -> Tensor:
        return model.denoise(x, torch.full((count,), time), told)

    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, model.config.latent, generator=generator)
    latent = euler(denoise, noise, steps) * model.latent_scale + model.latent_mean
    flat = (model.decode(latent) * model.scale).numpy()[:, where]
    return [
        Policy(task, architecture, *architecture.layers_of(one), normaliser.mean, normaliser.scale)
        for one in flat
    ]
