"""Intervals of success rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from nnit.evaluation.statistics import (
    bootstrap_interval,
    mean_text,
    success_text,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # By the formula of Wilson (1927) with z = 1.959964.
        (28, 30, 0.78677, 0.98153),
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (1, 1, 0.20655, 1.0),
        (50, 100, 0.40383, 0.59617),
    ],
)
def test_known_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    successes, trials = counts
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high
    scipy = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((scipy.low, scipy.high), abs=1e-12)
    mirrored = wilson_interval(trials - successes, trials)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-9)


def test_more_confidence_is_wider() -> None:
    inner, outer = wilson_interval(20, 30, 0.9), wilson_interval(20, 30, 0.99)
    assert outer[0] < inner[0] < inner[1] < outer[1]


@pytest.mark.parametrize("counts", [(0, 0), (2, 1), (-1, 3)])
def test_counts_that_make_no_sense(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"{counts[0]} successes in {counts[1]} trials"):
        wilson_interval(*counts)


def test_text() -> None:
    assert success_text(28, 30) == "28/30 (93 %, 95 % CI 79-98)"
    assert success_text(0, 0) == "0/0"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_a_bootstrap_interval_holds_the_mean_and_stays_among_the_rates(rates: list[float]) -> None:
    low, high = bootstrap_interval(rates)
    assert min(rates) - 1e-9 <= low <= np.mean(rates) + 1e-9
    assert np.mean(rates) - 1e-9 <= high <= max(rates) + 1e-9


def test_a_bootstrap_interval_is_as_wide_as_the_normal_one_for_many_rates() -> None:
    rates = np.random.default_rng(1).random(400)
    low, high = bootstrap_interval(rates.tolist())
    wanted = 2 * 1.96 * rates.std() / 20
    assert abs((high - low) / wanted - 1) < 0.1


def test_no_rates_have_no_interval() -> None:
    with pytest.raises(ValueError, match="no rates"):
        bootstrap_interval([])
    assert mean_text([]) == "not defined"
    assert mean_text([1.0, 1.0]) == "100 % (100-100)"
