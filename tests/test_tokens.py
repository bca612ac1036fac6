"""Networks become tokens and come back unchanged, for every architecture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.mlp.patches import (
    HIDDEN_BIAS,
    INPUT,
    OUTPUT,
    OUTPUT_BIAS,
    from_tokens,
    patchify,
    to_tokens,
    token_layout,
    unpatchify,
)
from nnit.mlp.spec import MLPArchitecture
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
