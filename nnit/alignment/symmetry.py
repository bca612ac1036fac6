"""Permutation symmetry of an MLP as data, and what follows from it: permuting.

The order of a hidden layer's neurons is arbitrary: permutation l acts on the rows of matrix l, on bias l
and on the columns of matrix l + 1, and the network computes the same function. `mlp_symmetry` writes
that down as a table, and everything else is generic over it, as in Ainsworth, Hayase and Srinivasa 2023,
"Git Re-Basin", section 2 (https://arxiv.org/abs/2209.04836).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Int

from nnit.errors import UserError
from nnit.mlp.network import AnyNetwork, hidden_widths, norms_of, permute_tensor, tensors_of

Permutations = Sequence[Int[np.ndarray, " width"]]
Tensors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Symmetry:
    """Which permutation acts on which axis of which tensor.

    Attributes:
        widths: number of neurons that each permutation orders.
        axes: for each tensor, by name, the index of the permutation that acts on each of its axes, None
            where the order has a meaning of its own (observations, actions).
    """

    widths: tuple[int, ...]
    axes: Mapping[str, tuple[int | None, ...]]

    def acted_on(self, permutation: int) -> list[tuple[str, int]]:
        """(tensor, axis) of every axis that a permutation acts on."""
        return [
            (name, axis)
            for name, labels in self.axes.items()
            for axis, label in enumerate(labels)
            if label == permutation
        ]


def mlp_symmetry(hidden: Sequence[int]) -> Symmetry:
    """The symmetry of an MLP with these hidden widths; see `tensors_of` for the names."""
    depth = len(hidden)
    labels = [None, *range(depth), None]
    axes: dict[str, tuple[int | None, ...]] = {}
    for layer, (before, after) in enumerate(itertools.pairwise(labels)):
        axes[f"weight.{layer}"] = (after, before)
        axes[f"bias.{layer}"] = (after,)
    return Symmetry(tuple(hidden), axes)


def permute(network: AnyNetwork, permutations: Permutations) -> AnyNetwork:
    """The same function with hidden neuron `permutations[l][i]` moved to place i of layer l.

    Outputs agree to float32 rounding: sums run in another order.

    Args:
        network: is left as it is.
        permutations: one a hidden layer, each (width,).

    Raises:
        ValueError: these are not permutations of the network's hidden layers.
    """
    symmetry = mlp_symmetry(hidden_widths(network))
    for width, permutation in zip(symmetry.widths, permutations, strict=True):
        if not np.array_equal(np.sort(permutation), np.arange(width)):
            raise ValueError(f"not a permutation of {width} neurons")
    moved = {
        name: permute_tensor(tensor, symmetry.axes[name], permutations)
        for name, tensor in tensors_of(network).items()
    }
    layers = range(len(network.weights))
    changed: dict[str, Any] = {
        "weights": tuple(moved[f"weight.{layer}"] for layer in layers),
        "biases": tuple(moved[f"bias.{layer}"] for layer in layers),
    }
    if norms_of(network):
        changed["norms"] = tuple(
            norm and norm.changed(lambda vector, order=order: vector[order])  # type: ignore[misc]
            for norm, order in zip(norms_of(network), permutations, strict=True)
        )
    return replace(network, **changed)


def inverse(permutations: Permutations) -> list[np.ndarray]:
    """The permutations that undo these: permuting by one, then by the other, changes nothing."""
    return [np.argsort(permutation) for permutation in permutations]


def random_permutations(
    hidden: Sequence[int], fraction: float, rng: np.random.Generator
) -> list[np.ndarray]:
    """Random permutations that move a fraction of each layer's neurons, and leave the rest in place.

    The neurons that move form one random cycle, so that each of them really leaves its place. From the
    same state of `rng`, a larger fraction moves those of a smaller one and some more, and the generator
    ends in the same state: what a slider needs.

    Args:
        hidden: widths of the hidden layers.
        fraction: 0 (nothing moves) to 1 (everything), rounded to whole neurons; one alone cannot move,
            so two do.
        rng: says which neurons.

    Returns:
        One permutation a layer, each (width,).

    Raises:
        UserError: the fraction is not between 0 and 1.
    """
    if not 0 <= fraction <= 1:
        raise UserError(f"the shuffle fraction must be from 0 to 1, not {fraction:g}")
    permutations = []
    for width in hidden:
        order, permutation = rng.permutation(width), np.arange(width)
        count = round(fraction * width)
        cycle = order[: max(count, 2) if count else 0]
        permutation[cycle] = np.roll(cycle, 1)
        permutations.append(permutation)
    return permutations
