"""The baseline without patches: flattened weights, a linear code for them, and a flow of such codes.

In the manner of p-diff (Wang et al. 2024, "Neural Network Diffusion", arXiv 2402.13144) and of DeepWeightFlow
(arXiv 2601.05052), which models principal components: every network is one long vector in which each weight
has a place of its own; it is compressed to a code, and a generative model learns the codes, given the task,
the widths, the conditions and the GHN's latent. Checkpoints of before have p-diff's nonlinear autoencoder,
and no latent.
"""

import functools
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor, nn

from nnit.errors import UserError
from nnit.mlp.spec import (
    ACTION_SIZE,
    ACTIVATION,
    OBSERVATION_SIZE,
    MLPArchitecture,
    check_interface,
)
from nnit.splits import MAX_TRAINED_WIDTH, TRAINED_DEPTHS

DEPTH = max(TRAINED_DEPTHS)  # hidden layers that a vector has room for
_WIDTH = MAX_TRAINED_WIDTH
_TIME_OCTAVES = 6


def _slots(observation_size: int, action_size: int) -> tuple[tuple[int, int], ...]:
    """(rows, columns) of the slots: the input's matrix, the hidden ones, the output's; a bias after each."""
    hidden = ((_WIDTH, _WIDTH),) * (DEPTH - 1)
    return ((_WIDTH, observation_size), *hidden, (action_size, _WIDTH))


def vector_length(observation_size: int, action_size: int) -> int:
    """Numbers in a flat vector with room for these sizes of observation and action."""
    return sum(rows * columns + rows for rows, columns in _slots(observation_size, action_size))


@functools.lru_cache(maxsize=10_000)
def places(
    architecture: MLPArchitecture, observation_size: int, action_size: int
) -> Int64[np.ndarray, " parameters"]:
    """Where each parameter, layer by layer, matrix before bias, lies in the flat vector.

    Args:
        architecture: whose parameters.
        observation_size: that the vector has room for; the network's own may be smaller.
        action_size: likewise.

    Raises:
        UserError: it is deeper or wider than the vector.
    """
    all_slots = _slots(observation_size, action_size)
    if architecture.depth > DEPTH or max(architecture.hidden) > _WIDTH:
        raise UserError(
            f"flat vectors end at {DEPTH} hidden layers of {_WIDTH}; {architecture} does not fit"
        )
    if architecture.observation_size > observation_size or architecture.action_size > action_size:
        raise UserError(
            f"flat vectors of {observation_size} observations and {action_size} actions;"
            f" a network of {architecture.observation_size} and {architecture.action_size}"
            " does not fit"
        )
    starts = np.cumsum([0, *(rows * columns + rows for rows, columns in all_slots)])
    slots = [*range(architecture.depth), DEPTH]  # the output's slot is the last one at every depth
    found = []
    for slot, (rows, columns) in zip(slots, architecture.shapes, strict=True):
        full_rows, full_columns = all_slots[slot]
        cells = np.arange(rows)[:, None] * full_columns + np.arange(columns)
        found += [
            starts[slot] + cells.reshape(-1),
            starts[slot] + full_rows * full_columns + np.arange(rows),
        ]
    return np.concatenate(found)


@dataclass(frozen=True)
class FlatConfig:
    """Sizes of the baseline.

    Attributes:
        tasks: names of the tasks it knows.
        conditions: names of the conditions, as the DiT's.
        hidden: width of the autoencoder.
        latent: numbers that it compresses a network to.
        flow: width of the flow's network.
        blocks: residual blocks of the flow's network.
        observation_size: largest of the tasks' observations.
        action_size: largest of the tasks' actions.
        linear: whether codes are principal components of what each task and depth lacks of its mean;
            otherwise those of a nonlinear autoencoder.
        given_latent: length of the GHN's latent that the flow is given; 0: none.
    """

    tasks: tuple[str, ...]
    conditions: tuple[str, ...]
    hidden: int = 192
    latent: int = 128
    flow: int = 384
    blocks: int = 4
    observation_size: int = OBSERVATION_SIZE
    action_size: int = ACTION_SIZE
    linear: bool = False
    given_latent: int = 0

    def __post_init__(self) -> None:
        check_interface(self.observation_size, self.action_size, ACTIVATION)
        sizes = (self.hidden, self.latent, self.flow, self.blocks)
        if (
            not all(type(size) is int and 1 <= size <= 4096 for size in sizes)
            or type(self.given_latent) is not int
            or not 0 <= self.given_latent <= 4096
            or type(self.linear) is not bool
        ):
            raise UserError("the flat baseline's sizes must be whole numbers in range")


