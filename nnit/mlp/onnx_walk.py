"""The way of a value through an ONNX graph: the layers that it passes, and what is folded into them.

What stands between layers and is exact in the layers' numbers is folded: normalisers of inputs, scales, batch
normalisation. What is not exact, or is no part of an MLP, is named in the refusal.
"""

from dataclasses import dataclass

import numpy as np
import onnx

from nnit.errors import UserError
from nnit.mlp.network import MLP, LayerNorm
from nnit.mlp.onnx_constants import FLOATS, attributes_of, constants_of

# What acts on each number alone, with the same function for every neuron.
_ACTIVATIONS = {
    *(
        "Tanh",
        "Relu",
        "Sigmoid",
        "LeakyRelu",
        "Elu",
        "Celu",
        "Selu",
        "Gelu",
        "Softplus",
        "Softsign",
    ),
    *(
        "HardSigmoid",
        "HardSwish",
        "Mish",
        "Swish",
        "ThresholdedRelu",
        "PRelu",
        "Clip",
        "Erf",
        "Abs",
    ),
    *("Exp", "Log", "Sin", "Cos", "Sqrt", "Pow", "Min", "Max", "Reciprocal"),
}
_AFFINE = {"Add", "Sub", "Mul", "Div", "Neg"}
_ELEMENTWISE = _ACTIVATIONS | _AFFINE | {"Identity", "Cast"}
_NOTHING = {"Identity", "Dropout"}
_SHAPES = {"Flatten", "Reshape", "Squeeze", "Unsqueeze"}
# Outputs of classifiers: no part of a layer, and nothing of an MLP can follow.
_ENDINGS = {"Softmax", "LogSoftmax"}
# What it is where the ways of a value meet: around layers, and behind layers of both.
_MEETINGS = {
    **dict.fromkeys(
        ("Add", "Sub", "Sum", "Mean"), ("a skip connection", "branches that are added")
    ),
    **dict.fromkeys(("Mul", "Div"), ("a gate", "a layer and its gate")),
    "Concat": ("a skip connection by concatenation", "branches side by side"),
}
# What other nodes are for.
_PURPOSE = {
    "Split": " as a gated unit (GLU) has",
    "Slice": " as a gated unit (GLU) has",
    "Conv": " of a convolution",
}
# The normaliser of this project's policies is left out, as it is in their other files.
_OWN_NORMALISER = {"observation.mean", "observation.scale"}


@dataclass(frozen=True, eq=False)
class Place:
    """A constant that a permutation acts on.

    Attributes:
        node: that takes it.
        slot: index among the node's inputs.
        axes: for each axis the layer whose neurons it counts, None where it counts inputs or nothing.
        powers: for each axis what a factor of its neurons does to it: 1 multiplies, -1 divides, 0 leaves it.
    """

    node: onnx.NodeProto
    slot: int
    axes: tuple[int | None, ...]
    powers: tuple[int, ...]


