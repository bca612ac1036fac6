"""Reading an MLP from an ONNX file: its graph must be one chain of layers."""

from collections.abc import Mapping

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from nnit.errors import UserError
from nnit.mlp.network import MLP

# Parsed messages take up to 75 times the room of the most wasteful file (measured), hence less than for
# the other formats; it holds a quarter of a million float32 numbers.
MAX_ONNX_BYTES = 2**20
_MAX_NODES = 200

# What may stand between layers: it acts on each number alone, or not at all.
_ACTIVATIONS = {"Tanh", "Relu", "Sigmoid", "LeakyRelu", "Elu", "Selu", "Gelu", "Softplus", "Clip"}
_NOTHING = {"Identity", "Flatten", "Dropout", "Cast"}
_NUMBERS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16}


def read_onnx(name: str, content: bytes) -> MLP:
    """The layers of an ONNX graph that is a plain MLP.

    Args:
        name: of the file, for messages.
        content: at most `MAX_ONNX_BYTES`.

    Raises:
        UserError: the file is too large, damaged, refers to other files, or its graph is no such chain.
    """
    if len(content) > MAX_ONNX_BYTES:
        raise UserError(
            f"{name} is larger than {MAX_ONNX_BYTES // 2**20} MiB, too large for ONNX here"
        )
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError) as error:
        raise UserError(f"{name} is not a whole ONNX file") from error
    # Cut off between two fields a file still parses; the version of the operators comes last.
    if not model.opset_import:
        raise UserError(f"{name} is not a whole ONNX file")
    graph = model.graph
    if not 0 < len(graph.node) <= _MAX_NODES:
        raise UserError(f"{name} has {len(graph.node):,} nodes; an MLP has 1 to {_MAX_NODES}")
    constants = {tensor.name: _array(name, tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and len(node.output) == 1 and len(node.attribute) == 1:
            constants[node.output[0]] = _array(name, node.attribute[0].t)
    inputs = [value.name for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise UserError(f"{name} has {len(inputs)} inputs; an MLP has one")
    return _follow(name, graph, inputs[0], constants)


def _array(name: str, tensor: onnx.TensorProto) -> np.ndarray:
    """A tensor's numbers.

    Raises:
        UserError: they lie in another file, are no numbers, or are not as many as the shape says.
    """
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise UserError(f"{name} keeps its numbers in another file; save it as one")
    count = 1
    for side in tensor.dims:
        count *= int(side)
    if not 0 <= count <= MAX_ONNX_BYTES:
        raise UserError(f"{name} holds a tensor of an impossible shape")
    if tensor.data_type not in _NUMBERS:
        # Sizes and axes are whole numbers; used as weights they are refused later.
        return np.empty(0, np.int64)
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{name} holds a tensor that is damaged") from error


def _follow(
    name: str, graph: onnx.GraphProto, value: str, constants: Mapping[str, np.ndarray]
) -> MLP:
    """The layers on the way from the input to the output.

    Raises:
        UserError: the way branches, or something on it does not belong to an MLP.
    """
    consumers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for source in set(node.input):
            consumers.setdefault(source, []).append(node)
    weights: list[np.ndarray] = []
    biases: list[np.ndarray | None] = []
    active = True  # whether something nonlinear came after the last layer
    for _ in range(len(graph.node)):
        if len(consumers.get(value, [])) != 1:
            break
        node = consumers[value][0]
        others = [constants[source] for source in node.input if source in constants]
        if node.op_type in ("Gemm", "MatMul"):
            if not active:
                raise UserError(f"{name} has two layers with no activation between")
            weight, bias = _layer(name, node, value, others)
            weights.append(weight)
            biases.append(bias)
            active = False
        elif node.op_type == "Add" and weights and not active and biases[-1] is None and others:
            biases[-1] = others[0].reshape(-1)
        elif node.op_type in _ACTIVATIONS:
            active = True
        elif node.op_type in ("Sub", "Div") and not weights and others:
            pass  # the normaliser that policies carry, left out here as in their other files
        elif node.op_type not in _NOTHING:
            raise UserError(f'{name} has a node "{node.op_type[:40]}", which an MLP has not')
        if not node.output:
            break
        value = node.output[0]
    if value not in {output.name for output in graph.output}:
        raise UserError(f"{name} is not one chain of layers from its input to its output")
    return MLP(
        tuple(weights),
        tuple(
            np.zeros(len(weight), weight.dtype) if bias is None else bias
            for weight, bias in zip(weights, biases, strict=True)
        ),
    )


def _layer(
    name: str, node: onnx.NodeProto, value: str, others: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights (outputs, inputs) and bias of a Gemm or MatMul node.

    Raises:
        UserError: it multiplies something else than the value before with a matrix.
    """
    if not others or others[0].ndim != 2 or node.input[0] != value:
        raise UserError(f"{name} has a {node.op_type} that multiplies by no stored matrix")
    if node.op_type == "MatMul":
        return others[0].T, None
    options = {attribute.name: attribute for attribute in node.attribute}
    factors = [options[key].f for key in ("alpha", "beta") if key in options]
    if any(factor != 1 for factor in factors) or ("transA" in options and options["transA"].i):
        raise UserError(f"{name} has a Gemm that scales or transposes its input")
    transposed = "transB" in options and options["transB"].i == 1
    weight = others[0] if transposed else others[0].T
    return weight, others[1].reshape(-1) if len(others) > 1 else None
