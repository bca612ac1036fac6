"""Networks become tokens and come back unchanged, for every architecture."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.tokens import TrainedRange, token_batch
from nnit.errors import UserError
from nnit.mlp.patches import (
    HIDDEN_BIAS,
    INPUT,
    KIND_COUNT,
    OUTPUT,
    OUTPUT_BIAS,
    from_tokens,
    patchify,
    to_tokens,
    token_layout,
    unpatchify,
)
from nnit.mlp.spec import MLPArchitecture
from nnit.trainer import seeded_initialisation
from strategies import architectures, random_policy, seeds, sized_architectures


@given(st.integers(1, 70), st.integers(1, 70), st.sampled_from([4, 8, 16]))
def test_unpatchify_undoes_patchify(rows: int, columns: int, patch: int) -> None:
    matrix = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    patches = patchify(matrix, patch)
    assert patches.shape == (-(-rows // patch) * -(-columns // patch), patch * patch)
    np.testing.assert_array_equal(unpatchify(patches, (rows, columns), patch), matrix)


@given(architectures() | sized_architectures(), seeds, st.sampled_from([4, 8, 16]))
@settings(max_examples=50)
def test_tokens_carry_the_whole_network(
    architecture: MLPArchitecture, seed: int, patch: int
) -> None:
    policy = random_policy(architecture, seed)
    tokens = to_tokens(policy.weights, policy.biases, patch)
    weights, biases = from_tokens(tokens, architecture, patch)
    for before, after in zip(policy.weights + policy.biases, weights + biases, strict=True):
        np.testing.assert_array_equal(before, after)


@given(architectures() | sized_architectures(), st.sampled_from([4, 8, 16]))
@settings(max_examples=50)
def test_the_layout_describes_every_cell_once(architecture: MLPArchitecture, patch: int) -> None:
    layout = token_layout(architecture, patch)
    assert layout.valid.sum() == architecture.parameter_count
    ones = to_tokens(
        [np.ones(shape, np.float32) for shape in architecture.shapes],
        [np.ones(rows, np.float32) for rows, _ in architecture.shapes],
        patch,
    )
    np.testing.assert_array_equal(layout.valid, ones > 0)
    assert np.isfinite(layout.position).all()
    assert {INPUT, OUTPUT, HIDDEN_BIAS, OUTPUT_BIAS} <= set(layout.kind.tolist())


def test_every_token_of_a_network_has_a_place_of_its_own() -> None:
    layout = token_layout(MLPArchitecture((64, 64, 64)), 8)
    places = np.concatenate([layout.kind[:, None], layout.position], 1)
    assert len(np.unique(places, axis=0)) == len(layout)


@pytest.mark.parametrize("hidden", [(27, 45), (64, 27, 64)])
def test_a_patch_keeps_its_absolute_place_at_every_width(hidden: tuple[int, ...]) -> None:
    """What alignment is for: patch (0, 1) of the first matrix means the same in every network."""
    narrow = token_layout(MLPArchitecture(hidden), 8)
    wide = token_layout(MLPArchitecture((64, 64)), 8)
    np.testing.assert_array_equal(narrow.position[1, :2], wide.position[1, :2])


RANGE = TrainedRange(8, 64, (1, 2, 3))


@given(architectures(8, 64, 3) | sized_architectures(), st.sampled_from([4, 8, 16]))
@settings(max_examples=50)
def test_places_beyond_the_trained_range_are_told_as_places_inside(
    architecture: MLPArchitecture, patch: int
) -> None:
    """Whatever the shape, the model sees nothing that training could not have shown it."""
    actual, told = token_layout(architecture, patch), RANGE.position(architecture, patch)
    assert told.shape == actual.position.shape
    inside = max(architecture.hidden) <= 64 and architecture.depth <= 3
    if inside and min(architecture.hidden) >= 8:
        np.testing.assert_array_equal(told, actual.position)
    depth = min(architecture.depth, 3)
    shapes = np.array(architecture.shapes)[actual.layer]
    for axis, is_hidden in ((0, actual.layer < architecture.depth), (1, actual.layer > 0)):
        first, share, size = told[:, [axis, 2 + axis, 4 + axis]].T * [[64], [1], [64]]
        assert (first[is_hidden] < 64).all()
        beyond = is_hidden & (shapes[:, axis] > 64)
        assert (first[beyond] <= 64 - patch).all(), "training had each cell of these patches"
        assert (size[is_hidden] >= 8).all()
        assert (size[is_hidden] <= 64).all()
        np.testing.assert_allclose(share, first / size, rtol=1e-6)
        # Sides that are given by the task are told as they are.
        np.testing.assert_array_equal(size[~is_hidden], shapes[~is_hidden, axis])
    layer = told[:, 6] * 5
    np.testing.assert_allclose(told[:, 7] * 5, depth - layer, atol=1e-5)
    np.testing.assert_allclose(told[:, 8], layer / depth, atol=1e-6)
    assert set(np.round(layer).tolist()) == set(range(depth + 1))
    # What reads the observation and what makes the action keep their places.
    for at, layer_told in ((0, 0), (architecture.depth, depth)):
        assert (np.round(layer[actual.layer == at]) == layer_told).all()


@given(st.integers(1, 256), st.sampled_from([4, 8, 16, 28]))
def test_neurons_that_are_told_as_the_same_share_their_say(width: int, patch: int) -> None:
    """Together they count for one, so that a wider network says what one of the widest trained width would."""
    shares = RANGE.shares(width, patch)
    if width <= 64:
        assert (shares == 1).all()
        return
    told = RANGE.position(MLPArchitecture((width, 9)), patch)
    layout = token_layout(MLPArchitecture((width, 9)), patch)
    firsts = told[(layout.layer == 0) & (layout.kind == HIDDEN_BIAS), 0] * 64
    neurons = np.concatenate([first + np.arange(patch) for first in firsts])[:width]
    for neuron in np.unique(neurons):
        np.testing.assert_allclose(shares[neurons == neuron].sum(), 1, rtol=1e-6)


def test_a_model_is_told_of_architectures_within_its_range() -> None:
    shapes = [MLPArchitecture((128, 4)), MLPArchitecture((24, 24, 24, 30, 40))]
    batch = token_batch([0, 0], shapes, np.zeros((2, 1)), np.zeros((2, 0)), 8, RANGE)
    assert batch.depth.tolist() == [2, 3]
    assert batch.hidden.tolist() == [[64, 8, 0, 0, 0], [24, 24, 24, 30, 40]]
    assert batch.valid.sum((1, 2)).tolist() == [shape.parameter_count for shape in shapes]
    assert RANGE.depth(0) == 0, "nothing is told of a depth that is open"
    assert TrainedRange(4, 256, (1, 2, 3, 5)).depth(4) == 3


@pytest.mark.parametrize(
    ("positions", "hidden", "shown"),
    [("absolute", [2, 3], [0, 1]), ("relative", [0, 1], [2, 3])],
)
def test_a_dit_sees_the_places_that_its_configuration_names_and_no_others(
    positions: str, hidden: list[int], shown: list[int]
) -> None:
    config = DiTConfig(
        ("reach-v3",),
        ("budget",),
        patch=8,
        width=24,
        layers=1,
        heads=2,
        scales=(0.1,) * KIND_COUNT,
        depths=(1, 2),
        widths=(8, 16),
        positions=positions,
    )
    with seeded_initialisation(0):
        dit = PatchDiT(config)
        torch.nn.init.normal_(dit.final_layer.linear.weight)  # which starts at zero
    batch = token_batch(
        [0], [MLPArchitecture((24, 16))], np.zeros((1, 1)), np.zeros((1, 0)), 8, config.trained
    )
    noisy = torch.randn(batch.valid.shape, generator=torch.Generator().manual_seed(0))

    def predicted(moved: list[int]) -> torch.Tensor:
        position = batch.position.clone()
        position[..., moved] += 0.3
        with torch.no_grad():
            return dit(noisy, torch.zeros(1), replace(batch, position=position)).clean

    assert torch.equal(predicted(hidden), predicted([]))
    assert not torch.equal(predicted(shown), predicted([]))


def test_unknown_positions_are_refused() -> None:
    with pytest.raises(UserError, match="positions"):
        DiTConfig(
            *(("reach-v3",), (), 8, 24, 1, 2),
            scales=(0.1,) * KIND_COUNT,
            depths=(1,),
            widths=(8,),
            positions="none",
        )
