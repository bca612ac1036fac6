"""Networks in ONNX: read as PyTorch and others export them, refused for the right reason, given back loadable."""

import io
from collections.abc import Callable

import numpy as np
import onnx
import pytest
import torch
from mlp_files import assert_close, in_a_row, only, orders_of
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from nnit.alignment.symmetry import permute
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_network
from nnit.mlp.readings import Reading

ONNX_MODULES: dict[str, Callable[[], nn.Module]] = {
    name: lambda kind=kind: nn.Sequential(
        nn.Linear(6, 5), kind(), nn.Linear(5, 5), kind(), nn.Linear(5, 3)
    )
    for name, kind in (
        ("tanh", nn.Tanh),
        ("silu", nn.SiLU),
        ("gelu", nn.GELU),
        ("mish", nn.Mish),
        ("softsign", nn.Softsign),
        ("hardswish", nn.Hardswish),
        ("elu", nn.ELU),
        ("leaky", nn.LeakyReLU),
        ("softplus", nn.Softplus),
        ("relu6", nn.ReLU6),
    )
}


class Normalised(nn.Module):
    """An MLP behind a normaliser and before a scale, both of which are exact in its numbers."""

    def __init__(self, way: str) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.way = way
        self.net = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
        self.register_buffer("mean", torch.randn(6))
        self.register_buffer("std", torch.rand(6) + 0.5)
        self.register_buffer("scale", torch.rand(3) + 0.5)
        self.register_buffer("gain", torch.rand(5) + 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.way == "divide":
            return self.net((x - self.mean) / self.std)
        if self.way == "reciprocal":
            return self.net((x - self.mean) * (1 / self.std))
        if self.way == "root":
            return self.net((x - self.mean) / torch.sqrt(self.std + 1e-5))
        if self.way == "unit":
            return self.net(2 * (x - self.mean) / self.std - 1)
        if self.way == "outputs":
            return -(self.net(x) * self.scale + self.scale) / 2
        if self.way == "hidden":
            return self.net[2](torch.tanh(self.net[0](x)) * self.gain - 0.5)
        assert self.way == "before"
        return self.net[2](torch.tanh(self.net[0](x) * self.gain))


WAYS = ["divide", "reciprocal", "root", "unit", "outputs", "hidden", "before"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def exported(module: nn.Module, inputs: int = 6) -> bytes:
    buffer = io.BytesIO()
    torch.onnx.export(module.eval(), (torch.zeros(2, inputs),), buffer, dynamo=False)
    return buffer.getvalue()


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    name = onnx.load_model_from_string(content).graph.input[0].name
    return np.asarray(ReferenceEvaluator(content).run(None, {name: x})[0])


LAYERS = {"Gemm", "MatMul", "BatchNormalization"}


def assert_given_back(content: bytes, x: np.ndarray) -> Reading:
    """What is written back computes the same, has the same names, and is read as the permuted network."""
    reading = only("a.onnx", content)
    orders = orders_of(reading.network)
    changed = permuted_file("a.onnx", content, reading, orders)
    onnx.checker.check_model(onnx.load_model_from_string(changed), full_check=True)
    np.testing.assert_allclose(run(changed, x), run(content, x), rtol=1e-4, atol=1e-5)
    assert_close(only("a.onnx", changed).network, permute(reading.network, orders))
    before, after = (onnx.load_model_from_string(one).graph for one in (content, changed))
    assert [value.name for value in (*before.input, *before.output)] == [
        value.name for value in (*after.input, *after.output)
    ]
    kept = {t.name for t in after.initializer} | {n.output[0] for n in after.node}
    taken = {source for one in before.node if one.op_type in LAYERS for source in one.input}
    assert taken & {t.name for t in before.initializer} <= kept
    return reading


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ONNX_MODULES)
def test_activations_of_pytorch(name: str) -> None:
    module = ONNX_MODULES[name]()
    x = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    reading = assert_given_back(exported(module), x)
    assert_close(reading.network, in_a_row(*(one for one in module if isinstance(one, nn.Linear))))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", WAYS)
def test_normalisers_and_scales_are_folded(way: str) -> None:
    module = Normalised(way)
    content = exported(module)
    x = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    network = assert_given_back(content, x).network
    hidden = np.tanh(x @ network.weights[0].T + network.biases[0])
    outputs = hidden @ network.weights[1].T + network.biases[1]
    np.testing.assert_allclose(outputs, module(torch.from_numpy(x)).detach(), atol=1e-5)


def graph(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], inputs: int = 4) -> bytes:
    """A model from x to y, with weights w0 (5, 4) and w1 (3, 5), and whatever else is given."""
    rng = np.random.default_rng(2)
    stored = {
        "w0": rng.normal(size=(5, 4)).astype(np.float32),
        "w1": rng.normal(size=(3, 5)).astype(np.float32),
        **constants,
    }
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, size])
        for name, size in (("x", inputs), ("y", 3))
    ]
    arrays = [numpy_helper.from_array(array, name) for name, array in stored.items()]
    made = helper.make_graph(nodes, "g", ends[:1], ends[1:], arrays)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(made, opset_imports=[opset], ir_version=8).SerializeToString()


