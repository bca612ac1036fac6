"""Everything that is known of a set of networks beside one of them, in five calls or fewer.

    readings = [read_network(path.name, path.read_bytes()) for path in paths]
    examination = examine(readings)
    print(examination.text)
    aligned = examination.aligned
    examination.as_json([path.name for path in paths])

The page Alignment, `python -m nnit align --files ...` and the notebook that the page gives all call this.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from nnit.alignment.correspondence import (
    NO_SYMMETRIES,
    Factors,
    Symmetries,
    common_depth,
    layer_activations,
    standardised,
)
from nnit.alignment.diagnosis import (
    CHOICES,
    LayerFit,
    Method,
    PairFit,
    Pairs,
    Report,
    as_they_are,
    in_place,
    symmetries_for,
)
from nnit.alignment.groups import GroupTest, Plane, compare_groups, pairwise_distances, plane_of
from nnit.alignment.line import Line, line_between
from nnit.alignment.neurons import LayerHealth, Observations, health
from nnit.alignment.symmetry import Permutations
from nnit.alignment.verdict import Clause, Sentence, health_clauses, sentence_of
from nnit.cores import one_thread_a_product
from nnit.errors import UserError
from nnit.mlp.network import Network, layer_sizes, norms_apart, norms_of, runs, vectors_of

MAX_NETWORKS = 64
MAX_WIDTH = 4096
_SPECTRUM_WIDTH = 1024  # beyond it singular values take longer than everything else
_BINS = 41


@dataclass(frozen=True)
class Question:
    """What is asked of a set of networks.

    Attributes:
        reference: place of the network that the others are compared with.
        activation: of the hidden layers: "tanh" undoes signs as well, "relu" scales, "other" neither; "auto" what the
            weights themselves speak for.
        signs: whether signs are undone; None leaves it to the activation.
        scales: whether scales are undone; None leaves it to the activation.
        by_activations: match by activations, for which observations are needed.
        second_group: places of the networks that make a second group; empty for no groups.
        seed: of noise and tests.
    """

    reference: int = 0
    activation: str = "auto"
    signs: bool | None = None
    scales: bool | None = None
    by_activations: bool = False
    second_group: tuple[int, ...] = ()
    seed: int = 0


_DEFAULT = Question()


@dataclass(frozen=True, eq=False)
class Examination:
    """What was found.

    Attributes:
        question: that was asked.
        networks: in the order in which they came.
        symmetries: that were undone, but for networks with layer normalisation, of which the order alone is.
        pairs: of each network with the reference; of the reference with itself too.
        health: of each network, one entry a hidden layer.
        before: distance of every pair as they are.
        after: with every network aligned to the reference; of two others as they are, where that is nearer.
        groups: None without groups.
        lines: of each network, the straight line from the reference to it, as it is and aligned; None without
            observations, or where there is none.
        notes: what could not be undone or computed, and why, one sentence each.
    """

    question: Question
    networks: tuple[Network, ...]
    symmetries: Symmetries
    pairs: tuple[PairFit, ...]
    health: tuple[tuple[LayerHealth, ...], ...]
    before: Float[np.ndarray, "networks networks"]
    after: Float[np.ndarray, "networks networks"]
    groups: GroupTest | None = None
    lines: tuple[tuple[Line, Line] | None, ...] = field(default=())
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> Network:
        """The network that the others are compared with."""
        return self.networks[self.question.reference]

    @cached_property
    def aligned(self) -> tuple[Network, ...]:
        """Every network in the order, with the signs and scales, of the reference."""
        return tuple(
            network if pair.correspondence is None else pair.correspondence.apply(network)
            for network, pair in zip(self.networks, self.pairs, strict=True)
        )

    @property
    def changes(self) -> tuple[list[Permutations], list[Factors]]:
        """Permutations and factors of every network, as files take them."""
        found = [pair.correspondence for pair in self.pairs]
        known = [one for one in found if one is not None]
        return [one.permutations for one in known], [one.factors for one in known]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The verdict: one sentence for each network but the reference."""
        first = self.question.reference
        return tuple(
            sentence_of(number + 1, first + 1, pair)
            for number, pair in enumerate(self.pairs)
            if number != first
        )

    @cached_property
    def remarks(self) -> tuple[Clause, ...]:
        """What is said of single networks: neurons that say nothing or the same as another."""
        return tuple(
            clause
            for number, one in enumerate(self.health, 1)
            for clause in health_clauses(number, one)
        )

    @property
    def text(self) -> str:
        """The whole verdict."""
        alone = "1 has nothing to be compared with: give another network as well."
        lines = [sentence.text for sentence in self.sentences] or [alone]
        lines += [f"{remark.text}." for remark in self.remarks]
        if self.groups is not None:
            lines.append(group_words(self.groups))
        lines += self.notes
        return "\n".join(lines)

    @cached_property
    def planes(self) -> tuple[Plane, Plane]:
        """All networks as points, before and after."""
        return plane_of(self.before), plane_of(self.after)

    def rows(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Every number of every network, one row a metric, for a table.

        Args:
            names: of the networks.
        """
        found = []
        for number, (name, pair) in enumerate(zip(names, self.pairs, strict=True)):
            found += [_row(number, name, *values) for values in _numbers_of(pair)]
            for layer, one in enumerate(self.health[number], 1):
                for metric in ("dead", "constant", "duplicates"):
                    found.append(_row(number, name, layer, metric, len(getattr(one, metric)), None))
            line = self.lines[number] if self.lines else None
            for label, one_line in zip(("before", "after"), line or (), strict=False):
                worst = float(one_line.disagreement.max())
                found.append(_row(number, name, 0, f"disagreement_{label}", worst, None))
                if one_line.barrier is not None:
                    found.append(
                        _row(number, name, 0, f"loss_barrier_{label}", one_line.barrier, None)
                    )
        return found

    def neuron_rows(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """One row for each neuron of the reference and each other network: partner, factor, residuals."""
        found = []
        first = self.question.reference
        for number, (name, pair) in enumerate(zip(names, self.pairs, strict=True)):
            for layer, one in enumerate(pair.layers if number != first else (), 1):
                of = {"network": number + 1, "file": name, "layer": layer}
                found += [{**of, **_neuron(one, neuron)} for neuron in range(len(one.partner))]
        return found

    def distance_rows(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """One row for each pair of networks: their distance as they are, and aligned."""
        count = len(names)
        return [
            {
                "network": i + 1,
                "file": names[i],
                "other": j + 1,
                "other_file": names[j],
                "before": float(self.before[i, j]),
                "after": float(self.after[i, j]),
            }
            for i in range(count)
            for j in range(i + 1, count)
        ]

    def as_json(self, names: Sequence[str], warnings: Sequence[str] = ()) -> dict[str, Any]:
        """All of it as JSON values.

        Args:
            names: of the networks.
            warnings: what makes it likely that files hold other networks than they were read as.
        """
        return {
            "warnings": list(warnings),
            "reference": names[self.question.reference],
            "question": asdict(self.question),
            "symmetries": asdict(self.symmetries),
            "verdict": [
                {
                    "network": s.network,
                    "file": names[s.network - 1],
                    "relation": s.relation,
                    "text": s.text,
                    "clauses": [asdict(clause) for clause in s.clauses],
                }
                for s in self.sentences
            ],
            "remarks": [asdict(remark) for remark in self.remarks],
            "notes": list(self.notes),
            "networks": [
                {"network": n + 1, "file": name, "sizes": list(layer_sizes(network))}
                for n, (name, network) in enumerate(zip(names, self.networks, strict=True))
            ],
            "metrics": self.rows(names),
            "neurons": self.neuron_rows(names),
            "health": [[asdict(layer) for layer in one] for one in self.health],
            "distances_before": self.before.tolist(),
            "distances_after": self.after.tolist(),
            "planes": {
                name: {"points": plane.points.tolist(), "kept": plane.kept}
                for name, plane in zip(("before", "after"), self.planes, strict=True)
            },
            "groups": None if self.groups is None else asdict(self.groups),
        }


def _neuron(layer: LayerFit, neuron: int) -> dict[str, Any]:
    partner = int(layer.partner[neuron])
    return {
        "neuron": neuron,
        "partner": partner if partner >= 0 else None,
        "factor": float(layer.factor[neuron]),
        "incoming": _finite(layer.incoming[neuron]),
        "outgoing": _finite(layer.outgoing[neuron]),
        "whole": _finite(layer.whole[neuron]),
        "has_partner": bool(layer.found[neuron]),
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _row(
    number: int, name: str, layer: int, metric: str, value: float, noise: float | None
) -> dict[str, Any]:
    """`layer` is 0 for what is of the whole network."""
    return {
        "network": number + 1,
        "file": name,
        "layer": layer,
        "metric": metric,
        "value": value,
        "noise": noise,
    }


def _numbers_of(pair: PairFit) -> list[tuple[int, str, float, float | None]]:
    """(layer, metric, value, noise) of a pair; nothing where it cannot be compared."""
    if pair.correspondence is None:
        return []
    found: list[tuple[int, str, float, float | None]] = [
        (0, "distance_before", pair.before, pair.noise_before),
        (0, "distance_after", pair.after, pair.noise_after),
        (0, "moved", pair.correspondence.moved, None),
        (0, "turned", pair.correspondence.turned, None),
        (0, "rescaled", pair.correspondence.rescaled, None),
    ]
    for layer, one in enumerate(pair.layers, 1):
        found.append((layer, "without_partner", one.without, None))
        for metric, limit in (("incoming", one.limit_incoming), ("whole", one.limit_whole)):
            values = getattr(one, metric)
            if np.isfinite(values).any():
                found.append((layer, f"residual_{metric}", float(np.nanmedian(values)), limit))
    return found


def group_words(test: GroupTest) -> str:
    """The outcome of a test of two groups in a sentence."""
    inside = " and ".join("one network" if one is None else f"{one:.3f}" for one in test.within)
    start = (
        f"Distance within the groups {inside}, between them {test.between:.3f} (p = {test.p:.3g}"
    )
    if test.differs:
        return f"{start}): the groups differ."
    if test.smallest_p > 0.05:
        return f"{start}; with so few networks it cannot be below {test.smallest_p:.2g}): that cannot be told."
    return f"{start}): no difference is shown."


def examine(
    networks: Sequence[Network],
    question: Question = _DEFAULT,
    observations: Observations | None = None,
    report: Report = lambda done, total: None,
) -> Examination:
    """Compare networks with one of them.

    Args:
        networks: 1 to `MAX_NETWORKS` MLPs.
        question: what is asked.
        observations: to run the networks on; needed to match by activations.
        report: called with (parts done, parts in all), several times for each network.

    Raises:
        UserError: there are too many, they are too wide, or the question does not fit them.
    """
    check(networks, question, observations)
    with one_thread_a_product():
        return _examined(networks, question, observations, report)


def _examined(
    networks: Sequence[Network],
    question: Question,
    observations: Observations | None,
    report: Report,
) -> Examination:
    first = networks[question.reference]
    progress = _Progress(report, len(networks) + 2)
    others = [
        n for i, n in enumerate(networks) if i != question.reference and _comparable(first, n)
    ]
    symmetries = NO_SYMMETRIES
    free = [network for network in others if not _order_alone(first, network)]
    if free or not (others or norms_of(first)):
        symmetries = symmetries_for(first, free, question.activation, progress.tick)
        symmetries = Symmetries(
            symmetries.signs if question.signs is None else question.signs,
            symmetries.scales if question.scales is None else question.scales,
        )
    progress.step()
    method = Method(symmetries, observations if question.by_activations else None, progress.tick)
    finder = Pairs(method, question.seed)
    of_order_alone = Pairs(replace(method, symmetries=NO_SYMMETRIES), question.seed)
    pairs, conditions, lines = [], [], []
    for number, network in enumerate(networks):
        bare = _order_alone(first, network)
        pair = _pair(
            of_order_alone if bare else finder, first, network, number == question.reference
        )
        pairs.append(pair)
        allowed = NO_SYMMETRIES if norms_of(network) else symmetries
        conditions.append(health(network, allowed, observations if runs(network) else None))
        lines.append(_lines(first, network, pair, observations))
        progress.step()
    before = pairwise_distances(networks)
    after = pairwise_distances(
        [
            n if p.correspondence is None else p.correspondence.apply(n)
            for n, p in zip(networks, pairs, strict=True)
        ],
        [_places(n, p) for n, p in zip(networks, pairs, strict=True)],
    )
    # Two networks that are unlike the reference may have an order in common, which aligning each to it would take away.
    rest = np.arange(len(networks)) != question.reference
    inside = np.ix_(rest, rest)
    after[inside] = np.minimum(after[inside], before[inside])
    groups = (
        compare_groups(after, question.second_group, seed=question.seed)
        if question.second_group
        else None
    )
    progress.step()
    return Examination(
        question,
        tuple(networks),
        symmetries,
        tuple(pairs),
        tuple(conditions),
        before,
        after,
        groups,
        tuple(lines),
        tuple(_notes(networks, question, observations)),
    )


def _order_alone(first: Network, network: Network) -> bool:
    """Whether nothing but another order leaves one of both as it is: it has layer normalisation."""
    return bool(norms_of(first) or norms_of(network))


def _notes(
    networks: Sequence[Network], question: Question, observations: Observations | None
) -> list[str]:
    """What layer normalisation leaves undone."""
    found = []
    first = networks[question.reference]
    normed = [str(number) for number, one in enumerate(networks, 1) if norms_of(one)]
    if normed:
        every = bool(norms_of(first)) or len(normed) == len(networks) - 1
        of = "" if every else f" in {_listed(normed)}"
        found.append(
            f"Signs and scales are not undone{of}: layer normalisation looks at all neurons of a layer, so that only "
            "another order leaves what a network computes as it is."
        )
    if observations is None:
        return found
    still = [str(number) for number, one in enumerate(networks, 1) if not runs(one)]
    if still:
        found.append(
            f"Not run on the observations: {_listed(still)}. Names do not say "
            "whether layer normalisation stands before or behind the activation."
        )
    apart = [
        str(number)
        for number, one in enumerate(networks, 1)
        if runs(one) and runs(first) and not _has_line(first, one)
    ]
    if apart:
        found.append(
            f"No line from the reference to {_listed(apart)}: their layer normalisation is in other layers, on the "
            "other side of an activation, has another epsilon, or counts other neurons since widths differ."
        )
    return found


def _listed(numbers: Sequence[str]) -> str:
    """The first eight of some networks' numbers."""
    return f"{', '.join(numbers[:8])}{' and more' if numbers[8:] else ''}"


def _has_line(first: Network, network: Network) -> bool:
    """Whether networks between two are defined: layer normalisation counts the neurons that fill a smaller layer."""
    normed = norms_of(first) or norms_of(network)
    return not normed or (
        not norms_apart(first, network) and layer_sizes(first) == layer_sizes(network)
    )


class _Progress:
    """How far a comparison is: steps, and parts of a step for assignments, whose number is not known before."""

    _PARTS = 20

    def __init__(self, report: Report, steps: int) -> None:
        self._report, self._total = report, steps * self._PARTS
        self._steps = self._parts = 0
        report(0, self._total)

    def tick(self) -> None:
        """An assignment begins."""
        self._parts = min(self._parts + 1, self._PARTS - 1)
        self._report(self._steps * self._PARTS + self._parts, self._total)

    def step(self) -> None:
        """A step is done."""
        self._steps, self._parts = self._steps + 1, 0
        self._report(self._steps * self._PARTS, self._total)


def check(
    networks: Sequence[Network], question: Question, observations: Observations | None
) -> None:
    """Refuse what cannot be examined.

    Raises:
        UserError: see `examine`.
    """
    if not 1 <= len(networks) <= MAX_NETWORKS:
        raise UserError(f"1 to {MAX_NETWORKS} networks can be compared, not {len(networks)}")
    if not 0 <= question.reference < len(networks):
        raise UserError(f"there is no network {question.reference + 1} to compare with")
    if question.activation not in CHOICES:
        raise UserError(
            f'unknown activation "{question.activation[:40]}"; there are {", ".join(CHOICES)}'
        )
    for number, network in enumerate(networks, 1):
        if max(layer_sizes(network)) > MAX_WIDTH:
            raise UserError(
                f"network {number} has a layer of {max(layer_sizes(network)):,} neurons; "
                f"up to {MAX_WIDTH:,} are compared"
            )
        if network.weights[0].shape[1] != networks[0].weights[0].shape[1]:
            raise UserError(
                f"network {number} takes {network.weights[0].shape[1]} inputs and network 1 "
                f"{networks[0].weights[0].shape[1]}: no layer of theirs can be compared"
            )
    if question.by_activations and observations is None:
        raise UserError("matching by activations needs observations to run the networks on")
    for number, network in enumerate(networks, 1):
        if question.by_activations and not runs(network):
            raise UserError(
                f"network {number} cannot be matched by activations: its file does not say whether layer "
                "normalisation stands before or behind the activation"
            )
    for place in question.second_group:
        if not 0 <= place < len(networks):
            raise UserError(f"there is no network {place + 1} for a group")


def _comparable(first: Network, network: Network) -> bool:
    return first.weights[0].shape[1] == network.weights[0].shape[1]


def _pair(finder: Pairs, first: Network, network: Network, itself: bool) -> PairFit:
    if not itself:
        return finder.fit(first, network)
    same = as_they_are(network, network)
    return PairFit(same, 0.0, 0.0, 1.0, 1.0, 1.0, (), "same")


def _places(network: Network, pair: PairFit) -> list[np.ndarray]:
    """The places of an aligned network's neurons in the reference; those without one stand behind all others, alone."""
    found = []
    partners = () if pair.correspondence is None else pair.correspondence.partners
    for layer, width in enumerate(layer_sizes(network)[1:-1]):
        known = partners[layer] if layer < len(partners) else np.arange(width)
        found.append(
            np.concatenate([known, MAX_WIDTH * 2 + np.arange(width - len(known))]).astype(int)
        )
    return found


def _lines(
    first: Network, network: Network, pair: PairFit, observations: Observations | None
) -> tuple[Line, Line] | None:
    if observations is None or pair.correspondence is None or not pair.whole or not pair.layers:
        return None
    if not (runs(first) and runs(network) and _has_line(first, network)):
        return None
    found = pair.correspondence
    return (
        line_between(first, network, observations),
        line_between(first, found.apply(network), observations, partners=found.partners),
    )


# --- Pictures of one pair -------------------------------------------------------------------------


def similarity(
    reference: Network, network: Network, pair: PairFit, layer: int
) -> Float[np.ndarray, "mine theirs"]:
    """Cosine of the incoming and outgoing weights of every neuron of one layer with every other's, once aligned.

    Rows are the reference's neurons, columns the network's own by their numbers in their file; signs are as aligned.
    Weights to neurons that only one network has do not count.
    """
    assert pair.correspondence is not None
    found = pair.correspondence
    aligned = found.apply(network)
    depth, whole = common_depth(reference, network)
    normed = bool(norms_of(reference) or norms_of(network))
    mine, theirs = ([vectors_of(one, layer, normed)] for one in (reference, aligned))
    if layer == 0:
        mine.append(reference.weights[0])
        theirs.append(aligned.weights[0])
    else:
        known = found.partners[layer - 1]
        mine.append(reference.weights[layer][:, known])
        theirs.append(aligned.weights[layer][:, : len(known)])
    if layer + 1 < depth + whole:
        after, other = reference.weights[layer + 1], aligned.weights[layer + 1]
        if layer + 1 < depth:
            known = found.partners[layer + 1]
            after, other = after[known], other[: len(known)]
        mine.append(after.T)
        theirs.append(other.T)
    a, b = np.concatenate(mine, axis=1), np.concatenate(theirs, axis=1)
    cosines = _unit(a) @ _unit(b).T
    own = np.empty_like(cosines)
    own[:, found.permutations[layer]] = cosines
    return own


def _unit(rows: np.ndarray) -> np.ndarray:
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(sizes > 0, sizes, 1.0)


def activation_similarity(
    reference: Network, network: Network, observations: Observations, layer: int
) -> Float[np.ndarray, "mine theirs"]:
    """Correlation of every neuron's activations with every other's on the same inputs."""
    mine, theirs = (
        standardised(layer_activations(one, observations.inputs, observations.activation)[layer])
        for one in (reference, network)
    )
    return mine.T @ theirs / len(mine)


def spectrum(weight: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, " values"] | None:
    """Singular values of a matrix, largest first; None of one too large to be quick."""
    if max(weight.shape) > _SPECTRUM_WIDTH:
        return None
    return np.linalg.svd(weight.astype(np.float64), compute_uv=False)


def histograms(
    mine: np.ndarray, theirs: np.ndarray
) -> tuple[Float[np.ndarray, " edges"], Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """Edges that two sets of weights share, and the share of each in every bin."""
    most = float(max(np.abs(mine).max(initial=0), np.abs(theirs).max(initial=0))) or 1.0
    edges = np.linspace(-most, most, _BINS + 1)
    counts = [np.histogram(one, edges)[0] / max(one.size, 1) for one in (mine, theirs)]
    return edges, counts[0], counts[1]


def residual(
    reference: Network, network: Network, pair: PairFit
) -> list[Float[np.ndarray, "rows columns"]]:
    """A - P(B) of every layer that both have, over the neurons that have a place in both."""
    assert pair.correspondence is not None
    mine, theirs = in_place(reference, network, pair.correspondence)
    return [a - b for (a, _), (b, _) in zip(mine, theirs, strict=True)]
