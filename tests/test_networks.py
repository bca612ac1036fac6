"""Many padded networks at once compute what each computes alone."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.imitation.demonstrations import Transitions
from nnit.imitation.fitting import OwnShares, fit, imitation_loss, normalised
from nnit.mlp.batch import stack_policies
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites.metaworld.style import Style
from strategies import random_policy, seeds


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


STYLE = Style()


def test_nothing_is_asked_beyond_a_saturated_action() -> None:
    target = torch.tensor([[[1.0, -1.0, 0.5]]])
    beyond = torch.tensor([[[3.0, -3.0, 0.5]]])
    short = torch.tensor([[[0.5, -0.5, 0.5]]])
    assert imitation_loss(beyond, target).item() == 0
    assert imitation_loss(short, target).item() > 0
    assert imitation_loss(-beyond, target).item() > imitation_loss(short, target).item()


def test_networks_trained_together_do_not_touch_each_other() -> None:
    """The second network's data are changed; the first network's weights must come out the same."""
    policies = [random_policy(MLPArchitecture((12, 9)), seed) for seed in (1, 2)]
    rng = np.random.default_rng(0)
    observations = rng.normal(size=(400, 39)).astype(np.float32)
    labels = {
        "a": np.tanh(observations[:, :4]),
        "b": np.tanh(observations[:, 4:8]),
        "c": -np.tanh(observations[:, 4:8]),
    }
    normaliser = Normaliser(np.zeros(39, np.float32), np.ones(39, np.float32))
    data = normalised(
        {
            name: Transitions(observations, label[:, None].repeat(2, 1))
            for name, label in labels.items()
        },
        dict.fromkeys(labels, normaliser),
    )

    def first_after_training_beside(second: str) -> np.ndarray:
        shares = OwnShares(data, ["a", second], STYLE.tensor(2), 0.5, np.random.default_rng(3))
        generator = torch.Generator().manual_seed(4)
        trained = fit(
            stack_policies(policies, 16),
            shares,
            steps=30,
            batch=32,
            rate=1e-2,
            generator=generator,
        )
        return trained.matrices(0)[0][0]

    before = policies[0].weights[0]
    beside_b = first_after_training_beside("b")
    np.testing.assert_array_equal(beside_b, first_after_training_beside("c"))
    assert np.abs(beside_b - before).max() > 0.01


def test_training_from_data_learns_it() -> None:
    policy = random_policy(MLPArchitecture((32, 32)), 5)
    observations = np.random.default_rng(1).normal(size=(2000, 39)).astype(np.float32)
    labels = np.clip(observations[:, :4], -1, 1)
    normaliser = Normaliser(np.zeros(39, np.float32), np.ones(39, np.float32))
    data = normalised(
        {"a": Transitions(observations, labels[:, None].repeat(2, 1))}, {"a": normaliser}
    )
    losses: list[float] = []
    fit(
        stack_policies([policy], 32),
        OwnShares(data, ["a"], STYLE.tensor(1), 1.0, np.random.default_rng(0)),
        steps=300,
        batch=128,
        rate=5e-3,
        generator=torch.Generator().manual_seed(0),
        progress=lambda done, total, loss: losses.append(loss),
    )
    assert losses[-1] < 0.2 * losses[0]
