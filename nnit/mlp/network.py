"""Networks as bare layers, of any sizes: the forward pass, their sizes, cropping and padding."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol, TypeVar

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


@dataclass(frozen=True, eq=False)
class LayerNorm:
    """Layer normalisation of a hidden layer: less the mean of its neurons, over their deviation; gain and shift.

    Ba, Kiros and Hinton 2016 (https://arxiv.org/abs/1607.06450). It looks at all neurons of one input, so that another
    order of them, gain and shift included, leaves what a network computes as it is; another sign or scale of one does
    not.

    Attributes:
        gain: (width,).
        shift: (width,).
        epsilon: that is added to the variance.
        before: whether it stands before the layer's activation or behind it; None where a file does not say.
    """

    gain: Float[np.ndarray, " width"]
    shift: Float[np.ndarray, " width"]
    epsilon: float = 1e-5
    before: bool | None = True

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Values of a layer, (..., n, width), normalised."""
        centred = values - values.mean(-1, keepdims=True)
        variance = (centred**2).mean(-1, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + self.epsilon) * self.gain + self.shift)

    def changed(self, change: Callable[[np.ndarray], np.ndarray]) -> "LayerNorm":
        """The same with gain and shift changed."""
        return replace(self, gain=change(self.gain), shift=change(self.shift))


Norms = Sequence[LayerNorm | None]


def hidden_activations(
    weights: Sequence[Array],
    biases: Sequence[Array],
    inputs: Array,
    activation: Elementwise,
    layer: Callable[[Array, Array, Array], Array],
    norms: Norms = (),
) -> Iterator[Array]:
    """The forward pass of an MLP, layer by layer: each hidden layer's activations, then the outputs.

    Args:
        weights: one matrix a layer.
        biases: one vector a layer.
        inputs: of the first layer.
        activation: of the hidden layers; the last layer has none.
        layer: computes one layer from its inputs, its matrix and its vector, such as `linear`.
        norms: one a hidden layer, or none; of NumPy's arrays.

    Raises:
        ValueError: it is not known where one of the norms stands.
    """
    hidden: Any = inputs
    last = len(weights) - 1
    for index, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        hidden = layer(hidden, weight, bias)
        if index < last:
            norm = norms[index] if norms else None
            if norm is not None and norm.before is None:
                raise ValueError("it is not known where the layer normalisation stands")
            hidden = norm(hidden) if norm is not None and norm.before else hidden
            hidden = activation(hidden)
            hidden = norm(hidden) if norm is not None and not norm.before else hidden
        yield hidden


def forward(
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    inputs: np.ndarray,
    activation: Elementwise = np.tanh,
    norms: Norms = (),
) -> np.ndarray:
    """Outputs of one MLP, or of many whose arrays have the same leading axes; (..., n, outputs)."""
    *_, outputs = hidden_activations(weights, biases, inputs, activation, linear, norms)
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
        norms: layer normalisation of each hidden layer, None where a layer has none; empty where no layer has one.
    """

    weights: tuple[Float[np.ndarray, "outputs inputs"], ...]
    biases: tuple[Float[np.ndarray, " outputs"], ...]
    norms: tuple[LayerNorm | None, ...] = ()


def norms_of(network: Network) -> tuple[LayerNorm | None, ...]:
    """Layer normalisation of each hidden layer; empty where no layer has one."""
    found: tuple[LayerNorm | None, ...] = getattr(network, "norms", ())
    return found if any(norm is not None for norm in found) else ()


def runs(network: Network) -> bool:
    """Whether it is known what the network computes: where each of its layer normalisations stands."""
    return all(norm is None or norm.before is not None for norm in norms_of(network))


NormsApart = Literal["", "layers", "unknown", "sides", "epsilons"]


def norms_apart(a: Network, b: Network) -> NormsApart:
    """In what the layer normalisations of two networks differ, whatever their gains; empty where in nothing.

    They may be in other layers, on the other side of an activation, or have other epsilons; "unknown" where a file does
    not say on which side one of them stands.
    """
    depth = max(len(hidden_widths(one)) for one in (a, b))
    mine, theirs = ([*norms_of(one), *[None] * (depth - len(norms_of(one)))] for one in (a, b))
    if [norm is None for norm in mine] != [norm is None for norm in theirs]:
        return "layers"
    pairs = [(x, y) for x, y in zip(mine, theirs, strict=True) if x is not None and y is not None]
    if any(x.before != y.before and None not in (x.before, y.before) for x, y in pairs):
        return "sides"
    if any(x.before != y.before for x, y in pairs):
        return "unknown"
    # ONNX holds epsilons as float32, where 0.00001 is another number than in Python.
    same = all(np.float32(x.epsilon) == np.float32(y.epsilon) for x, y in pairs)
    return "" if same else "epsilons"


def vectors_of(
    network: Network, layer: int, normed: bool = False
) -> Float[np.ndarray, "outputs vectors"]:
    """All that the neurons of a layer have besides weights: their biases, and with `normed` gains less 1, and shifts.

    Gains count from 1, where training begins, so that networks are not alike for having them. They are 0 in a layer
    without normalisation, as shifts are.
    """
    bias = network.biases[layer]
    if not normed:
        return bias[:, None]
    norms = norms_of(network)
    norm = norms[layer] if layer < len(norms) else None
    nothing = np.zeros_like(bias)
    more = (nothing, nothing) if norm is None else (norm.gain - 1, norm.shift)
    return np.stack([bias, *more], axis=1)


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
    function as it is, but for a layer with layer normalisation, which counts it. Cropping does not.
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
    norms = norms_of(network)
    sized = [
        norm and norm.changed(lambda vector, rows=rows: _resized(vector, rows))  # type: ignore[misc]
        for norm, rows in zip(norms, hidden, strict=False)
    ]
    return MLP(tuple(weights), tuple(biases), tuple(sized))


def _resized(vector: np.ndarray, rows: int) -> np.ndarray:
    found = np.zeros(rows, vector.dtype)
    found[: len(vector)] = vector[:rows]
    return found


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
