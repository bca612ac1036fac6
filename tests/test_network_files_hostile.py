"""Networks that users bring: whatever is no MLP is refused in words, with little memory."""

import contextlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlp_files import as_onnx, assert_refused, npz, small
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from nnit.errors import UserError
from nnit.mlp.files import MAX_FILE_BYTES, MAX_WIDTH, network_bytes, read_file, read_network
from nnit.mlp.network import MLP, tensors_of

# --- What is refused ------------------------------------------------------------------------------


def good(ending: str) -> bytes:
    if ending == "onnx":
        return as_onnx(small())
    return network_bytes(small(), ending)  # type: ignore[arg-type]


endings = st.sampled_from(["safetensors", "npz", "onnx"])


@given(endings, st.data())
@settings(max_examples=150)
def test_truncated_files(ending: str, data: st.DataObject) -> None:
    content = good(ending)
    assert_refused(f"a.{ending}", content[: data.draw(st.integers(0, len(content) - 1))])


@given(endings, st.data())
@settings(max_examples=300)
def test_flipped_bits_give_a_network_or_a_user_error(ending: str, data: st.DataObject) -> None:
    content = bytearray(good(ending))
    for _ in range(data.draw(st.integers(1, 4))):
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(UserError):
        assert isinstance(read_network(f"a.{ending}", bytes(content)), MLP)


@given(endings, st.binary(max_size=300))
def test_any_bytes_are_no_network(ending: str, content: bytes) -> None:
    assert_refused(f"a.{ending}", content)


dtypes = st.sampled_from(["f2", "f4", "f8", "i8", "u1", "?", "c8", "U3", "M8[s]", ">f4"])
shapes = st.lists(st.integers(0, 5), max_size=3).map(tuple)


@given(st.lists(st.tuples(dtypes, shapes), max_size=8))
@settings(max_examples=200)
def test_any_arrays_give_a_network_or_a_user_error(
    arrays: list[tuple[str, tuple[int, ...]]],
) -> None:
    tensors = {f"{i}": np.zeros(shape, dtype) for i, (dtype, shape) in enumerate(arrays)}
    with contextlib.suppress(UserError):
        network = read_network("a.npz", npz(**tensors))
        assert all(tensor.dtype == np.float32 for tensor in tensors_of(network).values())


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({}, "0 weight matrices"),
        ({"0.weight": np.zeros((3, 2))}, "1 weight matrix"),
        ({"0.weight": np.zeros((3, 2)), "1.weight": np.zeros((4, 5))}, "layer 1 gives 3"),
        ({"0.weight": np.zeros((3, 2)), "1.weight": np.zeros((2, 4, 5))}, "3 axes"),
        ({"0.weight": np.zeros((3, 2)), "1.weight": np.zeros((4, 0))}, "beyond 1"),
        ({"a": np.zeros((3, 2)), "b": np.zeros((MAX_WIDTH + 1, 3))}, "beyond 1"),
        ({"0.weight": np.zeros((3, 2), int), "1.weight": np.zeros((2, 3), int)}, "int64"),
        ({"0.weight": np.full((3, 2), np.nan), "1.weight": np.zeros((2, 3))}, "finite"),
        ({"0.weight": np.full((3, 2), -np.inf), "1.weight": np.zeros((2, 3))}, "finite"),
        ({"0.weight": np.full((3, 2), 1e300), "1.weight": np.zeros((2, 3))}, "finite"),
        (
            {"0.weight": np.zeros((3, 2)), "0.bias": np.zeros(4), "1.weight": np.zeros((2, 3))},
            "bias",
        ),
        (
            {
                "x": np.zeros(2),
                "y": np.zeros(2),
                "0.weight": np.zeros((3, 2)),
                "1.weight": np.zeros((2, 3)),
            },
            "pair",
        ),
        ({f"{i}.weight": np.zeros((2, 2)) for i in range(40)}, "40 weight matrices"),
    ],
)
def test_tensors_that_are_no_mlp(tensors: dict[str, np.ndarray], words: str) -> None:
    assert_refused("a.npz", npz(**tensors), words)
    assert_refused("a.safetensors", save(tensors), words)


