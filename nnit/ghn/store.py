"""Writing networks with a trained GHN, and keeping the GHN on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from nnit.checkpoint import (
    load_json,
    load_state,
    load_tensors,
    read_config,
    save_json,
    save_tensors,
)
from nnit.errors import UserError
from nnit.formats import upgraded_ghn, upgraded_ghn_config
from nnit.ghn.model import GHN, GHNConfig
from nnit.imitation.fitting import Conditions
from nnit.mlp.batch import MLPBatch
from nnit.mlp.normaliser import Normaliser, load_normalisers, save_normalisers
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture


def draw_latents(ghn: GHN, count: int, generator: torch.Generator) -> Float[Tensor, "count latent"]:
    """Latents for `count` networks: what differs between two of one task, architecture and conditions."""
    return torch.randn(count, ghn.config.latent, generator=generator)


@torch.no_grad()
def write_networks(
    ghn: GHN,
    architectures: Sequence[MLPArchitecture],
    tasks: Tensor,
    conditions: Conditions,
    latents: Tensor,
) -> MLPBatch:
    """Networks of one depth straight from the GHN.

    Args:
        tasks: index of each network's task, (N,).
        conditions: of each network, with the names of the GHN's configuration.
        latents: from `draw_latents`, (N, latent).

    Raises:
        UserError: an architecture is wider than the GHN's field.
    """
    device = next(ghn.parameters()).device
    return ghn(architectures, tasks.to(device), conditions.values.to(device), latents.to(device))


def write_policies(
    ghn: GHN,
    task: str,
    architecture: MLPArchitecture,
    normaliser: Normaliser,
    values: Mapping[str, float],
    count: int,
    generator: torch.Generator,
) -> list[Policy]:
    """`count` policies of one architecture straight from the GHN, each with a random latent.

    Args:
        values: of the task's conditions, by name.

    Raises:
        UserError: the GHN does not know `task`, or the architecture is wider than its field.
    """
    if task not in ghn.config.tasks:
        raise UserError(f"the GHN was not trained on {task}")
    index = torch.full((count,), ghn.config.tasks.index(task))
    latents = draw_latents(ghn, count, generator)
    conditions = Conditions.same(ghn.config.conditions, values, count)
    networks = write_networks(ghn, [architecture] * count, index, conditions, latents)
    return [networks.policy(i, task, normaliser).with_provenance(**values) for i in range(count)]


def save_ghn(folder: Path, ghn: GHN, normalisers: dict[str, Normaliser]) -> None:
    """Write a GHN and the normalisers of its tasks."""
    save_json(folder / "config.json", {"ghn": asdict(ghn.config)})
    save_tensors(folder / "ghn.safetensors", ghn.state_dict())
    save_normalisers(folder / "normalisers.safetensors", normalisers)


def load_ghn(folder: Path) -> tuple[GHN, dict[str, Normaliser]]:
    """Read what `save_ghn` wrote.

    Raises:
        UserError: a file is missing, damaged, or does not fit the others.
    """
    path = folder / "config.json"
    config = load_json(path)
    if not isinstance(config, dict) or not isinstance(config.get("ghn"), dict):
        raise UserError(f"{path} describes no GHN")
    ghn = GHN(read_config(GHNConfig, upgraded_ghn_config(config["ghn"]), path))
    weights = folder / "ghn.safetensors"
    load_state(ghn, upgraded_ghn(load_tensors(weights)), weights)
    return ghn.eval().requires_grad_(False), load_normalisers(folder / "normalisers.safetensors")
