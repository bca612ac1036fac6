"""Networks as bare layers, of any sizes: the forward pass, their sizes, cropping and padding."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from jaxtyping import Float

from nnit.errors import UserError

Array = TypeVar("Array")
Elementwise = Callable[[Any], Any]


def relu(x: np.ndarray) -> np.ndarray:
    """The positive part of every number."""
    return np.maximum(x, 0)


ACTIVATION_FUNCTIONS: dict[str, Elementwise] = {"tanh": np.tanh, "relu": relu}


def linear(inputs: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """One layer: (..., n, inputs), (..., outputs, inputs), (..., outputs) or (..., 1, outputs)."""
    return np.asarray(inputs @ weight.swapaxes(-1, -2) + bias)


def hidden_activations(
    weights: Sequence[Array],
    biases: Sequence[Array],
    inputs: Array,
    activation: Elementwise,
    layer: Callable[[Array, Array, Array], Array],
) -> Iterator[Array]:
    """The forward pass of an MLP, layer by layer: each hidden layer's activations, then the outputs.

    Args:
        weights: one matrix a layer.
        biases: one vector a layer.
        inputs: of the first layer.
        activation: of the hidden layers; the last layer has none.
        layer: computes one layer from its inputs, its matrix and its vector, such as `linear`.
    """
    hidden = inputs
    last = len(weights) - 1
    for index, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        hidden = layer(hidden, weight, bias)
        if index < last:
            hidden = activation(hidden)
        yield hidden


def forward(
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    inputs: np.ndarray,
    activation: Elementwise = np.tanh,
) -> np.ndarray:
    """Outputs of one MLP, or of many whose arrays have the same leading axes; (..., n, outputs)."""
    *_, outputs = hidden_activations(weights, biases, inputs, activation, linear)
    return outputs


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


def layer_sizes(network: Network) -> tuple[int, ...]:
    """Number of neurons of every layer, input and output included."""
    return (network.weights[0].shape[1], *(weight.shape[0] for weight in network.weights))


def hidden_widths(network: Network) -> tuple[int, ...]:
    """Number of neurons of every hidden layer."""
    return layer_sizes(network)[1:-1]


def tensors_of(network: Network) -> dict[str, np.ndarray]:
    """A network's tensors by name: `weight.0`, `bias.0`, and so on."""
    named: dict[str, np.ndarray] = {}
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        named |= {f"weight.{layer}": weight, f"bias.{layer}": bias}
    return named


def permute_tensor(
    tensor: np.ndarray,
    labels: Sequence[int | None],
    permutations: Sequence[np.ndarray],
    *,
    skip: int | None = None,
) -> np.ndarray:
    """A copy of a tensor with each axis put in the order of the permutation that acts on it.

    Args:
        tensor: of any number of axes.
        labels: the hidden layer whose permutation acts on each axis, None where none does.
        permutations: one a hidden layer, each (width,).
        skip: the axis that stays as it is, if any.
    """
    moved = tensor.copy()
    for axis, label in enumerate(labels):
        if label is not None and axis != skip:
            moved = np.take(moved, permutations[label], axis)
    return moved


def scale_tensor(
    tensor: np.ndarray,
    labels: Sequence[int | None],
    powers: Sequence[int],
    factors: Sequence[np.ndarray],
) -> np.ndarray:
    """A copy of a tensor with each axis multiplied by a power of the factors that act on it.

    Args:
        tensor: of floating point numbers, its axes in their final order.
        labels: the hidden layer whose factors act on each axis, None where none do.
        powers: of each axis, 1 what goes into neurons, -1 what comes out of them, 0 neither.
        factors: one a hidden layer, each (width,).
    """
    scaled = tensor.astype(np.float64)
    for axis, (label, power) in enumerate(zip(labels, powers, strict=True)):
        if label is not None and power:
            shape = [1] * tensor.ndim
            shape[axis] = -1
            scaled *= factors[label].reshape(shape) ** power
    return scaled.astype(tensor.dtype)


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
