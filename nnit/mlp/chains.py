"""Which layers of a file may be one network, and the orders in which each takes what the one before gives."""

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nnit.errors import UserError
from nnit.mlp.file_layers import Layer
from nnit.mlp.limits import MAX_LAYERS
from nnit.mlp.names import (
    Layout,
    Stem,
    are_siblings,
    comes_before,
    is_decoder,
    is_embedding,
    is_encoder,
    natural,
    role_of,
)
from nnit.mlp.network import MLP

MAX_READINGS = 8
# Of the search for orders; with names that say nothing and equal shapes there are n! of them.
_MAX_STEPS = 3_000
# Layout and order may not both contradict names: turned round and in reverse, much that is no chain is one.
_MOST_AGAINST = 1
ADVICE = "number the layers in the order in which they are applied, or keep one network a file"


@dataclass(frozen=True, eq=False)
class Part:
    """Layers that may be one network: all of a file, or one of several that share it.

    Attributes:
        title: whose they are.
        layers: in the order of the file.
        siblings: layers that are left out, each with the one of `layers` that takes and gives the same neurons.
    """

    title: str
    layers: list[Layer]
    siblings: tuple[tuple[Layer, Layer], ...] = ()

    def sibling_of(self, layer: Layer) -> Layer | None:
        """The one of the part's layers that takes and gives the same neurons as one that is left out."""
        found = [mine for other, mine in self.siblings if other is layer]
        found += [mine for mine in self.layers if is_beside(layer, mine)]
        return found[0] if found else None


@dataclass(frozen=True, eq=False)
class Chain:
    """Layers in an order in which each takes what the one before gives."""

    layers: tuple[Layer, ...]
    layout: Layout

    @property
    def network(self) -> MLP:
        """The layers as an MLP, unchecked."""
        return MLP(
            tuple(layer.matrix(self.layout) for layer in self.layers),
            tuple(layer.vector(self.layout) for layer in self.layers),
        )


# --- Several networks in one file -----------------------------------------------------------------


def parts_of(layers: list[Layer]) -> tuple[list[Layer], list[Part]]:
    """The layers that all networks of a file share, and the networks that it may hold.

    Each network has the shared layers and its own. One that is named by what it does, such as actor and critic, is
    never a continuation of another; those with other names may be, so that all layers in a row are offered too.
    """
    roles: dict[tuple[str, ...], list[Layer]] = {}
    for layer in layers:
        roles.setdefault(role_of(layer.stem), []).append(layer)
    roles = _without_lone_numbers(roles)
    trunk = roles.pop((), [])
    networks = {role: own for role, own in roles.items() if not role[-1].startswith("std")}
    if len(networks) > 1:
        return trunk, [
            Part(_title(role), _together(layers, trunk, own)) for role, own in networks.items()
        ]
    whole = _together(layers, trunk, *networks.values()) or layers
    members = _members(whole)
    if members:
        return [], members
    means = _means(whole, layers)
    alternatives = [] if means and _fits_in_a_row(whole, means) else _alternatives(whole)
    if len(alternatives) > 1:
        shared = [one for one in whole if all(one in part.layers for part in alternatives)]
        return shared, [*alternatives, Part("all in a row", whole)]
    # A critic's head beside the actor's: all layers do not chain, those without a role do.
    beside = _never_follows(networks, trunk) or not _fits_in_a_row(whole)
    lone = [Part("", trunk)] if networks and len(trunk) > 1 and beside else []
    return trunk, lone or [Part("", whole)]


def _never_follows(networks: Mapping[tuple[str, ...], list[Layer]], trunk: list[Layer]) -> bool:
    """Whether what has a role is no continuation of what has none, even where it fits.

    A target network, or a moving average, is a copy of it, or of a part; a discriminator judges what it gives.
    """
    shapes = Counter(layer.weight.shape for layer in trunk)
    return all(
        role[-1].startswith("discriminator")
        or (
            role[-1].startswith("target")
            and len(own) > 1
            and Counter(one.weight.shape for one in own) <= shapes
        )
        for role, own in networks.items()
    )