def test_files_that_are_too_large() -> None:
    for ending in ("safetensors", "npz", "onnx", "pt", "zip"):
        assert_refused(f"a.{ending}", bytes(MAX_FILE_BYTES + 1), "larger")


def layered(width: int) -> onnx.ModelProto:
    """A graph of two square layers."""
    rng = np.random.default_rng(0)
    model = onnx.load_from_string(as_onnx(small()))
    arrays = [rng.normal(size=(width, width)).astype(np.float32) for _ in range(2)]
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["y"]),
        helper.make_node("Relu", ["y"], ["z"]),
        helper.make_node("MatMul", ["z", "b"], ["out"]),
    ]
    ends = [
        helper.make_tensor_value_info(end, onnx.TensorProto.FLOAT, ["n", width])
        for end in ("x", "out")
    ]
    stored = [numpy_helper.from_array(a, n) for a, n in zip(arrays, "ab", strict=True)]
    model.graph.CopyFrom(helper.make_graph(nodes, "large", ends[:1], ends[1:], stored))
    return model


def test_a_large_onnx_file_of_numbers_is_read_in_little_memory() -> None:
    content = layered(1024).SerializeToString()
    assert len(content) > 2**23
    tracemalloc.start()
    try:
        (reading,) = read_file("a.onnx", content)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(content)
    finally:
        tracemalloc.stop()
    assert reading.activation == "relu"


@pytest.mark.parametrize(
    "many",
    [
        lambda model: model.metadata_props.extend(
            onnx.StringStringEntryProto() for _ in range(600_000)
        ),
        lambda model: model.graph.initializer[0].string_data.extend([b""] * 600_000),
        lambda model: model.graph.initializer.extend(
            onnx.TensorProto(raw_data=b"1234") for _ in range(200_000)
        ),
    ],
    ids=["properties", "texts", "tensors"],
)
def test_a_large_onnx_file_of_other_things_is_not_parsed(many, monkeypatch) -> None:
    model = layered(8)
    many(model)
    content = model.SerializeToString()
    monkeypatch.setattr(onnx, "load_model_from_string", None)
    assert_refused("a.onnx", content, "MiB beside the numbers|not a whole ONNX")
    assert_refused("a.onnx", b"\xff" * (2**20 + 1), "not a whole ONNX")


@pytest.mark.parametrize("name", ["a.csv", "a.pkl", "npz", "", "a.npz.exe"])
def test_other_endings(name: str) -> None:
    assert_refused(name, b"", "none of")


