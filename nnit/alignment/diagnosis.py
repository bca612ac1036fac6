"""What relates networks to a reference, neuron by neuron, beside what noise of the same shapes shows.

For each network: the correspondence found (`nnit.alignment.correspondence`), the residual of every matched neuron,
which neurons have a partner and which have none; `nnit.alignment.verdict` puts that into words. Whatever is called a
relation is one that noise does not show: the reference is what the same search finds between networks whose every
column of weights was shuffled by itself, so that sizes and distributions stay and neurons are lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import bdtrc

from nnit.alignment.correspondence import (
    MANY_WEIGHTS,
    NO_SYMMETRIES,
    Correspondence,
    Symmetries,
    Tick,
    Way,
    balanced,
    common_depth,
    correspond,
    correspond_by_activations,
)
from nnit.alignment.neurons import Observations
from nnit.mlp.network import (
    MLP,
    Network,
    NormsApart,
    hidden_widths,
    layer_sizes,
    norms_apart,
    norms_of,
    vectors_of,
)

Report = Callable[[int, int], None]

# Of the residuals of noise, and how far below that a neuron must lie to have a partner.
_QUANTILE, _MARGIN = 0.01, 0.95
# A layer agrees where at least this share of its neurons have partners, and chance is this unlikely.
_LEAST_SHARE, _CHANCE = 0.5, 1e-4
# A network is closer than noise below the closest noise by this share and that many standard deviations.
_CLOSER, _DEVIATIONS = 0.03, 6.0
_SAME, _EXACT = 1e-6, 1e-4
# Draws of noise, by the number of weights of a network.
_DRAWS = ((20_000, 12), (300_000, 4), (3_000_000, 2))
_OTHER_WAYS: tuple[Way, ...] = ("alike", "input")

Relation = Literal["same", "permutation", "agrees", "closer", "none", "unlike"]


@dataclass(frozen=True, eq=False)
class LayerFit:
    """How the neurons of one hidden layer fit the reference's, by the number of the reference's neuron.

    A residual is ||a - b|| / sqrt(||a||^2 + ||b||^2) of the weights of both neurons once the network is aligned: 0 the
    same, about 1 unrelated; nan without a matched neuron.

    Attributes:
        partner: the network's own neuron, by its number in its file; -1 where its layer is too small, (width,).
        factor: what its incoming weights are multiplied by, 1 where nothing was undone.
        incoming: residual of incoming weights and bias.
        outgoing: residual of outgoing weights.
        whole: residual of both together.
        found: whether the neuron has a partner: its incoming or its whole residual is below what noise shows.
        limit_incoming: below this is one in a hundred of noise, less a margin.
        limit_whole: the same for the whole residual.
        extra: numbers of the network's neurons without a place in the reference, where its layer is larger.
    """

    partner: Int[np.ndarray, " width"]
    factor: Float[np.ndarray, " width"]
    incoming: Float[np.ndarray, " width"]
    outgoing: Float[np.ndarray, " width"]
    whole: Float[np.ndarray, " width"]
    found: Bool[np.ndarray, " width"]
    limit_incoming: float
    limit_whole: float
    extra: Int[np.ndarray, " rest"]

    @property
    def placed(self) -> int:
        """Number of the reference's neurons that have been matched: all, or as many as the other layer has."""
        return int((self.partner >= 0).sum())

    @property
    def without(self) -> int:
        """Number of matched neurons that are no partners of each other."""
        return self.placed - int(self.found.sum())

    @property
    def agrees(self) -> bool:
        """Whether so many neurons have partners that noise hardly ever has as many."""
        count, placed = int(self.found.sum()), self.placed
        chance = float(bdtrc(count - 1, placed, 2 * _QUANTILE)) if count else 1.0
        return count >= _LEAST_SHARE * placed and chance < _CHANCE


@dataclass(frozen=True, eq=False)
class PairFit:
    """A network beside the reference.

    Attributes:
        correspondence: of their neurons; None where they cannot be compared, `why` says why.
        before: distance (`relative_distance`) as the networks are.
        after: once matched.
        noise_before: 1 up to chance: the mean over draws of noise as it is.
        noise_after: mean over draws of noise, matched.
        noise_low: the smallest of these.
        layers: one a matched hidden layer.
        relation: what the verdict says.
        whole: whether all layers were compared, or those from the input on that both have.
        why: empty, or why there is no comparison.
        norms_apart: in what their layer normalisations differ; empty where in nothing.
    """

    correspondence: Correspondence | None
    before: float
    after: float
    noise_before: float
    noise_after: float
    noise_low: float
    layers: tuple[LayerFit, ...]
    relation: Relation
    whole: bool = True
    why: str = ""
    norms_apart: NormsApart = ""

    @property
    def agreeing(self) -> int:
        """How many layers from the input on agree."""
        flags = [layer.agrees for layer in self.layers]
        return flags.index(False) if False in flags else len(flags)


