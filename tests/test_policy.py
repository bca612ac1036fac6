"""Policies: what they compute, their files, and files that are not theirs."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from strategies import (
    assert_same_policy,
    policies,
    random_policy,
    seeds,
    sized_architectures,
)

# tmp_path is shared by the examples of one test, which overwrite the same file.
shared_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def small_policy() -> Policy:
    return random_policy(MLPArchitecture((8, 5)), seed=0)


def tensors_and_metadata(policy: Policy) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    content = policy.to_bytes()
    length = int.from_bytes(content[:8], "little")
    return load(content), json.loads(content[8 : 8 + length])["__metadata__"]


@given(policies())
@shared_folder
def test_save_load_round_trip(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "folder" / "policy.safetensors"
    policy.save(path)
    assert_same_policy(Policy.load(path), policy)


@given(sized_architectures(), seeds)
@shared_folder
def test_sizes_and_activation_come_back_too(
    tmp_path: Path, architecture: MLPArchitecture, seed: int
) -> None:
    policy = random_policy(architecture, seed, "toy-push")
    path = tmp_path / "policy.safetensors"
    policy.save(path)
    assert_same_policy(Policy.load(path), policy)
    assert policy.act(np.zeros((2, architecture.observation_size))).shape == (
        *(2, architecture.action_size),
    )


def test_act_by_hand_with_relu() -> None:
    policy = random_policy(MLPArchitecture((6, 5), 7, 3, "relu"), seed=1)
    hidden = (np.linspace(-1, 1, 7) - policy.observation_mean) / policy.observation_scale
    for weight, bias in zip(policy.weights[:-1], policy.biases[:-1], strict=True):
        hidden = np.maximum(weight @ hidden + bias, 0)
    expected = np.clip(policy.weights[-1] @ hidden + policy.biases[-1], -1, 1)
    np.testing.assert_allclose(policy.act(np.linspace(-1, 1, 7)), expected, atol=1e-5)


def test_act_by_hand() -> None:
    policy = random_policy(MLPArchitecture((4,)), seed=1)
    observation = np.linspace(-1, 1, 39)
    normalised = (observation - policy.observation_mean) / policy.observation_scale
    hidden = np.tanh(policy.weights[0] @ normalised + policy.biases[0])
    expected = np.clip(policy.weights[1] @ hidden + policy.biases[1], -1, 1)
    np.testing.assert_allclose(policy.act(observation), expected, atol=1e-5)


@given(policies(), st.integers(1, 5))
def test_a_batch_acts_as_its_rows(policy: Policy, batch: int) -> None:
    observations = np.random.default_rng(0).normal(size=(batch, 39))
    together = policy.act(observations)
    assert together.shape == (batch, 4)
    assert together.dtype == np.float32
    assert np.abs(together).max() <= 1
    alone = np.stack([policy.act(one) for one in observations])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_provenance_is_added_not_replaced() -> None:
    policy = small_policy()
    assert policy.with_provenance(steps=8).provenance == {**policy.provenance, "steps": 8}
    assert "steps" not in policy.provenance


@given(st.data())
@shared_folder
def test_truncated_file(tmp_path: Path, data: st.DataObject) -> None:
    content = small_policy().to_bytes()
    path = tmp_path / "policy.safetensors"
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(UserError):
        Policy.load(path)


@given(st.data())
@shared_folder
def test_flipped_bit_is_a_policy_or_a_user_error(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(small_policy().to_bytes())
    # The header is where a flipped bit can do harm; drawing from the whole file would mostly miss it.
    header = 8 + int.from_bytes(content[:8], "little")
    bit = data.draw(st.integers(0, 8 * header - 1) | st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    path = tmp_path / "policy.safetensors"
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        assert isinstance(Policy.load(path), Policy)


@given(st.binary(max_size=200))
@shared_folder
def test_any_bytes_are_no_policy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError):
        Policy.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight.0": None}, "weight.0"),
        ({"observation.mean": None}, "observation.mean"),
        ({"weight.0": np.zeros((8, 38), np.float32)}, "do not fit"),
        ({"weight.1": np.zeros((5, 9), np.float32)}, "do not fit"),
        ({"bias.1": np.zeros(6, np.float32)}, "biases"),
        ({"bias.0": np.zeros((8, 1), np.float32)}, "biases"),
        ({"bias.0": np.zeros(8)}, "float64"),
        ({"weight.0": np.zeros((8, 39), np.int8)}, "int8"),
        ({"weight.0": np.full((8, 39), np.nan, np.float32)}, "finite"),
        ({"bias.2": np.full(4, np.inf, np.float32)}, "finite"),
        ({"observation.mean": np.zeros(1, np.float32)}, "normaliser"),
        ({"observation.scale": np.ones((1, 39), np.float32)}, "normaliser"),
        ({"observation.scale": np.zeros(39, np.float32)}, "positive"),
        ({"observation.scale": np.full(39, np.nan, np.float32)}, "finite"),
    ],
)
def test_tensors_that_do_not_fit(
    tmp_path: Path, change: dict[str, np.ndarray | None], message: str
) -> None:
    tensors, metadata = tensors_and_metadata(small_policy())
    changed = {name: array for name, array in {**tensors, **change}.items() if array is not None}
    path = tmp_path / "policy.safetensors"
    path.write_bytes(save(changed, metadata))
    with pytest.raises(UserError, match=message):
        Policy.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "8-6"},
        {"architecture": "0"},
        {"architecture": "__import__('os')"},
        {"architecture": None},
        {"task": None},
        {"provenance": None},
        {"provenance": "not JSON"},
        {"provenance": "[]"},
        {"provenance": "[" * 100_000},
    ],
)
def test_metadata_that_make_no_sense(tmp_path: Path, change: dict[str, str | None]) -> None:
    tensors, metadata = tensors_and_metadata(small_policy())
    changed = {key: value for key, value in {**metadata, **change}.items() if value is not None}
    path = tmp_path / "policy.safetensors"
    path.write_bytes(save(tensors, changed))
    with pytest.raises(UserError):
        Policy.load(path)


def hand_made_file(header: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 8,
        hand_made_file(
            {"weight.0": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
        ),
        hand_made_file({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, b"1234"),
        hand_made_file({"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}, b"1234"),
        hand_made_file({"w": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
        b"PK\x03\x04 a zip of pickles, as torch.save writes it",
        b"\x80\x04cos\nsystem\n.",
        b"\0" * (9 * 2**20),
    ],
    ids=["huge header", "huge tensor", "negative", "bfloat16", "object", "zip", "pickle", "large"],
)
def test_hostile_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError):
        Policy.load(path)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.safetensors", tmp_path, tmp_path / ("x" * 5000)):
        with pytest.raises(UserError):
            Policy.load(path)
