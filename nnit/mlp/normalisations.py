"""Batch normalisation of state dicts, folded into the layer before or behind it.

Once it is trained it is a product and a sum for each neuron: with a linear layer on one side it is part of that layer.
Which side, only a numbered row of modules says (`nn.Sequential`): directly behind a layer's number, or directly before
the next one's, with an activation between it and the other. Layer normalisation, and all that look at the values of one
input, are no such sum, and are refused where they are met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnit.errors import UserError
from nnit.mlp.network import MLP

EPSILON = 1e-5  # PyTorch's default; files do not hold it
_PARTS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True, eq=False)
class Normalisation:
    """One batch normalisation of a file.

    Attributes:
        prefix: what the names of its tensors begin with, such as `net.1`.
        tensors: its vectors by their last names; gain and shift may be missing.
    """

    prefix: str
    tensors: Mapping[str, np.ndarray]

    @property
    def row(self) -> str:
        """The row of modules that it stands in; `place` is its number there."""
        return self.prefix.rpartition(".")[0]

    @property
    def place(self) -> int:
        """Its number in the row."""
        return int(self.prefix.rpartition(".")[2])

    @property
    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """What values are multiplied by, and what is added then."""
        mean, variance = (
            self.tensors[name].astype(np.float64) for name in ("running_mean", "running_var")
        )
        gain = self.tensors.get("weight", np.ones(len(mean))).astype(np.float64)
        shift = self.tensors.get("bias", np.zeros(len(mean))).astype(np.float64)
        with np.errstate(all="ignore"):  # what is not finite is refused with the layers
            scale = gain / np.sqrt(variance + EPSILON)
            return scale, shift - mean * scale

    @property
    def names(self) -> list[str]:
        """The names of its vectors in the file."""
        return [f"{self.prefix}.{name}" for name in self.tensors]


def without_normalisations(
    tensors: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], list[Normalisation], list[str]]:
    """The other tensors of a file, its batch normalisations in numbered rows, and the names of their counts."""
    found: list[Normalisation] = []
    rest = dict(tensors)
    counts = []
    for key in tensors:
        prefix, _, last = key.rpartition(".")
        row, _, place = prefix.rpartition(".")
        own = {name: tensors[f"{prefix}.{name}"] for name in _PARTS if f"{prefix}.{name}" in rest}
        count = own.pop("num_batches_tracked", None)
        # Only beside layers of the same row is it known where it stands.
        beside = any(
            tensor.ndim == 2 and _row_of(name)[0] == row for name, tensor in tensors.items()
        )
        sizes = {tensor.shape for tensor in own.values()}
        if (
            last != "running_var"
            or "running_mean" not in own
            or not place.isdecimal()
            or len(place) > 4
            or not beside
            or len(sizes) != 1
            or len(next(iter(sizes))) != 1
        ):
            continue
        found.append(Normalisation(prefix, own))
        for name in own:
            del rest[f"{prefix}.{name}"]
        if count is not None:
            del rest[f"{prefix}.num_batches_tracked"]
            counts.append(f"{prefix}.num_batches_tracked")
    return rest, found, counts


def _row_of(key: str) -> tuple[str, int | None]:
    """Row and number of the module that a tensor belongs to."""
    row, _, place = key.rpartition(".")[0].rpartition(".")
    return row, int(place) if place.isdecimal() and len(place) <= 4 else None


@dataclass(frozen=True, eq=False)
class Folded:
    """A network with its normalisations in its layers.

    Attributes:
        network: the layers.
        used: the normalisations that were its own.
        axes: of their vectors, as `Reading.axes`.
        powers: of their vectors and of the matrices and biases beside them, as `Reading.powers`.
    """

    network: MLP
    used: tuple[Normalisation, ...]
    axes: Mapping[str, tuple[int | None, ...]]
    powers: Mapping[str, tuple[int, ...]]


def fold(
    name: str,
    network: MLP,
    layers: Sequence[tuple[str, str]],
    normalisations: Sequence[Normalisation],
    powers: Mapping[str, tuple[int, ...]],
) -> Folded:
    """A network with the normalisations folded in that stand in the row of its layers.

    Args:
        name: of the file, for messages.
        network: the layers as they are in the file.
        layers: names of each layer's matrix and bias in the file; an empty one where there is no bias.
        normalisations: of the file.
        powers: of the matrices and biases, as if there were no normalisation.

    Raises:
        UserError: it cannot be told where one stands, or it has another number of neurons.
    """
    weights = [weight.astype(np.float64) for weight in network.weights]
    biases = [bias.astype(np.float64) for bias in network.biases]
    places = [_row_of(matrix) for matrix, _ in layers]
    axes: dict[str, tuple[int | None, ...]] = {}
    changed: dict[str, tuple[int, ...]] = {}
    used = []
    for one in normalisations:
        numbers = [place for row, place in places if row == one.row]
        if not numbers:
            continue
        if None in numbers:
            raise _unclear(name, one)
        before = max((i for i, (row, n) in enumerate(places) if _less(row, n, one)), default=-1)
        after = before + 1
        behind = before >= 0 and one.place - (places[before][1] or 0) == 1
        follows = after < len(places) and places[after] == (one.row, one.place + 1)
        if not (behind or follows):
            raise _unclear(name, one)
        neurons = len(weights[before]) if before >= 0 else weights[0].shape[1]
        scale, shift = one.line
        if len(scale) != neurons:
            raise UserError(
                f"{name}: {one.prefix[:60]} normalises {len(scale)} values, and there are {neurons}"
            )
        hidden = before if 0 <= before < len(layers) - 1 else None
        if hidden is not None and not {"weight", "bias"} <= set(one.tensors):
            # A neuron's sign or scale would have no place to go.
            raise UserError(
                f"{name}: {one.prefix[:60]}, a batch normalisation, has no gain and shift of its own (affine=False); "
                "export the network as ONNX, where it is folded into the layers exactly"
            )
        matrix, bias = layers[before if behind else after]
        taken = changed.get(matrix, powers[matrix])
        if behind:
            weights[before] = weights[before] * scale[:, None]
            biases[before] = biases[before] * scale + shift
            # What comes out is scaled by its own gain and shift; what goes in stays as it is.
            own = {"weight": 1, "bias": 1}
            changed[matrix] = tuple(0 if power == 1 else power for power in taken)
            if bias in powers:
                changed[bias] = (0,) * len(powers[bias])
        else:
            biases[after] = biases[after] + weights[after] @ shift
            weights[after] = weights[after] * scale
            own = {"weight": -1, "running_mean": 1, "running_var": 2}
            changed[matrix] = tuple(0 if power == -1 else power for power in taken)
        for key in one.tensors:
            axes[f"{one.prefix}.{key}"] = (hidden,)
            changed[f"{one.prefix}.{key}"] = (own.get(key, 0),)
        used.append(one)
    return Folded(MLP(tuple(weights), tuple(biases)), tuple(used), axes, changed)


def _less(row: str, number: int | None, one: Normalisation) -> bool:
    return row == one.row and number is not None and number < one.place


def _unclear(name: str, one: Normalisation) -> UserError:
    return UserError(
        f"{name}: it cannot be told whether {one.prefix[:60]}, a batch normalisation, comes before or after an "
        "activation; "
        "export the network as ONNX, where it is folded into the layers exactly"
    )
