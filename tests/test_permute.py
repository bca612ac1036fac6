"""Hidden neurons in another order: the same function, other matrices."""

import numpy as np
from hypothesis import given

from nnit.alignment.permute import permute, random_permutations, shuffle
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from strategies import assert_same_policy, policies, random_policy, seeds


@given(policies(), seeds)
def test_shuffling_leaves_the_function_as_it_is(policy: Policy, seed: int) -> None:
    observations = np.random.default_rng(seed).normal(size=(32, 39))
    shuffled = shuffle(policy, seed)
    assert shuffled.architecture == policy.architecture
    np.testing.assert_allclose(shuffled.act(observations), policy.act(observations), atol=1e-4)


@given(policies(), seeds)
def test_the_inverse_brings_every_weight_back(policy: Policy, seed: int) -> None:
    permutations = random_permutations(policy.architecture, np.random.default_rng(seed))
    back = permute(permute(policy, permutations), [np.argsort(p) for p in permutations])
    assert_same_policy(back, policy)


def test_shuffling_moves_weights_and_leaves_the_original() -> None:
    policy = random_policy(MLPArchitecture((64, 32)), seed=0)
    shuffled = shuffle(policy, 1)
    assert_same_policy(policy, random_policy(MLPArchitecture((64, 32)), seed=0))
    assert shuffled.provenance["shuffled_with_seed"] == 1
    for mine, theirs in zip(policy.weights, shuffled.weights, strict=True):
        assert not np.array_equal(mine, theirs)
        np.testing.assert_array_equal(np.sort(mine, axis=None), np.sort(theirs, axis=None))


def test_the_same_seed_shuffles_the_same_way() -> None:
    policy = random_policy(MLPArchitecture((16,)), seed=0)
    assert_same_policy(shuffle(policy, 3), shuffle(policy, 3))
    assert not np.array_equal(shuffle(policy, 3).weights[0], shuffle(policy, 4).weights[0])
