"""Trivial ways to a network of any shape: cropping, silent neurons, inserted layers, means.

A generator is needed only where it does better than these. They work as far as they do because the GHN's
networks are nested: neuron i means the same at every width, so a corner of a wide network is nearly a narrow
one, and networks can be averaged.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nnit.baselines.memory import nearest_order, resized, those_there
from nnit.baselines.shipped import shipped_ghn, shipped_zoo
from nnit.description import describe, not_covered
from nnit.errors import UserError
from nnit.ghn.store import draw_latents, write_networks
from nnit.imitation.fitting import Conditions
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest, own_seed

_PADDED_FROM = 64  # widest layers of `pad`
_STEP = 8  # widths of `crop-nearest` are multiples of it
# An inserted tanh layer works in its linear range: tanh(x e) / e differs from x by less than e^2 / 3.
_SMALL = 0.05


def _ghn_networks(request: SampleRequest, hidden: Sequence[int], checkpoint: Path) -> list[Policy]:
    """Networks of the GHN at other hidden widths than are asked for; the first has latent 0.

    Raises:
        UserError: the checkpoint does not cover the task.
    """
    ghn, normaliser = shipped_ghn(request.task, checkpoint)
    if request.task not in ghn.config.tasks:
        raise not_covered(request.task)
    suite = describe(checkpoint).suite_of(request.task)
    count = request.count
    latents = draw_latents(ghn, count, torch.Generator().manual_seed(own_seed(request)))
    latents[0] = 0
    networks = write_networks(
        ghn,
        [suite.architecture(hidden)] * count,
        torch.full((count,), ghn.config.tasks.index(request.task)),
        Conditions.same(ghn.config.conditions, request.values(suite), count),
        latents,
    )
    return [networks.policy(index, request.task, normaliser) for index in range(count)]


def cropped(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """The top left corner of GHN networks whose layers are all as wide as training had them.

    Raises:
        UserError: a layer is wider than that.
    """
    architecture = request.known_architecture()
    widest = _check_width(architecture, checkpoint)
    hidden = (widest,) * architecture.depth
    return [resized(p, architecture) for p in _ghn_networks(request, hidden, checkpoint)]


def cropped_nearest(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """GHN networks at widths rounded up to a multiple of 8, cropped.

    Raises:
        UserError: a layer is wider than training had them.
    """
    architecture = request.known_architecture()
    widest = _check_width(architecture, checkpoint)
    hidden = [min(widest, -(-width // _STEP) * _STEP) for width in architecture.hidden]
    return [resized(p, architecture) for p in _ghn_networks(request, hidden, checkpoint)]


def padded_with_silence(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """GHN networks of layers at most 64 wide; the neurons beyond those do nothing."""
    architecture = request.known_architecture()
    hidden = [min(width, _PADDED_FROM) for width in architecture.hidden]
    return [resized(p, architecture) for p in _ghn_networks(request, hidden, checkpoint)]


def deepened(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """GHN networks of the deepest trained depth up to that asked for, with identity layers before their outputs.

    Chen, Goodfellow and Shlens 2016, "Net2Net", Net2DeeperNet (https://arxiv.org/abs/1511.05641), where an
    inserted layer copies the one before it. An identity matrix times a small number keeps tanh in its linear
    range; the next matrix undoes it. Up to the trained depth these are the GHN's own networks.

    Raises:
        UserError: a layer is wider than training had them.
    """
    architecture = request.known_architecture()
    _check_width(architecture, checkpoint)
    trained = describe(checkpoint).protocol.depths
    kept = max(depth for depth in trained if depth <= architecture.depth)
    hidden = [*architecture.hidden]
    extra = hidden[kept:]
    if extra:  # what is copied must fit through every inserted layer
        hidden = [*hidden[: kept - 1], min(hidden[kept - 1 :])]
    policies = _ghn_networks(request, hidden[:kept], checkpoint)
    return [resized(_with_identities(p, len(extra)), architecture) for p in policies]


def _with_identities(policy: Policy, count: int) -> Policy:
    """The policy with `count` layers more before its output, which copy the last hidden layer."""
    if count == 0:
        return policy
    *weights, output = policy.weights
    *biases, last = policy.biases
    width = output.shape[1]
    small = np.float32(_SMALL if policy.architecture.activation == "tanh" else 1.0)
    for _ in range(count):
        weights.append(np.eye(width, dtype=np.float32) * small)
        biases.append(np.zeros(width, np.float32))
    for index in range(len(weights) - count + 1, len(weights)):
        weights[index] = np.eye(width, dtype=np.float32)  # already small
    hidden = (*policy.architecture.hidden, *(width,) * count)
    return replace(
        policy,
        architecture=replace(policy.architecture, hidden=hidden),
        weights=(*weights, output / small),
        biases=(*biases, last),
    )


def mean_of_zoo(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """The mean, cell by cell, of the shipped training networks of the task and depth that have the cell.

    There is one such network; it is given as often as networks are asked for.

    Raises:
        UserError: no training network has this task and depth.
    """
    architecture = request.known_architecture()
    policies = _of_zoo(request, checkpoint, most=None)
    return [_weighted(policies, np.ones(len(policies)), architecture)] * request.count


def interpolated(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """Means of two near shipped training networks each, weighted by how near they are.

    Network i lies between the nearest ones number i and i + 1, see `nearest_networks`.

    Raises:
        UserError: fewer than two training networks have this task and depth.
    """
    architecture = request.known_architecture()
    zoo, every, normaliser = shipped_zoo(request.task, checkpoint)
    order, distances = nearest_order(request, checkpoint)
    if len(order) < 2:
        raise UserError(
            f"fewer than two shipped training networks of {request.task} have depth {architecture.depth};"
            f" there are {those_there(zoo, every)}"
        )
    found = []
    for index in range(request.count):
        two = [index % (len(order) - 1), index % (len(order) - 1) + 1]
        policies = [zoo.policy(int(order[i]), normaliser) for i in two]
        found.append(_weighted(policies, 1 / (0.01 + distances[two]), architecture))
    return found


def _of_zoo(request: SampleRequest, checkpoint: Path, most: int | None) -> list[Policy]:
    """The nearest shipped training networks of the task and depth."""
    zoo, _, normaliser = shipped_zoo(request.task, checkpoint)
    order, _ = nearest_order(request, checkpoint)
    return [zoo.policy(int(index), normaliser) for index in order[:most]]


def _weighted(
    policies: Sequence[Policy], weights: np.ndarray, architecture: MLPArchitecture
) -> Policy:
    """The weighted mean of policies at each cell, over those that have it; 0 where none has."""
    first = policies[0]
    mixed: dict[str, tuple[np.ndarray, ...]] = {}
    for name in ("weights", "biases"):
        layers = []
        for layer, target in enumerate(getattr(resized(first, architecture), name)):
            total, size = np.zeros(target.shape), np.zeros(target.shape)
            for policy, weight in zip(policies, weights, strict=True):
                own = getattr(policy, name)[layer]
                corner = tuple(
                    slice(min(a, b)) for a, b in zip(own.shape, target.shape, strict=True)
                )
                total[corner] += weight * own[corner]
                size[corner] += weight
            layers.append((total / np.maximum(size, 1e-12)).astype(np.float32))
        mixed[name] = tuple(layers)
    return Policy(
        first.task,
        architecture,
        mixed["weights"],
        mixed["biases"],
        first.observation_mean,
        first.observation_scale,
    )


def _check_width(architecture: MLPArchitecture, checkpoint: Path) -> int:
    """The widest layer in training; a `UserError` for a layer that is wider than what it would be cut from."""
    widest = describe(checkpoint).protocol.widest
    if max(architecture.hidden) > widest:
        raise UserError(
            f"there is nothing to cut {architecture} from: the GHN's layers end at {widest}"
        )
    return widest