BIAS = np.array([0.5, -1, 2, 0.25, 3], np.float32)
node = helper.make_node
AFTER = [node("Tanh", ["s0"], ["h"]), node("Gemm", ["h", "w1"], ["y"], transB=1)]
FIRST = node("Gemm", ["x", "w0", "bias"], ["s0"], transB=1)

CONSTANTS: dict[str, tuple[list[onnx.NodeProto], dict[str, np.ndarray]]] = {
    "identity": ([node("Identity", ["b"], ["bias"])], {"b": BIAS}),
    "identity twice": (
        [node("Identity", ["b"], ["c"]), node("Identity", ["c"], ["bias"])],
        {"b": BIAS},
    ),
    "cast": (
        [node("Cast", ["b"], ["bias"], to=TensorProto.FLOAT)],
        {"b": BIAS.astype(np.float64)},
    ),
    "half": ([node("Cast", ["b"], ["bias"], to=1)], {"b": BIAS.astype(np.float16)}),
    "floats": ([node("Constant", [], ["bias"], value_floats=BIAS.tolist())], {}),
    "tensor": ([node("Constant", [], ["bias"], value=numpy_helper.from_array(BIAS))], {}),
    "sum": ([node("Add", ["b", "b"], ["bias"])], {"b": BIAS / 2}),
    "negative": ([node("Neg", ["b"], ["bias"])], {"b": -BIAS}),
    "reshape": (
        [node("Reshape", ["b", "n"], ["bias"])],
        {"b": BIAS.reshape(5, 1), "n": np.array([-1])},
    ),
    "row": ([], {"bias": BIAS.reshape(1, 5)}),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_biases_are_followed_to_where_they_are_stored(name: str) -> None:
    nodes, constants = CONSTANTS[name]
    content = graph([*nodes, FIRST, *AFTER], constants)
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    reading = assert_given_back(content, x)
    np.testing.assert_allclose(reading.network.biases[0], BIAS)


def test_two_layers_that_share_a_bias_are_taken_apart() -> None:
    nodes = [
        node("Gemm", ["x", "w0", "b"], ["s"], transB=1),
        node("Tanh", ["s"], ["t"]),
        node("Gemm", ["t", "square", "b"], ["s0"], transB=1),
        *AFTER,
    ]
    square = np.random.default_rng(0).normal(size=(5, 5)).astype(np.float32)
    content = graph(nodes, {"b": BIAS, "square": square})
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    assert_given_back(content, x)


@pytest.mark.parametrize(
    ("nodes", "constants", "words"),
    [
        (
            [node("Shape", ["x"], ["n"]), node("Cast", ["n"], ["bias"], to=1), FIRST, *AFTER],
            {},
            "goes to|Gemm whose bias",
        ),
        (
            [node("Exp", ["b"], ["bias"]), FIRST, *AFTER],
            {"b": BIAS},
            'whose bias is no stored constant, it comes out of "Exp"',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("MatMul", ["h", "square"], ["m"]),
                node("Add", ["h", "m"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS, "square": np.eye(5, dtype=np.float32)},
            "not one chain .*: what comes from layer 1 goes several ways, and an Add .*: a skip connection",
        ),
        (
            [
                FIRST,
                node("LpNormalization", ["s0"], ["z"]),
                node("Tanh", ["z"], ["h"]),
                AFTER[1],
            ],
            {"bias": BIAS},
            "LpNormalization",
        ),
        (
            [
                node("Clip", ["x", "low", "high"], ["z"]),
                node("Gemm", ["z", "w0"], ["s0"], transB=1),
                *AFTER,
            ],
            {"low": np.float32(-5), "high": np.float32(5)},
            '"Clip" to its inputs',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Gemm", ["h", "w1"], ["z"], transB=1),
                node("Tanh", ["z"], ["t"]),
                node("Mul", ["t", "two"], ["y"]),
            ],
            {"bias": BIAS, "two": np.float32(2)},
            'scales or shifts its outputs after "Tanh"',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Transpose", ["h"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS},
            "Transpose",
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Reshape", ["h", "n"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS, "n": np.array([5, -1])},
            'a layer after "Reshape"',
        ),
        (
            [
                FIRST,
                node("Mul", ["s0", "zero"], ["z"]),
                node("Div", ["z", "zero"], ["t"]),
                node("Tanh", ["t"], ["h"]),
                AFTER[1],
            ],
            {"bias": BIAS, "zero": np.float32(0)},
            "finite",
        ),
    ],
    ids=["shape", "exp", "skip", "norm", "clip", "scale", "transpose", "reshape", "zero"],
)
def test_graphs_that_are_not_exact_say_what_it_is(
    nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_network("a.onnx", graph(nodes, constants))


def test_batch_normalisation_is_folded_and_given_back() -> None:
    rng = np.random.default_rng(3)
    names = ["gain", "shift", "mean", "var"]
    constants = {name: rng.uniform(0.5, 2, 5).astype(np.float32) for name in names}
    nodes = [
        node("MatMul", ["x", "w"], ["m"]),
        node("BatchNormalization", ["m", *names], ["s0"], epsilon=1e-3),
        *AFTER,
    ]
    content = graph(nodes, {**constants, "w": rng.normal(size=(4, 5)).astype(np.float32)})
    x = rng.normal(size=(3, 4)).astype(np.float32)
    network = assert_given_back(content, x).network
    hidden = np.tanh(x @ network.weights[0].T + network.biases[0])
    np.testing.assert_allclose(hidden @ network.weights[1].T, run(content, x), atol=1e-5)


def test_a_file_beside_the_model_is_asked_for_by_the_exporter_s_option() -> None:
    model = onnx.load_model_from_string(graph([FIRST, *AFTER], {"bias": BIAS}))
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    with pytest.raises(UserError, match=r"external_data=False"):
        read_network("a.onnx", model.SerializeToString())


def test_a_policy_is_the_same_network_in_both_of_its_formats() -> None:
    from nnit.mlp.spec import MLPArchitecture
    from nnit.sim.export import onnx_bytes
    from strategies import random_policy

    policy = random_policy(MLPArchitecture((7, 6)), 0)
    content = onnx_bytes(policy)
    reading = only("p.onnx", content)
    assert_close(reading.network, only("p.safetensors", policy.to_bytes()).network)
    x = np.random.default_rng(0).normal(size=(3, 39)).astype(np.float32)
    assert_given_back(content, x)
