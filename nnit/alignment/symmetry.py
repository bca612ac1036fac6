"""Permutation symmetry of an MLP as data, and what follows from it: permuting, cropping, padding.

The order of a hidden layer's neurons is arbitrary: permutation l acts on the rows of matrix l, on bias l
and on the columns of matrix l + 1, and the network computes the same function. `mlp_symmetry` writes
that down as a table, and everything else is generic over it, as in Ainsworth, Hayase and Srinivasa 2023,
"Git Re-Basin", section 2 (https://arxiv.org/abs/2209.04836).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from jaxtyping import Float, Int

from nnit.errors import UserError

Permutations = Sequence[Int[np.ndarray, " width"]]
Tensors = Mapping[str, np.ndarray]


class Network(Protocol):
    """Anything made of layers: a `Policy`, a network of the zoo, an uploaded `MLP`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """One matrix a layer, (outputs, inputs)."""

    @property
    def biases(self) -> tuple[np.ndarray, ...]:
        """One vector a layer, (outputs,)."""


AnyNetwork = TypeVar("AnyNetwork", bound=Network)


@dataclass(frozen=True, eq=False)
class MLP:
    """The bare layers of a network of any sizes.

    Attributes:
        weights: one matrix a layer, (outputs, inputs).
        biases: one vector a layer, (outputs,).
    """

    weights: tuple[Float[np.ndarray, "outputs inputs"], ...]
    biases: tuple[Float[np.ndarray, " outputs"], ...]


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


def layer_sizes(network: Network) -> tuple[int, ...]:
    """Number of neurons of every layer, input and output included."""
    return (network.weights[0].shape[1], *(weight.shape[0] for weight in network.weights))


def hidden_widths(network: Network) -> tuple[int, ...]:
    """Number of neurons of every hidden layer."""
    return layer_sizes(network)[1:-1]


def mlp_symmetry(hidden: Sequence[int]) -> Symmetry:
    """The symmetry of an MLP with these hidden widths; see `tensors_of` for the names."""
    depth = len(hidden)
    labels = [None, *range(depth), None]
    axes: dict[str, tuple[int | None, ...]] = {}
    for layer, (before, after) in enumerate(itertools.pairwise(labels)):
        axes[f"weight.{layer}"] = (after, before)
        axes[f"bias.{layer}"] = (after,)
    return Symmetry(tuple(hidden), axes)


def tensors_of(network: Network) -> dict[str, np.ndarray]:
    """A network's tensors by name: `weight.0`, `bias.0`, and so on."""
    named: dict[str, np.ndarray] = {}
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        named |= {f"weight.{layer}": weight, f"bias.{layer}": bias}
    return named


def permute_tensor(
    tensor: np.ndarray,
    labels: Sequence[int | None],
    permutations: Permutations,
    *,
    skip: int | None = None,
) -> np.ndarray:
    """A copy of a tensor with each axis put in the order of the permutation that acts on it.

    Args:
        tensor: of any number of axes.
        labels: the permutation of each axis, as in `Symmetry.axes`.
        permutations: of all hidden layers.
        skip: the axis that stays as it is, if any.
    """
    moved = tensor.copy()
    for axis, label in enumerate(labels):
        if label is not None and axis != skip:
            moved = np.take(moved, permutations[label], axis)
    return moved


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
    return replace(
        network,
        weights=tuple(moved[f"weight.{layer}"] for layer in layers),
        biases=tuple(moved[f"bias.{layer}"] for layer in layers),
    )


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


def resize(network: Network, hidden: Sequence[int]) -> MLP:
    """The bare layers with other hidden widths: cropped to the top left corner, or padded with zeros.

    A padded neuron is silent (tanh(0) = 0, and nothing listens to it), so padding alone leaves the
    function as it is. Cropping does not.
    """
    ends = layer_sizes(network)
    sizes = (ends[0], *hidden, ends[-1])
    weights, biases = [], []
    for layer, (columns, rows) in enumerate(itertools.pairwise(sizes)):
        weight, bias = network.weights[layer], network.biases[layer]
        r, c = min(rows, weight.shape[0]), min(columns, weight.shape[1])
        resized = np.zeros((rows, columns), weight.dtype)
        resized[:r, :c] = weight[:r, :c]
        shifted = np.zeros(rows, bias.dtype)
        shifted[:r] = bias[:r]
        weights.append(resized)
        biases.append(shifted)
    return MLP(tuple(weights), tuple(biases))


def check_comparable(networks: Sequence[Network]) -> None:
    """Make sure that networks can be compared neuron by neuron; hidden widths may differ.

    Raises:
        UserError: depths, inputs or outputs differ.
    """
    for network in networks[1:]:
        if len(network.weights) != len(networks[0].weights):
            raise UserError("the networks have different numbers of layers")
        first, other = layer_sizes(networks[0]), layer_sizes(network)
        if (first[0], first[-1]) != (other[0], other[-1]):
            raise UserError("the networks have different numbers of inputs or outputs")
