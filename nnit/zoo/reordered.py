"""Zoos of the same size that are aligned in other ways, to find out what about alignment matters.

Where only the order of neurons differs, every network computes what it did before.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nnit.alignment.matching import weight_matching
from nnit.alignment.symmetry import permute
from nnit.ghn.model import GHN
from nnit.ghn.store import write_networks
from nnit.imitation.fitting import Conditions, OwnShares, TrainingStates, fit
from nnit.mlp.batch import MLPBatch, random_networks
from nnit.mlp.network import MLP, Network
from nnit.zoo.networks import Zoo

Progress = Callable[[int, int], None]

_TOGETHER = 64  # networks of one depth that are written or trained at a time


def in_one_random_order(zoo: Zoo, seed: int, block: int | None = None) -> Zoo:
    """Every layer of every network in one and the same random order: aligned, but not smooth.

    The order is one of as many neurons as the widest layer has; a narrower layer has its own neurons in it, and
    leaves out the others. Layers at the same place of networks share an order.

    Args:
        zoo: is left as it is.
        seed: of the order.
        block: neurons among which the order is random; the blocks themselves stay where they are, so that a
            neuron is at the same place in layers of nearly all widths. By default all neurons are one block,
            and where a neuron is depends on the width.
    """
    rng = np.random.default_rng(seed)
    orders = [_order(int(zoo.hidden.max()), block, rng) for _ in range(zoo.hidden.shape[1])]
    return _changed(
        zoo,
        lambda _, network: permute(
            network,
            [
                order[order < len(bias)]
                for order, bias in zip(orders, network.biases[:-1], strict=False)
            ],
        ),
    )


def _order(width: int, block: int | None, rng: np.random.Generator) -> np.ndarray:
    """A random order of `width` neurons, block by block."""
    size = block or width
    blocks = [rng.permutation(np.arange(s, min(s + size, width))) for s in range(0, width, size)]
    return np.concatenate(blocks)


def shuffled(zoo: Zoo, seed: int) -> Zoo:
    """Every layer of every network in a random order of its own."""
    rng = np.random.default_rng(seed)
    return _changed(
        zoo,
        lambda _, network: permute(
            network, [rng.permutation(len(bias)) for bias in network.biases[:-1]]
        ),
    )


def matched(zoo: Zoo, ghn: GHN, progress: Progress) -> Zoo:
    """Every network's neurons matched to those of the network that the GHN writes for its task, shape and conditions.

    By weights (Git Re-Basin); the reference is written from the mean latent, 0.
    """
    references: dict[int, Network] = {}
    for some in _alike(zoo):
        written = write_networks(
            ghn,
            [zoo.architecture(int(index)) for index in some],
            _tasks(zoo, some, ghn),
            _conditions(zoo, some, ghn.config.conditions),
            torch.zeros(len(some), ghn.config.latent),
        )
        for place, index in enumerate(some.tolist()):
            references[index] = MLP(*written.matrices(place))

    def to_reference(index: int, network: Network) -> Network:
        progress(index + 1, len(zoo))
        return weight_matching(references[index], network).apply(network)

    return _changed(zoo, to_reference)


@dataclass(frozen=True)
class Fitting:
    """How networks are trained from random weights.

    Attributes:
        steps: of Adam.
        batch: states a step.
        lr: peak learning rate, falling to 0.
        share: of the states that each network may see.
    """

    steps: int = 1500
    batch: int = 256
    lr: float = 3e-3
    share: float = 0.5


def trained_apart(
    zoo: Zoo, data: TrainingStates, fitting: Fitting, seed: int, progress: Progress
) -> Zoo:
    """Networks of the same tasks, shapes and conditions, each trained from random weights of its own; not measured.

    Args:
        zoo: says which.
        data: normalised states of its tasks.
        fitting: how they are trained.
        seed: of their start, their data and their batches.
        progress: called with how many networks are trained, of how many.
    """
    made: dict[int, MLP] = {}
    for some in _alike(zoo):
        rng = np.random.default_rng((seed, int(some[0])))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        names = [zoo.tasks[task] for task in zoo.task[some]]
        conditions = _conditions(zoo, some, zoo.condition_names)
        networks: MLPBatch = fit(
            random_networks([zoo.architecture(int(index)) for index in some], generator),
            OwnShares(data, names, conditions, fitting.share, rng),
            steps=fitting.steps,
            batch=fitting.batch,
            lr=fitting.lr,
            generator=generator,
            warmup=100,
        )
        for place, index in enumerate(some.tolist()):
            made[index] = MLP(*networks.matrices(place))
        progress(len(made), len(zoo))
    trained = _changed(zoo, lambda index, _: made[index])
    return trained.with_arrays(
        success=np.full_like(zoo.success, np.nan), measured=np.full_like(zoo.measured, np.nan)
    )


def without_latents(zoo: Zoo) -> Zoo:
    """The same networks without the numbers that the GHN wrote them from."""
    return zoo.with_arrays(latent=np.zeros((len(zoo), 0), np.float32))


def _changed(zoo: Zoo, change: Callable[[int, Network], Network]) -> Zoo:
    flat: list[np.ndarray] = []
    for index in range(len(zoo)):
        stored = zoo[index]
        network = change(index, MLP(stored.weights, stored.biases))
        for weight, bias in zip(network.weights, network.biases, strict=True):
            flat += [weight.reshape(-1), bias]
    return zoo.with_arrays(parameters=np.concatenate(flat).astype(np.float32))


def _alike(zoo: Zoo) -> Iterator[np.ndarray]:
    """Places of networks of one depth, some at a time."""
    depths = (zoo.hidden > 0).sum(1)
    for depth in np.unique(depths):
        places = np.flatnonzero(depths == depth)
        yield from np.split(places, range(_TOGETHER, len(places), _TOGETHER))


def _tasks(zoo: Zoo, some: np.ndarray, ghn: GHN) -> Tensor:
    return torch.tensor([ghn.config.tasks.index(zoo.tasks[task]) for task in zoo.task[some]])


def _conditions(zoo: Zoo, some: np.ndarray, names: Sequence[str]) -> Conditions:
    columns = [zoo.condition_names.index(name) for name in names]
    return Conditions(tuple(names), torch.from_numpy(zoo.conditions[some][:, columns]).float())
