"""What speaks against reading the layers of a file of weights as a chain.

Such a file has no wiring: that one layer takes what the one before gives is an assumption that shapes allow. Skip
connections, gates and branches that are added leave shapes as they are, and then the chain computes something else, and
another order of one layer's neurons would have to be that of other layers too. Names often tell. What they tell for
certain is refused; what they and the shapes only make likely is a doubt, which is said wherever the network is shown.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from nnit.mlp.chains import Chain
from nnit.mlp.file_layers import Layer
from nnit.mlp.names import Stem, are_siblings, role_of, words_of

# A layer of this name is itself a way around others.
_AROUND = {"skip", "skips", "shortcut", "shortcuts", "bypass"}
# Around what bears this name a skip connection goes.
_RESIDUAL = {"res", "resid", "residual", "residuals", "resblock", "resblocks", "resnet", "resmlp"}
_RESIDUAL |= {"densenet", "denseblock", "denseblocks", "downsample", "skipblock", "simba"}
_LAYERS = {"layer", "layers"}
# What libraries put between a layer's name and its tensors: RLlib's SlimFC, Keras 3.
_WRAPPERS = {("model",), ("vars",)}
EXPORT = "export the network as ONNX, which says how layers are wired"
_SHOWN = 3


def way_around(layers: Collection[Layer]) -> str:
    """Why layers are no chain, by a layer whose name says that it is a skip connection; empty where there is none."""
    for layer in layers:
        if any(_AROUND & set(part.text) for part in layer.stem):
            return f"the layer {layer.name.layer[:60]} is a skip connection by its name, which leads around others"
    return ""


def against(chain: Chain) -> str:
    """Why a chain is none, where its names say so for certain; empty where they do not.

    Certain is a layer that is called a skip connection, and a block inside the network that is called residual and
    gives as many numbers as it takes.
    """
    around = way_around(chain.layers)
    if around:
        return around
    certain = [name for name, said in _blocks(chain) if said]
    return (
        f"{_listed(certain)} {'is a residual block' if len(certain) == 1 else 'are residual blocks'} by name, around "
        f"which a skip connection leads"
        if certain
        else ""
    )


def doubts_of(chain: Chain, every: Sequence[Chain]) -> tuple[str, ...]:
    """What makes it likely that a chain is none, one sentence each.

    Args:
        chain: one way to read a file.
        every: all of them.
    """
    found = []
    blocks = blocks_words(chain)
    if blocks:
        found.append(
            f"{blocks}. If skip connections lead around them, or each is a network of its own, {_WRONG}; {EXPORT}."
        )
    words = [
        layer.name.layer
        for layer in chain.layers
        if any(_RESIDUAL & set(part.text) for part in layer.stem[_shared(chain) :])
    ]
    if words and not blocks:
        found.append(
            f"The name of {words[0][-40:]} speaks of a skip connection. If there is one, {_WRONG}; {EXPORT}."
        )
    found += [_order_doubt(chain, every), _branch_doubt(chain, every)]
    return tuple(filter(None, found))


_WRONG = (
    "the network that was read is not yours: what is said of its outputs and neurons is wrong, and the aligned file "
    "does not compute what yours does"
)


def blocks_words(chain: Chain) -> str:
    """Which blocks are built as residual ones, whose names do not say what they are; empty where there are none."""
    blocks = [name for name, said in _blocks(chain) if not said]
    if not blocks:
        return ""
    one = len(blocks) == 1
    return (
        f"{_listed(blocks)} {'gives' if one else 'give'} as many numbers as {'it takes' if one else 'they take'}, "
        "as residual blocks do, and networks of an ensemble"
    )


def _order_doubt(chain: Chain, others: Sequence[Chain]) -> str:
    """What is to be said where the same layers fit in several orders; empty where they do not."""
    mine = [layer.name.key for layer in chain.layers]
    for other in others:
        theirs = [layer.name.key for layer in other.layers]
        if sorted(theirs) == sorted(mine) and theirs != mine:
            apart = [
                layer.name.layer[-40:]
                for layer, key in zip(chain.layers, theirs, strict=True)
                if layer.name.key != key
            ]
            return (
                f"Names do not say in which order {_listed(apart)} stand. If they stand side by side, as two branches "
                f"that are added or a layer and its gate do, no order is right, and {_WRONG}; {EXPORT}."
            )
    return ""


def joined(chains: Sequence[Chain]) -> str:
    """Why networks of a file are none: several layers of each lead into one of both, and fit in no row; else empty."""
    keys = [{layer.name.key for layer in chain.layers} for chain in chains]
    for chain in chains:
        for mine, theirs, taken in _meeting(chain, chains):
            both = {layer.name.key for layer in (*mine, *theirs)}
            in_a_row = any(both <= one for one in keys)
            if min(len(mine), len(theirs)) > 1 and not in_a_row:
                return (
                    f"{_short(taken)} takes what {_short(mine[-1])} gives and what {_short(theirs[-1])} gives: "
                    "branches that are joined"
                )
    return ""


def _branch_doubt(chain: Chain, others: Sequence[Chain]) -> str:
    """What is to be said where one of two branches was left out that lead into one layer; empty where none was."""
    for mine, theirs, taken in _meeting(chain, others):
        return (
            f"{_short(taken)} may take what {_short(mine[-1])} gives, or what {_short(theirs[-1])} gives. If it takes "
            f"both, as where branches are added or a layer has a gate, {_WRONG}; {EXPORT}."
        )
    return ""


def _meeting(
    chain: Chain, others: Sequence[Chain]
) -> Iterator[tuple[list[Layer], list[Layer], Layer]]:
    """For each other chain that meets this one behind layers of their own: these of both, and where they meet."""
    mine = [layer.name.key for layer in chain.layers]
    for other in others:
        theirs = [layer.name.key for layer in other.layers]
        own = [layer for layer in chain.layers if layer.name.key not in theirs]
        rest = [layer for layer in other.layers if layer.name.key not in mine]
        if not own or not rest or _are_mean_and_deviation(own[-1], rest):
            continue
        behind = chain.layers[mine.index(own[-1].name.key) + 1 :]
        if behind:
            yield own, rest, behind[0]


def _short(layer: Layer) -> str:
    return layer.name.layer[-40:]


def _are_mean_and_deviation(layer: Layer, others: Sequence[Layer]) -> bool:
    """Whether names say that a layer and one of the others are mean and deviation, as of a variational autoencoder."""
    return any(are_siblings(layer.stem, other.stem) for other in others) or bool(
        role_of(layer.stem) and role_of(layer.stem)[-1].startswith("std")
    )


def joined_sizes(chain: Chain) -> str:
    """Why sizes do not chain: what a layer takes is that of several side by side, or half; empty if neither."""
    layers = chain.layers
    sizes = [layer.sizes(chain.layout) for layer in layers]
    for place in range(1, len(layers)):
        gives, takes = sizes[place - 1][1], sizes[place][0]
        if takes == gives:
            continue
        apart = f"layer {place} gives {gives} values, layer {place + 1} takes {takes}"
        if gives == 2 * takes:
            return f"{apart}, half of them, as behind a gated unit (GLU)"
        total = gives
        for earlier in range(place - 1, -1, -1):
            total += sizes[earlier][0]
            if total == takes:
                return f"{apart}, as many as with earlier ones beside them (concatenation)"
        break
    return ""


def is_dueling(stems: Sequence[Stem]) -> bool:
    """Whether a file holds the two heads of a dueling network: advantage and value."""
    roles = [role_of(stem) for stem in stems]
    return any("advantage" in one for one in roles) and any("critic" in one for one in roles)


def _blocks(chain: Chain) -> list[tuple[str, bool]]:
    """Name of every block inside the chain that gives as many numbers as it takes, and whether names call it residual.

    A block is what lies under one numbered or telling part of names, all layers of it in a row, but not the whole
    network. A numbered layer alone (`net.2`) is none.
    """
    layers = chain.layers
    sizes = [layer.sizes(chain.layout) for layer in layers]
    found: list[tuple[str, bool]] = []
    place = 0
    while place < len(layers):
        end, name, said = _block_from(chain, place, sizes)
        if end == place:
            place += 1
            continue
        found.append((name, said))
        place = end
    return found


def _block_from(
    chain: Chain, start: int, sizes: Sequence[tuple[int, int]]
) -> tuple[int, str, bool]:
    """Where the smallest block that begins at a layer ends, its name, and whether that speaks; `start` for none."""
    layers = chain.layers
    stem = layers[start].stem
    for depth in range(len(stem), _shared(chain), -1):
        end = start
        while end < len(layers) and layers[end].stem[:depth] == stem[:depth]:
            end += 1
        if end - start in (0, len(layers)):
            continue
        if start and layers[start - 1].stem[:depth] == stem[:depth]:
            continue
        if sizes[start][0] != sizes[end - 1][1]:
            continue
        said = any(_RESIDUAL & set(part.text) for part in stem[:depth])
        telling = bool(_RESIDUAL & set(stem[depth - 1].text))
        numbered = bool(stem[depth - 1].numbers)
        alone = end - start == 1
        # What stands alone in one of `layers` is a layer, with its normalisation or activation.
        if alone and depth > 1 and _LAYERS & set(stem[depth - 2].text) and not said:
            continue
        if telling or (numbered and _is_nested(stem, depth, alone)):
            return end, _name(layers[start], stem, depth), said
    return start, "", False


def _is_nested(stem: Stem, depth: int, alone: bool) -> bool:
    """Whether something of its own lies under the first parts of a layer's name, beyond what wraps a single layer."""
    rest = stem[depth:]
    if not rest or rest[0].text in _WRAPPERS or rest[0] == stem[depth - 1]:
        return False
    return not alone or any(part.text for part in rest)


def _name(layer: Layer, stem: Stem, depth: int) -> str:
    """The block's name: that of its first layer up to as many pieces as the block has."""
    pieces = re.split(r"([^\w]+)", layer.name.layer)
    words = [words_of(piece) for piece in pieces[::2]]
    left = len(stem) - depth
    kept = len([one for one in words if one]) - left
    return "".join(pieces[: 2 * max(kept, 1) - 1])[-40:]


def _shared(chain: Chain) -> int:
    """How many parts all names of the chain begin with: these name the network, and nothing in it."""
    stems = [layer.stem for layer in chain.layers]
    common = 0
    while all(len(stem) > common for stem in stems) and len({stem[common] for stem in stems}) == 1:
        common += 1
    return common


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_SHOWN])
    if len(names) > _SHOWN:
        return f"{', '.join(shown)} and {len(names) - _SHOWN} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def chain_words(chain: Chain) -> str:
    """The layers in the order in which they were taken."""
    names = [layer.name.layer[-40:] for layer in chain.layers]
    most = 8
    if len(names) > most:
        names = [*names[: most - 2], f"{len(names) - most + 1} more", names[-1]]
    return ", then ".join(names)
