"""Coordinate descent over permutations: the search inside weight matching, generic over the symmetry.

Ainsworth, Hayase and Srinivasa 2023, "Git Re-Basin", algorithm 1 (https://arxiv.org/abs/2209.04836), with
networks of different widths added: the smaller layer is padded to the larger, and only cells that are real
in both networks count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment

from nnit.alignment.symmetry import Symmetry, Tensors
from nnit.mlp.network import (
    MLP,
    Network,
    hidden_widths,
    norms_of,
    permute_tensor,
    resize,
    tensors_of,
    vectors_of,
)

# Changes below this share of the size of what is compared are rounding, not progress.
ROUNDING = 1e-10
_MAX_SWEEPS = 50


@dataclass(frozen=True, eq=False)
class Problem:
    """Which order of the moving network's neurons brings it nearest to the target?

    Attributes:
        symmetry: of both, padded to the same widths.
        target: tensors of the reference, zero where padded, float64.
        moving: tensors of the network, zero where padded, float64.
        target_real: 1 where the reference has a cell, 0 where it is padded.
        moving_real: the same of the network.
    """

    symmetry: Symmetry
    target: Tensors
    moving: Tensors
    target_real: Tensors
    moving_real: Tensors

    @cached_property
    def padded(self) -> bool:
        """Whether one network has cells that the other has not."""
        every = (*self.target_real.values(), *self.moving_real.values())
        return not all(real.all() for real in every)

    def similarity(
        self, permutations: Sequence[np.ndarray | None], which: int
    ) -> Float[np.ndarray, "width width"]:
        """For each pair of a target's and a moving network's neuron of one layer, how well they go together.

        Minus the squared difference of all their weights and biases, over the cells that both have, in the
        order of the other layers' permutations; tensors that an undecided one (None) acts on do not count.
        Written as 2 t m - t^2 - m^2, so that it is three matrix products.
        """
        width = self.symmetry.widths[which]
        total = np.zeros((width, width))
        decided = [np.empty(0, int) if p is None else p for p in permutations]
        for name, axis in self.symmetry.acted_on(which):
            labels = self.symmetry.axes[name]
            others = [label for a, label in enumerate(labels) if a != axis and label is not None]
            if any(permutations[label] is None for label in others):
                continue
            t = _first_axis(self.target[name], axis)
            m = _first_axis(permute_tensor(self.moving[name], labels, decided, skip=axis), axis)
            if not self.padded:
                total += 2 * t @ m.T - np.add.outer((t**2).sum(1), (m**2).sum(1))
                continue
            real = permute_tensor(self.moving_real[name], labels, decided, skip=axis)
            t_real, m_real = _first_axis(self.target_real[name], axis), _first_axis(real, axis)
            total += 2 * t @ m.T - t**2 @ m_real.T - t_real @ (m**2).T
        return total

    def distance(self, permutations: Sequence[np.ndarray]) -> float:
        """L2 distance over the cells that both networks have, once the moving one is permuted."""
        total = 0.0
        for name, labels in self.symmetry.axes.items():
            m, m_real = (
                permute_tensor(tensors[name], labels, permutations)
                for tensors in (self.moving, self.moving_real)
            )
            both = m_real * self.target_real[name]
            total += float((both * (self.target[name] - m) ** 2).sum())
        return float(np.sqrt(total))


def _first_axis(tensor: np.ndarray, axis: int) -> Float[np.ndarray, "width cells"]:
    """One row for each place on an axis; `np.moveaxis` would take longer than the products."""
    return tensor.swapaxes(0, axis).reshape(tensor.shape[axis], -1)


def problem_of(symmetry: Symmetry, reference: Network, network: Network) -> Problem:
    """Two networks as a problem, each padded to the widths of `symmetry`; layer normalisation counts as biases do."""
    normed = bool(norms_of(reference) or norms_of(network))
    tensors, real = [], []
    for one in (reference, network):
        padded, ones = resize(one, symmetry.widths), resize(_ones_like(one), symmetry.widths)
        tensors.append({name: t.astype(np.float64) for name, t in tensors_of(padded).items()})
        real.append({name: t.astype(np.float64) for name, t in tensors_of(ones).items()})
        for layer, width in enumerate(hidden_widths(one) if normed else ()):
            vectors = vectors_of(padded, layer, normed)[:, 1:].astype(np.float64)
            cells = np.zeros_like(vectors)
            cells[:width] = 1.0
            tensors[-1][f"norm.{layer}"] = vectors * cells
            real[-1][f"norm.{layer}"] = cells
    norms = {f"norm.{layer}": (layer, None) for layer in range(len(symmetry.widths) * normed)}
    return Problem(replace(symmetry, axes={**symmetry.axes, **norms}), *tensors, *real)


def _ones_like(network: Network) -> MLP:
    return MLP(tuple(map(np.ones_like, network.weights)), tuple(map(np.ones_like, network.biases)))


def assign(similarity: Float[np.ndarray, "width width"]) -> Int[np.ndarray, " width"]:
    """For each row the column, each column once, with the largest sum of similarities."""
    return linear_sum_assignment(similarity, maximize=True)[1]


def grow(problem: Problem, order: Sequence[int]) -> list[Int[np.ndarray, " width"]]:
    """Permutations decided one after another, each by the tensors whose other axes are decided."""
    permutations: list[np.ndarray | None] = [None] * len(problem.symmetry.widths)
    for which in order:
        permutations[which] = assign(problem.similarity(permutations, which))
    return [p for p in permutations if p is not None]


def descend(
    problem: Problem, start: Sequence[np.ndarray], rng: np.random.Generator
) -> list[Int[np.ndarray, " width"]]:
    """From `start`, one layer after another in random order, until none gains."""
    permutations = list(start)
    for _ in range(_MAX_SWEEPS):
        gained = False
        for which in rng.permutation(len(permutations)):
            similarity = problem.similarity(permutations, which)
            better = assign(similarity)
            places = np.arange(len(better))
            gain = (similarity[places, better] - similarity[places, permutations[which]]).sum()
            if gain > ROUNDING * np.abs(similarity).max():
                permutations[which], gained = better, True
        if not gained:
            break
    return permutations
