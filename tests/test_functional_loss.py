"""Comparing networks by what they do: tokens spell the network that they were cut from."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.dit.functional_loss import FunctionalLoss, TokenIndex, by_depth
from nnit.imitation.fitting import TrainingStates
from nnit.mlp.batch import random_networks
from nnit.mlp.patches import KIND_COUNT, to_tokens, token_layout
from nnit.mlp.spec import OBSERVATION_SIZE, MLPArchitecture

PATCH = 8


def padded_tokens(architectures: list[MLPArchitecture], seed: int) -> tuple[torch.Tensor, list]:
    """Tokens of random networks, padded to the longest, and the networks' matrices."""
    generator = torch.Generator().manual_seed(seed)
    matrices = [random_networks([a], generator).matrices(0) for a in architectures]
    rows = [to_tokens(*network, PATCH) for network in matrices]
    tokens = np.zeros((len(rows), max(map(len, rows)), PATCH * PATCH), np.float32)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = row
    return torch.from_numpy(tokens), matrices


@settings(max_examples=20)
@given(
    depth=st.integers(1, 4),
    data=st.data(),
    seed=st.integers(0, 1000),
)
def test_tokens_spell_the_networks_they_were_cut_from(
    depth: int, data: st.DataObject, seed: int
) -> None:
    widths = st.lists(st.integers(4, 70), min_size=depth, max_size=depth)
    architectures = [MLPArchitecture(tuple(data.draw(widths))) for _ in range(3)]
    tokens, matrices = padded_tokens(architectures, seed)
    networks = TokenIndex(architectures, PATCH).networks(tokens)
    for index, (weights, biases) in enumerate(matrices):
        spelt = networks.matrices(index)
        for mine, theirs in zip((*weights, *biases), (*spelt[0], *spelt[1]), strict=True):
            np.testing.assert_array_equal(mine, theirs)


Comparison = tuple[FunctionalLoss, torch.Tensor, torch.Tensor, list[MLPArchitecture]]


def comparison() -> Comparison:
    architectures = [MLPArchitecture((12, 20)), MLPArchitecture((9, 14)), MLPArchitecture((17, 8))]
    tokens, _ = padded_tokens(architectures, 0)
    scales = np.linspace(0.5, 2.0, KIND_COUNT).astype(np.float32)
    kind = torch.zeros(tokens.shape[:2], dtype=torch.int64)
    for index, architecture in enumerate(architectures):
        layout = token_layout(architecture, PATCH)
        kind[index, : len(layout)] = torch.from_numpy(layout.kind)
    observations = torch.randn(50, OBSERVATION_SIZE, generator=torch.Generator().manual_seed(1))
    states = TrainingStates(observations, torch.zeros(50, 2, 4), {"reach-v3": (0, 50)})
    scaled = tokens / torch.from_numpy(scales)[kind][..., None]
    return FunctionalLoss(scales, states, ["reach-v3"], 16), scaled, kind, architectures


def test_equal_networks_behave_alike_and_others_do_not() -> None:
    compared, clean, kind, architectures = comparison()
    task = np.zeros(3, np.int64)
    other = clean.clone()
    other[1] += 0.3 * (clean[1] != 0)
    predicted = other.requires_grad_()
    rows = compared.draw(task, np.random.default_rng(0))
    assert rows.shape == (3, 16)
    assert 0 <= rows.min() < rows.max() < 50
    places = TokenIndex(architectures, PATCH)
    losses = compared.loss(predicted, clean, kind, torch.from_numpy(task), places, rows)
    assert losses[0].item() == pytest.approx(0, abs=1e-9)
    assert losses[2].item() == pytest.approx(0, abs=1e-9)
    assert losses[1].item() > 1e-3
    losses.sum().backward()
    gradient = predicted.grad
    assert gradient is not None
    assert gradient[1].abs().max() > 0
    layout = token_layout(architectures[1], PATCH)
    padding = ~torch.from_numpy(layout.valid)
    assert (gradient[1, : len(layout)][padding] == 0).all()
    assert (gradient[1, len(layout) :] == 0).all()


def test_some_of_the_networks_are_found_among_all() -> None:
    _, tokens, _, architectures = comparison()
    some = torch.tensor([2, 0])
    found = TokenIndex(architectures, PATCH).at(some).networks(tokens[some])
    every = TokenIndex(architectures, PATCH).networks(tokens)
    for mine, theirs in zip(found.weights, every.weights, strict=True):
        torch.testing.assert_close(mine, theirs[some])


def test_architectures_are_grouped_by_depth() -> None:
    architectures = [MLPArchitecture((12, 20)), MLPArchitecture((9,)), MLPArchitecture((17, 8))]
    assert sorted(map(sorted, by_depth(architectures))) == [[0, 2], [1]]
