"""What a DiT's tokens are added to: nothing, or the network that the GHN writes for the same latent.

Given task, shape, conditions and latent, the zoo's networks differ from the GHN's by what fine-tuning did: 0.2 to
7 % of the energy of each kind of weights. A DiT that writes whole weights has to get the rest right to a few
thousandths before that difference can be seen; one that writes the difference has it at unit size.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float

from nnit.ghn.model import GHN
from nnit.ghn.store import write_networks
from nnit.imitation.fitting import Conditions
from nnit.mlp.network import MLP, resize
from nnit.mlp.patches import to_tokens
from nnit.mlp.spec import MLPArchitecture

BASES = ("", "ghn")
_TOGETHER = 64  # networks written at once


def ghn_tokens(
    ghn: GHN,
    tasks: Sequence[str],
    architectures: Sequence[MLPArchitecture],
    values: Float[np.ndarray, "N names"],
    latents: Float[np.ndarray, "N latent"],
    patch: int,
) -> list[Float[np.ndarray, "tokens cells"]]:
    """The unscaled tokens of what the GHN writes, (T, cells) a network.

    Neurons beyond the widest layer that the GHN writes are silent.

    Args:
        ghn: writes the networks.
        tasks: name of each network's task.
        architectures: one a network.
        values: of the GHN's conditions in their own units, NaN where a suite has none such.
        latents: one a network.
        patch: side of a patch in cells.
    """
    tokens: list[np.ndarray] = [np.empty(0)] * len(tasks)
    index = torch.tensor([ghn.config.tasks.index(task) for task in tasks])
    fitting = [
        replace(a, hidden=tuple(min(width, ghn.config.widest) for width in a.hidden))
        for a in architectures
    ]
    by_depth: dict[int, list[int]] = {}
    for row, architecture in enumerate(architectures):
        by_depth.setdefault(architecture.depth, []).append(row)
    for every in by_depth.values():
        for start in range(0, len(every), _TOGETHER):
            rows = every[start : start + _TOGETHER]
            networks = write_networks(
                ghn,
                [fitting[row] for row in rows],
                index[rows],
                Conditions(ghn.config.conditions, torch.from_numpy(values[rows]).float()),
                torch.from_numpy(latents[rows]).float(),
            )
            for place, row in enumerate(rows):
                network = resize(MLP(*networks.matrices(place)), architectures[row].hidden)
                tokens[row] = to_tokens(network.weights, network.biases, patch)
    return tokens
