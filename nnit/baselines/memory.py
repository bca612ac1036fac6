"""What a mere memory of the training set can do: the nearest training network, and noise on top of it."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnit.architecture import MLPArchitecture
from nnit.errors import UserError
from nnit.normaliser import Normaliser, load_normalisers
from nnit.policy import Policy
from nnit.style import Style
from nnit.zoo import Zoo

NOISE = 0.1  # standard deviation of the noise, as a share of each matrix's own


@dataclass(frozen=True)
class _Memory:
    zoo: Zoo
    normalisers: dict[str, Normaliser]


@functools.lru_cache(maxsize=1)
def _memory(checkpoint: Path) -> _Memory:
    return _Memory(
        Zoo.load(checkpoint / "zoo.safetensors"),
        load_normalisers(checkpoint / "normalisers.safetensors"),
    )


def nearest_networks(
    task: str, architecture: MLPArchitecture, style: Style, count: int, checkpoint: Path
) -> list[Policy]:
    """The `count` shipped training networks nearest to what is asked, cut or padded to its shape.

    Near is small difference of widths (in units of 64) and of style, summed. Neurons that are too many
    are dropped, those that lack are silent.

    Raises:
        UserError: no training network has this task and depth.
    """
    memory = _memory(checkpoint)
    zoo = memory.zoo
    if task not in zoo.tasks:
        raise UserError(f'the checkpoint does not cover the task "{task[:60]}"')
    depth = (zoo.hidden > 0).sum(1)
    found = np.flatnonzero((zoo.task == zoo.tasks.index(task)) & (depth == architecture.depth))
    if len(found) == 0:
        raise UserError(f"no training network of {task} has {architecture.depth} hidden layers")
    widths = np.abs(zoo.hidden[found][:, : architecture.depth] - architecture.hidden).sum(1) / 64
    distance = widths + np.abs(zoo.style[found] - style.tensor(1).numpy()).sum(1)
    order = found[np.argsort(distance, kind="stable")]
    chosen = [int(order[index % len(order)]) for index in range(count)]
    return [resized(zoo.policy(index, memory.normalisers[task]), architecture) for index in chosen]


def resized(policy: Policy, architecture: MLPArchitecture) -> Policy:
    """A policy with each matrix cut, or padded with zeros, to the shapes of another architecture."""
    weights, biases = [], []
    for weight, bias, shape in zip(policy.weights, policy.biases, architecture.shapes, strict=True):
        rows, columns = np.minimum(weight.shape, shape)
        new_weight, new_bias = np.zeros(shape, np.float32), np.zeros(shape[0], np.float32)
        new_weight[:rows, :columns] = weight[:rows, :columns]
        new_bias[:rows] = bias[:rows]
        weights.append(new_weight)
        biases.append(new_bias)
    return Policy(
        policy.task,
        architecture,
        tuple(weights),
        tuple(biases),
        policy.observation_mean,
        policy.observation_scale,
        policy.provenance,
    )


def with_noise(policy: Policy, rng: np.random.Generator, level: float = NOISE) -> Policy:
    """A policy with normal noise on every weight, `level` times its matrix's standard deviation."""

    def noisy(values: np.ndarray) -> np.ndarray:
        noise = rng.standard_normal(values.shape).astype(np.float32)
        return np.asarray(values + np.float32(level) * values.std() * noise, np.float32)

    return Policy(
        policy.task,
        policy.architecture,
        tuple(noisy(weight) for weight in policy.weights),
        tuple(noisy(bias) for bias in policy.biases),
        policy.observation_mean,
        policy.observation_scale,
        policy.provenance,
    )
