"""From named tensors to the layers of an MLP: which belong together, in which order, and which way round.

Shapes and names both bear witness. Shapes decide what is possible: each layer takes what the one before
gives, and a bias has one number an output. Among what is possible the reading is taken that contradicts the
names least (`nnit.mlp.names`). Where several remain, all are returned, and somebody has to choose.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nnit.errors import UserError
from nnit.mlp.chains import (
    ADVICE,
    MAX_READINGS,
    Chain,
    Part,
    by_names,
    doubtful_in,
    first_of,
    parts_of,
    ways_of,
)
from nnit.mlp.file_layers import Layer, layers_of, order_says_something
from nnit.mlp.layer_norms import Found, given_to, without_layer_norms
from nnit.mlp.limits import MAX_LAYERS, checked, count_words
from nnit.mlp.names import (
    Layout,
    comes_before,
    deviation_is_logarithm,
    is_embedding,
    role_of,
    with_sub_numbers,
    without_common,
)
from nnit.mlp.network import MLP, layer_sizes
from nnit.mlp.normalisations import (
    Normalisation,
    Statistics,
    fold,
    fold_observations,
    statistics_of,
    without_normalisations,
)
from nnit.mlp.wiring import (
    against,
    blocks_words,
    chain_words,
    doubts_of,
    is_dueling,
    joined,
    joined_sizes,
    way_around,
)

Axes = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """A file read as one MLP.

    Attributes:
        network: its layers, in float32.
        title: what was read: whose layers, their names in their order, and the sizes.
        axes: for each tensor in the file that permutations of hidden neurons act on, the hidden layer of
            each of its axes, None where the order has a meaning of its own.
        left_out: names of tensors that lie beside the layers.
        powers: for the tensors of `axes` what a factor of its neurons does to each axis: 1 multiplies (what goes in),
            -1 divides (what comes out).
        folded: names of the batch normalisations that are in the layers' numbers.
        normed: names of the layer normalisations, which are `network.norms`.
        observations: name of the statistics of observations that are in the first layer's numbers, so that the network
            takes observations as they are; empty where there are none.
        activation: of the hidden layers, "tanh", "relu" or "other"; empty where the file does not say.
        among: how many readings the file has.
        wiring: the layers in the order in which they were taken; empty where the file says how they are wired, as ONNX
            does.
        doubts: what makes it likely that the layers are no such chain, one sentence each.
        dueling: whether it is one of two heads, advantage and value, that a network adds.
    """

    network: MLP
    title: str = ""
    axes: Mapping[str, Axes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    powers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    activation: str = ""
    folded: tuple[str, ...] = ()
    normed: tuple[str, ...] = ()
    observations: str = ""
    among: int = 1
    wiring: str = ""
    doubts: tuple[str, ...] = ()
    dueling: bool = False

    @property
    def name(self) -> str:
        """What a command calls it where a file has several, such as actor."""
        return self.title.split(":")[0]


def read_tensors(name: str, tensors: Mapping[str, np.ndarray]) -> tuple[Reading, ...]:
    """Every way to read named tensors as an MLP that shapes allow and names contradict least.

    Args:
        name: of the file, for messages.
        tensors: all numbers in the file, in its order.

    Raises:
        UserError: there is no such way, or more than `MAX_READINGS`.
    """
    tensors, normalisations, counts = without_normalisations(tensors)
    tensors, layer_norms = without_layer_norms(tensors)
    layers, left_out = layers_of(name, tensors)
    left_out = (*left_out, *counts)
    if not 2 <= len(layers) <= 8 * MAX_LAYERS:
        raise UserError(count_words(name, len(layers)))
    stems = with_sub_numbers(without_common([one.stem for one in layers]))
    layers = [
        replace(layer, name=replace(layer.name, stem=stem))
        for layer, stem in zip(layers, stems, strict=True)
    ]
    trunk, parts = parts_of(layers)
    ordered = order_says_something([layer.name.key for layer in layers], tensors)
    found = [way for part in parts for way in ways_of(name, part, layers, ordered, len(parts) == 1)]
    if not found:
        raise UserError(_why_not(name, parts[0].layers))
    if len(found) > MAX_READINGS:
        raise UserError(f"{name} can be read as an MLP in more than {MAX_READINGS} ways; {ADVICE}")
    # Who looks for a policy finds it first, wherever its critic stands in the file.
    found.sort(key=lambda way: way[0].title.startswith("critic"))
    found, doubt = _without_branches(name, found)
    dueling = is_dueling([layer.stem for layer in layers])
    statistics = statistics_of(tensors)
    alone = len(parts) == 1
    readings = [
        _on_observations(
            _reading(
                name,
                part,
                chain,
                [one for one in layers if one not in chain.layers],
                trunk,
                left_out,
                normalisations,
                layer_norms,
                alone,
            ),
            [layer.name.key for layer in chain.layers],
            statistics,
            alone,
        )
        for part, chain in found
    ]
    if dueling:  # its value is no critic beside an actor
        readings = [
            replace(one, title=re.sub(r"^critic\b", "value", one.title)) for one in readings
        ]
    titles = [reading.title for reading in readings]
    chains = [chain for _, chain in found]
    return tuple(
        replace(
            reading,
            wiring=chain_words(chain),
            doubts=(*doubts_of(chain, chains), *([doubt] if doubt else [])),
            dueling=dueling,
            title=f"{reading.title}, matrices as {_LAYOUT_WORDS[chain.layout]}"
            if titles.count(reading.title) > 1
            else reading.title,
            among=len(found),
        )
        for reading, (_, chain) in zip(readings, found, strict=True)
    )


def _without_branches(
    name: str, found: Sequence[tuple[Part, Chain]]
) -> tuple[list[tuple[Part, Chain]], str]:
    """The ways to read a file but for those that its names speak against for certain, and what is said of these.

    Raises:
        UserError: none is left, or several lead into one layer.
    """
    reasons = [against(chain) for _, chain in found]
    # Another order of these layers is no better.
    gone = [set(chain.layers) for (_, chain), reason in zip(found, reasons, strict=True) if reason]
    left = [one for one in found if set(one[1].layers) not in gone]
    why = max(reasons, key=len) or joined([chain for _, chain in found])
    if why and (not left or not any(reasons)):
        raise UserError(f"{name}: {why}; an MLP is one chain of layers")
    return left, f"Another network of the file is not read: {why}." if why else ""


def called(readings: Sequence[Reading], which: str | None) -> list[Reading]:
    """Those of this title, or whose title begins with it before a colon."""
    return [one for one in readings if which in (one.title, one.name)]


def activation_said(readings: Sequence[Reading]) -> str:
    """The activation that all files say they have; "auto" where they do not, or say different ones."""
    said = {reading.activation for reading in readings}
    return said.pop() or "auto" if len(said) == 1 else "auto"


_LAYOUT_WORDS: dict[Layout, str] = {
    "out_in": "outputs by inputs",
    "in_out": "inputs by outputs",
}


def refuse_choice(name: str, readings: Sequence[Reading]) -> UserError:
    """What is said where a file can be read in several ways and nobody can be asked."""
    titles = "; ".join(reading.title[:90] for reading in readings[:2])
    more = f"; and {len(readings) - 2} more" if len(readings) > 2 else ""
    return UserError(f"{name} can be read as an MLP in {len(readings)} ways ({titles}{more})")


def _reading(
    name: str,
    part: Part,
    chain: Chain,
    others: list[Layer],
    trunk: list[Layer],
    left_out: tuple[str, ...],
    normalisations: Sequence[Normalisation],
    layer_norms: Sequence[Found],
    alone: bool,
) -> Reading:
    """A chain of layers as a reading of its file.

    Raises:
        UserError: it is no MLP within the limits, or what is beside it may belong to a hidden layer.
    """
    checked(name, chain.network)
    layers = " \N{RIGHTWARDS ARROW} ".join(layer.name.layer for layer in chain.layers)
    sizes = "-".join(map(str, layer_sizes(chain.network)))
    title = f"{part.title or 'layers'}: {layers} ({sizes})"
    axes: dict[str, Axes] = {}
    last = len(chain.layers) - 1
    for index, layer in enumerate(chain.layers):
        output, taken = (None if index == last else index), (index - 1 if index else None)
        axes[layer.name.key] = _turned((output, taken), chain.layout)
        if layer.bias is not None and layer.bias.size > 1:
            shape = layer.bias.shape
            axes[layer.bias_key] = tuple(
                output if side == layer.bias.size else None for side in shape
            )
    # Matrices are the only tensors that take neurons, on the axis that is not their outputs.
    ways = (1, -1) if chain.layout == "out_in" else (-1, 1)
    inside = {layer.name.key for layer in chain.layers}
    powers = {key: ways if key in inside else (1,) * len(labels) for key, labels in axes.items()}
    keys = [(layer.name.key, layer.bias_key) for layer in chain.layers]
    folded = fold(name, chain.network, keys, normalisations, powers)
    axes |= folded.axes
    powers |= folded.powers
    sizes_of = layer_sizes(chain.network)
    try:
        normed = given_to(name, [key for key, _ in keys], sizes_of, layer_norms, alone)
    except UserError as error:
        # As before every block of a transformer.
        blocks = blocks_words(chain)
        raise UserError(f"{error}; {blocks}, and an MLP has neither") if blocks else error from None
    for place, hidden in normed.layers.items():
        axes |= dict.fromkeys(layer_norms[place].keys, (hidden,))
        # No sign or scale of a neuron goes through it.
        powers |= dict.fromkeys(layer_norms[place].keys, (0,))
    siblings = [(one, part.sibling_of(one)) for one in others]
    loose = [one for one, sibling in siblings if sibling is None]
    heads = _axes_beside(name, chain, loose, trunk)
    powers |= dict.fromkeys(heads, ways)
    for layer, beside in siblings:
        if beside is None:
            continue
        # What comes out of it belongs to the same neurons, and is no number of theirs where it is a logarithm.
        gives = 0 if deviation_is_logarithm(layer.stem) else 1
        heads[layer.name.key] = axes[beside.name.key]
        powers[layer.name.key] = tuple(gives if way == 1 else way for way in ways)
        if layer.bias is not None and layer.bias.size > 1:
            output = axes[beside.name.key][ways.index(1)]
            shape = layer.bias.shape
            heads[layer.bias_key] = tuple(
                output if side == layer.bias.size else None for side in shape
            )
            powers[layer.bias_key] = (gives,) * len(shape)
    axes |= heads
    moved = {key: labels for key, labels in axes.items() if any(one is not None for one in labels)}
    others_of = [one for one in normalisations if one not in folded.used]
    left = (
        *(one.name.key for one in others),
        *(key for one in others_of for key in one.names),
        *(
            key
            for place, one in enumerate(layer_norms)
            if place not in normed.layers
            for key in one.keys
        ),
        *left_out,
    )
    return Reading(
        replace(checked(name, folded.network), norms=normed.norms),
        title,
        moved,
        left,
        {key: powers[key] for key in moved},
        folded=tuple(one.prefix for one in folded.used),
        normed=tuple(layer_norms[place].prefix for place in normed.layers),
    )


def _on_observations(
    reading: Reading, layers: Sequence[str], statistics: Sequence[Statistics], alone: bool
) -> Reading:
    """A reading with the statistics of its observations in its first layer, where the file has them and says whose."""
    takes = layer_sizes(reading.network)[0]
    own = [one for one in statistics if len(one.mean) == takes and one.is_of(layers, alone)]
    if len(own) != 1:
        return reading
    folded = checked(own[0].prefix, fold_observations(reading.network, own[0]))
    network = replace(folded, norms=reading.network.norms)
    rest = tuple(key for key in reading.left_out if key not in own[0].names)
    return replace(
        reading, network=network, left_out=rest, observations=own[0].prefix or own[0].names[0]
    )


def _turned(labels: tuple[int | None, int | None], layout: Layout) -> Axes:
    return labels if layout == "out_in" else labels[::-1]


def _axes_beside(
    name: str, chain: Chain, others: list[Layer], trunk: list[Layer]
) -> dict[str, Axes]:
    """Those of matrices beside the network that take one of its hidden layers, such as a critic's head.

    Raises:
        UserError: it cannot be told whether one does.
    """
    sizes = layer_sizes(chain.network)
    hidden = sizes[1:-1]
    shared = 0
    while shared < len(chain.layers) and chain.layers[shared] in trunk:
        shared += 1
    groups: dict[tuple[str, ...], list[Layer]] = {}
    doubtful = doubtful_in([*chain.layers, *others], alone=True)
    for layer in others:
        if layer in doubtful and not role_of(layer.stem):
            if layer.weight.size > 1 and set(layer.weight.shape) & set(hidden):
                raise UserError(
                    f"{name}: it cannot be told whether {layer.name.key[:60]} belongs to a hidden layer; "
                    "keep one network a file"
                )
            continue
        key = role_of(layer.stem) or ("_".join(layer.stem[0].words) if layer.stem else "",)
        groups.setdefault(key, []).append(layer)
    axes: dict[str, Axes] = {}
    networks = {role_of(layer.stem) for layer in others}
    for role, own in groups.items():
        if role[-1].startswith("std") and role[:-1] in networks:
            continue  # it stands beside another network of the file
        first = first_of(own, chain.layout)
        takes, gives = first.sizes(chain.layout)
        place = min(shared, len(hidden)) - 1 if shared else len(hidden) - 1
        if role[-1].startswith("std"):
            # It stands beside the last layer, which gives the means, and has as many outputs.
            beside = place == len(hidden) - 1 and len(own) == 1 and gives == sizes[-1]
        elif len(own) == 1:
            beside = shared > 0 or takes != sizes[0]
        elif shared:
            beside = True
        else:
            continue  # a network of its own
        if beside and takes == hidden[place]:
            axes[first.name.key] = _turned((None, place), chain.layout)
        elif takes in hidden:
            raise UserError(
                f"{name}: it cannot be told whether {first.name.key[:60]} takes a hidden layer; "
                "keep one network a file"
            )
    return axes


def _why_not(name: str, layers: list[Layer]) -> str:
    """Why layers are no MLP, in one sentence."""
    table = next(
        (
            one
            for one in layers
            if one.bias is None
            and is_embedding(one.stem)
            and any(
                one.weight.shape[1] in other.weight.shape
                for other in layers
                if other.bias is not None
            )
        ),
        None,
    )
    if table is not None:
        rows, numbers = table.weight.shape
        return (
            f"{name}: {table.name.key[:60]} is an embedding, a table of {rows} rows of {numbers} numbers that are "
            "looked up, which an MLP has not"
        )
    if not 2 <= len(layers) <= MAX_LAYERS:
        return count_words(name, len(layers))
    around = way_around(layers)
    if around:
        return f"{name}: {around}; an MLP is one chain of layers"
    ordered = sorted(layers, key=functools.cmp_to_key(by_names))
    known = all(comes_before(a.stem, b.stem) for a, b in zip(ordered, ordered[1:], strict=False))
    layouts = {layer.name.layout for layer in layers}
    layout: Layout = "in_out" if layouts == {"in_out"} else "out_in"
    joint = joined_sizes(Chain(tuple(ordered), layout)) if known else ""
    if joint:
        return f"{name}: {joint}; an MLP is one chain of layers"
    try:
        checked(name, Chain(tuple(ordered), layout).network)
    except UserError as error:
        if known or "takes" not in str(error):
            return str(error)
    shapes = ", ".join(
        f"{layer.name.key[:24]} {'x'.join(map(str, layer.weight.shape))}" for layer in layers[:4]
    )
    return f"{name}: its matrices follow one another in no order ({shapes}{', ...' if layers[4:] else ''})"