@dataclass(frozen=True, eq=False)
class Noise:
    """What a search finds between networks that have nothing in common.

    Attributes:
        before: distance as they are, the mean.
        after: distances after matching, one a draw.
        limits_incoming: for each matched layer, see `LayerFit`.
        limits_whole: likewise.
    """

    before: float
    after: Float[np.ndarray, " draws"]
    limits_incoming: tuple[float, ...]
    limits_whole: tuple[float, ...]


# --- Distances and residuals ----------------------------------------------------------------------


def in_place(
    reference: Network, network: Network, found: Correspondence
) -> tuple[list[tuple[np.ndarray, np.ndarray]], list[tuple[np.ndarray, np.ndarray]]]:
    """(matrix, vectors) of each layer that both networks have, partners in the same places, others left out.

    Vectors are those of `vectors_of`. The last matrix is there where depths and outputs are the same.
    """
    normed = bool(norms_of(reference) or norms_of(network))
    aligned = found.apply(network)
    depth, whole = common_depth(reference, network)
    mine, theirs = [], []
    columns: np.ndarray | slice = slice(None)
    taken: int | None = None
    for layer in range(depth + whole):
        inside = layer < depth
        rows: np.ndarray | slice = found.partners[layer] if inside else slice(None)
        count = len(found.partners[layer]) if inside else None
        ours, other = (vectors_of(one, layer, normed) for one in (reference, aligned))
        mine.append((reference.weights[layer][rows][:, columns], ours[rows]))
        theirs.append((aligned.weights[layer][:count, :taken], other[:count]))
        columns, taken = rows, count
    return mine, theirs


def relative_distance(
    mine: Sequence[tuple[np.ndarray, np.ndarray]], theirs: Sequence[tuple[np.ndarray, np.ndarray]]
) -> float:
    """||a - b|| / sqrt(||a||^2 + ||b||^2) over layers in the same places; see `nnit.alignment.metrics.distance`."""
    apart = size = 0.0
    for a, b in zip(mine, theirs, strict=True):
        for x, y in zip(a, b, strict=True):
            apart += _squares(x - y)
            size += _squares(x) + _squares(y)
    return float(np.sqrt(apart / (size or 1.0)))


def _squares(x: np.ndarray) -> float:
    return float(np.einsum("i,i->", *[x.ravel().astype(np.float64)] * 2))


def as_they_are(reference: Network, network: Network) -> Correspondence:
    """Neuron i beside neuron i."""
    depth, _ = common_depth(reference, network)
    own, theirs = hidden_widths(network), hidden_widths(reference)
    return Correspondence(
        depth,
        tuple(np.arange(width) for width in own),
        tuple(np.arange(min(a, b)) for a, b in zip(own[:depth], theirs[:depth], strict=True)),
        tuple(np.ones(width) for width in own),
    )


@dataclass(frozen=True, eq=False)
class _Residuals:
    incoming: np.ndarray
    outgoing: np.ndarray
    whole: np.ndarray


def _residuals(
    mine: Sequence[tuple[np.ndarray, np.ndarray]],
    theirs: Sequence[tuple[np.ndarray, np.ndarray]],
    layer: int,
) -> _Residuals:
    """Of the neurons of one layer that have a place in both networks."""
    (a, p), (b, q) = mine[layer], theirs[layer]
    incoming = ((a - b) ** 2).sum(1) + ((p - q) ** 2).sum(1)
    size_in = (a**2).sum(1) + (p**2).sum(1) + (b**2).sum(1) + (q**2).sum(1)
    if layer + 1 < len(mine):
        c, d = mine[layer + 1][0], theirs[layer + 1][0]
        outgoing, size_out = ((c - d) ** 2).sum(0), (c**2).sum(0) + (d**2).sum(0)
    else:
        outgoing = size_out = np.zeros(len(incoming))
    return _Residuals(
        _ratio(incoming, size_in),
        _ratio(outgoing, size_out),
        _ratio(incoming + outgoing, size_in + size_out),
    )


def _ratio(apart: np.ndarray, size: np.ndarray) -> np.ndarray:
    """0 where neither neuron has any weights."""
    return np.sqrt(apart / np.where(size > 0, size, 1.0)).astype(np.float64)