def _members(layers: list[Layer]) -> list[Part]:
    """The networks of an ensemble, `nets.0.0`, `nets.0.2`, `nets.1.0`, ...; none where these may stand in a row."""
    groups: dict[object, list[Layer]] = {}
    for layer in layers:
        first = layer.stem[0] if len(layer.stem) > 1 else None
        if first is None or first.text or not first.numbers:
            return []
        groups.setdefault(first.numbers, []).append(layer)
    kinds = {
        frozenset((layer.stem[1:], layer.weight.shape) for layer in own) for own in groups.values()
    }
    own, *others = groups.values()
    if not others or len(own) < 2 or len(kinds) > 1:
        return []
    _, ways = chains_of("", own, ordered=False)
    if not ways:
        return []
    sizes = [layer.sizes(ways[0].layout) for layer in ways[0].layers]
    if sizes[0][0] == sizes[-1][1]:
        return []
    return [Part(f"network {one[0].stem[0].numbers[0]}", one) for one in groups.values()]


def _title(role: tuple[str, ...]) -> str:
    """Each word once: critic target 0 for what lies under critic target and critic 0."""
    return " ".join(dict.fromkeys(word for one in role for word in one.split()))


def _together(layers: list[Layer], *groups: list[Layer]) -> list[Layer]:
    """The layers of several groups, in the order of the file."""
    return [layer for layer in layers if any(layer in group for group in groups)]


def _without_lone_numbers(
    roles: dict[tuple[str, ...], list[Layer]],
) -> dict[tuple[str, ...], list[Layer]]:
    """Roles such as critic 1 and critic 2 joined where each has one layer: these are layers of one network."""
    merged: dict[tuple[str, ...], list[Layer]] = {}
    for role, own in roles.items():
        plain = tuple(dict.fromkeys(word.rstrip("0123456789 ") for word in role))
        alike = [
            r for r in roles if tuple(dict.fromkeys(w.rstrip("0123456789 ") for w in r)) == plain
        ]
        lone = all(len(roles[one]) == 1 for one in alike)
        merged.setdefault(plain if lone else role, []).extend(own)
    return merged


def _alternatives(layers: list[Layer]) -> list[Part]:
    """Networks that share a file and have names of any kind; none where the file holds one."""
    heads: dict[object, list[Layer]] = {}
    groups: dict[object, list[Layer]] = {}
    for layer in layers:
        head = next((part for part in layer.stem if part.rank == 2), None)
        heads.setdefault(head, []).append(layer)
        groups.setdefault(layer.stem[:1], []).append(layer)
    trunk = heads.pop(None, [])
    if len(heads) > 1:
        return [Part(own[0].name.layer, _together(layers, trunk, own)) for own in heads.values()]
    large = [own for own in groups.values() if len(own) > 1]
    firsts = [own[0].stem[:1] for own in large]
    in_a_row = not _are_copies(large) and all(
        comes_before(a, b) is not None and (a[0].rank != b[0].rank or a[0].is_numbered_layer)
        for a in firsts
        for b in firsts
        if a is not b
    )
    if len(large) < 2 or in_a_row:
        return []
    rest = [own for own in groups.values() if len(own) == 1]
    # Layers whose names are nothing but "weight" or "kernel" are a network without a name.
    titles = ["_".join(own[0].stem[0].words) if own[0].stem else "unnamed" for own in large]
    return [
        Part(title, _together(layers, own, *rest)) for title, own in zip(titles, large, strict=True)
    ]


def _are_copies(groups: list[list[Layer]]) -> bool:
    """Whether groups have the same names and shapes under a word of their own, as `best` and `last` have.

    A row of blocks has numbers there, an autoencoder names its two parts, and roles are told apart elsewhere.
    """
    for stem in (layer.stem for own in groups for layer in own):
        if not stem or stem[0].numbers or role_of(stem) or is_encoder(stem) or is_decoder(stem):
            return False
    return len({tuple((one.stem[1:], one.weight.shape) for one in own) for own in groups}) == 1


# --- Layers that may lie beside their network -----------------------------------------------------


