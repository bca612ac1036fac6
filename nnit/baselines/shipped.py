"""What a checkpoint carries besides its generator, each file read once a process."""

import functools
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from nnit.description import not_covered
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import Transitions, labelled, load_sample
from nnit.mlp.normaliser import Normaliser, load_normalisers
from nnit.sim.suites import get_task
from nnit.zoo.networks import Zoo

_KEPT = 2  # checkpoints kept in memory

_ghn = functools.lru_cache(_KEPT)(load_ghn)
_normalisers = functools.lru_cache(_KEPT)(load_normalisers)
_sample = functools.lru_cache(_KEPT)(load_sample)
_zoo = functools.lru_cache(_KEPT)(Zoo.load)


def shipped_normaliser(task: str, checkpoint: Path) -> Normaliser:
    """The observation normaliser of a task.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    normalisers = _normalisers(checkpoint / "normalisers.safetensors")
    if task not in normalisers:
        raise not_covered(task)
    return normalisers[task]


def shipped_ghn(task: str, checkpoint: Path) -> tuple[GHN, Normaliser]:
    """The GHN, and the normaliser of a task.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    ghn, normalisers = _ghn(checkpoint)
    if task not in normalisers:
        raise not_covered(task)
    return ghn, normalisers[task]


def shipped_states(task: str, checkpoint: Path) -> tuple[Transitions, Normaliser]:
    """The sample of a task's labelled states, and its normaliser.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    sample = _sample(checkpoint / "transitions.safetensors")
    if task not in sample:
        raise not_covered(task)
    return sample[task], shipped_normaliser(task, checkpoint)


def training_states(task: str, checkpoint: Path) -> tuple[Transitions, Normaliser]:
    """What a network for a task can be trained on: the checkpoint's sample, or all training examples.

    Raises:
        UserError: the checkpoint does not cover the task or is broken, or the examples are not here.
    """
    if get_task(task).suite.classifies:
        return labelled(task), shipped_normaliser(task, checkpoint)
    return shipped_states(task, checkpoint)


def drawn_states(
    task: str, checkpoint: Path, count: int, seed: int
) -> tuple[Transitions, Normaliser]:
    """Up to `count` random states of the sample, the same for the same seed, and the normaliser.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    states, normaliser = shipped_states(task, checkpoint)
    chosen = np.random.default_rng(seed).permutation(len(states))[:count]
    return Transitions(states.observations[chosen], states.labels[chosen]), normaliser


def shipped_zoo(
    task: str, checkpoint: Path
) -> tuple[Zoo, Int64[np.ndarray, " networks"], Normaliser]:
    """The shipped part of the zoo, which of its networks are for a task, and the task's normaliser.

    Raises:
        UserError: the checkpoint does not cover the task, or is broken.
    """
    zoo = _zoo(checkpoint / "zoo.safetensors")
    if task not in zoo.tasks:
        raise not_covered(task)
    found = np.flatnonzero(zoo.task == zoo.tasks.index(task))
    return zoo, found, shipped_normaliser(task, checkpoint)
