"""Networks that users bring: what is written is read again, in any of the usual layouts."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlp_files import as_onnx, assert_same, networks, npz, small
from safetensors.numpy import save

from nnit.errors import UserError
from nnit.mlp.files import archive_bytes, network_bytes, read_network
from nnit.mlp.network import MLP
from nnit.mlp.spec import MLPArchitecture
from strategies import random_policy

# --- What is read ---------------------------------------------------------------------------------


@given(networks(), st.sampled_from(["safetensors", "npz"]))
def test_round_trip(network: MLP, file_format: str) -> None:
    content = network_bytes(network, file_format)  # type: ignore[arg-type]
    assert_same(read_network(f"a.{file_format}", content), network)


@given(networks(), st.booleans())
def test_onnx_is_read(network: MLP, gemm: bool) -> None:
    assert_same(read_network("A.ONNX", as_onnx(network, gemm=gemm)), network)


def test_a_network_whose_training_diverged_is_told() -> None:
    network = small()
    network.weights[0][0, 0] = 1e20
    with pytest.raises(UserError, match="weights of up to 1e\\+20: its training has diverged"):
        read_network("a.npz", network_bytes(network, "npz"))


def test_a_policy_of_this_project_is_read() -> None:
    policy = random_policy(MLPArchitecture((6, 7)), 0)
    assert_same(read_network("policy.safetensors", policy.to_bytes()), policy)


@pytest.mark.parametrize(
    "names",
    [
        ["{}.weight", "{}.bias"],
        ["net.{}.weight", "net.{}.bias"],
        ["fc{}.weight", "fc{}.bias"],
        ["W{}", "b{}"],
        ["w_{}", "b_{}"],
        ["weights.{}", "biases.{}"],
        ["actor/layer{}/kernel", "actor/layer{}/bias"],
    ],
)
def test_names_of_others(names: list[str]) -> None:
    network = small()
    tensors = {}
    # Out of order, and 10 after 9: the natural order of names counts.
    for number, layer in ((10, 2), (9, 1), (0, 0)):
        tensors[names[1].format(number)] = network.biases[layer]
        tensors[names[0].format(number)] = network.weights[layer]
    assert_same(read_network("a.npz", npz(**tensors)), network)
    assert_same(read_network("a.safetensors", save(tensors)), network)


def test_arrays_without_names() -> None:
    network = small()
    arrays = [a for pair in zip(network.weights, network.biases, strict=True) for a in pair]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *arrays)
    assert_same(read_network("a.npz", buffer.getvalue()), network)


def test_other_layouts() -> None:
    network = small()
    named = list(zip(network.weights, network.biases, strict=True))
    flipped = {f"{i}.kernel": w.T.copy() for i, (w, _) in enumerate(named)}
    flipped |= {f"{i}.bias": b for i, (_, b) in enumerate(named)}
    assert_same(read_network("a.npz", npz(**flipped)), network)
    fortran = {f"{i}.weight": np.asfortranarray(w) for i, (w, _) in enumerate(named)}
    bare = read_network("a.npz", npz(**fortran))
    assert_same(bare, MLP(network.weights, tuple(np.zeros_like(b) for b in network.biases)))
    double = {f"{i}.weight": w.astype(np.float64) for i, (w, _) in enumerate(named)}
    assert read_network("a.safetensors", save(double)).weights[0].dtype == np.float32


def test_an_archive_holds_every_file_and_is_the_same_each_time() -> None:
    files = {"one.npz": network_bytes(small(), "npz"), "two.txt": b"2"}
    content = archive_bytes(files)
    assert archive_bytes(files) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
