"""The networks that the walk shows; they ship with the app, so that no screen waits for a model.

Ours, on every screen, is the one of the shipped example. The others are compared with it.
"""

from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np

from app.engine.example import shipped_example
from app.engine.folders import ASSETS
from app.engine.networks import Network
from nnit.errors import UserError
from nnit.mlp.policy import Policy

FOLDER = ASSETS / "walk"
# Name of the file: kind of the network, hidden widths, and which of the networks of its seed it is.
NAMES: dict[str, tuple[Literal["ghn", "scratch"], str, int]] = {
    "scratch-0": ("scratch", "27-45", 0),
    "scratch-1": ("scratch", "27-45", 1),
    "ghn-narrow": ("ghn", "27-45", 0),
    "ghn-wide": ("ghn", "40-61", 0),
}
_FLOW = ASSETS / "flow"


@cache
def network(name: str) -> Policy:
    """One of `NAMES`.

    Raises:
        UserError: its file is missing or damaged; `python -m app.make.walk` makes it anew.
    """
    return Policy.load(FOLDER / f"{name}.safetensors")


def ours() -> Policy:
    """The network of the walk.

    Raises:
        UserError: the shipped example is missing or damaged.
    """
    return shipped_example().network.policy


@cache
def noise_like(policy: Policy) -> Policy:
    """Independent normal numbers, each matrix and bias with mean and spread of the network's own."""
    rng = np.random.default_rng(0)

    def drawn(array: np.ndarray) -> np.ndarray:
        return rng.normal(array.mean(), array.std(), array.shape).astype(np.float32)

    return replace(
        policy,
        weights=tuple(map(drawn, policy.weights)),
        biases=tuple(map(drawn, policy.biases)),
    )


def half_shuffled(policy: Policy, seed: int) -> Policy:
    """The rows of the first matrix and its biases in a random order, nothing else: another function."""
    order = np.random.default_rng(seed).permutation(len(policy.weights[0]))
    return replace(
        policy,
        weights=(policy.weights[0][order], *policy.weights[1:]),
        biases=(policy.biases[0][order], *policy.biases[1:]),
    ).with_provenance(half_shuffled_with_seed=seed)


def as_network(policy: Policy) -> Network:
    """A policy made from ours, as what robots are driven by."""
    return replace(shipped_example().network, policy=policy, shuffled=policy)


@cache
def out_of_noise() -> tuple[tuple[str, Policy], ...]:
    """Noise, half of the way, and the result of a flow that ships, each with what it is.

    Raises:
        UserError: a file is damaged; `python -m app.make.flow` makes it anew.
    """
    noisy = sorted(_FLOW.glob("noisy-*.safetensors"), key=lambda p: int(p.stem.split("-")[1]))
    if not noisy:
        raise UserError("the flow's files are missing; `python -m app.make.flow` makes them anew")
    last = _FLOW / f"predicted-{len(noisy)}.safetensors"
    return (
        ("Noise", Policy.load(noisy[0])),
        ("Half of the way", Policy.load(noisy[len(noisy) // 2])),
        ("The network", Policy.load(last)),
    )
