"""Ordering a network's neurons so that neighbours resemble each other: the least total variation.

In the manner of Yang and Wang 2024, "Neural Metamorphosis" (NeuMeta, https://arxiv.org/abs/2410.11878),
section 3.3, which smooths the weights of one network by permuting its neurons. It needs no reference, but
two networks ordered this way need not agree with each other.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist, squareform

from nnit.alignment.symmetry import mlp_symmetry
from nnit.mlp.network import Network, hidden_widths, tensors_of

# Cells of distance matrices that improving one path may look at: seconds for the widest layers.
_MAX_CELLS = 2 * 10**8


def smooth_order(network: Network) -> list[Int[np.ndarray, " width"]]:
    """Permutations that make the total variation along all hidden axes small; apply with `permute`.

    The total variation along a layer's axis is the sum of d(i, j) over neighbouring neurons i and j, where
    d is the L1 distance between all weights, in and out, and the biases of the two. An L1 distance does
    not depend on the order of the other layers, so each layer is a shortest Hamiltonian path problem of
    its own. The paths start from the leaves of a hierarchical clustering in their best order (Bar-Joseph,
    Gifford and Jaakkola 2001) and from the order as it is, and are improved by reversing stretches and by
    moving single neurons until neither helps; the shorter is kept, so that the total variation never
    grows. Of the two directions, the one that begins at the end with the smaller bias is taken, so that
    the result does not depend on the order that was given, ties and local minima apart.

    Returns:
        One permutation a hidden layer, each (width,).
    """
    symmetry, tensors = mlp_symmetry(hidden_widths(network)), tensors_of(network)
    permutations = []
    for layer, width in enumerate(symmetry.widths):
        slices = [
            np.moveaxis(tensors[name], axis, 0).reshape(width, -1)
            for name, axis in symmetry.acted_on(layer)
        ]
        order = _shortest_path(np.concatenate(slices, axis=1).astype(np.float64))
        bias = network.biases[layer]
        permutations.append(order[::-1].copy() if bias[order[0]] > bias[order[-1]] else order)
    return permutations


def _shortest_path(points: Float[np.ndarray, "n features"]) -> Int[np.ndarray, " n"]:
    """A short path through all points, by L1 distance."""
    n = len(points)
    if n < 3:
        return np.arange(n)
    condensed = pdist(points, "cityblock")
    distances = squareform(condensed)
    tree = linkage(condensed, "average", optimal_ordering=True)
    paths = [_improve(start, distances) for start in (leaves_list(tree).astype(int), np.arange(n))]
    return min(paths, key=lambda path: _length(path, distances))


def _length(path: np.ndarray, distances: np.ndarray) -> float:
    return float(distances[path[:-1], path[1:]].sum())


def _improve(path: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The best 2-opt or single-neuron move, again and again until none shortens the path (or enough).

    Two silent ends at distance 0 from everything stand before and behind the path, so that its own ends
    need no special cases.
    """
    n = len(path)
    wide = np.pad(distances, ((0, 1), (0, 1)))
    tolerance = 1e-9 * distances.max()
    for _ in range(min(20 * n, _MAX_CELLS // n**2)):
        ended = np.concatenate([[n], path, [n]])
        step = wide[ended[:-1], ended[1:]]  # step[i]: from place i to i + 1 of `ended`, (n + 1,)
        along = wide[np.ix_(ended, ended)]  # (n + 2, n + 2)
        # Reverse the stretch i..j of `ended`, 1 <= i < j <= n.
        reverse = along[:-2, 1:-1] + along[1:-1, 2:] - step[:-1, None] - step[None, 1:]
        reverse[np.tri(n, dtype=bool)] = 0
        # Take out the neuron at place i and put it between places j and j + 1.
        out = along[np.arange(n), np.arange(2, n + 2)] - step[:-1] - step[1:]
        move = out[:, None] + along[1:-1, :-1] + along[1:-1, 1:] - step[None, :]
        move[np.arange(n), np.arange(n)] = move[np.arange(n), np.arange(1, n + 1)] = 0
        if min(reverse.min(), move.min()) > -tolerance:
            break
        if reverse.min() <= move.min():
            i, j = np.unravel_index(reverse.argmin(), reverse.shape)
            path = np.concatenate([path[:i], path[i : j + 1][::-1], path[j + 1 :]])
        else:
            i, j = np.unravel_index(move.argmin(), move.shape)
            rest = np.delete(path, i)
            path = np.insert(rest, j if j <= i else j - 1, path[i])
    return path
