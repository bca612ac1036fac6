"""Reading an MLP from an ONNX file, whose graph must be one chain of layers, and writing it back."""

from collections.abc import Sequence

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from nnit.errors import UserError
from nnit.mlp.limits import MAX_FILE_BYTES
from nnit.mlp.network import MLP, permute_tensor, scale_tensor
from nnit.mlp.onnx_size import check_size
from nnit.mlp.onnx_walk import Place, Walk

_MAX_NODES = 200


def read_onnx(name: str, content: bytes) -> tuple[MLP, str]:
    """The layers of an ONNX graph that is a plain MLP, and the activation of all hidden layers.

    The activation is in this project's words: "other" if it is another, or not one.

    Args:
        name: of the file, for messages.
        content: at most `MAX_FILE_BYTES`.

    Raises:
        UserError: the file is too large, damaged, refers to other files, or its graph is no such chain.
    """
    found = _walked(name, _model(name, content))
    hidden = set(found.activations[: len(found.weights) - 1])
    known = {"Tanh": "tanh", "Relu": "relu"}
    return found.network(), known.get(hidden.pop(), "other") if len(hidden) == 1 else "other"


def permuted_onnx(
    name: str,
    content: bytes,
    permutations: Sequence[np.ndarray],
    factors: Sequence[np.ndarray] | None = None,
) -> bytes:
    """The same file with its hidden neurons in another order; names and everything else stay.

    A tensor that two layers share, in different orders now, becomes two.

    Args:
        name: of the file, for messages.
        content: a file that `read_onnx` reads.
        permutations: one a hidden layer, each (width,).
        factors: of the reordered neurons, one a hidden layer; what goes in is multiplied, what comes out divided.

    Raises:
        UserError: as for `read_onnx`.
    """
    model = _model(name, content)
    walk = _walked(name, model)
    last = len(walk.weights) - 1
    writer = _Writer(model.graph)
    for place in walk.places:
        labels = tuple(None if label == last else label for label in place.axes)
        if any(label is not None for label in labels):
            array = walk.constants[place.node.input[place.slot]]
            moved = permute_tensor(array, labels, permutations)
            if factors is not None:
                moved = scale_tensor(moved, labels, place.powers, factors)
            writer.put(place, np.ascontiguousarray(moved))
    writer.finish()
    return model.SerializeToString()


def _model(name: str, content: bytes) -> onnx.ModelProto:
    """A parsed file.

    Raises:
        UserError: it is too large, damaged, or has no graph of a size that is read.
    """
    check_size(name, content, MAX_FILE_BYTES)
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError) as error:
        raise UserError(f"{name} is not a whole ONNX file") from error
    # Cut off between two fields a file still parses; the version of the operators comes last.
    if not model.opset_import:
        raise UserError(f"{name} is not a whole ONNX file")
    if not 0 < len(model.graph.node) <= _MAX_NODES:
        raise UserError(f"{name} has {len(model.graph.node):,} nodes; an MLP has 1 to {_MAX_NODES}")
    return model


def _walked(name: str, model: onnx.ModelProto) -> Walk:
    """The graph, followed from its input to its output."""
    walk = Walk(name, model.graph)
    walk.follow()
    return walk


class _Writer:
    """Puts constants into a graph under their names, and takes out the nodes that made them."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._stored = {tensor.name: tensor for tensor in graph.initializer}
        self._made: list[tuple[Place, np.ndarray]] = []

    def put(self, place: Place, array: np.ndarray) -> None:
        """Note what a node is to take."""
        self._made.append((place, array))

    def finish(self) -> None:
        """Write all that was noted; a tensor that others take as well stays as it is beside the new one."""
        # Those that nodes made first: their sources may then have one user less.
        for place, array in sorted(self._made, key=lambda one: self._is_stored(one[0])):
            source = place.node.input[place.slot]
            name = source
            if self._uses(source) > 1:
                name = self._free(source)
                place.node.input[place.slot] = name
            elif source in self._stored:
                said = self._stored[source].doc_string
                self._stored[source].CopyFrom(numpy_helper.from_array(array, name))
                self._stored[source].doc_string = said
                continue
            else:
                self._remove_maker(source)
            self._stored[name] = self._graph.initializer.add()
            self._stored[name].CopyFrom(numpy_helper.from_array(array, name))

    def _is_stored(self, place: Place) -> bool:
        return place.node.input[place.slot] in self._stored

    def _uses(self, name: str) -> int:
        inside = sum(list(node.input).count(name) for node in self._graph.node)
        return inside + sum(output.name == name for output in self._graph.output)

    def _free(self, name: str) -> str:
        taken = {n for node in self._graph.node for n in (*node.input, *node.output)}
        number = 1
        while f"{name}_{number}" in taken | set(self._stored):
            number += 1
        return f"{name}_{number}"

    def _remove_maker(self, name: str) -> None:
        """Take out the node that made a constant, and what then serves nobody."""
        maker = next((node for node in self._graph.node if name in node.output), None)
        if maker is None:
            return
        sources = list(maker.input)
        self._graph.node.remove(maker)
        for source in sources:
            if self._uses(source):
                continue
            if source in self._stored:
                self._graph.initializer.remove(self._stored.pop(source))
            else:
                self._remove_maker(source)
