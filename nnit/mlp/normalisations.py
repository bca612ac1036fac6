"""Batch normalisation of state dicts, folded into the layer before or behind it.

Once it is trained it is a product and a sum for each neuron: with a linear layer on one side it is part of that layer.
Which side, only a numbered row of modules says (`nn.Sequential`): directly behind a layer's number, or directly before
the next one's, with an activation between it and the other. Layer normalisation is no such sum: see
`nnit.mlp.layer_norms`.

Observations are normalised likewise before a policy's first layer. rsl_rl only takes their mean away and divides, which
that layer can take in as it is; libraries that clip what comes out say so nowhere in the file, so that their statistics
are left beside the layers, and named.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnit.errors import UserError
from nnit.mlp.names import parse_name, role_of, words_of
from nnit.mlp.network import MLP

EPSILON = 1e-5  # PyTorch's default; files do not hold it
OBSERVATIONS_EPSILON = 1e-2  # of rsl_rl's EmpiricalNormalization; files do not hold it
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


# --- Observations ---------------------------------------------------------------------------------

# Words of a prefix that do not say which network of a file it is of.
_ANY = {"obs", "observation", "observations", "normalizer", "normaliser", "normalization", "norm"}
_ANY |= {"empirical", "running", "state", "dict", "module", "model", "policy"}


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean and deviation of observations, as rsl_rl's `EmpiricalNormalization` keeps them.

    Attributes:
        prefix: what the names of its tensors begin with, such as `actor_obs_normalizer`.
        mean: (inputs,).
        deviation: (inputs,).
    """

    prefix: str
    mean: np.ndarray
    deviation: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tensors."""
        start = f"{self.prefix}." if self.prefix else ""
        return tuple(f"{start}{last}" for last in _STATISTICS)

    def is_of(self, layers: Sequence[str], alone: bool) -> bool:
        """Whether a network's observations go through it: by the words of its name, all of which its layers have.

        Args:
            layers: names of the network's matrices.
            alone: whether no network of the file has another's role.
        """
        own = {word for piece in self.prefix.split(".") for word in words_of(piece)} - _ANY
        own = {"critic" if word == "privileged" else word for word in own}
        words = [
            {w for piece in re.split(r"[^\w]+", key) for w in words_of(piece)} for key in layers
        ]
        roles = {role for key in layers for role in role_of(parse_name(key).stem)}
        if own:
            return all(own <= one for one in words)
        return alone or not any(role.startswith("critic") for role in roles)


_STATISTICS = ("_mean", "_var", "_std", "count")


def statistics_of(tensors: Mapping[str, np.ndarray]) -> list[Statistics]:
    """Those of a file."""
    found = []
    for key in tensors:
        prefix, _, last = key.rpartition(".")
        start = f"{prefix}." if prefix else ""
        if last != "_mean" or not all(f"{start}{one}" in tensors for one in _STATISTICS):
            continue
        mean, variance, deviation = (tensors[f"{start}{one}"] for one in _STATISTICS[:3])
        if mean.ndim not in (1, 2) or mean.size != mean.shape[-1]:
            continue
        if not mean.shape == variance.shape == deviation.shape:
            continue
        mean, variance, deviation = (
            one.astype(np.float64).ravel() for one in (mean, variance, deviation)
        )
        # Another class may call its tensors the same; this one's are the root of each other.
        if (variance >= 0).all() and np.allclose(deviation**2, variance, rtol=1e-2, atol=1e-6):
            found.append(Statistics(prefix, mean, deviation))
    return found


def fold_observations(network: MLP, one: Statistics) -> MLP:
    """The network on observations as they are: their mean and deviation in the first layer."""
    scale = 1 / (one.deviation + OBSERVATIONS_EPSILON)
    weight, bias = (part[0].astype(np.float64) for part in (network.weights, network.biases))
    scaled = weight * scale
    return MLP((scaled, *network.weights[1:]), (bias - scaled @ one.mean, *network.biases[1:]))
