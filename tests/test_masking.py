"""Architectures that are partly known: masked in training, filled in when sampling."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.dit.architecture_diffusion import mask_architectures, sample_architectures
from nnit.dit.tokens import MASKED, TrainedRange, context_batch, token_batch
from nnit.errors import UserError
from nnit.mlp.spec import (
    MAX_DEPTH,
    MAX_WIDTH,
    MIN_WIDTH,
    MLPArchitecture,
    PartialArchitecture,
)
from nnit.splits import PROTOCOLS, TRAINED_DEPTHS, TRAINED_WIDTHS
from strategies import architectures, seeds

ANY = TrainedRange(MIN_WIDTH, MAX_WIDTH, tuple(range(1, MAX_DEPTH + 1)))


def even(known: Sequence[PartialArchitecture]) -> tuple[torch.Tensor, torch.Tensor]:
    """A model that finds everything equally likely."""
    count = len(known)
    return torch.zeros(count, len(TRAINED_DEPTHS)), torch.zeros(count, 5, len(TRAINED_WIDTHS))


def fill(text: str, budget: int | None, count: int = 8, seed: int = 0) -> list[MLPArchitecture]:
    generators = [torch.Generator().manual_seed(seed * 1000 + i) for i in range(count)]
    start = [PartialArchitecture.parse(text)] * count
    return sample_architectures(even, start, TRAINED_DEPTHS, TRAINED_WIDTHS, budget, generators)


@pytest.mark.parametrize("text", ["?", "64-?", "?-?-?", "17-32", "5-?"])
def test_text_forms_come_back(text: str) -> None:
    assert str(PartialArchitecture.parse(text)) == text


@pytest.mark.parametrize("text", ["", "x", "64-", "?-x", "0-?", "1000-?", "?-?-?-?-?-?", "??"])
def test_what_is_no_architecture_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        PartialArchitecture.parse(text)


@given(st.integers(356, 12_000), seeds)
@settings(max_examples=30)
def test_every_budget_that_can_be_kept_is_kept(budget: int, seed: int) -> None:
    for architecture in fill("?", budget, seed=seed % 1000):
        assert architecture.parameter_count <= budget
        assert architecture.depth in TRAINED_DEPTHS
        assert set(architecture.hidden) <= set(TRAINED_WIDTHS)


def test_without_a_budget_to_keep_wide_networks_come_up_too() -> None:
    assert any(architecture.parameter_count > 1000 for architecture in fill("?", None))


def test_fixed_widths_stay() -> None:
    for architecture in fill("61-?-12", None):
        assert architecture.hidden[0] == 61
        assert architecture.hidden[2] == 12
        assert architecture.depth == 3


def test_without_a_model_s_preference_all_depths_come_up() -> None:
    assert {architecture.depth for architecture in fill("?", None, count=40)} == {1, 2, 3}


@pytest.mark.parametrize(("text", "budget"), [("?", 355), ("64-?", 3000), ("100-?-?", 4000)])
def test_budgets_that_cannot_be_kept_are_refused(text: str, budget: int) -> None:
    with pytest.raises(UserError, match="too few"):
        fill(text, budget)


@pytest.mark.parametrize(("observation", "action"), [(6, 2), (300, 9)])
def test_a_budget_counts_the_sizes_of_the_suite(observation: int, action: int) -> None:
    """The smallest network of 8 neurons just fits; for Meta-World it has 356 parameters."""
    fewest = MLPArchitecture((8,), observation, action).parameter_count
    start = PartialArchitecture(observation_size=observation, action_size=action)

    def filled(budget: int) -> list[MLPArchitecture]:
        generators = [torch.Generator().manual_seed(seed) for seed in range(8)]
        return sample_architectures(
            even, [start] * 8, TRAINED_DEPTHS, TRAINED_WIDTHS, budget, generators
        )

    assert {a.hidden for a in filled(fewest)} == {(8,)}
    for architecture in filled(2 * fewest):
        assert architecture.parameter_count <= 2 * fewest
        assert (architecture.observation_size, architecture.action_size) == (observation, action)
    with pytest.raises(UserError, match=f"the smallest network has {fewest}"):
        filled(fewest - 1)


@given(st.integers(180, 3000), seeds)
@settings(max_examples=30)
def test_layers_that_often_fail_are_chosen_only_where_nothing_else_fits(
    budget: int, seed: int
) -> None:
    widths = PROTOCOLS["dense from 4"].widths
    generators = [torch.Generator().manual_seed(seed % 1000 + i) for i in range(8)]

    def choose(known: Sequence[PartialArchitecture]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.zeros(len(known), 3), torch.zeros(len(known), 5, len(widths))

    chosen = sample_architectures(
        choose, [PartialArchitecture()] * 8, TRAINED_DEPTHS, widths, budget, generators
    )
    for architecture in chosen:
        assert architecture.parameter_count <= budget
        assert budget < 356 or min(architecture.hidden) >= 8


def test_a_narrow_layer_that_is_asked_for_stays() -> None:
    chosen = fill("5-?", 600)
    assert {architecture.hidden[0] for architecture in chosen} == {5}
    assert all(architecture.hidden[1] >= 8 for architecture in chosen)


def test_one_network_does_not_depend_on_the_others() -> None:
    assert fill("?", 5000, count=8)[:3] == fill("?", 5000, count=3)


@given(st.lists(architectures(8, 64, 4), min_size=1, max_size=4), seeds)
@settings(max_examples=30)
def test_masking_hides_every_matrix_whose_shape_would_tell(
    chosen: list[MLPArchitecture], seed: int
) -> None:
    conditions = np.zeros((len(chosen), 2))
    batch = token_batch([0] * len(chosen), chosen, conditions, np.zeros((len(chosen), 0)), 8, ANY)
    plain = token_batch([0] * len(chosen), chosen, conditions, np.zeros((len(chosen), 0)), 8, ANY)
    shown = mask_architectures(batch.depth, batch.hidden, 1.0, np.random.default_rng(seed))
    batch.valid &= shown.gather(1, batch.layer)[..., None]
    for index, architecture in enumerate(chosen):
        depth = architecture.depth
        if batch.depth[index] == 0:
            assert (batch.hidden[index] == 0).all()
            assert not batch.valid[index].any()
            continue
        masked = batch.hidden[index] == MASKED
        assert masked[:depth].any()
        assert not masked[depth:].any()
        open_sides = [False, *masked[:depth].tolist(), False]
        for layer in range(depth + 1):
            tokens = (batch.layer[index] == layer) & plain.valid[index].any(-1)
            hidden = open_sides[layer] or open_sides[layer + 1]
            expected = plain.valid[index][tokens] & (not hidden)
            assert (batch.valid[index][tokens] == expected).all()


def test_a_context_batch_says_what_is_known_and_nothing_else() -> None:
    known = [PartialArchitecture(), PartialArchitecture(2, (17, None))]
    batch = context_batch(3, np.array([np.nan, 1.0]), 4, known, ANY)
    assert batch.depth.tolist() == [0, 2]
    assert batch.latent.shape == (2, 4)
    assert batch.latent.isnan().all()
    assert batch.hidden.tolist() == [[0, 0, 0, 0, 0], [17, MASKED, 0, 0, 0]]
    assert batch.task.tolist() == [3, 3]
    assert batch.kind.shape == (2, 0)