def ways_of(
    name: str, part: Part, layers: list[Layer], ordered: bool, alone: bool
) -> list[tuple[Part, Chain]]:
    """The ways to put a part's layers in a row: with and without matrices that may be none, and with one of siblings.

    Args:
        name: of the file, for messages.
        part: of the file.
        layers: all of the file.
        ordered: see `chains_of`.
        alone: whether the file has no other part.

    Raises:
        UserError: the search takes too long.
    """
    means = _means(part.layers, layers)
    cost, whole = chains_of(name, part.layers, ordered, means)
    doubtful = doubtful_in(part.layers, alone)
    scalars = all(one.weight.size == 1 for one in doubtful)
    if doubtful and (whole or scalars or not alone):
        every = [[], *([one] for one in doubtful), *([doubtful] if len(doubtful) > 1 else [])]
        tried = []
        for kept in every:
            gone = [one for one in doubtful if one not in kept]
            rest = [one for one in part.layers if one not in gone]
            named = _named(part, "with" if kept else "without", kept or gone)
            tried.append((replace(named, layers=rest), chains_of(name, rest, ordered, means)[1]))
        if sum(len(chains) for _, chains in tried) > MAX_READINGS and len(doubtful) > 1:
            tried.pop()
        ways = [(one, chain) for one, chains in tried for chain in chains]
        return [(replace(ways[0][0], title=part.title), ways[0][1])] if len(ways) == 1 else ways
    if cost == 0 and whole:
        return [(part, chain) for chain in whole]
    found = []
    for one in part.layers:
        rest = [other for other in part.layers if other is not one]
        like = [other for other in rest if is_beside(one, other)]
        # Where only an order fits that names speak against, layers of one shape may be siblings too.
        like = like or [other for other in rest if whole and _may_be_beside(one, other)]
        if not like:
            continue
        cheap, chains = chains_of(name, rest, ordered, means)
        without = replace(_named(part, "without", [one]), layers=rest, siblings=((one, like[0]),))
        found += [(without, chain) for chain in chains if cheap == 0]
    return found or [(part, chain) for chain in whole]


def _means(layers: list[Layer], every: list[Layer]) -> list[Layer]:
    """Those of the layers beside which a deviation lies that is none of them."""
    others = [one for one in every if one not in layers]
    return [one for one in layers if any(is_beside(other, one) for other in others)]


def _named(part: Part, word: str, layers: list[Layer]) -> Part:
    names = " and ".join(layer.name.layer[-30:] for layer in layers[:2])
    names += f" and {len(layers) - 2} more" if len(layers) > 2 else ""
    return replace(part, title=f"{part.title} {word} {names}".strip())


def is_beside(one: Layer, other: Layer) -> bool:
    """Whether both take the same and give as much, by names and shapes, as a mean and its deviation do."""
    return one.weight.shape == other.weight.shape and are_siblings(one.stem, other.stem)


def _may_be_beside(one: Layer, other: Layer) -> bool:
    """Whether shapes allow it: one cannot follow the other, and names put both in the same place."""
    outputs, inputs = one.weight.shape
    return (
        one.weight.shape == other.weight.shape
        and outputs != inputs
        and one.stem[:-1] == other.stem[:-1]
    )


def doubtful_in(layers: list[Layer], alone: bool) -> list[Layer]:
    """Matrices that may be no layers: outside every numbered row, and without what the others have.

    Such are a temperature of shape (1, 1), a covariance, or a table. The others have biases, or names that say weight
    or kernel. A first or last layer may well have no bias.

    Args:
        layers: of one part of a file.
        alone: whether the file has no other part; the layers of a part of several are doubted only where they are
            shared.
    """
    rows: dict[tuple[tuple[str, ...], ...], set[Stem]] = {}
    for layer in layers:
        rows.setdefault(tuple(part.text for part in layer.stem), set()).add(layer.stem)
    outside = [
        layer
        for layer in layers
        if len(rows[tuple(part.text for part in layer.stem)]) == 1
        and (alone or not role_of(layer.stem))
        and (
            not layer.name.kind
            or is_embedding(layer.stem)
            or not any(abs(part.rank) == 2 for part in layer.stem)
        )
    ]
    biased = [layer for layer in layers if layer.bias is not None]
    bare = [layer for layer in outside if layer.bias is None]
    named = [layer for layer in layers if layer.name.kind]
    return [layer for layer in bare if len(biased) > 1 or (not layer.name.kind and len(named) > 1)]


