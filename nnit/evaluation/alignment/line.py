"""The straight line between two networks: does the function survive half-way?

Networks in one order of neurons can often be averaged; the same networks in different orders cannot. The
height by which a straight line rises above its ends is the barrier of Frankle et al. 2020, "Linear Mode
Connectivity", and Entezari et al. 2022, "The Role of Permutation Invariance".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from nnit.alignment.metrics import Partners
from nnit.alignment.symmetry import permute
from nnit.imitation.fitting import imitation_loss
from nnit.mlp.network import ACTIVATION_FUNCTIONS, MLP, Network, forward, hidden_widths, resize
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTIVATION
from nnit.sim.rollout import run_many


@dataclass(frozen=True, eq=False)
class States:
    """Inputs that networks are compared on.

    Attributes:
        inputs: as the first layer takes them (normalised observations), (n, features), float32.
        actions: what the expert does there, (n, actions), float32; None where it is not known.
        activation: of the hidden layers of networks that read them, one of `nnit.mlp.spec.ACTIVATIONS`.
    """

    inputs: Float[np.ndarray, "n features"]
    actions: Float[np.ndarray, "n actions"] | None = None
    activation: str = ACTIVATION


@dataclass(frozen=True, eq=False)
class Line:
    """What happens on the straight line from a reference (position 0) to a network (position 1).

    Attributes:
        positions: where on the line, 0 to 1, (points,).
        disagreement: how far the outputs are from the mixture of the ends' outputs, (points,).
        loss: imitation loss on the expert's actions, (points,); None without them.
    """

    positions: Float[np.ndarray, " points"]
    disagreement: Float[np.ndarray, " points"]
    loss: Float[np.ndarray, " points"] | None

    @property
    def loss_barrier(self) -> float | None:
        """How far the loss L rises: the maximum over t of L(t) - ((1 - t) L(0) + t L(1)).

        Entezari et al. 2022, equation 1. 0 or more, as the ends are on the line. Noise: measured, and
        near 0, since a random network half-way is no worse than random ends; compare with networks
        trained from scratch instead.
        """
        if self.loss is None:
            return None
        ends = (1 - self.positions) * self.loss[0] + self.positions * self.loss[-1]
        return max(0.0, float((self.loss - ends).max()))


def along_line(
    reference: Network,
    network: Network,
    states: States,
    *,
    partners: Partners | None = None,
    points: int = 11,
) -> Line:
    """Outputs and losses at evenly spaced points of the line; needs no simulator.

    With f_t the network at position t, the disagreement is ||f_t - ((1 - t) f_0 + t f_1)|| over
    ||f_0 - mean f_0||, ||f_1 - mean f_1|| (their root mean square), norms over all states and outputs: 0
    where averaging weights averages functions, about 1 where the mean network does neither. It is a
    barrier in the outputs that asks for no labels. Noise: measured.

    Args:
        reference: at position 0.
        network: at position 1; hidden widths may differ, silent neurons fill the smaller layers.
        states: to compare on.
        partners: which neurons of the reference the network's first ones belong to, see `Matching`.
        points: on the line, both ends included.
    """
    start, end = on_one_frame(reference, network, partners)
    positions = np.linspace(0, 1, points)
    at = positions.astype(np.float32)[:, None, None]
    weights, biases = (
        [(1 - at) * first + at * last for first, last in zip(ours, theirs, strict=True)]
        for ours, theirs in ((start.weights, end.weights), (start.biases, end.biases))
    )  # (points, rows, columns) and (points, 1, rows)
    activation = ACTIVATION_FUNCTIONS[states.activation]
    outputs = forward(weights, biases, states.inputs[None], activation)  # (points, n, actions)
    mixed = (1 - at) * outputs[0] + at * outputs[-1]
    ends = outputs[[0, -1]]
    size = np.sqrt(np.mean((ends - ends.mean(1, keepdims=True)) ** 2)) or 1.0
    disagreement = np.sqrt(np.mean((outputs - mixed) ** 2, axis=(1, 2))) / size
    loss = None
    if states.actions is not None:
        target = torch.from_numpy(states.actions).expand(points, *states.actions.shape)
        predicted = torch.from_numpy(np.ascontiguousarray(outputs, np.float32))
        loss = imitation_loss(predicted, target).numpy()
    return Line(positions, disagreement, loss)


def success_along_line(
    reference: Policy,
    policy: Policy,
    positions: Sequence[float],
    goals: Sequence[int],
    *,
    partners: Partners | None = None,
    workers: int | None = None,
) -> list[int]:
    """How many episodes the network at each position solves, in the simulator.

    Args:
        reference: at position 0.
        policy: at position 1, for the same task.
        positions: 0 to 1.
        goals: environment seeds of the episodes, the same at every position.
        partners: as in `along_line`.
        workers: number of processes; by default one a processor.
    """
    start, end = on_one_frame(reference, policy, partners)
    architecture = replace(reference.architecture, hidden=hidden_widths(start))
    policies = []
    for t in np.asarray(positions, np.float32):
        weights, biases = (
            tuple((1 - t) * a + t * b for a, b in zip(first, last, strict=True))
            for first, last in ((start.weights, end.weights), (start.biases, end.biases))
        )
        normaliser = (reference.observation_mean, reference.observation_scale)
        policies.append(
            Policy(reference.task, architecture, weights, biases, *normaliser, reference.provenance)
        )
    results = run_many(policies, [list(goals)] * len(policies), workers=workers)
    return [sum(episode.success for episode in episodes) for episodes in results]


def on_one_frame(
    reference: Network, network: Network, partners: Partners | None = None
) -> tuple[MLP, MLP]:
    """Both networks with the same hidden widths, partners in the same places; functions as they were.

    Silent neurons fill the smaller layers.
    """
    mine, theirs = hidden_widths(reference), hidden_widths(network)
    frame = np.maximum(mine, theirs).tolist()
    placed = resize(network, frame)
    if partners is not None:
        order = []
        for width, taken in zip(frame, partners, strict=True):
            permutation = np.empty(width, int)
            permutation[taken] = np.arange(len(taken))
            free = np.setdiff1d(np.arange(width), taken)
            permutation[free] = np.arange(len(taken), width)
            order.append(permutation)
        placed = permute(placed, order)
    return resize(reference, frame), placed
