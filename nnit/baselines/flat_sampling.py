"""Policies from the flat baseline. Source `flat`."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.baselines.flat import FlatConfig, FlatModel
from nnit.baselines.shipped import shipped_normaliser
from nnit.checkpoint import load_state, load_tensors, read_config
from nnit.description import describe, not_covered
from nnit.dit.conditions import requested_conditions
from nnit.dit.flow import euler
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_DEPTH
from nnit.request import SampleRequest, own_seed


@functools.lru_cache(maxsize=1)
def _load(checkpoint: Path) -> FlatModel:
    sizes = describe(checkpoint).model("flat")
    model = FlatModel(read_config(FlatConfig, sizes, checkpoint / "config.json"))
    file = checkpoint / "flat.safetensors"
    load_state(model, load_tensors(file), file)
    return model.eval().requires_grad_(False)


@torch.inference_mode()
def sample_flat(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """Policies: latents from noise, decoded, and cut to the architecture.

    Raises:
        UserError: the checkpoint has no flat baseline, does not cover the task, or the architecture is
            larger than the flat vector.
    """
    task, count, architecture = request.task, request.count, request.known_architecture()
    model, normaliser = _load(checkpoint), shipped_normaliser(task, checkpoint)
    suite = describe(checkpoint).suite_of(task)
    if task not in model.config.tasks:
        raise not_covered(task)
    where = model.places(architecture)
    hidden = torch.zeros(count, MAX_DEPTH)
    hidden[:, : architecture.depth] = torch.tensor(architecture.hidden, dtype=torch.float32)
    asked = replace(request, max_parameters=None)
    wanted = requested_conditions(model.config.conditions, asked, suite).astype(np.float32)
    generator = torch.Generator().manual_seed(own_seed(request))
    noise = torch.randn(count, model.config.latent, generator=generator)
    tasks = torch.full((count,), model.config.tasks.index(task))
    conditioning = model.conditioning(
        tasks,
        hidden,
        torch.from_numpy(np.tile(wanted, (count, 1))),
        torch.randn(count, model.config.given_latent, generator=generator),
    )

    def denoise(x: Tensor, time: float) -> Tensor:
        return model.denoise(x, torch.full((count,), time), conditioning)

    latent = euler(denoise, noise, request.steps)
    flat = model.decode(latent, tasks, torch.full((count,), architecture.depth)).numpy()[:, where]
    return [
        Policy(task, architecture, *architecture.layers_of(one), normaliser.mean, normaliser.scale)
        for one in flat
    ]