def hand_made(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def huge(side: int) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": [side, side], "data_offsets": [0, 4 * side * side]}}


@pytest.mark.parametrize(
    "content",
    [
        (10**9).to_bytes(8, "little") + b"{}",
        b"\xff" * 8,
        hand_made(huge(2**31)),
        hand_made({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, b"1234"),
        hand_made({"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, b"1234"),
        hand_made({"w": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}, b"1234"),
        hand_made([]),
        hand_made(
            {f"{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(10**5)}
        ),
        b"\x40\x42\x0f\x00\x00\x00\x00\x00" + b"[" * 1_000_000,
        b"PK\x03\x04 a zip of pickles, as torch.save writes it",
    ],
    ids=["1 GB", "longest", "huge tensor", "negative", "bf16", "f8", "list", "many", "deep", "zip"],
)
def test_hostile_safetensors_take_little_memory(content: bytes) -> None:
    tracemalloc.start()
    try:
        assert_refused("a.safetensors", content)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy_header(text: str, version: int = 1) -> bytes:
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode()


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], object), allow_pickle=True)
    return buffer.getvalue()


_HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}\n"
_NEGATIVE = "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -2)}\n"
_CODE = "{'descr': __import__('os').system('false'), 'fortran_order': False, 'shape': ()}\n"


@pytest.mark.parametrize(
    "entries",
    [
        {"w.npy": bytes(200 * 2**20)},
        {f"{i}.npy": bytes(2**20) for i in range(40)},
        {f"{i}.npy": b"" for i in range(1000)},
        {"w.npy": pickled()},
        {"w.npy": npy_header(_HUGE)},
        {"w.npy": npy_header(_NEGATIVE) + bytes(16)},
        {"w.npy": npy_header(_CODE)},
        {"w.npy": npy_header("(" * 5000)},
        {"w.npy": npy_header("1" * 20_000, 2)},
        {"w.npy": b"\x93NUMPY\x02\x00\x00\xca\x9a\x3b{"},
        {"w.npy": b"\x93NUMPY\x09\x09"},
        {"readme.txt": b"hello"},
    ],
    ids=[
        *("bomb", "many large", "many", "pickle", "huge", "negative", "code", "deep"),
        *("long", "1 GB header", "version", "text"),
    ],
)
def test_hostile_npz_takes_little_memory(entries: dict[str, bytes]) -> None:
    content = zipped(entries)
    assert len(content) < MAX_FILE_BYTES
    tracemalloc.start()
    try:
        assert_refused("a.npz", content)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_FILE_BYTES
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size() -> None:
    content = bytearray(zipped({"w.npy": bytes(20 * 2**20)}))
    real, claimed = (20 * 2**20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert content.count(real) == 2
    assert_refused("a.npz", bytes(content.replace(real, claimed)), "npz")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_compressions(method: int) -> None:
    assert_refused("a.npz", zipped({"w.npy": b"x"}, method), "compressed")


# --- ONNX -----------------------------------------------------------------------------------------


def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def impossible_shape(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [2**40, 2**40]


def other_count(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [7, 7]


def scaled(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("alpha", 2.0))


def branching(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Tanh", ["h0"], ["aside"]))


def cyclic(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = "h0"


def round_in_circles(model: onnx.ModelProto) -> None:
    model.graph.node[-1].output[0] = "input"


def two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def linear(model: onnx.ModelProto) -> None:
    model.graph.node[1].op_type = "Identity"


def convolution(model: onnx.ModelProto) -> None:
    model.graph.node[1].op_type = "Conv"


def integers(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.CopyFrom(numpy_helper.from_array(np.zeros((5, 3), np.int64), tensor.name))


def many_nodes(model: onnx.ModelProto) -> None:
    for _ in range(1000):
        model.graph.node.append(helper.make_node("Tanh", ["a"], ["a"]))


def no_graph(model: onnx.ModelProto) -> None:
    model.ClearField("graph")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (external, "another file"),
        (impossible_shape, "impossible shape"),
        (other_count, "damaged"),
        (scaled, "scales"),
        (branching, "not one chain"),
        (cyclic, None),
        (round_in_circles, None),
        (two_inputs, "2 inputs"),
        (linear, "no activation"),
        (convolution, "Conv"),
        (integers, "multiplies by no stored matrix"),
        (many_nodes, "nodes"),
        (no_graph, "nodes"),
    ],
)
def test_onnx_graphs_that_are_no_mlp(change: Callable[[onnx.ModelProto], None], words: str) -> None:
    assert_refused("a.onnx", as_onnx(small(), change=change), words)


def test_constants_that_grow_take_little_memory() -> None:
    def growing(model: onnx.ModelProto) -> None:
        column, row = (np.ones(shape, np.float64) for shape in ((1000, 1), (1, 1000)))
        model.graph.initializer.append(numpy_helper.from_array(column, "column"))
        model.graph.initializer.append(numpy_helper.from_array(row, "row"))
        for number in range(150):
            model.graph.node.append(helper.make_node("Add", ["column", "row"], [f"sum{number}"]))

    content = as_onnx(small(), change=growing)
    tracemalloc.start()
    try:
        assert_refused("a.onnx", content, "more constants than an MLP has")
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


def test_a_search_without_end_is_given_up() -> None:
    """Equal layers in every order but the last, which fits nowhere."""
    tensors = {f"{a}{b}.weight": np.zeros((4, 4)) for a in "abcde" for b in "fghij"}
    tensors["k.weight"] = np.zeros((5, 6))
    assert_refused("a.npz", npz(**tensors), "very many orders")