# --- Noise ----------------------------------------------------------------------------------------


def noise_between(
    reference: Network,
    network: Network,
    search: Callable[[Network, Network], Correspondence],
    *,
    balance: bool = False,
    seed: int = 0,
) -> Noise:
    """What a search finds between both networks with every column of every matrix shuffled by itself.

    Args:
        reference: the first of a pair.
        network: the second.
        search: that is asked for the correspondence.
        balance: shuffle the networks with their scales undone.
        seed: of the shuffles.
    """
    if balance:
        reference, network = balanced(reference)[0], balanced(network)[0]
    rng = np.random.default_rng(seed)
    before, after = [], []
    depth, _ = common_depth(reference, network)
    found: list[list[_Residuals]] = [[] for _ in range(depth)]
    for _ in range(draws_of_noise(reference)):
        one, other = _shuffled_columns(reference, rng), _shuffled_columns(network, rng)
        before.append(relative_distance(*in_place(one, other, as_they_are(one, other))))
        mine, theirs = in_place(one, other, search(one, other))
        after.append(relative_distance(mine, theirs))
        for layer in range(depth):
            found[layer].append(_residuals(mine, theirs, layer))
    limits = [
        tuple(
            _MARGIN
            * float(np.quantile(np.concatenate([getattr(r, name) for r in layer]), _QUANTILE))
            for layer in found
        )
        for name in ("incoming", "whole")
    ]
    return Noise(float(np.mean(before)), np.array(after), *limits)


def draws_of_noise(network: Network) -> int:
    """How often noise of a network's shape is searched."""
    cells = sum(weight.size for weight in network.weights)
    return next((count for limit, count in _DRAWS if cells <= limit), 1)


def _shuffled_columns(network: Network, rng: np.random.Generator) -> MLP:
    """Every column of every matrix, every bias, gain and shift, in an order of its own; outputs too."""
    return MLP(
        tuple(rng.permuted(weight, axis=0) for weight in network.weights),
        tuple(rng.permuted(bias) for bias in network.biases),
        tuple(norm and norm.changed(rng.permuted) for norm in norms_of(network)),
    )


# --- One pair -------------------------------------------------------------------------------------


def fit(reference: Network, network: Network, found: Correspondence, noise: Noise) -> PairFit:
    """What a correspondence amounts to, beside noise."""
    depth, whole = common_depth(reference, network)
    before = relative_distance(*in_place(reference, network, as_they_are(reference, network)))
    mine, theirs = in_place(reference, network, found)
    after = relative_distance(mine, theirs)
    layers = tuple(
        _layer_fit(reference, network, found, _residuals(mine, theirs, layer), layer, noise)
        for layer in range(depth)
    )
    apart = norms_apart(reference, network)
    relation = _relation(before, after, layers, noise, whole and not apart)
    low, mean = float(noise.after.min()), float(noise.after.mean())
    return PairFit(
        found, before, after, noise.before, mean, low, layers, relation, whole, norms_apart=apart
    )


def _layer_fit(
    reference: Network,
    network: Network,
    found: Correspondence,
    residuals: _Residuals,
    layer: int,
    noise: Noise,
) -> LayerFit:
    width, own = len(reference.weights[layer]), len(network.weights[layer])
    places = found.partners[layer]
    count = len(places)
    partner = np.full(width, -1)
    partner[places] = found.permutations[layer][:count]
    spread: dict[str, np.ndarray] = {}
    for name in ("incoming", "outgoing", "whole"):
        spread[name] = np.full(width, np.nan)
        spread[name][places] = getattr(residuals, name)
    factor = np.ones(width)
    factor[places] = found.factors[layer][:count]
    limit_in, limit_whole = noise.limits_incoming[layer], noise.limits_whole[layer]
    below = (spread["incoming"] < limit_in) | (spread["whole"] < limit_whole)
    # Rounding is no difference where weights of few neurons leave noise no room.
    below |= spread["whole"] < _EXACT
    return LayerFit(
        partner,
        factor,
        spread["incoming"],
        spread["outgoing"],
        spread["whole"],
        below,
        limit_in,
        limit_whole,
        found.permutations[layer][count:own],
    )


def _relation(
    before: float, after: float, layers: Sequence[LayerFit], noise: Noise, whole: bool
) -> Relation:
    same_widths = all(len(layer.extra) == 0 and (layer.partner >= 0).all() for layer in layers)
    if before < _SAME and same_widths and whole:
        return "same"
    if after < _EXACT and same_widths and whole:
        return "permutation"
    if any(layer.agrees for layer in layers):
        return "agrees"
    low, spread = float(noise.after.min()), float(noise.after.std())
    mean = float(noise.after.mean())
    if after < low * (1 - _CLOSER) and after < mean - _DEVIATIONS * spread:
        return "closer"
    return "none"