# --- The order of layers --------------------------------------------------------------------------


def chains_of(
    name: str, layers: list[Layer], ordered: bool, means: Collection[Layer] = ()
) -> tuple[int, list[Chain]]:
    """The orders and layouts that shapes allow and names contradict least, and in how much; none if shapes allow none.

    An encoder stands before a decoder, whatever shapes allow.

    Args:
        name: of the file, for messages.
        layers: in the order of the file.
        ordered: whether that order says something; it decides between orders that names leave open.
        means: those beside which a deviation lies. It is the last layer of a policy, and one of the middle in a
            variational autoencoder.

    Raises:
        UserError: the search takes too long.
    """
    if not 2 <= len(layers) <= MAX_LAYERS:
        return 0, []
    decoders = [is_decoder(layer.stem) for layer in layers]
    coding = [is_encoder(layer.stem) or layer in means for layer in layers]
    places = range(len(layers))
    # Of an encoder with a decoder of its own inside nothing is known.
    must = [[coding[i] and decoders[j] > decoders[i] for j in places] for i in places]
    before = [
        [
            must[i][j] or (comes_before(layers[i].stem, layers[j].stem) is True and not must[j][i])
            for j in places
        ]
        for i in places
    ]
    free = [layer in means for layer in layers]
    without_means = [
        [must[i][j] or (before[i][j] and not (free[i] or free[j])) for j in places] for i in places
    ]
    found: dict[int, list[Chain]] = {}
    for layout in ("out_in", "in_out"):
        if not all(layer.fits(layout) for layer in layers):
            continue
        against = int(any(layer.name.layout not in (None, layout) for layer in layers))
        sizes = [layer.sizes(layout) for layer in layers]
        for known, cost in ((before, 0), (without_means, 1), (must, 1)):
            if against + cost > _MOST_AGAINST:
                continue
            orders = _orders(name, sizes, known)
            if ordered and len(orders) > 1 and tuple(range(len(layers))) in orders:
                orders = [tuple(range(len(layers)))]
            if orders:
                chains = [Chain(tuple(layers[i] for i in order), layout) for order in orders]
                found.setdefault(against + cost, []).extend(chains)
                break
    return (min(found), found[min(found)]) if found else (0, [])


def _orders(
    name: str, sizes: Sequence[tuple[int, int]], before: Sequence[Sequence[bool]]
) -> list[tuple[int, ...]]:
    """Up to `MAX_READINGS` + 1 orders in which each layer takes what the one before gives.

    Args:
        name: of the file, for messages.
        sizes: inputs and outputs of each layer.
        before: whether layer i must stand before layer j.

    Raises:
        UserError: the search takes too long.
    """
    orders: list[tuple[int, ...]] = []
    steps = 0

    def extend(order: tuple[int, ...], left: frozenset[int]) -> None:
        nonlocal steps
        steps += 1
        if steps > _MAX_STEPS:
            raise UserError(f"{name}: its layers could stand in very many orders; {ADVICE}")
        if not left:
            orders.append(order)
        for one in sorted(left):
            if len(orders) > MAX_READINGS:
                return
            joins = not order or sizes[order[-1]][1] == sizes[one][0]
            if joins and not any(before[other][one] for other in left):
                extend((*order, one), left - {one})

    extend((), frozenset(range(len(sizes))))
    return orders


def _fits_in_a_row(layers: list[Layer], means: Collection[Layer] = ()) -> bool:
    return bool(chains_of("", layers, ordered=False, means=means)[1])


def first_of(layers: list[Layer], layout: Layout) -> Layer:
    """The layer that takes what none of the others gives, by names where that does not tell."""
    ordered = sorted(layers, key=functools.cmp_to_key(by_names))
    gives = {layer.sizes(layout)[1] for layer in layers}
    return next((one for one in ordered if one.sizes(layout)[0] not in gives), ordered[0])


def by_names(a: Layer, b: Layer) -> int:
    """As `sorted` compares: names where they say something, otherwise their natural order."""
    known = comes_before(a.stem, b.stem)
    if known is None:
        known = natural(a.name.key) < natural(b.name.key)
    return -1 if known else 1
