"""The constants of an ONNX graph: those that are stored, and those that nodes make of them.

Exporters put equal tensors behind `Identity`, convert them with `Cast`, and compute the reciprocals of
scales in the graph. Nothing of onnx is run: the few operators that matter are written here.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nnit.errors import UserError

# Of one tensor, in numbers: 4,096 by 4,096 and more.
_MAX_NUMBERS = 20 * 2**20
# Numbers that nodes make of constants, all together, beside twice as many as the file stores; 200 nodes could make
# gigabytes of one matrix.
_MAX_COMPUTED, _LARGEST_MADE = 4 * 2**20, 2**20

FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
_NUMBERS = FLOATS | {TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL}

Attributes = Mapping[str, Any]


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's numbers and lists of numbers by name; other attributes are left out."""
    readers: dict[int, Callable[[onnx.AttributeProto], Any]] = {
        onnx.AttributeProto.INT: lambda a: a.i,
        onnx.AttributeProto.FLOAT: lambda a: a.f,
        onnx.AttributeProto.INTS: lambda a: list(a.ints),
        onnx.AttributeProto.FLOATS: lambda a: list(a.floats),
        onnx.AttributeProto.TENSOR: lambda a: a.t,
    }
    return {a.name: readers[a.type](a) for a in node.attribute if a.type in readers}


def constants_of(name: str, graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Every value of a graph that depends on no input and can be computed here.

    Args:
        name: of the file, for messages.
        graph: its nodes in the order in which they are computed, as the format wants.

    Raises:
        UserError: numbers lie in another file, are not as many as their shapes say, or are too many.
    """
    constants = {tensor.name: _array(name, tensor) for tensor in graph.initializer}
    computed = 0
    most = _MAX_COMPUTED + 2 * sum(array.size for array in constants.values())
    for node in graph.node:
        if len(node.output) != 1 or node.domain not in ("", "ai.onnx"):
            continue
        if node.op_type == "Constant":
            array = _constant(name, node)
        elif node.op_type in _FOLDED and node.input and all(i in constants for i in node.input):
            array = _folded(node, [constants[source] for source in node.input])
            computed += 0 if array is None else array.size
            if computed > most:
                raise UserError(f"{name} computes more constants than an MLP has")
        else:
            array = None
        if array is not None:
            constants[node.output[0]] = array
    return constants


def _array(name: str, tensor: onnx.TensorProto) -> np.ndarray:
    """A tensor's numbers.

    Raises:
        UserError: they lie in another file, or are not as many as the shape says.
    """
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise UserError(
            f"{name} keeps its numbers in another file; export it as one file, in PyTorch with "
            "torch.onnx.export(..., external_data=False)"
        )
    if not 0 <= math.prod(map(int, tensor.dims)) <= _MAX_NUMBERS:
        raise UserError(f"{name} holds a tensor of an impossible shape")
    if tensor.data_type not in _NUMBERS:
        return np.empty(0, np.int64)  # used as weights it is refused later
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{name} holds a tensor that is damaged") from error


def _constant(name: str, node: onnx.NodeProto) -> np.ndarray | None:
    """What a `Constant` node holds; None for texts and sparse tensors."""
    for key, value in attributes_of(node).items():
        if key == "value":
            return _array(name, value)
        if key in ("value_float", "value_floats"):
            return np.asarray(value, np.float32)
        if key in ("value_int", "value_ints"):
            return np.asarray(value, np.int64)
    return None


def _cast(arrays: Sequence[np.ndarray], options: Attributes) -> np.ndarray:
    if options["to"] not in _NUMBERS:
        raise ValueError("a type that is not followed")
    return arrays[0].astype(helper.tensor_dtype_to_np_dtype(options["to"]))


def _reshape(arrays: Sequence[np.ndarray], options: Attributes) -> np.ndarray:
    array, asked = arrays
    shape = [int(side) for side in asked]
    if not options.get("allowzero"):
        shape = [side or array.shape[axis] for axis, side in enumerate(shape)]
    return array.reshape(shape)


def _axes(arrays: Sequence[np.ndarray], options: Attributes) -> tuple[int, ...] | None:
    """Those of Squeeze and Unsqueeze: an input since operator set 13, an attribute before."""
    axes = arrays[1].tolist() if len(arrays) > 1 else options.get("axes")
    return None if axes is None else tuple(map(int, axes))


def _transpose(arrays: Sequence[np.ndarray], options: Attributes) -> np.ndarray:
    return arrays[0].transpose(options.get("perm"))


def _two(function: Callable[..., Any]) -> Callable[[Sequence[np.ndarray], Attributes], np.ndarray]:
    """A function of two arrays, computed where the result is no larger than a file may be."""

    def compute(arrays: Sequence[np.ndarray], _: Attributes) -> np.ndarray:
        first, second = arrays
        largest = max(_LARGEST_MADE, first.size, second.size)
        if math.prod(np.broadcast_shapes(first.shape, second.shape)) > largest:
            raise ValueError("too large")
        return np.asarray(function(first, second), first.dtype)

    return compute


_FOLDED: dict[str, Callable[[Sequence[np.ndarray], Attributes], np.ndarray]] = {
    "Identity": lambda arrays, _: arrays[0],
    "Cast": _cast,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Squeeze": lambda arrays, options: arrays[0].squeeze(_axes(arrays, options)),
    "Unsqueeze": lambda arrays, options: np.expand_dims(arrays[0], _axes(arrays, options) or ()),
    "Neg": lambda arrays, _: -arrays[0],
    "Reciprocal": lambda arrays, _: np.reciprocal(arrays[0]),
    "Sqrt": lambda arrays, _: np.sqrt(arrays[0]),
    "Add": _two(np.add),
    "Sub": _two(np.subtract),
    "Mul": _two(np.multiply),
    "Div": _two(np.divide),
}


def _folded(node: onnx.NodeProto, arrays: Sequence[np.ndarray]) -> np.ndarray | None:
    """What a node makes of constants; None where it cannot be computed here."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(_FOLDED[node.op_type](arrays, attributes_of(node)))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None
