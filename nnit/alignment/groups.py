"""Distances between all networks of a set, the plane that shows them, and whether two groups differ."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from nnit.errors import UserError
from nnit.mlp.network import Network, hidden_widths, layer_sizes, norms_of, vectors_of

_MOST_LABELLINGS = 9_999
_AT_ONCE = 2**19  # weights of each network, in double precision
_NEAR = 1e-3
_Square = Float[np.ndarray, "networks networks"]


def pairwise_distances(
    networks: Sequence[Network], places: Sequence[Sequence[Int[np.ndarray, " width"]]] | None = None
) -> _Square:
    """`nnit.alignment.metrics.distance` of every pair; over the layers that both have, where depths or outputs differ.

    Args:
        networks: with as many inputs each.
        places: for each network and hidden layer the place that each neuron has in a frame that all share; by default
            neuron i has place i. Only places that both networks of a pair have count.
    """
    if places is None:
        places = [[np.arange(width) for width in hidden_widths(network)] for network in networks]
    count = len(networks)
    normed = any(norms_of(network) for network in networks)
    square = np.zeros((count, count))
    sizes = [layer_sizes(network) for network in networks]
    orders = [[np.argsort(layer) for layer in one] for one in places]
    alike = len(set(sizes)) == 1 and all(
        np.array_equal(np.sort(a), np.sort(b))
        for one in places
        for a, b in zip(one, places[0], strict=True)
    )
    if alike:
        rows = np.stack(
            [
                np.concatenate([part.ravel() for layer in _all_of(n, o, normed) for part in layer])
                for n, o in zip(networks, orders, strict=True)
            ]
        )
        return _distances_of_rows(rows)
    for i, j in itertools.combinations(range(count), 2):
        square[i, j] = square[j, i] = _apart(
            networks[i], networks[j], (places[i], places[j]), (orders[i], orders[j]), normed
        )
    return square


def _distances_of_rows(rows: Float[np.ndarray, "networks weights"]) -> _Square:
    """Distances of all pairs of rows, by their inner products; of near ones, which that rounds off, by differences."""
    inner = np.zeros((len(rows), len(rows)))
    for start in range(0, rows.shape[1], _AT_ONCE):
        part = rows[:, start : start + _AT_ONCE].astype(np.float64)
        inner += part @ part.T
    squares = np.diag(inner)
    sizes = np.maximum(squares[:, None] + squares, 1e-30)
    square = np.sqrt(np.maximum(1 - 2 * inner / sizes, 0.0)) * (sizes > 1e-30)
    for i, j in np.argwhere(np.triu(square < _NEAR, 1)):
        apart = float(((rows[i] - rows[j]) ** 2).sum(dtype=np.float64))
        square[i, j] = square[j, i] = math.sqrt(apart / sizes[i, j])
    np.fill_diagonal(square, 0.0)
    return square


def _all_of(
    network: Network, orders: Sequence[np.ndarray], normed: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Matrix and vectors of every layer, neurons in these orders."""
    found = []
    for layer, weight in enumerate(network.weights):
        bias = vectors_of(network, layer, normed)
        if layer:
            weight = weight[:, orders[layer - 1]]
        if layer < len(orders):
            weight, bias = weight[orders[layer]], bias[orders[layer]]
        found.append((weight, bias))
    return found


def _apart(
    a: Network,
    b: Network,
    places: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    orders: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    normed: bool,
) -> float:
    """Distance over the places that both have."""
    depth = min(len(places[0]), len(places[1]))
    whole = len(a.weights) == len(b.weights) and len(a.weights[-1]) == len(b.weights[-1])
    apart = size = 0.0
    columns: tuple[np.ndarray | slice, np.ndarray | slice] = (slice(None), slice(None))
    for layer in range(depth + whole):
        rows: tuple[np.ndarray | slice, np.ndarray | slice] = (slice(None), slice(None))
        if layer < depth:
            both = np.intersect1d(places[0][layer], places[1][layer])
            chosen = []
            for own, order in zip(places, orders, strict=True):
                sorted_places = own[layer][order[layer]]
                chosen.append(order[layer][np.searchsorted(sorted_places, both)])
            rows = (chosen[0], chosen[1])
        parts = [
            (one.weights[layer][r][:, c], vectors_of(one, layer, normed)[r])
            for one, r, c in zip((a, b), rows, columns, strict=True)
        ]
        for x, y in zip(*parts, strict=True):
            apart += float(((x - y) ** 2).sum())
            size += float((x**2).sum() + (y**2).sum())
        columns = rows
    return math.sqrt(apart / (size or 1.0))


