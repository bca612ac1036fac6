"""Metrics of alignment: of one network (smoothness, compressibility of patches) and of two (agreement).

Each docstring gives formula, source, and the value for independent noise: weights drawn independently
from one normal distribution a matrix. Those of neighbouring cells look along hidden axes only, which a
permutation acts on: the order of observations and actions is given by the task, and no shuffle changes it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float, Int

from nnit.alignment.symmetry import permute
from nnit.mlp.network import MLP, Network, hidden_widths, norms_of, resize, vectors_of
from nnit.mlp.patches import patchify

Partners = Sequence[Int[np.ndarray, " common"]]


def total_variation(network: Network) -> float:
    """Normalised total variation: how much neighbouring cells differ.

    The mean over all pairs of neighbouring cells, along hidden axes, of |w - w'| / s, where s is the
    standard deviation of their matrix; the anisotropic total variation of Rudin, Osher and Fatemi 1992,
    per pair and unit of scale. 0 for a constant matrix.

    Noise: 2 / sqrt(pi) = 1.128, the mean of |x - y| for independent standard normal x and y. Shuffled
    networks can lie below it, since their weights are not normal.
    """
    total, pairs = 0.0, 0
    for matrix, axis in _hidden_axes(network):
        differences = np.abs(np.diff(matrix, axis=axis))
        total += differences.sum() / (matrix.std() or 1.0)
        pairs += differences.size
    return float(total / pairs) if pairs else 0.0


def morans_i(network: Network) -> float:
    """Moran's I over the matrix grid: how far neighbouring cells resemble each other, -1 to 1.

    For one matrix I = (N / W) * sum_ij w_ij z_i z_j / sum_i z_i^2, where z are the N cells less their mean,
    w_ij is 1 for neighbours along a hidden axis and 0 otherwise, and W = sum_ij w_ij (Moran 1950). The mean
    over matrices, weighted by their numbers of pairs. 0 for a constant matrix.

    Noise: -1 / (N - 1) for each matrix, see `morans_i_of_noise`.
    """
    total, pairs = 0.0, 0
    for matrix, axis in _hidden_axes(network):
        z = np.moveaxis(matrix - matrix.mean(), axis, 0)
        neighbours = z[1:].size
        total += float((z[1:] * z[:-1]).sum()) / (float((z**2).mean()) or 1.0)
        pairs += neighbours
    return total / pairs if pairs else 0.0


def morans_i_of_noise(network: Network) -> float:
    """The expectation of `morans_i` for noise of the same shapes (Moran 1950; Cliff and Ord 1981)."""
    sizes = [
        (matrix.size, np.diff(matrix, axis=axis).size) for matrix, axis in _hidden_axes(network)
    ]
    pairs = sum(count for _, count in sizes)
    return -sum(count / (cells - 1) for cells, count in sizes if count) / pairs if pairs else 0.0


def patch_spectrum(network: Network, patch: int) -> Float[np.ndarray, " cells"]:
    """Share of the variance of a network's patches on each principal component, largest first.

    Every matrix, divided by its root mean square, is cut into P x P patches, zero where the matrix ends;
    with the patches as the rows of X, the eigenvalues of X^T X over their sum (principal component
    analysis, Pearson 1901, about zero, not about the mean patch). A field that varies slowly along the
    neurons needs few components, which is what lets a token of few numbers carry a patch.

    Noise: 1 / P^2 each, up to the spread of the Marchenko-Pastur law for the number of patches.
    """
    patches = np.concatenate(
        [
            patchify(weight / (np.sqrt(np.mean(weight**2)) or 1.0), patch)
            for weight in network.weights
        ]
    ).astype(np.float64)
    # X X^T has the same eigenvalues but for zeros, and is far smaller where patches are few and large.
    few = len(patches) < patches.shape[1]
    found = np.linalg.eigvalsh(patches @ patches.T if few else patches.T @ patches)[::-1]
    eigenvalues = np.zeros(patches.shape[1])
    eigenvalues[: len(found)] = found.clip(0)
    total = eigenvalues.sum()
    return eigenvalues / total if total else np.full(patch**2, patch**-2.0)


def effective_rank(spectrum: Float[np.ndarray, " cells"]) -> float:
    """How many components a spectrum amounts to: exp of its entropy (Roy and Vetterli 2007).

    1 if one component carries all, the length of the spectrum if all carry the same.

    Noise: measured on noise of the same shapes; near P^2 where patches are many.
    """
    positive = spectrum[spectrum > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def correlation(a: Network, b: Network, partners: Partners | None = None) -> float:
    """Correlation between two networks position by position.

    The Pearson correlation between the cells of matrix l of `a` and those of `b`; the mean over matrices,
    weighted by their numbers of cells. Networks of different widths are cropped to their common corner,
    see `in_common`. A constant matrix counts as 0.

    Noise: 0; of noise whose neurons were matched, measured.
    """
    total, cells = 0.0, 0
    a, b = in_common(a, b, partners)
    for mine, theirs in zip(a.weights, b.weights, strict=True):
        x, y = mine - mine.mean(), theirs - theirs.mean()
        size = np.sqrt(float((x**2).sum()) * float((y**2).sum()))
        total += mine.size * float((x * y).sum()) / (size or 1.0)
        cells += mine.size
    return total / cells


def distance(a: Network, b: Network, partners: Partners | None = None) -> float:
    """Distance between two networks relative to their sizes: ||a - b|| / sqrt(||a||^2 + ||b||^2).

    L2 norms over all weights and biases, and gains and shifts of layer normalisation (`vectors_of`), after cropping to
    the common corner (`in_common`): 0 for the same network, sqrt(2) for its negative. What weight matching lowers, up
    to the cropping.

    Noise: 1, as independent vectors are orthogonal; of noise whose neurons were matched, measured.
    """
    a, b = in_common(a, b, partners)
    normed = bool(norms_of(a) or norms_of(b))
    mine, theirs = (
        [*one.weights, *(vectors_of(one, layer, normed) for layer in range(len(one.weights)))]
        for one in (a, b)
    )
    apart = sum(float(((x - y) ** 2).sum()) for x, y in zip(mine, theirs, strict=True))
    size = sum(float((x**2).sum()) for x in [*mine, *theirs])
    return float(np.sqrt(apart / (size or 1.0)))


def in_common(a: Network, b: Network, partners: Partners | None = None) -> tuple[Network, Network]:
    """Two networks brought to the same shapes, without those neurons that only one of them has.

    Args:
        a: the reference.
        b: of the same depth, inputs and outputs.
        partners: which neurons of `a` belong to the first ones of `b`, see `Matching.partners`; by
            default neuron i to neuron i, which crops both to the common corner.
    """
    mine, theirs = hidden_widths(a), hidden_widths(b)
    if mine == theirs:
        return a, b
    common = np.minimum(mine, theirs).tolist()
    if partners is not None:
        rest = [np.setdiff1d(np.arange(w), p) for w, p in zip(mine, partners, strict=True)]
        order = [np.concatenate(pair) for pair in zip(partners, rest, strict=True)]
        a = permute(MLP(tuple(a.weights), tuple(a.biases), norms_of(a)), order)
    return resize(a, common), resize(b, common)


def _hidden_axes(network: Network) -> Iterator[tuple[np.ndarray, int]]:
    """Every matrix with each of its axes that a permutation acts on."""
    last = len(network.weights) - 1
    for layer, weight in enumerate(network.weights):
        if layer < last:
            yield weight, 0
        if layer > 0:
            yield weight, 1
