"""Files of MLPs, good ones, for the tests of reading them."""

import io
from collections.abc import Callable

import numpy as np
import onnx
import pytest
import torch
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from nnit.alignment.symmetry import random_permutations
from nnit.errors import UserError
from nnit.mlp.files import read_file, read_network
from nnit.mlp.network import MLP, Network, hidden_widths, tensors_of
from nnit.mlp.readings import Reading


@st.composite
def networks(draw: st.DrawFn) -> MLP:
    """MLPs of any sizes."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=3, max_size=6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = zip(sizes[1:], sizes[:-1], strict=True)
    return MLP(
        tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes),
        tuple(rng.normal(size=rows).astype(np.float32) for rows in sizes[1:]),
    )


def small() -> MLP:
    rng = np.random.default_rng(0)
    shapes = [(5, 3), (6, 5), (2, 6)]
    return MLP(
        tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes),
        tuple(rng.normal(size=rows).astype(np.float32) for rows, _ in shapes),
    )


def npz(**tensors: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **tensors)
    return buffer.getvalue()


def as_onnx(
    network: Network,
    *,
    gemm: bool = True,
    activation: str = "Tanh",
    change: Callable[[onnx.ModelProto], None] | None = None,
) -> bytes:
    """A network as exporters write it: Gemm with transposed weights, or MatMul and Add."""
    nodes, constants, value = [], [], "input"
    last = len(network.weights) - 1
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        names = [f"w{layer}", f"b{layer}"]
        constants.append(numpy_helper.from_array(weight if gemm else weight.T.copy(), names[0]))
        constants.append(numpy_helper.from_array(bias, names[1]))
        if gemm:
            nodes.append(helper.make_node("Gemm", [value, *names], [f"y{layer}"], transB=1))
        else:
            nodes.append(helper.make_node("MatMul", [value, names[0]], [f"x{layer}"]))
            nodes.append(helper.make_node("Add", [f"x{layer}", names[1]], [f"y{layer}"]))
        value = f"y{layer}"
        if layer < last:
            nodes.append(helper.make_node(activation, [value], [f"h{layer}"]))
            value = f"h{layer}"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, size])
        for name, size in (("input", network.weights[0].shape[1]), (value, len(network.biases[-1])))
    ]
    model = helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:], constants))
    if change is not None:
        change(model)
    return model.SerializeToString()


def assert_same(a: Network, b: Network) -> None:
    mine, theirs = tensors_of(a), tensors_of(b)
    assert set(mine) == set(theirs)
    for name, tensor in mine.items():
        np.testing.assert_array_equal(tensor, theirs[name], err_msg=name)


def assert_refused(name: str, content: bytes, words: str | None = None) -> None:
    with pytest.raises(UserError, match=words) as error:
        read_network(name, content)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


# --- What files of libraries are compared with -----------------------------------------------------


def only(name: str, content: bytes) -> Reading:
    (reading,) = read_file(name, content)
    return reading


def orders_of(network: MLP) -> list[np.ndarray]:
    return random_permutations(hidden_widths(network), 1.0, np.random.default_rng(5))


def assert_close(a: MLP, b: MLP) -> None:
    for mine, theirs in zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


def linears(*sizes: int) -> list[nn.Linear]:
    torch.manual_seed(sum(sizes))
    return [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)]


def in_a_row(*layers: nn.Linear) -> MLP:
    """What is expected of layers."""
    return MLP(
        tuple(layer.weight.detach().numpy() for layer in layers),
        tuple(
            np.zeros(layer.out_features, np.float32)
            if layer.bias is None
            else layer.bias.detach().numpy()
            for layer in layers
        ),
    )