class Walk:
    """The way of a value through the graph: the layers that it has passed, and what waits to be folded.

    Attributes:
        constants: values that depend on no input, by name.
        weights: one a layer, (outputs, inputs).
        biases: one a layer, None where none was met.
        places: what a permutation of neurons must move.
        activations: operators after the layers, in their order.
    """

    def __init__(self, name: str, graph: onnx.GraphProto) -> None:
        self._name = name
        self._graph = graph
        self.constants = constants_of(name, graph)
        self._makers = {output: node for node in graph.node for output in node.output}
        self._users: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for source in dict.fromkeys(node.input):
                self._users.setdefault(source, []).append(node)
        self.weights: list[np.ndarray] = []
        self.biases: list[np.ndarray | None] = []
        self.places: list[Place] = []
        # What the value is multiplied by and what is added to it, since the last layer's activation.
        self._pending: tuple[np.ndarray, np.ndarray] | None = None
        self._active = (
            True  # whether something nonlinear came after the last layer, or none has come
        )
        self._activation = ""  # the last one
        self.activations: list[str] = []
        self._end = ""  # a node that no layer can follow
        self.norms: dict[int, LayerNorm] = {}  # of layers, by their place
        self._normed = False  # whether layer normalisation came last, before an activation

    def network(self) -> MLP:
        """The layers; a bias that no node adds is zero."""
        return MLP(
            tuple(self.weights),
            tuple(
                np.zeros(len(weight), weight.dtype) if bias is None else bias
                for weight, bias in zip(self.weights, self.biases, strict=True)
            ),
            tuple(self.norms.get(layer) for layer in range(len(self.weights) - 1))
            if self.norms
            else (),
        )

    def follow(self) -> None:
        """From the input to the output.

        Raises:
            UserError: the way branches, or something on it is no part of an MLP.
        """
        inputs = [value.name for value in self._graph.input if value.name not in self.constants]
        if len(inputs) != 1:
            raise UserError(f"{self._name} has {len(inputs)} inputs; an MLP has one")
        value = inputs[0]
        for _ in range(len(self._graph.node)):
            users = self._users.get(value, [])
            if not users or not users[0].output:
                break
            value = self._step(value, users)
        outputs = [output.name for output in self._graph.output]
        if value not in outputs:
            raise self._no_chain("")
        if len(outputs) > 1:
            raise UserError(f"{self._name} has {len(outputs)} outputs; an MLP has one")
        if len(self.weights) - 1 in self.norms:
            raise UserError(f"{self._name} has a layer normalisation of its outputs")
        if self._pending is not None:
            what = f'"{self._activation}"' if self.weights else "no layer"
            raise UserError(
                f"{self._name} scales or shifts its outputs after {what}, which no layer's numbers can take up; "
                "export the network without that"
            )

    def _step(self, value: str, users: list[onnx.NodeProto]) -> str:
        """One node, or the few that one activation is written as; returns what comes out."""
        node = users[0]
        if node.domain not in ("", "ai.onnx", "ai.onnx.ml"):
            raise self._foreign(node, f" of {node.domain[:40]}")
        alone = len(users) == 1 and list(node.input).count(value) == 1
        constant = all(i == value or not i or i in self.constants for i in node.input)
        if not alone or (not constant and node.op_type in _ELEMENTWISE):
            return self._composite(value, users)
        if node.op_type in ("Gemm", "MatMul"):
            self._layer(value, node)
        elif node.op_type in _AFFINE and not (node.op_type == "Div" and node.input[0] != value):
            self._affine(value, node)
        elif node.op_type == "BatchNormalization":
            self._batch_normalisation(node)
        elif node.op_type == "LayerNormalization":
            self._layer_normalisation(node)
        elif node.op_type == "Scaler" and node.domain == "ai.onnx.ml":
            self._scaler(node)
        elif node.op_type in _ACTIVATIONS or node.op_type == "Div":
            slots = (i for i in node.input if i in self.constants)
            if any(self.constants[source].size > 1 for source in slots):
                raise UserError(f'{self._name} has a "{node.op_type}" with numbers of each neuron')
            self._activate(node.op_type)
        elif node.op_type in _SHAPES:
            self._shape(node)
        elif node.op_type == "Cast":
            if attributes_of(node).get("to") not in FLOATS:
                raise UserError(f"{self._name} rounds its values to whole numbers (Cast)")
        elif node.op_type in _ENDINGS:
            self._end = node.op_type
            self._activate(node.op_type)
        elif node.op_type not in _NOTHING:
            raise self._foreign(node, _PURPOSE.get(node.op_type, ""))
        return node.output[0]

    def _foreign(self, node: onnx.NodeProto, where: str = "") -> UserError:
        return UserError(
            f'{self._name} has a node "{node.op_type[:40]}"{where}, which an MLP has not'
        )

    def _no_chain(self, why: str) -> UserError:
        return UserError(
            f"{self._name} is not one chain of layers from its input to its output{why}"
        )

    @property
    def _width(self) -> int | None:
        """Numbers in the value; unknown before the first layer."""
        return len(self.weights[-1]) if self.weights else None

    def _vector(self, node: onnx.NodeProto, slot: int) -> np.ndarray:
        """A constant that is added to, or multiplied with, a value of some neurons, in a row.

        Raises:
            UserError: its shape does not go with the neurons.
        """
        array = self._stored(node, slot)
        width = self._width
        in_a_row = array.ndim == 0 or array.shape[-1] == array.size
        if not in_a_row or (width is not None and array.size not in {1, width}):
            raise UserError(
                f'{self._name} has a "{node.op_type}" with a constant of shape {array.shape}, '
                f"where a layer has {width or 'some'} values"
            )
        if array.size > 1 and self.weights:
            # Counted along the last axis, which is the only one.
            labels: list[int | None] = [None] * array.ndim
            labels[-1] = len(self.weights) - 1
            # What multiplies a neuron stays, what is added to it grows with it.
            multiplies = node.op_type in ("Mul", "Div") or (
                node.op_type == "BatchNormalization" and slot in (1, 4)
            )
            powers = (int(not multiplies),) * array.ndim
            self.places.append(Place(node, slot, tuple(labels), powers))
        return array.reshape(-1)

    def _stored(self, node: onnx.NodeProto, slot: int) -> np.ndarray:
        """A constant input as floating point numbers.

        Raises:
            UserError: it is none, or holds no such numbers.
        """
        array = self.constants.get(node.input[slot])
        if array is None or array.dtype.kind not in "fV":
            maker = self._makers.get(node.input[slot])
            why = f', it comes out of "{maker.op_type[:40]}"' if maker and array is None else ""
            what = {0: "input", 1: "matrix", 2: "bias"}.get(slot, "input")
            if node.op_type in ("Gemm", "MatMul") and slot < 2:
                raise UserError(
                    f"{self._name} has a {node.op_type} that multiplies by no stored matrix{why}"
                )
            raise UserError(
                f"{self._name} has a {node.op_type[:40]} whose {what} is no stored constant{why}"
            )
        return array.astype(np.float32) if array.dtype.kind == "V" else array

    # --- Layers and what is folded into them --------------------------------------------------------

    def _layer(self, value: str, node: onnx.NodeProto) -> None:
        """Weights and bias of a Gemm or MatMul node.

        Raises:
            UserError: it multiplies something else than the value before with a matrix.
        """
        if not self._active:
            raise UserError(f"{self._name} has two layers with no activation between")
        if self._end:
            raise UserError(f'{self._name} has a layer after "{self._end}"')
        if node.input[0] != value:
            raise UserError(
                f"{self._name} has a {node.op_type} that multiplies by no stored matrix"
            )
        array = self._stored(node, 1)
        if array.ndim != 2:
            raise UserError(
                f"{self._name} has a {node.op_type} that multiplies by no stored matrix"
            )
        options = attributes_of(node) if node.op_type == "Gemm" else {}
        factors = (options.get("alpha", 1), options.get("beta", 1))
        if any(factor != 1 for factor in factors) or options.get("transA"):
            raise UserError(f"{self._name} has a Gemm that scales or transposes its input")
        index = len(self.weights)
        turned = bool(options.get("transB"))
        weight = array if turned else array.T
        labels = (index, index - 1 if index else None)
        powers = (1, -1) if turned else (-1, 1)
        self.places.append(Place(node, 1, labels if turned else labels[::-1], powers))
        pending, self._pending = self._pending, None
        self.weights.append(weight)
        self.biases.append(None)
        self._active = False
        if pending is not None:
            scale, shift = pending
            if any(side.size not in {1, weight.shape[1]} for side in pending):
                raise UserError(
                    f"{self._name} normalises more or fewer inputs than its layer takes"
                )
            wide = weight.astype(np.float64)
            self.weights[-1] = wide * scale
            self.biases[-1] = (wide * shift).sum(1)
        if node.op_type == "Gemm" and len(node.input) > 2 and node.input[2]:
            self._add(self._vector(node, 2))

    def _add(self, vector: np.ndarray) -> None:
        """Add to the last layer's bias."""
        whole = np.repeat(vector, len(self.weights[-1])) if vector.size == 1 else vector
        if self._normed:
            raise UserError(f"{self._name} adds to values behind a layer normalisation")
        before = self.biases[-1]
        self.biases[-1] = whole if before is None else before + whole.astype(np.float64)

    def _scale(self, scale: np.ndarray, shift: np.ndarray) -> None:
        """Take a product and a sum into the last layer, or keep them for the next one."""
        if self._normed:
            raise UserError(f"{self._name} scales or shifts values behind a layer normalisation")
        if not self._active:
            with np.errstate(all="ignore"):
                self.weights[-1] = self.weights[-1].astype(np.float64) * scale.reshape(-1, 1)
                if self.biases[-1] is not None:
                    self.biases[-1] = self.biases[-1].astype(np.float64) * scale
            self._add(shift)
            return
        before = self._pending or (np.ones(1), np.zeros(1))
        try:
            with np.errstate(all="ignore"):
                self._pending = (before[0] * scale, before[1] * scale + shift)
        except ValueError as error:
            raise UserError(f"{self._name} normalises with vectors of several lengths") from error

    def _affine(self, value: str, node: onnx.NodeProto) -> None:
        """A node that adds, subtracts, multiplies or divides by constants."""
        if node.op_type == "Neg":
            self._scale(-np.ones(1), np.zeros(1))
            return
        slot = 1 if node.input[0] == value else 0
        if not self.weights and node.input[slot] in _OWN_NORMALISER:
            return
        constant = self._vector(node, slot)
        wide = constant.astype(np.float64)
        if node.op_type == "Add" and not self._active and self.biases[-1] is None:
            self._add(constant)  # the other half of a MatMul, number for number
        elif node.op_type == "Add":
            self._scale(np.ones(1), wide)
        elif node.op_type == "Sub":
            sign = 1.0 if slot else -1.0
            self._scale(np.full(1, sign), -sign * wide)
        else:
            with np.errstate(all="ignore"):
                factor = wide if node.op_type == "Mul" else 1 / wide
            self._scale(factor, np.zeros(1))

    def _batch_normalisation(self, node: onnx.NodeProto) -> None:
        """Its statistics are constants once it is trained, so that it is a product and a sum."""
        options = attributes_of(node)
        if options.get("training_mode") or len(node.input) != 5:
            raise UserError(f"{self._name} has a BatchNormalization in training mode")
        gain, shift, mean, variance = (
            self._vector(node, slot).astype(np.float64) for slot in range(1, 5)
        )
        with np.errstate(all="ignore"):
            factor = gain / np.sqrt(variance + options.get("epsilon", 1e-5))
            self._scale(factor, shift - mean * factor)

    def _layer_normalisation(self, node: onnx.NodeProto) -> None:
        """No layer can take it in; it is kept beside the layer whose neurons it normalises.

        Raises:
            UserError: it is not one over the neurons of a hidden layer, with a gain for each.
        """
        options = attributes_of(node)
        width = self._width
        if width is None or self._end or options.get("axis", -1) not in (-1, 1):
            raise self._foreign(node, "" if width else " over inputs")
        layer = len(self.weights) - 1
        if self._pending is not None or layer in self.norms:
            raise self._foreign(node, " behind a scale, or twice")
        epsilon = options.get("epsilon", 1e-5)
        usual = isinstance(epsilon, float) and 0 <= epsilon < np.inf
        if not usual or not 2 <= len(node.input) <= 3 or len(node.output) > 1:
            raise self._foreign(node, " of an unknown kind")
        gain = self._stored(node, 1)
        shift = self._stored(node, 2) if len(node.input) > 2 and node.input[2] else None
        for slot, vector in ((1, gain), (2, shift)):
            if vector is None:
                continue
            with np.errstate(over="ignore"):
                finite = np.isfinite(vector.astype(np.float32)).all()
            if vector.shape != (width,) or not finite:
                raise UserError(
                    f'{self._name} has a "LayerNormalization" with a constant of shape {vector.shape}, '
                    f"where a layer has {width} values"
                )
            self.places.append(Place(node, slot, (layer,), (0,)))
        gain = gain.astype(np.float32)
        shift = np.zeros_like(gain) if shift is None else shift.astype(np.float32)
        self.norms[layer] = LayerNorm(gain, shift, epsilon, before=not self._active)
        self._normed = not self._active

    def _scaler(self, node: onnx.NodeProto) -> None:
        """scikit-learn's StandardScaler: (x - offset) * scale."""
        if self.weights:
            raise self._foreign(node, " between layers")
        options = attributes_of(node)
        offset, factor = (
            np.asarray(options.get(key, [default]), np.float64)
            for key, default in (("offset", 0.0), ("scale", 1.0))
        )
        self._scale(np.ones(1), -offset)
        self._scale(factor, np.zeros(1))

    # --- Between layers -----------------------------------------------------------------------------

    def _activate(self, what: str) -> None:
        """Pass an activation.

        Raises:
            UserError: it acts on inputs, or not alike on all neurons.
        """
        if not self.weights:
            raise UserError(f'{self._name} applies "{what[:40]}" to its inputs, before any layer')
        if self._pending is not None and max(side.size for side in self._pending) > 1:
            raise UserError(
                f'{self._name} scales neurons one by one between "{self._activation}" and "{what[:40]}"'
            )
        if len(self.weights) - 1 in self.norms and not self._normed:
            raise UserError(f"{self._name} has a layer normalisation between two activations")
        self._normed = False
        # What is alike for all neurons is a part of their activation.
        self._pending, self._active, self._activation = None, True, what
        self.activations.append(what)

    def _composite(self, value: str, users: list[onnx.NodeProto]) -> str:
        """An activation that exporters write as several nodes, such as SiLU, x * sigmoid(x).

        All of them act on each number alone and alike, and one value comes out.

        Raises:
            UserError: something else is done with the value.
        """
        inside = {value}
        members = []
        for node in self._graph.node:
            others = [source for source in node.input if source and source not in inside]
            same = all(i in self.constants and self.constants[i].size == 1 for i in others)
            if node.op_type in _ELEMENTWISE and set(node.input) & inside and same:
                inside |= set(node.output)
                members.append(node)
        outputs = {output.name for output in self._graph.output}
        leaving = [
            one
            for one in inside
            if one in outputs
            or not self._users.get(one)
            or any(all(user is not member for member in members) for user in self._users[one])
        ]
        if len(leaving) != 1 or leaving[0] == value:
            meeting = self._meeting(value)
            if meeting:
                raise self._no_chain(f": {meeting}")
            names = list(dict.fromkeys(f'"{user.op_type[:20]}"' for user in users))
            single = " that takes two values" if len(users) == 1 else ""
            raise self._no_chain(f": a value goes to {' and '.join(names[:4])}{single}")
        self._activate("+".join(member.op_type for member in members)[:40])
        return leaving[0]

    def _meeting(self, value: str) -> str:
        """Where the ways that a value goes meet again, and what that makes of it; empty where they do not.

        A way begins at each layer that takes the value; -1 is the value itself, whatever acts on its numbers alone.
        """
        whose = {value: frozenset({-1})}
        count = 0
        for node in self._graph.node:
            taken = [whose[source] for source in node.input if source in whose]
            if not taken:
                continue
            ways = frozenset().union(*taken)
            if len(set(taken)) > 1 and node.op_type in _MEETINGS:
                around = any(one == {-1} for one in taken)
                layer = f"layer {len(self.weights)}" if self.weights else "the input"
                named = f" ({node.name[-40:]})" if node.name else ""
                what = _MEETINGS[node.op_type][not around]
                gives = "takes it once more, around the layers between" if around else "joins both"
                return f"what comes from {layer} goes several ways, and {_article(node.op_type)}{named} {gives}: {what}"
            if node.op_type in ("Gemm", "MatMul") and ways == {-1}:
                ways, count = frozenset({count}), count + 1
            for output in node.output:
                whose[output] = ways
        return ""

    def _shape(self, node: onnx.NodeProto) -> None:
        """A change of shape, which means nothing as long as each layer takes the same numbers.

        Raises:
            UserError: it does not go with the layers before.
        """
        width = self._width
        keeps = width is None
        if node.op_type == "Flatten":
            keeps |= attributes_of(node).get("axis", 1) in (1, -1)
        elif node.op_type == "Reshape" and len(node.input) > 1:
            asked = self.constants.get(node.input[1])
            shape = [] if asked is None else [int(side) for side in asked.reshape(-1)]
            keeps |= shape[-1:] == [width] or shape in ([0, -1], [1, -1])
        if not keeps:
            # Behind the last layer it only says how outputs are written.
            self._end = node.op_type


def _article(operator: str) -> str:
    return f"{'an' if operator[0] in 'AEIOU' else 'a'} {operator[:20]}"