class FlatModel(nn.Module):
    """The code and the flow."""

    scale: Tensor  # typical size of each place of the flat vector, (length,); of a linear code, a row a task
    mean: (
        Tensor  # of a linear code: the mean network of each task and depth, (tasks, depths, length)
    )
    components: Tensor  # of a linear code: (latent, length)
    latent_mean: Tensor
    latent_scale: Tensor

    def __init__(self, config: FlatConfig) -> None:
        super().__init__()
        self.config = config
        length = vector_length(config.observation_size, config.action_size)
        if not config.linear:
            self.encoder, self.decoder = (
                nn.Sequential(
                    nn.Linear(inputs, config.hidden),
                    nn.SiLU(),
                    nn.Linear(config.hidden, config.hidden),
                    nn.SiLU(),
                    nn.Linear(config.hidden, outputs),
                )
                for inputs, outputs in ((length, config.latent), (config.latent, length))
            )
        conditioning = (
            len(config.tasks)
            + DEPTH * (1 + 2 * _TIME_OCTAVES)
            + 2 * len(config.conditions)
            + config.given_latent
        )
        self.start = nn.Linear(config.latent + 1 + 2 * _TIME_OCTAVES + conditioning, config.flow)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(config.flow),
                nn.Linear(config.flow, 2 * config.flow),
                nn.SiLU(),
                nn.Linear(2 * config.flow, config.flow),
            )
            for _ in range(config.blocks)
        )
        self.end = nn.Linear(config.flow, config.latent)
        if config.linear:
            tasks = len(config.tasks)
            self.register_buffer("mean", torch.zeros(tasks, DEPTH, length))
            self.register_buffer("components", torch.zeros(config.latent, length))
            self.register_buffer("scale", torch.ones(tasks, length))
        else:
            self.register_buffer("scale", torch.ones(length))
        self.register_buffer("latent_mean", torch.zeros(config.latent))
        self.register_buffer("latent_scale", torch.ones(config.latent))

    def places(self, architecture: MLPArchitecture) -> Int64[np.ndarray, " parameters"]:
        """Where an architecture's parameters lie in this model's flat vectors."""
        return places(architecture, self.config.observation_size, self.config.action_size)

    def decode(
        self, latent: Float[Tensor, "N latent"], task: Tensor, depth: Tensor
    ) -> Float[Tensor, "N length"]:
        """Flat vectors of standardised codes of networks of some tasks (N,) and depths (N,)."""
        code = latent * self.latent_scale + self.latent_mean
        if not self.config.linear:
            decoded: Tensor = self.decoder(code) * self.scale
            return decoded
        return code @ self.components * self.scale[task] + self.mean[task, depth - 1]

    def conditioning(
        self,
        task: Tensor,
        hidden: Float[Tensor, "N depth"],
        conditions: Float[Tensor, "N C"],
        given: Float[Tensor, "N latent"],
    ) -> Float[Tensor, "N features"]:
        """What the flow is conditioned on.

        Args:
            task: index of each, (N,).
            hidden: widths, 0 where there is no layer.
            conditions: NaN where open.
            given: the GHN's latents; of length 0 where the model is given none.
        """
        return torch.cat(
            [
                F.one_hot(task, len(self.config.tasks)).float(),
                _waves(hidden[:, :DEPTH] / _WIDTH).flatten(1),
                conditions.nan_to_num(0.0),
                conditions.isnan().float(),
                given,
            ],
            1,
        )

    def denoise(
        self, noisy: Float[Tensor, "N latent"], time: Float[Tensor, " N"], conditioning: Tensor
    ) -> Float[Tensor, "N latent"]:
        """Clean standardised latents from noisy ones at flow time `time`."""
        x = self.start(torch.cat([noisy, _waves(time[:, None]).flatten(1), conditioning], 1))
        for block in self.blocks:
            x = x + block(x)
        clean: Tensor = self.end(x)
        return clean


def _waves(x: Float[Tensor, "N k"]) -> Float[Tensor, "N k waves"]:
    """x, and sines and cosines of it."""
    angles = x[..., None] * (torch.pi * 2.0 ** torch.arange(_TIME_OCTAVES, device=x.device))
    return torch.cat([x[..., None], angles.sin(), angles.cos()], -1)
