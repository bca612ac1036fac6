"""Neurons that say nothing or the same as another: dead, near-constant, duplicate. And what networks are run on."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nnit.alignment.correspondence import NO_SYMMETRIES, Symmetries, layer_activations
from nnit.mlp.network import Network, norms_of, vectors_of

# Shares of the layer's usual (median) norm or spread.
_NOTHING, _LITTLE = 1e-6, 1e-3
_ALIKE = 0.01  # residual between two neurons of one layer


@dataclass(frozen=True, eq=False)
class Observations:
    """What networks are run on.

    Attributes:
        inputs: as the first layer takes them, (n, features), float32.
        activation: of the hidden layers.
        targets: what the outputs should be, (n, outputs); None where that is not known.
        names: of the outputs or anything else that a page wants to show; may be empty.
    """

    inputs: Float[np.ndarray, "n features"]
    activation: str
    targets: Float[np.ndarray, "n outputs"] | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerHealth:
    """Neurons of one hidden layer that a smaller network could do without, by their numbers.

    Attributes:
        dead: nothing reads them, or, where observations are given, they are 0 on all of them.
        constant: nothing goes in, or they hardly vary on the observations; those that are dead are not repeated here.
        duplicates: pairs with the same incoming weights, up to the symmetries that are undone.
    """

    dead: tuple[int, ...]
    constant: tuple[int, ...]
    duplicates: tuple[tuple[int, int], ...]


def health(
    network: Network,
    symmetries: Symmetries = NO_SYMMETRIES,
    observations: Observations | None = None,
) -> tuple[LayerHealth, ...]:
    """Dead, near-constant and duplicate neurons of every hidden layer.

    By weights: dead where outgoing weights are below a millionth of the layer's median norm, near-constant where
    incoming ones are below a thousandth. With observations also those whose activation never leaves 0, or whose
    standard deviation is below a thousandth of the median. What layer normalisation does not let through (a gain of 0)
    counts as no weights; whatever it lets through of one neuron still depends on all others.

    Args:
        network: any MLP.
        symmetries: whether opposite signs, or other scales, count as the same incoming weights.
        observations: to run it on.

    Raises:
        UserError: the observations do not fit the network.
    """
    activations = None
    if observations is not None:
        activations = layer_activations(network, observations.inputs, observations.activation)
    norms = norms_of(network)
    found = []
    for layer in range(len(network.weights) - 1):
        weight = network.weights[layer]
        reads = np.linalg.norm(network.weights[layer + 1], axis=0)
        takes = np.linalg.norm(weight, axis=1)
        norm = norms[layer] if norms else None
        if norm is not None:  # what goes on is what the gain lets through
            takes = takes * np.abs(norm.gain)
            reads = reads * (1.0 if norm.before else np.abs(norm.gain))
        dead = reads <= _NOTHING * _usual(reads)
        constant = takes <= _LITTLE * _usual(takes)
        if activations is not None:
            own = activations[layer]
            spread = own.std(0)
            dead |= np.abs(own).max(0) == 0
            constant |= spread <= _LITTLE * _usual(spread)
        rows = np.column_stack([weight, vectors_of(network, layer, bool(norms))])
        duplicates = _duplicates(rows, dead | constant, symmetries)
        found.append(LayerHealth(_numbers(dead), _numbers(constant & ~dead), duplicates))
    return tuple(found)


def _usual(sizes: np.ndarray) -> float:
    positive = sizes[sizes > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def _numbers(flags: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.flatnonzero(flags))


def _duplicates(
    rows: np.ndarray, silent: np.ndarray, symmetries: Symmetries
) -> tuple[tuple[int, int], ...]:
    """Pairs of rows that are the same, up to the symmetries; silent neurons are left out."""
    sizes = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(sizes > 0, sizes, 1.0)[:, None]
    inner = unit @ unit.T
    if symmetries.signs:
        inner = np.abs(inner)
    if not symmetries.scales:  # 2 |a| |b| cos / (|a|^2 + |b|^2)
        squares = sizes**2
        inner = inner * 2 * np.outer(sizes, sizes) / np.maximum(squares[:, None] + squares, 1e-30)
    # residual^2 = 1 - 2 a.b / (|a|^2 + |b|^2)
    alike = np.triu(1 - inner < _ALIKE**2, 1)
    alike[silent] = False
    alike[:, silent] = False
    return tuple((int(a), int(b)) for a, b in np.argwhere(alike)[:1000])