@dataclass(frozen=True)
class Method:
    """How neurons are matched.

    Attributes:
        symmetries: what is undone besides the order.
        observations: match by activations on these; by weights without.
        tick: called before each assignment.
    """

    symmetries: Symmetries = NO_SYMMETRIES
    observations: Observations | None = None
    tick: Tick = lambda: None

    def correspond(
        self, reference: Network, network: Network, way: Way = "nearest"
    ) -> Correspondence:
        """The correspondence of two networks.

        Raises:
            UserError: they cannot be compared.
        """
        if self.observations is None:
            return correspond(reference, network, self.symmetries, way, self.tick)
        return correspond_by_activations(
            reference,
            network,
            self.observations.inputs,
            self.observations.activation,
            self.symmetries,
        )


_PLAIN = Method()


class Pairs:
    """Fits of networks to references, noise of each shape measured once."""

    def __init__(self, method: Method = _PLAIN, seed: int = 0) -> None:
        """Fits by this method, noise of this seed."""
        self.method = method
        self._seed = seed
        self._noise: dict[Any, Noise] = {}

    def fit(self, reference: Network, network: Network) -> PairFit:
        """One network beside a reference.

        By weights, three correspondences are looked at where the nearest weights do not explain everything: also the
        one of the most like neurons, and the one that grows from the input, for networks which share their first layers
        alone. One of these is taken if more layers from the input on are found in full by it, or more neurons.

        Raises:
            UserError: they cannot be compared.
        """
        best = self._one(reference, network, "nearest")
        if self.method.observations is not None:
            return best
        large = sum(weight.size for weight in network.weights) > MANY_WEIGHTS
        for way in _OTHER_WAYS[large:]:
            if not any(layer.without for layer in best.layers):
                break
            if way == "alike" and not any(layer.agrees for layer in best.layers):
                continue  # there is nothing to refine
            other = self._one(reference, network, way)
            if _worth(other) > _worth(best) and any(layer.agrees for layer in other.layers):
                best = other
        return best

    def _one(self, reference: Network, network: Network, way: Way) -> PairFit:
        found = self.method.correspond(reference, network, way)
        key = (way, layer_sizes(reference), layer_sizes(network))
        if key not in self._noise:
            self._noise[key] = noise_between(
                reference,
                network,
                lambda one, other: self.method.correspond(one, other, way),
                balance=self.method.symmetries.scales,
                seed=self._seed,
            )
        return fit(reference, network, found, self._noise[key])


def _worth(pair: PairFit) -> tuple[int, int]:
    """Layers from the input on whose neurons all have partners, then neurons that have one."""
    flags = [layer.without == 0 for layer in pair.layers]
    leading = flags.index(False) if False in flags else len(flags)
    return leading, sum(int(layer.found.sum()) for layer in pair.layers)


# --- Which symmetries -----------------------------------------------------------------------------

CHOICES = ("auto", "tanh", "relu", "other")
# Networks that are searched; of the others only what grows from the input is looked at.
SEARCHED = 3
_CLEARLY = 0.6  # times the distance with orders alone: then a symmetry of more is believed


def symmetries_for(
    reference: Network,
    networks: Sequence[Network],
    choice: str,
    tick: Tick = lambda: None,
) -> Symmetries:
    """The symmetries that an activation allows, or, for "auto", those that the weights themselves speak for.

    "auto" believes in signs, or in scales, where undoing them brings one of the networks much nearer than another
    order alone does: independent networks gain a few percent at most.
    """
    if choice != "auto":
        return Symmetries.of(choice)
    for number, network in enumerate(networks):
        large = sum(weight.size for weight in network.weights) > MANY_WEIGHTS
        way: Way = "input" if large or number >= SEARCHED else "nearest"
        plain = _after(reference, network, Symmetries(), way, tick)
        if plain < _EXACT:
            continue
        options = [Symmetries(signs=True), Symmetries(scales=True)]
        distances = [_after(reference, network, option, way, tick) for option in options]
        best = int(np.argmin(distances))
        if distances[best] < _CLEARLY * plain:
            return options[best]
    return Symmetries()


def _after(
    reference: Network, network: Network, symmetries: Symmetries, way: Way, tick: Tick
) -> float:
    found = correspond(reference, network, symmetries, way, tick)
    return relative_distance(*in_place(reference, network, found))
