"""A diagnosis in words: one sentence for each network, in clauses that each name a number and what noise shows.

Networks and layers are counted from 1, neurons from 0, as everywhere on the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnit.alignment.diagnosis import PairFit
from nnit.alignment.neurons import LayerHealth

Picture = Literal["matrices", "neurons", "distances", "health"]


@dataclass(frozen=True)
class Clause:
    """One statement.

    Attributes:
        text: the statement.
        picture: that shows it.
        network: its number, from 1.
        layer: its number, from 1; 0 where the statement is not about one.
        value: the number that it rests on; None where it rests on a count that the text names.
        noise: what noise of the same shapes shows; None where that says nothing.
    """

    text: str
    picture: Picture
    network: int
    layer: int = 0
    value: float | None = None
    noise: float | None = None


@dataclass(frozen=True)
class Sentence:
    """What is said of one network."""

    network: int
    relation: str
    clauses: tuple[Clause, ...]

    @property
    def text(self) -> str:
        """The clauses as one sentence, numbers in brackets."""
        return "; ".join(clause.text + _bracket(clause) for clause in self.clauses) + "."


def _bracket(clause: Clause) -> str:
    if clause.value is None:
        return ""
    noise = "" if clause.noise is None else f", noise {clause.noise:.3f}"
    return f" (distance {clause.value:.3f}{noise})"


_NORMS_APART = {
    "layers": "not the same function in any order: layer normalisation is in other layers",
    "sides": "not the same function in any order: layer normalisation stands before an activation in one of them, "
    "behind it in the other",
    "epsilons": "not the same function in any order: the epsilons of layer normalisation differ",
    "unknown": "whether both are the same function is not known: names do not say on which side of an activation layer "
    "normalisation stands in one of them",
}


def sentence_of(number: int, reference: int, pair: PairFit) -> Sentence:
    """What a pair amounts to.

    Args:
        number: of the network.
        reference: number of the reference.
        pair: both.
    """
    a, b = str(number), str(reference)
    if pair.relation == "unlike":
        return Sentence(
            number,
            pair.relation,
            (Clause(f"{a} cannot be compared with {b}: {pair.why}", "distances", number),),
        )
    found = pair.correspondence
    assert found is not None

    def clause(
        text: str, picture: Picture = "distances", layer: int = 0, bare: bool = False
    ) -> Clause:
        if bare:
            return Clause(text, picture, number, layer)
        return Clause(text, picture, number, layer, pair.after, pair.noise_after)

    moved, turned, rescaled = found.moved, found.turned, found.rescaled
    if pair.relation == "agrees":  # what was done to neurons without a partner says nothing
        moved, turned, rescaled = _changes_of_partners(pair)
    changes = [
        f"{count:,} {what}"
        for count, what in (
            (moved, "neurons in another place" if moved != 1 else "neuron in another place"),
            (turned, "with the opposite sign"),
            (rescaled, "with another scale"),
        )
        if count
    ]
    changed = ", ".join(changes)
    if pair.relation == "same":
        said = [clause(f"{a} has the same weights as {b}")]
    elif pair.relation == "permutation":
        what = (
            "is a permutation of"
            if not (found.turned or found.rescaled)
            else "is the same function as"
        )
        if not changes:  # rounding alone
            said = [clause(f"{a} has the same weights as {b}, up to rounding")]
        else:
            said = [clause(f"{a} {what} {b}: {changed}")]
    elif pair.relation == "agrees":
        said = _agreeing(a, b, pair, changed, clause)
    elif pair.relation == "closer":
        count = sum(int(layer.found.sum()) for layer in pair.layers)
        of = sum(len(layer.found) for layer in pair.layers)
        said = [
            clause(f"{a} is closer to {b} than noise"),
            clause(
                f"but no layer agrees neuron by neuron: {count} of {of} neurons have a partner",
                "neurons",
                1,
                True,
            ),
        ]
    else:
        said = [clause(f"{a} is no closer to {b} than noise")]
    if pair.norms_apart and pair.relation != "none":
        said.append(clause(_NORMS_APART[pair.norms_apart], "matrices", 0, True))
    if not pair.whole and pair.relation != "none":
        said.append(
            clause(
                f"only the first {_layers(len(pair.layers))} could be compared", "neurons", 1, True
            )
        )
    return Sentence(number, pair.relation, tuple(said))


def _changes_of_partners(pair: PairFit) -> tuple[int, int, int]:
    """How many neurons that have a partner are in another place, with the opposite sign, with another scale."""
    moved = turned = rescaled = 0
    for layer in pair.layers:
        factor = layer.factor[layer.found]
        moved += int((layer.partner != np.arange(len(layer.partner)))[layer.found].sum())
        turned += int((factor < 0).sum())
        rescaled += int((np.abs(np.abs(factor) - 1) > 1e-3).sum())
    return moved, turned, rescaled


def _agreeing(
    a: str, b: str, pair: PairFit, changed: str, clause: Callable[..., Clause]
) -> list[Clause]:
    layers = pair.layers
    whole = next((i for i, layer in enumerate(layers) if layer.without), len(layers))
    agreeing = [i + 1 for i, layer in enumerate(layers) if layer.agrees]
    if whole == len(layers):
        opening = f"{a} agrees with {b} in every layer"
    elif whole:
        opening = f"{a} agrees with {b} up to layer {whole}"
    elif len(agreeing) == len(layers):
        opening = f"{a} agrees with {b}"
    else:
        opening = (
            f"{a} agrees with {b} in layer{'s' if len(agreeing) > 1 else ''} {_list(agreeing)}"
        )
    said = [clause(f"{opening} ({changed})" if changed else f"{opening}, in the same order")]
    for i, layer in enumerate(layers):
        if layer.without:
            some = layer.without
            have = "has" if some == 1 else "have"
            said.append(
                clause(
                    f"in layer {i + 1}, {some} of {layer.placed} neurons {have} no partner",
                    "neurons",
                    i + 1,
                    True,
                )
            )
        own = layer.placed + len(layer.extra)
        if own != len(layer.partner):
            text = f"layer {i + 1} has {own} neurons, that of {b} {len(layer.partner)}"
            said.append(clause(text, "neurons", i + 1, True))
    return said


def health_clauses(number: int, layers: Sequence[LayerHealth]) -> tuple[Clause, ...]:
    """What of a network's neurons could be left out."""
    said = []
    for i, layer in enumerate(layers, 1):
        for count, one, many in (
            (len(layer.dead), "is dead", "are dead"),
            (len(layer.constant), "hardly varies", "hardly vary"),
        ):
            if count:
                neurons = "neuron" if count == 1 else "neurons"
                text = f"{count} {neurons} of {number} in layer {i} {one if count == 1 else many}"
                said.append(Clause(text, "health", number, i))
        if layer.duplicates:
            pairs = len(layer.duplicates)
            text = f"{pairs} pair{'s' if pairs > 1 else ''} of neurons of {number} in layer {i} take the same"
            said.append(Clause(text, "health", number, i))
    return tuple(said)


def _layers(count: int) -> str:
    return "hidden layer" if count == 1 else f"{count} hidden layers"


def _list(numbers: Sequence[int]) -> str:
    return (
        " and ".join([", ".join(map(str, numbers[:-1])), str(numbers[-1])])
        if len(numbers) > 1
        else str(numbers[0])
    )
