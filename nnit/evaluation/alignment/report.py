"""All metrics of a set of networks at once, each beside its value for independent noise."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import (
    Partners,
    correlation,
    distance,
    effective_rank,
    morans_i,
    morans_i_of_noise,
    patch_spectrum,
    total_variation,
)
from nnit.mlp.network import MLP, Network, check_comparable, layer_sizes

if TYPE_CHECKING:
    from nnit.evaluation.alignment.line import Line, States


@dataclass(frozen=True)
class Metric:
    """A metric of alignment: its title, what it is measured of, and which values mean aligned.

    Attributes:
        title: for tables and charts.
        of: "network" for one value a network, "pair" for one a pair with the first network.
        aligned: which values speak for alignment.
    """

    title: str
    of: Literal["network", "pair"]
    aligned: Literal["small", "large"]


METRICS: dict[str, Metric] = {
    "total_variation": Metric("total variation", "network", "small"),
    "morans_i": Metric("Moran's I", "network", "large"),
    "patch_rank": Metric("effective rank of patches, noise = 1", "network", "small"),
    "correlation": Metric("correlation", "pair", "large"),
    "distance": Metric("distance", "pair", "small"),
    "distance_matched": Metric("distance after matching", "pair", "small"),
    "moved": Metric("neurons that matching moves", "pair", "small"),
    "disagreement": Metric("disagreement on the line", "pair", "small"),
    "loss_barrier": Metric("loss barrier", "pair", "small"),
}

Values = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Summary:
    """Several values of one metric.

    Attributes:
        mean: their mean.
        ci95: Student's 95 % interval of the mean; None for fewer than two values. Pairs share their first
            network, which the interval does not know.
        low: the smallest value.
        high: the largest value.
    """

    mean: float
    ci95: tuple[float, float] | None
    low: float
    high: float


def summarise(values: Sequence[float]) -> Summary:
    """Mean, interval and range of at least one value."""
    mean, interval = float(np.mean(values)), None
    if len(values) > 1:
        # As `scipy.stats` has it, which takes longer to import than all else that the page needs.
        error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        half = float(stdtrit(len(values) - 1, 0.975)) * error
        interval = (mean - half, mean + half)
    return Summary(mean, interval, float(min(values)), float(max(values)))


@dataclass(frozen=True, eq=False)
class Reading:
    """The metrics of a set of networks, and what they were computed from.

    Attributes:
        values: for each metric its values, one a network or one a pair with the first network.
        spectra: `patch_spectrum` of each network.
        lines: from the first network to each other one; none without states.
    """

    values: Values
    spectra: tuple[Float[np.ndarray, " cells"], ...]
    lines: "tuple[Line, ...]" = ()


def measure(
    networks: Sequence[Network],
    *,
    patch: int,
    partners: Sequence[Partners | None] | None = None,
    states: "States | None" = None,
) -> Values:
    """The values of `read`."""
    return read(networks, patch=patch, partners=partners, states=states).values


def read(
    networks: Sequence[Network],
    *,
    patch: int,
    partners: Sequence[Partners | None] | None = None,
    states: "States | None" = None,
) -> Reading:
    """All metrics of `METRICS` that need no simulator.

    Args:
        networks: of one depth; hidden widths may differ. Pairs are made with the first.
        patch: side of a weight patch in cells.
        partners: of each network, see `Treated`; by default neuron i belongs to neuron i.
        states: to compare outputs on; without them, or without their actions, the metrics that need them
            are missing.

    Raises:
        UserError: the networks cannot be compared.
    """
    check_comparable(networks)
    spectra = tuple(patch_spectrum(network, patch) for network in networks)
    values: Values = {
        "total_variation": tuple(total_variation(network) for network in networks),
        "morans_i": tuple(morans_i(network) for network in networks),
        "patch_rank": tuple(
            _relative_rank(spectrum, network, patch)
            for spectrum, network in zip(spectra, networks, strict=True)
        ),
    }
    if len(networks) < 2:
        return Reading(values, spectra)
    first, placed = networks[0], partners or [None] * len(networks)
    pairs = list(zip(networks[1:], placed[1:], strict=True))
    values["correlation"] = tuple(correlation(first, other, p) for other, p in pairs)
    values["distance"] = tuple(distance(first, other, p) for other, p in pairs)
    matchings = [weight_matching(first, other) for other, _ in pairs]
    values["distance_matched"] = tuple(
        min(distance(first, other, p), distance(first, m.apply(other), m.partners))
        for m, (other, p) in zip(matchings, pairs, strict=True)
    )
    values["moved"] = tuple(
        _moved(m.permutations, m.partners, p) for m, (_, p) in zip(matchings, pairs, strict=True)
    )
    lines: tuple[Line, ...] = ()
    if states is not None:
        from nnit.evaluation.alignment.line import along_line  # it loads torch

        lines = tuple(along_line(first, other, states, partners=p) for other, p in pairs)
        values["disagreement"] = tuple(float(line.disagreement.max()) for line in lines)
        barriers = [line.loss_barrier for line in lines]
        if states.actions is not None:
            values["loss_barrier"] = tuple(b for b in barriers if b is not None)
    return Reading(values, spectra, lines)


def _relative_rank(spectrum: Float[np.ndarray, " cells"], network: Network, patch: int) -> float:
    """The effective rank of a network's patches over that of noise of the same shapes.

    The rank is bounded by the number of patches, so that it is small in small networks of any kind; the
    ratio compares across widths.
    """
    return effective_rank(spectrum) / _rank_of_noise(layer_sizes(network), patch)


@functools.lru_cache(maxsize=1000)
def _rank_of_noise(sizes: tuple[int, ...], patch: int) -> float:
    """The mean effective rank over a few networks of noise."""
    rng = np.random.default_rng(0)
    draws = [effective_rank(patch_spectrum(_noise(sizes, rng), patch)) for _ in range(4)]
    return float(np.mean(draws))


def _noise(sizes: Sequence[int], rng: np.random.Generator) -> MLP:
    """Normal weights of variance 1 / columns, normal biases of standard deviation 0.1."""
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = [rng.normal(size=s) / np.sqrt(s[1]) for s in shapes]
    biases = [0.1 * rng.normal(size=rows) for rows, _ in shapes]
    return MLP(
        tuple(weight.astype(np.float32) for weight in weights),
        tuple(bias.astype(np.float32) for bias in biases),
    )


def _moved(
    permutations: Sequence[np.ndarray], partners: Partners, already: Partners | None
) -> float:
    """Share of the matched neurons that stood beside another partner than matching finds."""
    wrong = total = 0
    for layer, (own, theirs) in enumerate(zip(permutations, partners, strict=True)):
        stood = np.full(len(own), -1)
        at = np.arange(len(theirs)) if already is None else already[layer]
        stood[: len(at)] = at
        wrong += int((stood[own[: len(theirs)]] != theirs).sum())
        total += len(theirs)
    return wrong / total


def noise_spectrum(
    networks: Sequence[Network], *, patch: int, seed: int = 0
) -> Float[np.ndarray, " cells"]:
    """`patch_spectrum` of independent noise of the same shapes, the mean over one draw of each."""
    rng = np.random.default_rng(seed)
    draws = [patch_spectrum(_noise(layer_sizes(network), rng), patch) for network in networks]
    return np.mean(draws, axis=0)


def noise_reference(
    networks: Sequence[Network],
    *,
    patch: int,
    states: "States | None" = None,
    realigned: bool = False,
    seed: int = 0,
) -> dict[str, float]:
    """What each metric is for networks of independent noise, of the same shapes.

    Analytic where it is known; otherwise the mean over one draw of as many networks: normal weights of
    variance 1 / columns, normal biases of standard deviation 0.1. Realigned noise, whose neurons were
    matched to the first, is measured throughout where pairs are compared: matching finds some agreement
    even there.
    """
    rng = np.random.default_rng(seed)
    noise = [_noise(layer_sizes(network), rng) for network in networks]
    partners: list[Partners | None] = [None] * len(noise)
    if realigned:
        matchings = [weight_matching(noise[0], other) for other in noise[1:]]
        noise[1:] = [m.apply(other) for m, other in zip(matchings, noise[1:], strict=True)]
        partners[1:] = [m.partners for m in matchings]
    measured = measure(noise, patch=patch, partners=partners, states=states)
    reference = {name: float(np.mean(values)) for name, values in measured.items()}
    reference["patch_rank"] = 1.0
    reference["total_variation"] = 2 / np.sqrt(np.pi)
    reference["morans_i"] = float(np.mean([morans_i_of_noise(network) for network in networks]))
    if not realigned and len(networks) > 1:
        reference |= {"correlation": 0.0, "distance": 1.0}
    return reference
