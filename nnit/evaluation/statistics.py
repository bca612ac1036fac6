"""How sure a measured success rate is, and how it is written."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a proportion (Wilson 1927).

    `scipy.stats.binomtest` gives the same, but importing it takes longer than all else that the first page needs.
    Unlike the normal interval it stays inside [0, 1] and keeps a width at 0 and at 100 %.

    Args:
        successes: number of episodes that succeeded, 0 to `trials`.
        trials: number of episodes, at least 1.
        confidence: how often such intervals hold the true rate, between 0 and 1.

    Returns:
        (low, high), both in [0, 1].

    Raises:
        ValueError: there are no trials, more successes than trials, or fewer than none.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes in {trials} trials")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate, share = successes / trials, z * z / trials
    middle = (rate + share / 2) / (1 + share)
    half = z / (1 + share) * sqrt(rate * (1 - rate) / trials + share / (4 * trials))
    # Rounding can leave the ends a few 1e-17 on the wrong side.
    return max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))


def bootstrap_interval(
    rates: Sequence[float], confidence: float = 0.95, draws: int = 2000
) -> tuple[float, float]:
    """An interval of a mean of success rates whose episodes are not independent of one another.

    Percentile bootstrap (Efron 1979) over the rates: each is that of one task at one shape, and counts as one
    observation, however many episodes it has.

    Args:
        rates: in [0, 1], at least one.
        confidence: how often such intervals hold the true mean, between 0 and 1.
        draws: of as many rates with replacement; their seed is fixed.

    Returns:
        (low, high), both in [0, 1].

    Raises:
        ValueError: there are no rates.
    """
    values = np.asarray(rates, float)
    if values.size == 0:
        raise ValueError("no rates")
    places = np.random.default_rng(0).integers(len(values), size=(draws, len(values)))
    tail = 50 * (1 - confidence)
    low, high = np.percentile(values[places].mean(1), [tail, 100 - tail])
    return float(low), float(high)


def mean_text(rates: Sequence[float]) -> str:
    """A mean of success rates for people, such as "93 % (88-97)"; "not defined" without rates."""
    if not len(rates):
        return "not defined"
    low, high = bootstrap_interval(rates)
    return f"{100 * np.mean(rates):.0f} % ({100 * low:.0f}-{100 * high:.0f})"


def accuracy_text(right: int, examples: int) -> str:
    """An accuracy for people, such as "9,712/10,000 (97.1 %, 95 % CI 96.8-97.4)"."""
    low, high = wilson_interval(right, examples)
    rate = 100 * right / examples
    return f"{right:,}/{examples:,} ({rate:.1f} %, 95 % CI {100 * low:.1f}-{100 * high:.1f})"


def success_text(successes: int, trials: int) -> str:
    """A success rate for people, such as "28/30 (93 %, 95 % CI 79-98)"; "0/0" without trials."""
    if trials == 0:
        return "0/0"
    low, high = wilson_interval(successes, trials)
    rate = 100 * successes / trials
    return f"{successes}/{trials} ({rate:.0f} %, 95 % CI {100 * low:.0f}-{100 * high:.0f})"
