"""Two-sample tests, on distributions of which the answers are known."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnit.errors import UserError
from nnit.evaluation.two_sample import (
    LEAST,
    Comparison,
    classifier_accuracy,
    compare,
    energy_test,
    mean_offset,
    precision_recall,
    total_variance,
    unexplained_share,
)

FEATURES, LATENT, COUNT = 40, 3, 100


def sets(change: Callable[[np.ndarray], np.ndarray], seed: int = 0) -> Comparison:
    """A changed set, a real one and a control: latents made linear, plus noise as large again."""
    rng = np.random.default_rng(seed)
    spread = rng.standard_normal((LATENT, FEATURES)) / np.sqrt(LATENT)
    latents = [rng.standard_normal((COUNT, LATENT)) for _ in range(3)]
    rows = [z @ spread + rng.standard_normal((COUNT, FEATURES)) for z in latents]
    return compare(
        change(rows[0]),
        rows[1],
        rows[2],
        generated_latents=latents[0],
        real_latents=latents[1],
        seed=seed,
    )


@pytest.mark.parametrize("seed", range(3))
def test_sets_of_one_distribution_cannot_be_told_apart(seed: int) -> None:
    found = sets(lambda rows: rows, seed)
    assert found.classifier_accuracy == pytest.approx(0.5, abs=0.12)
    assert found.control_accuracy == pytest.approx(0.5, abs=0.12)
    assert abs(found.energy) < 2 * found.energy_null95 < 0.02
    assert min(found.precision, found.recall) > 0.75
    assert found.mean_offset < 0.06
    assert found.variance_ratio == pytest.approx(1, abs=0.15)
    assert found.unexplained_ratio == pytest.approx(1, abs=0.15)


def test_a_shift_shows_in_the_mean_and_nothing_else() -> None:
    found, same = sets(lambda rows: rows + 0.5), sets(lambda rows: rows)
    assert found.classifier_accuracy > 0.8
    assert found.control_accuracy == same.control_accuracy
    assert found.energy > 5 * found.energy_null95
    # The distance of two rows is about the root of twice the total variance, 2 for each feature.
    assert found.mean_offset == pytest.approx(0.5 / 2, abs=0.05)
    assert found.variance_ratio == pytest.approx(same.variance_ratio)
    assert found.unexplained_ratio == pytest.approx(same.unexplained_ratio)


def test_a_shrunk_set_is_precise_and_covers_little() -> None:
    found, same = sets(lambda rows: rows / 2), sets(lambda rows: rows)
    assert found.classifier_accuracy < 0.65  # a linear classifier sees means alone
    assert found.energy > 2 * found.energy_null95
    assert found.variance_ratio == pytest.approx(same.variance_ratio / 4)
    assert found.precision > 0.95
    assert found.recall < 0.1
    assert found.unexplained_ratio == pytest.approx(same.unexplained_ratio)


def test_without_noise_the_latent_explains_all() -> None:
    rng = np.random.default_rng(1)
    spread = rng.standard_normal((LATENT, FEATURES))
    latents = rng.standard_normal((COUNT, LATENT))
    assert unexplained_share(latents @ spread, latents, 0) == pytest.approx(0, abs=0.001)
    assert unexplained_share(latents[::-1] @ spread, latents, 0) == pytest.approx(1, abs=0.15)
    linear, noise = latents @ spread, rng.standard_normal((COUNT, FEATURES))
    share = total_variance(noise) / (total_variance(noise) + total_variance(linear))
    assert unexplained_share(linear + noise, latents, 0) == pytest.approx(share, abs=0.05)


def test_a_set_of_one_network_over_and_over() -> None:
    found = sets(lambda rows: np.repeat(rows.mean(0, keepdims=True), len(rows), 0))
    assert found.variance_ratio == pytest.approx(0, abs=1e-12)
    assert found.unexplained_ratio is None
    assert found.recall == 0
    assert found.energy > 5 * found.energy_null95


def test_far_sets_share_nothing() -> None:
    found = sets(lambda rows: rows + 100)
    assert found.classifier_accuracy == 1
    assert found.precision == found.recall == 0
    assert found.mean_offset == pytest.approx(50, rel=0.1)


def test_the_energy_is_what_its_definition_gives() -> None:
    a, b = np.array([[0.0], [1.0]]), np.array([[0.0], [2.0], [4.0]])
    across = np.mean([0, 2, 4, 1, 1, 3])
    zoo = np.mean([2, 4, 2])
    energy, _ = energy_test(a, b, np.random.default_rng(0))
    assert energy == pytest.approx((2 * across - 1 - zoo) / zoo)


def test_precision_and_recall_by_hand() -> None:
    real, generated = np.array([[0.0], [1.0], [2.0]]), np.array([[2.5], [3.5], [9.0]])
    # Balls to the nearest neighbour: real ones have radius 1, generated ones 1, 1 and 5.5.
    assert precision_recall(generated, real, neighbours=1) == (pytest.approx(1 / 3), 1 / 3)


def test_features_that_never_change_do_not_matter_to_the_classifier() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.standard_normal((2, COUNT, 5))
    still = np.ones((COUNT, 5))
    found = classifier_accuracy(np.hstack([one, still]), np.hstack([other, still]), 0)
    assert found == pytest.approx(0.5, abs=0.15)


rows_of_sets = arrays(np.float64, (2, LEAST + 2, 4), elements=st.floats(-9, 9, width=16))


@settings(max_examples=30)
@given(rows_of_sets, st.floats(0.1, 10), st.floats(-5, 5))
def test_units_and_origin_do_not_matter(both: np.ndarray, unit: float, origin: float) -> None:
    both = both + np.arange(LEAST + 2)[:, None]  # so that no set is one point alone
    moved = both * unit + origin
    for test in (
        lambda a, b: energy_test(a, b, np.random.default_rng(0)),
        mean_offset,
        lambda a, b: total_variance(a) / total_variance(b),
    ):
        assert test(*moved) == pytest.approx(test(*both), rel=1e-5, abs=1e-5)


@settings(max_examples=30)
@given(rows_of_sets)
def test_sets_change_places_with_precision_and_recall(both: np.ndarray) -> None:
    one, other = both
    there, back = precision_recall(one, other), precision_recall(other, one)
    assert there == back[::-1]
    assert precision_recall(one, one) == (1, 1)
    assert mean_offset(one + np.arange(LEAST + 2)[:, None], one * 0 + np.eye(LEAST + 2)[:, :4]) >= 0


def test_what_cannot_be_compared_is_refused() -> None:
    few, still = np.eye(LEAST - 1), np.ones((LEAST, LEAST - 1))
    many = np.eye(LEAST)[:, :-1]
    for generated, real in ((few, many), (many, few), (many, still)):
        with pytest.raises(UserError, match="networks"):
            compare(generated, real, real, generated_latents=None, real_latents=None, seed=0)
