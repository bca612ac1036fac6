"""The straight line between two networks: does the function survive half-way? Without a simulator, without torch.

Networks in one order of neurons can often be averaged; the same networks in different orders cannot. The height by
which a straight line rises above its ends is the barrier of Frankle et al. 2020, "Linear Mode Connectivity", and
Entezari et al. 2022, "The Role of Permutation Invariance".
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from nnit.alignment.metrics import Partners
from nnit.alignment.neurons import Observations
from nnit.alignment.symmetry import permute
from nnit.mlp.network import ACTIVATION_FUNCTIONS, MLP, Network, forward, hidden_widths, resize

POINTS = 11


@dataclass(frozen=True, eq=False)
class Line:
    """What happens on the straight line from a reference (position 0) to a network (position 1).

    Attributes:
        positions: where on the line, 0 to 1, (points,).
        disagreement: see `outputs_along`, (points,).
        loss: mean squared error to the targets, (points,); None without targets.
    """

    positions: Float[np.ndarray, " points"]
    disagreement: Float[np.ndarray, " points"]
    loss: Float[np.ndarray, " points"] | None

    @property
    def barrier(self) -> float | None:
        """How far the loss rises above the chord between its ends, see `rise`."""
        return None if self.loss is None else rise(self.positions, self.loss)


def rise(positions: Float[np.ndarray, " points"], loss: Float[np.ndarray, " points"]) -> float:
    """The maximum over t of L(t) - ((1 - t) L(0) + t L(1)), 0 or more; Entezari et al. 2022, equation 1."""
    ends = (1 - positions) * loss[0] + positions * loss[-1]
    return max(0.0, float((loss - ends).max()))


def outputs_along(
    reference: Network,
    network: Network,
    inputs: Float[np.ndarray, "n features"],
    activation: str,
    *,
    partners: Partners | None = None,
    points: int = POINTS,
) -> tuple[
    Float[np.ndarray, " points"],
    Float[np.ndarray, "points n outputs"],
    Float[np.ndarray, " points"],
]:
    """Positions on the line, the outputs there, and the disagreement.

    With f_t the network at position t, the disagreement is ||f_t - ((1 - t) f_0 + t f_1)|| over
    ||f_0 - mean f_0||, ||f_1 - mean f_1|| (their root mean square), norms over all inputs and outputs: 0 where
    averaging weights averages functions, about 1 where the mean network does neither. It is a barrier in the outputs
    that asks for no labels. Noise: measured.

    Args:
        reference: at position 0.
        network: at position 1; hidden widths may differ, silent neurons fill the smaller layers.
        inputs: as the first layer takes them.
        activation: of the hidden layers.
        partners: which neurons of the reference the network's first ones belong to, see `Matching`.
        points: on the line, both ends included.

    Networks with layer normalisation have it in the same layers and places, and the same widths there.
    """
    start, end = on_one_frame(reference, network, partners)
    positions = np.linspace(0, 1, points)
    at = positions.astype(np.float32)[:, None, None]
    weights, biases = (
        [(1 - at) * first + at * last for first, last in zip(ours, theirs, strict=True)]
        for ours, theirs in ((start.weights, end.weights), (start.biases, end.biases))
    )  # (points, rows, columns) and (points, 1, rows)
    norms = [
        first
        and last
        and replace(
            first,
            gain=(1 - at) * first.gain + at * last.gain,
            shift=(1 - at) * first.shift + at * last.shift,
        )
        for first, last in zip(start.norms, end.norms, strict=False)
    ]
    outputs = forward(weights, biases, inputs[None], ACTIVATION_FUNCTIONS[activation], norms)
    mixed = (1 - at) * outputs[0] + at * outputs[-1]
    ends = outputs[[0, -1]]
    size = np.sqrt(np.mean((ends - ends.mean(1, keepdims=True)) ** 2)) or 1.0
    return positions, outputs, np.sqrt(np.mean((outputs - mixed) ** 2, axis=(1, 2))) / size


def line_between(
    reference: Network,
    network: Network,
    observations: Observations,
    *,
    partners: Partners | None = None,
) -> Line:
    """Disagreement and, with targets, mean squared error along the line, on observations of anybody's."""
    positions, outputs, disagreement = outputs_along(
        reference, network, observations.inputs, observations.activation, partners=partners
    )
    loss = None
    if observations.targets is not None:
        loss = ((outputs - observations.targets) ** 2).mean((1, 2), dtype=np.float64)
    return Line(positions, disagreement, loss)


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
