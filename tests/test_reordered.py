"""Zoos that are aligned in other ways: what they change, and what they leave as it is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nnit.alignment.metrics import morans_i
from nnit.alignment.symmetry import permute
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import Conditions, OwnShares, normalised
from nnit.mlp.network import MLP
from nnit.zoo.networks import Zoo
from nnit.zoo.reordered import (
    Fitting,
    in_one_random_order,
    matched,
    shuffled,
    trained_apart,
    without_latents,
)


@pytest.fixture(scope="module")
def zoo(smoke_run: Path) -> Zoo:
    return Zoo.load(smoke_run / "zoo" / "zoo.safetensors").subset(np.arange(20))


@pytest.fixture(scope="module")
def ghn(smoke_run: Path) -> GHN:
    return load_ghn(smoke_run / "ghn")[0]


def networks(zoo: Zoo) -> list[MLP]:
    return [MLP(zoo[index].weights, zoo[index].biases) for index in range(len(zoo))]


def outputs(network: MLP, observations: np.ndarray) -> np.ndarray:
    x = observations
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        x = np.tanh(x @ weight.T + bias)
    return x @ network.weights[-1].T + network.biases[-1]


def ignore(*_: int) -> None:
    pass


def test_another_order_of_neurons_leaves_what_every_network_computes(zoo: Zoo, ghn: GHN) -> None:
    observations = np.random.default_rng(0).normal(size=(16, 39)).astype(np.float32)
    kinds = {
        "one order": in_one_random_order(zoo, 0),
        "shuffled": shuffled(zoo, 0),
        "matched": matched(shuffled(zoo, 0), ghn, ignore),
    }
    for name, changed in kinds.items():
        moved = not np.array_equal(changed.parameters, zoo.parameters)
        assert moved or name == "matched"  # which may find every neuron's old place
        np.testing.assert_array_equal(changed.success, zoo.success)
        for before, after in zip(networks(zoo), networks(changed), strict=True):
            found = outputs(after, observations)
            np.testing.assert_allclose(found, outputs(before, observations), atol=1e-4)


def test_one_order_is_the_same_for_networks_of_all_widths(zoo: Zoo) -> None:
    changed = in_one_random_order(zoo, 3)
    rng = np.random.default_rng(3)
    orders = [rng.permutation(int(zoo.hidden.max())) for _ in range(zoo.hidden.shape[1])]
    for before, after in zip(networks(zoo), networks(changed), strict=True):
        widths = [len(bias) for bias in before.biases[:-1]]
        own = [order[order < width] for order, width in zip(orders, widths, strict=False)]
        moved = permute(before, own)
        for one, other in zip(moved.weights, after.weights, strict=True):
            np.testing.assert_array_equal(one, other)
    in_blocks = in_one_random_order(zoo, 3, block=16)
    for before, after in zip(networks(zoo), networks(in_blocks), strict=True):
        for one, other in zip(before.biases[:-1], after.biases[:-1], strict=True):
            for start in range(0, len(one), 16):
                block = slice(start, start + 16)
                assert sorted(one[block]) == sorted(other[block])
        assert not np.array_equal(before.biases[0], after.biases[0])
    smooth, rough = (np.mean([morans_i(one) for one in networks(kind)]) for kind in (zoo, changed))
    assert smooth > 0.4
    assert abs(rough) < 0.2


def test_matching_finds_the_order_that_shuffling_hid(zoo: Zoo, ghn: GHN) -> None:
    found = matched(shuffled(zoo, 1), ghn, ignore)
    again = 0.0
    for before, after in zip(networks(zoo), networks(found), strict=True):
        again += np.mean(np.abs(before.biases[0] - after.biases[0]) < 1e-6)
    assert again / len(zoo) > 0.9


def test_networks_trained_apart_have_the_same_shapes_and_learn(zoo: Zoo, smoke_run: Path) -> None:
    _, normalisers = load_ghn(smoke_run / "ghn")
    transitions = load_transitions(smoke_run / "ghn" / "transitions.safetensors")
    data = normalised(transitions, normalisers)
    conditions = Conditions(zoo.condition_names, torch.from_numpy(zoo.conditions))
    names = [zoo.tasks[task] for task in zoo.task]
    shares = OwnShares(data, names, conditions, 1.0, np.random.default_rng(1))
    observations, actions = shares.draw(128, torch.Generator().manual_seed(0))
    errors = {}
    for steps in (1, 150):
        made = trained_apart(zoo, data, Fitting(steps=steps, batch=64), 0, ignore)
        np.testing.assert_array_equal(made.hidden, zoo.hidden)
        assert np.isnan(made.success).all()  # they are other networks, and not measured yet
        found = [
            outputs(network, own).clip(-1, 1)
            for network, own in zip(networks(made), observations.numpy(), strict=True)
        ]
        errors[steps] = np.square(np.stack(found) - actions.numpy()).mean()
    assert errors[150] < 0.6 * errors[1]


def test_without_latents_the_networks_stay(zoo: Zoo) -> None:
    changed = without_latents(zoo)
    assert changed.latent.shape == (len(zoo), 0)
    np.testing.assert_array_equal(changed.parameters, zoo.parameters)
