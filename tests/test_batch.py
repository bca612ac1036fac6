"""Many padded networks at once compute what each computes alone."""

from collections.abc import Sequence

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.mlp.batch import random_networks, width_masks
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTIVATIONS, MLPArchitecture
from strategies import random_policy, seeds, stack_policies


def together(policies: Sequence[Policy], observations: Sequence[np.ndarray]) -> np.ndarray:
    """Unclipped actions of all policies in one batch, (N, batch, largest action)."""
    normalised = [
        torch.from_numpy((seen - policy.observation_mean) / policy.observation_scale)
        for policy, seen in zip(policies, observations, strict=True)
    ]
    widest = max(policy.architecture.observation_size for policy in policies)
    seen = [torch.nn.functional.pad(own, (0, widest - own.shape[1])) for own in normalised]
    return stack_policies(policies, 64)(torch.stack(seen)).numpy()


@given(
    st.integers(1, 4).flatmap(
        lambda depth: st.lists(
            st.lists(st.integers(4, 64), min_size=depth, max_size=depth), min_size=1, max_size=4
        )
    ),
    seeds,
)
@settings(deadline=None, max_examples=25)
def test_padding_changes_nothing(widths: list[list[int]], seed: int) -> None:
    policies = [random_policy(MLPArchitecture(tuple(w)), seed + i) for i, w in enumerate(widths)]
    networks = stack_policies(policies, 64)
    observations = np.random.default_rng(seed).normal(size=(7, 39)).astype(np.float32)
    for index, policy in enumerate(policies):
        normalised_ = (observations - policy.observation_mean) / policy.observation_scale
        batch = torch.from_numpy(normalised_).expand(len(policies), -1, -1)
        together = networks(batch)[index].clamp(-1, 1).numpy()
        np.testing.assert_allclose(together, policy.act(observations), atol=2e-4)
        normaliser = Normaliser(policy.observation_mean, policy.observation_scale)
        back = networks.policy(index, policy.task, normaliser)
        for mine, theirs in zip(back.weights, policy.weights, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@st.composite
def mixed(draw: st.DrawFn) -> list[MLPArchitecture]:
    """Architectures of one depth for tasks of different suites."""
    depth = draw(st.integers(1, 4))
    return [
        MLPArchitecture(
            tuple(draw(st.lists(st.integers(4, 64), min_size=depth, max_size=depth))),
            draw(st.integers(1, 60)),
            draw(st.integers(1, 9)),
            draw(st.sampled_from(ACTIVATIONS)),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]


@given(mixed(), seeds)
@settings(deadline=None, max_examples=50)
def test_networks_of_different_suites_share_a_batch(
    architectures: list[MLPArchitecture], seed: int
) -> None:
    policies = [random_policy(a, seed + i) for i, a in enumerate(architectures)]
    rng = np.random.default_rng(seed)
    observations = [
        rng.normal(size=(7, a.observation_size)).astype(np.float32) for a in architectures
    ]
    actions = together(policies, observations)
    networks = stack_policies(policies, 64)
    for index, (policy, seen) in enumerate(zip(policies, observations, strict=True)):
        size = policy.architecture.action_size
        alone = policy.act(seen)
        np.testing.assert_allclose(actions[index, :, :size].clip(-1, 1), alone, atol=2e-4)
        assert (actions[index, :, size:] == 0).all()
        normaliser = Normaliser(policy.observation_mean, policy.observation_scale)
        back = networks.policy(index, policy.task, normaliser)
        assert back.architecture == policy.architecture
        for mine, theirs in zip(
            (*back.weights, *back.biases), (*policy.weights, *policy.biases), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)


def test_activations_of_one_batch_differ() -> None:
    """The same weights with tanh and with ReLU, side by side."""
    weights = random_policy(MLPArchitecture((16, 16)), 0)
    policies = [
        Policy(
            "reach-v3",
            MLPArchitecture((16, 16), activation=activation),
            weights.weights,
            weights.biases,
            weights.observation_mean,
            weights.observation_scale,
        )
        for activation in ACTIVATIONS
    ]
    seen = np.random.default_rng(0).normal(size=(9, 39)).astype(np.float32)
    tanh, relu = together(policies, [seen, seen])
    assert np.abs(tanh - relu).max() > 0.1
    np.testing.assert_allclose(relu.clip(-1, 1), policies[1].act(seen), atol=2e-4)


@given(mixed(), seeds)
@settings(deadline=None, max_examples=30)
def test_random_networks_fill_their_own_cells_and_no_other(
    architectures: list[MLPArchitecture], seed: int
) -> None:
    networks = random_networks(architectures, torch.Generator().manual_seed(seed))
    side = max(max(a.hidden) for a in architectures)
    masks = width_masks(architectures, side)
    for layer, weight in enumerate(networks.weights):
        cells = masks[layer + 1][:, :, None] * masks[layer][:, None, :]
        assert ((weight != 0) <= (cells > 0)).all()
        assert (weight != 0).sum() == cells.sum()
    for index, architecture in enumerate(architectures):
        weights, biases = networks.matrices(index)
        assert tuple(weight.shape for weight in weights) == architecture.shapes
        assert all((bias == 0).all() for bias in biases)


def test_random_weights_keep_the_size_of_what_they_are_given() -> None:
    architectures = [MLPArchitecture((128,), 10, 2), MLPArchitecture((128,), 400, 2)]
    networks = random_networks(architectures, torch.Generator().manual_seed(0))
    for index, architecture in enumerate(architectures):
        first = networks.matrices(index)[0][0]
        assert abs(first.std() * architecture.observation_size**0.5 - 1) < 0.1
