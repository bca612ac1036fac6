"""Permutation symmetry as data: permuting, its inverse, partial shuffles, cropping and padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnit.alignment.symmetry import inverse, mlp_symmetry, permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.network import MLP, check_comparable, hidden_widths, resize, tensors_of
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from strategies import architectures, assert_same_policy, policies, random_policy, seeds

fractions = st.floats(0, 1)


def bare(policy: Policy) -> MLP:
    return MLP(policy.weights, policy.biases)


@given(policies(), fractions, seeds)
def test_permuting_leaves_the_function_as_it_is(policy: Policy, fraction: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    observations = rng.normal(size=(32, 39))
    moved = permute(policy, random_permutations(policy.architecture.hidden, fraction, rng))
    np.testing.assert_allclose(moved.act(observations), policy.act(observations), atol=1e-4)


@given(policies(), fractions, seeds)
def test_the_inverse_undoes(policy: Policy, fraction: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    permutations = random_permutations(policy.architecture.hidden, fraction, rng)
    assert_same_policy(permute(permute(policy, permutations), inverse(permutations)), policy)
    assert_same_policy(permute(permute(policy, inverse(permutations)), permutations), policy)


@given(architectures(), fractions, seeds)
def test_a_fraction_moves_that_many_neurons(
    architecture: MLPArchitecture, fraction: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    for width, permutation in zip(
        architecture.hidden, random_permutations(architecture.hidden, fraction, rng), strict=True
    ):
        np.testing.assert_array_equal(np.sort(permutation), np.arange(width))
        moved = int((permutation != np.arange(width)).sum())
        asked = round(fraction * width)
        assert moved == (2 if asked == 1 else asked)


@given(architectures(), fractions, fractions, seeds)
def test_a_larger_fraction_moves_the_same_neurons_and_more(
    architecture: MLPArchitecture, one: float, other: float, seed: int
) -> None:
    less, more = (
        random_permutations(architecture.hidden, fraction, np.random.default_rng(seed))
        for fraction in sorted([one, other])
    )
    for small, large in zip(less, more, strict=True):
        places = np.arange(len(small))
        assert set(np.flatnonzero(small != places)) <= set(np.flatnonzero(large != places))


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_fraction_out_of_range(fraction: float) -> None:
    with pytest.raises(UserError, match="fraction"):
        random_permutations((8,), fraction, np.random.default_rng(0))


@given(architectures())
def test_every_hidden_neuron_is_in_three_tensors(architecture: MLPArchitecture) -> None:
    symmetry = mlp_symmetry(architecture.hidden)
    tensors = tensors_of(random_policy(architecture, 0))
    assert set(symmetry.axes) == set(tensors)
    for index, width in enumerate(architecture.hidden):
        acted_on = symmetry.acted_on(index)
        assert len(acted_on) == 3
        assert all(tensors[name].shape[axis] == width for name, axis in acted_on)


def test_what_is_no_permutation_is_refused() -> None:
    policy = random_policy(MLPArchitecture((4, 5)), 0)
    for wrong in ([np.zeros(4, int), np.arange(5)], [np.arange(5), np.arange(4)], [np.arange(4)]):
        with pytest.raises(ValueError):  # noqa: PT011 - zip's own message for a missing layer
            permute(policy, wrong)


@given(policies(), st.integers(0, 20), seeds)
def test_padding_leaves_the_function_and_cropping_undoes_it(
    policy: Policy, extra: int, seed: int
) -> None:
    wider = resize(policy, [width + extra for width in policy.architecture.hidden])
    inputs = np.random.default_rng(seed).normal(size=(8, 39)).astype(np.float32)

    def run(network: MLP) -> np.ndarray:
        hidden = inputs
        for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
            hidden = np.tanh(hidden @ weight.T + bias)
        return hidden @ network.weights[-1].T + network.biases[-1]

    np.testing.assert_allclose(run(wider), run(bare(policy)), atol=1e-4)
    again = resize(wider, policy.architecture.hidden)
    for name, tensor in tensors_of(again).items():
        np.testing.assert_array_equal(tensor, tensors_of(policy)[name])


def test_networks_of_other_depths_or_ends_do_not_compare() -> None:
    policy = random_policy(MLPArchitecture((4, 5)), 0)
    assert hidden_widths(policy) == (4, 5)
    check_comparable([policy, random_policy(MLPArchitecture((7, 9)), 1)])
    with pytest.raises(UserError, match="layers"):
        check_comparable([policy, random_policy(MLPArchitecture((4,)), 1)])
    with pytest.raises(UserError, match="inputs"):
        check_comparable([policy, random_policy(MLPArchitecture((4, 5), 7, 4), 1)])
