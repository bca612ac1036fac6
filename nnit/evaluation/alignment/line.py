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

from nnit.alignment.line import on_one_frame, outputs_along, rise
from nnit.alignment.metrics import Partners
from nnit.imitation.fitting import loss_of
from nnit.mlp.network import Network, hidden_widths
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTIVATION, OUTPUTS
from nnit.sim.rollout import run_many


@dataclass(frozen=True, eq=False)
class States:
    """Inputs that networks are compared on.

    Attributes:
        inputs: as the first layer takes them (normalised observations), (n, features), float32.
        actions: what the expert does there, or the classes' probabilities, (n, actions), float32; None where
            it is not known.
        activation: of the hidden layers of networks that read them, one of `nnit.mlp.spec.ACTIVATIONS`.
        output: what these networks give, one of `nnit.mlp.spec.OUTPUTS`.
    """

    inputs: Float[np.ndarray, "n features"]
    actions: Float[np.ndarray, "n actions"] | None = None
    activation: str = ACTIVATION
    output: str = OUTPUTS[0]


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
        return rise(self.positions, self.loss)


def along_line(
    reference: Network,
    network: Network,
    states: States,
    *,
    partners: Partners | None = None,
    points: int = 11,
) -> Line:
    """Outputs and losses at evenly spaced points of the line; needs no simulator.

    See `nnit.alignment.line.outputs_along` for the disagreement.

    Args:
        reference: at position 0.
        network: at position 1; hidden widths may differ, silent neurons fill the smaller layers.
        states: to compare on.
        partners: which neurons of the reference the network's first ones belong to, see `Matching`.
        points: on the line, both ends included.
    """
    positions, outputs, disagreement = outputs_along(
        reference, network, states.inputs, states.activation, partners=partners, points=points
    )
    loss = None
    if states.actions is not None:
        target = torch.from_numpy(states.actions).expand(points, *states.actions.shape)
        predicted = torch.from_numpy(np.ascontiguousarray(outputs, np.float32))
        loss = loss_of(states.output)(predicted, target).numpy()
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