@dataclass(frozen=True, eq=False)
class Plane:
    """Networks as points.

    Attributes:
        points: (networks, 2).
        kept: share of the spread of all distances that two dimensions keep, 0 to 1.
    """

    points: Float[np.ndarray, "networks 2"]
    kept: float


def plane_of(distances: _Square) -> Plane:
    """Points whose distances are as near to these as two dimensions allow: classical multidimensional scaling.

    Torgerson 1952; the two largest eigenvalues of the doubly centred squares. Signs are fixed: the point farthest from
    the middle has positive coordinates.
    """
    count = len(distances)
    centre = np.eye(count) - 1 / count
    inner = -0.5 * centre @ distances**2 @ centre
    values, vectors = np.linalg.eigh(inner)
    points = np.zeros((count, 2))
    for axis, index in enumerate(range(count - 1, max(count - 3, -1), -1)):
        column = vectors[:, index] * math.sqrt(max(values[index], 0.0))
        points[:, axis] = column * (np.sign(column[np.abs(column).argmax()]) or 1.0)
    total = float(values.clip(0).sum())
    return Plane(points, float(values[-2:].clip(0).sum()) / total if total else 1.0)


@dataclass(frozen=True)
class GroupTest:
    """Whether two groups of networks differ.

    Attributes:
        within: mean distance inside each group; None where a group has one network.
        between: mean distance from one group to the other.
        difference: `between` less the mean of all distances inside groups.
        p: share of the ways to divide the networks into groups of these sizes with at least this difference, the
            observed one included.
        smallest_p: what `p` can be at least with so few networks.
        divisions: how many ways were tried.
    """

    within: tuple[float | None, float | None]
    between: float
    difference: float
    p: float
    smallest_p: float
    divisions: int

    @property
    def differs(self) -> bool:
        """Whether the groups differ at the level of 5 %."""
        return self.p <= 0.05


def compare_groups(distances: _Square, second: Sequence[int], *, seed: int = 0) -> GroupTest:
    """A permutation test on distances (after Anderson 2001, PERMANOVA, with means of distances).

    Every division of the networks into groups of these sizes is tried, or 9,999 random ones where there are more.

    Args:
        distances: of all networks.
        second: places of the networks of the second group; the others are the first.
        seed: of random divisions.

    Raises:
        UserError: a group is empty, or none has two networks.
    """
    count = len(distances)
    chosen = sorted(set(second))
    if not 0 < len(chosen) < count or count < 3:
        raise UserError("two groups need three networks in all, and at least one in each")
    inside = np.zeros(count, bool)
    inside[chosen] = True
    observed = _difference(distances, inside)
    total = math.comb(count, len(chosen))
    exact = total <= _MOST_LABELLINGS
    rng = np.random.default_rng(seed)
    reached = 0 if exact else 1
    if exact:
        for subset in itertools.combinations(range(count), len(chosen)):
            flags = np.zeros(count, bool)
            flags[list(subset)] = True
            reached += _difference(distances, flags) >= observed - 1e-12
    else:
        for _ in range(_MOST_LABELLINGS):
            reached += _difference(distances, rng.permutation(inside)) >= observed - 1e-12
    divisions = total if exact else _MOST_LABELLINGS + 1
    # Swapping groups of one size is the same division.
    least = (2 if 2 * len(chosen) == count else 1) / total
    return GroupTest(
        (_inside(distances, ~inside), _inside(distances, inside)),
        float(distances[np.ix_(~inside, inside)].mean()),
        observed,
        reached / divisions,
        max(least, 1 / divisions),
        divisions,
    )


def _difference(distances: _Square, inside: np.ndarray) -> float:
    same = inside[:, None] == inside[None]
    np.fill_diagonal(same, False)
    between = inside[:, None] != inside[None]
    return float(distances[between].mean() - distances[same].mean())


def _inside(distances: _Square, flags: np.ndarray) -> float | None:
    own = distances[np.ix_(flags, flags)]
    count = len(own)
    return float(own.sum() / (count * (count - 1))) if count > 1 else None
