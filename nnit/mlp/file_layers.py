"""From named tensors to layers: which vector is the bias of which matrix, and what lies beside the layers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnit.errors import UserError
from nnit.mlp.names import (
    Layout,
    Stem,
    TensorName,
    is_branch_scale,
    is_no_layer,
    is_of_optimizer,
    natural,
    other_layer,
    parse_name,
)


@dataclass(frozen=True, eq=False)
class Layer:
    """A matrix with its bias, if it has one, as they lie in the file."""

    name: TensorName
    weight: np.ndarray
    bias: np.ndarray | None = None
    bias_key: str = ""

    @property
    def stem(self) -> Stem:
        """What its name says of its place."""
        return self.name.stem

    def matrix(self, layout: Layout) -> np.ndarray:
        """The matrix as (outputs, inputs)."""
        return self.weight if layout == "out_in" else self.weight.T

    def sizes(self, layout: Layout) -> tuple[int, int]:
        """Inputs and outputs."""
        outputs, inputs = self.matrix(layout).shape
        return inputs, outputs

    def fits(self, layout: Layout) -> bool:
        """Whether the bias has one number an output, or one for all of them."""
        return self.bias is None or self.bias.size in {1, self.sizes(layout)[1]}

    def vector(self, layout: Layout) -> np.ndarray:
        """The bias, zeros where there is none."""
        outputs = self.sizes(layout)[1]
        if self.bias is None:
            return np.zeros(outputs, np.float32)
        flat = self.bias.reshape(-1)
        return np.repeat(flat, outputs) if flat.size == 1 else flat


def layers_of(name: str, tensors: Mapping[str, np.ndarray]) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers, in the order of their matrices, and the names of what lies beside them.

    Raises:
        UserError: a tensor is none of an MLP's, or vectors and matrices do not pair up.
    """
    left_out = [key for key in tensors if is_of_optimizer(key)]
    kept = {}
    tensors = {key: tensor for key, tensor in tensors.items() if key not in left_out}
    other = other_layer(tensors, [key for key, tensor in tensors.items() if tensor.ndim > 1])
    if other is not None:
        raise UserError(f"{name}: {other[0][:60]} belongs to {other[1]}, which an MLP has not")
    matrix_stems = {
        parse_name(key).stem for key, tensor in tensors.items() if not _is_vector(tensor)
    }
    for key, tensor in tensors.items():
        parsed = parse_name(key)
        named_beside = is_no_layer(key) and not (parsed.kind and parsed.stem in matrix_stems)
        beside = named_beside and _is_vector(tensor)
        # Counts, sizes of layers, and settings.
        beside |= not parsed.kind and (
            tensor.ndim == 0 or (tensor.ndim == 1 and tensor.dtype.kind in "iub")
        )
        if beside:
            left_out.append(key)
        elif tensor.ndim > 2:
            raise UserError(
                f"{name}: {key[:40]} has {tensor.ndim} axes; an MLP has matrices and vectors"
            )
        else:
            kept[key] = parsed
    return _paired(name, tensors, kept), tuple(left_out)


def _is_vector(tensor: np.ndarray) -> bool:
    return tensor.ndim < 2 or (tensor.ndim == 2 and min(tensor.shape) == 1)


def _paired(
    name: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> list[Layer]:
    """Every matrix with its bias.

    Raises:
        UserError: a vector is left over.
    """
    stems: dict[Stem, list[str]] = {}
    for key, parsed in names.items():
        stems.setdefault(parsed.stem, []).append(key)
    layers: list[Layer] = []
    loose: list[str] = []
    for keys in stems.values():
        # NumPy programs write biases as (1, n) or (n, 1).
        vectors = [
            key
            for key in keys
            if tensors[key].ndim < 2
            or (names[key].kind == "bias" and _is_vector(tensors[key]) and len(keys) > 1)
        ]
        matrices = [key for key in keys if key not in vectors]
        fitting = [key for key in vectors if names[key].kind in ("bias", "")]
        if len(matrices) == len(vectors) == len(fitting) == 1:
            bias = tensors[vectors[0]]
            layers.append(Layer(names[matrices[0]], tensors[matrices[0]], bias, vectors[0]))
        else:
            layers += [Layer(names[key], tensors[key]) for key in matrices]
            loose += vectors
    normalised = any(_BATCH_NORM.search(key) or _LAYER_NORM.search(key) for key in loose)
    unnamed = not normalised and not any(parsed.kind for parsed in names.values())
    if len(loose) == len(layers) and unnamed:
        return _paired_by_order(name, tensors, names)
    if loose:
        telling = next((key for key in loose if names[key].kind in ("weight", "gain")), loose[0])
        raise UserError(_unpaired_words(name, telling, tensors, names))
    places = {key: place for place, key in enumerate(tensors)}
    return sorted(layers, key=lambda layer: places[layer.name.key])


_BATCH_NORM = re.compile(r"batch_?norm(ali[sz]ation)?[_0-9]*[._/]", re.IGNORECASE)
_LAYER_NORM = re.compile(r"(layer_?norm(ali[sz]ation)?|(^|[._/])ln)[_0-9]*[._/]", re.IGNORECASE)


def _unpaired_words(
    name: str, key: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> str:
    """Why a vector can be no bias."""
    start = f"{name}: its matrices and vectors do not pair up as weights and biases: {key[:60]}"
    own = key.rpartition(".")[0]
    if f"{own}.running_var" in tensors or _BATCH_NORM.search(key):
        return (
            f"{start} is of a batch normalisation, and its name does not say whether an activation stands between it "
            "and a layer; export the network as ONNX, where it is folded into the layers exactly"
        )
    if is_branch_scale(key):
        return f"{start} scales, by its name, the branch beside a skip connection, and an MLP has no such connection"
    if _LAYER_NORM.search(key):
        return f"{start} is of a layer normalisation, which looks at all neurons of one input: no layer can take it in"
    if names[key].kind in ("weight", "gain"):
        return f"{start} is the gain of a normalisation, or the slope of an activation; an MLP has neither"
    return f"{start}, of {tensors[key].size} numbers, belongs to no matrix"


def _paired_by_order(
    name: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> list[Layer]:
    """Where names say nothing of kinds: a vector behind every matrix, in the order of the file, or of the names.

    Raises:
        UserError: they do not alternate.
    """
    keys = [key for key in tensors if key in names]
    if not order_says_something(keys, tensors):
        keys.sort(key=natural)
    layers = []
    for matrix, vector in zip(keys[::2], keys[1::2], strict=False):
        if tensors[matrix].ndim != 2 or tensors[vector].ndim > 1:
            raise UserError(_unpaired_words(name, vector, tensors, names))
        layers.append(Layer(names[matrix], tensors[matrix], tensors[vector], vector))
    return layers


def order_says_something(keys: Sequence[str], tensors: Mapping[str, np.ndarray]) -> bool:
    """Whether the file has its matrices in an order that nobody sorted by names.

    safetensors sorts by the size of numbers, then by names; JAX by names, those of each dictionary alone.
    """
    by_parts = sorted(keys, key=lambda key: re.split(r"[./]", key))
    by_type = sorted(keys, key=lambda key: (-tensors[key].dtype.itemsize, key))
    return list(keys) not in (sorted(keys), sorted(keys, key=natural), by_parts, by_type)
