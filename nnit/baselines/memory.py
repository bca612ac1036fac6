"""What a mere memory of the training set can do: the nearest training network, and noise on top of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from nnit.baselines.shipped import shipped_zoo
from nnit.description import describe
from nnit.errors import UserError
from nnit.mlp.network import resize
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.zoo.networks import Zoo

NOISE = 0.1  # standard deviation of the noise, as a share of each matrix's own


def nearest_networks(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """The shipped training networks nearest to what is asked, cut or padded to its shape.

    Near is small difference of widths (in units of 64) and of conditions (in units of their ranges),
    summed. Neurons that are too many are dropped, those that lack are silent.

    Raises:
        UserError: no training network has this task and depth.
    """
    zoo, _, normaliser = shipped_zoo(request.task, checkpoint)
    order, _ = nearest_order(request, checkpoint)
    chosen = [int(order[index % len(order)]) for index in range(request.count)]
    architecture = request.known_architecture()
    return [resized(zoo.policy(index, normaliser), architecture) for index in chosen]


def nearest_order(request: SampleRequest, checkpoint: Path) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the shipped training networks of the task and depth, nearest first, and how far they are.

    Raises:
        UserError: no training network has this task and depth.
    """
    task, architecture = request.task, request.known_architecture()
    suite = describe(checkpoint).suite_of(task)
    values = request.values(suite)
    zoo, every, _ = shipped_zoo(task, checkpoint)
    found = every[(zoo.hidden[every] > 0).sum(1) == architecture.depth]
    if len(found) == 0:
        raise UserError(
            f"no shipped training network of {task} has depth {architecture.depth}; there are"
            f" {those_there(zoo, every)}"
        )
    widths = np.abs(zoo.hidden[found][:, : architecture.depth] - architecture.hidden).sum(1) / 64
    wanted = np.array([values.get(name, np.nan) for name in zoo.condition_names], np.float32)
    ranges = {c.name: c.high - c.low for c in suite.conditions}
    units = np.array([ranges.get(name, 1.0) for name in zoo.condition_names], np.float32)
    distance = widths + np.nansum(np.abs(zoo.conditions[found] - wanted) / units, 1)
    order = np.argsort(distance, kind="stable")
    return found[order], distance[order]


def those_there(zoo: Zoo, found: np.ndarray) -> str:
    """How many of some networks of the zoo there are of each depth, for a message."""
    depths, counts = np.unique((zoo.hidden[found] > 0).sum(1), return_counts=True)
    there = [f"{n} of depth {d}" for d, n in zip(depths.tolist(), counts.tolist(), strict=True)]
    return ", ".join(there) or "none"


def resized(policy: Policy, architecture: MLPArchitecture) -> Policy:
    """A policy with each matrix cut, or padded with zeros, to the shapes of another architecture."""
    layers = resize(policy, architecture.hidden)
    return replace(policy, architecture=architecture, weights=layers.weights, biases=layers.biases)


def with_noise(policy: Policy, rng: np.random.Generator, level: float = NOISE) -> Policy:
    """A policy with normal noise on every weight, `level` times its matrix's standard deviation."""

    def noisy(values: np.ndarray) -> np.ndarray:
        noise = rng.standard_normal(values.shape).astype(np.float32)
        return np.asarray(values + np.float32(level) * values.std() * noise, np.float32)

    return replace(
        policy,
        weights=tuple(noisy(weight) for weight in policy.weights),
        biases=tuple(noisy(bias) for bias in policy.biases),
    )
