"""From named tensors to the layers of an MLP: which belong together, in which order, and which way round.

Shapes and names both bear witness. Shapes decide what is possible: each layer takes what the one before
gives, and a bias has one number an output. Among what is possible the reading is taken that contradicts the
names least (`nnit.mlp.names`). Where several remain, all are returned, and somebody has to choose.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nnit.errors import UserError
from nnit.mlp.names import (
    Layout,
    Stem,
    TensorName,
    comes_before,
    is_no_layer,
    natural,
    other_layer,
    parse_name,
    role_of,
    without_common,
)
from nnit.mlp.network import MLP, layer_sizes

MAX_LAYERS = 32
MAX_WIDTH = 1024
MAX_READINGS = 8
# Of the search for orders; with names that say nothing and equal shapes there are n! of them.
_MAX_STEPS = 5_000

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
    """

    network: MLP
    title: str = ""
    axes: Mapping[str, Axes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Layer:
    """A matrix with its bias, if it has one, as they lie in the file."""

    name: TensorName
    weight: np.ndarray
    bias: np.ndarray | None = None
    bias_key: str = ""

    @property
    def stem(self) -> Stem:
        return self.name.stem

    def matrix(self, layout: Layout) -> np.ndarray:
        """The matrix as (outputs, inputs)."""
        return self.weight if layout == "out_in" else self.weight.T

    def sizes(self, layout: Layout) -> tuple[int, int]:
        """Inputs and outputs."""
        outputs, inputs = self.matrix(layout).shape
        return inputs, outputs

    def fits(self, layout: Layout) -> bool:
        """Whether the bias has one number an output, or one for all of them."""
        return self.bias is None or self.bias.size in {1, self.sizes(layout)[1]}

    def vector(self, layout: Layout) -> np.ndarray:
        """The bias, zeros where there is none."""
        outputs = self.sizes(layout)[1]
        if self.bias is None:
            return np.zeros(outputs, np.float32)
        flat = self.bias.reshape(-1)
        return np.repeat(flat, outputs) if flat.size == 1 else flat


@dataclass(frozen=True, eq=False)
class _Chain:
    """Layers in an order in which each takes what the one before gives."""

    layers: tuple[_Layer, ...]
    layout: Layout

    @property
    def network(self) -> MLP:
        return MLP(
            tuple(layer.matrix(self.layout) for layer in self.layers),
            tuple(layer.vector(self.layout) for layer in self.layers),
        )


@dataclass(frozen=True, eq=False)
class _Part:
    """Layers that may be one network: all of a file, or one of several that share it.

    Attributes:
        title: whose they are.
        layers: in the order of the file.
    """

    title: str
    layers: list[_Layer]


def read_tensors(name: str, tensors: Mapping[str, np.ndarray]) -> tuple[Reading, ...]:
    """Every way to read named tensors as an MLP that shapes allow and names contradict least.

    Args:
        name: of the file, for messages.
        tensors: all numbers in the file, in its order.

    Raises:
        UserError: there is no such way, or more than `MAX_READINGS`.
    """
    layers, left_out = _sorted_out(name, tensors)
    if not 2 <= len(layers) <= 8 * MAX_LAYERS:
        raise UserError(_count_words(name, len(layers)))
    layers = [
        replace(layer, name=replace(layer.name, stem=stem))
        for layer, stem in zip(layers, without_common([one.stem for one in layers]), strict=True)
    ]
    trunk, parts = _parts(layers)
    ordered = _order_says_something([layer.name.key for layer in layers], tensors)
    found = [
        (part, chain)
        for part in parts
        if 2 <= len(part.layers) <= MAX_LAYERS
        for chain in _chains(name, part.layers, ordered)
    ]
    if not found:
        raise UserError(_why_not(name, parts[0].layers))
    if len(found) > MAX_READINGS:
        raise UserError(f"{name} can be read as an MLP in more than {MAX_READINGS} ways; {_ADVICE}")
    return tuple(
        _reading(
            name, part, chain, [one for one in layers if one not in chain.layers], trunk, left_out
        )
        for part, chain in found
    )


_ADVICE = "number the layers in the order in which they are applied, or keep one network a file"


def refuse_choice(name: str, readings: Sequence[Reading]) -> UserError:
    """What is said where a file can be read in several ways and nobody can be asked."""
    titles = "; ".join(reading.title[:90] for reading in readings[:2])
    more = f"; and {len(readings) - 2} more" if len(readings) > 2 else ""
    return UserError(f"{name} can be read as an MLP in {len(readings)} ways ({titles}{more})")


# --- From tensors to layers -----------------------------------------------------------------------


def _sorted_out(
    name: str, tensors: Mapping[str, np.ndarray]
) -> tuple[list[_Layer], tuple[str, ...]]:
    """The layers, in the order of their matrices, and the names of what lies beside them.

    Raises:
        UserError: a tensor is none of an MLP's, or vectors and matrices do not pair up.
    """
    left_out, kept = [], {}
    matrix_stems = {
        parse_name(key).stem for key, tensor in tensors.items() if not _is_vector(tensor)
    }
    for key, tensor in tensors.items():
        what = other_layer(key)
        if what is not None:
            raise UserError(f"{name}: {key[:60]} belongs to {what}, which an MLP has not")
        parsed = parse_name(key)
        named_beside = is_no_layer(key) and not (parsed.kind and parsed.stem in matrix_stems)
        beside = named_beside and _is_vector(tensor)
        # Counts, sizes of layers, and settings.
        beside |= not parsed.kind and (
            tensor.ndim == 0 or (tensor.ndim == 1 and tensor.dtype.kind in "iub")
        )
        if beside:
            left_out.append(key)
        elif tensor.ndim > 2:
            raise UserError(
                f"{name}: {key[:40]} has {tensor.ndim} axes; an MLP has matrices and vectors"
            )
        else:
            kept[key] = parsed
    return _paired(name, tensors, kept), tuple(left_out)


def _is_vector(tensor: np.ndarray) -> bool:
    return tensor.ndim < 2 or (tensor.ndim == 2 and min(tensor.shape) == 1)


def _paired(
    name: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> list[_Layer]:
    """Every matrix with its bias.

    Raises:
        UserError: a vector is left over.
    """
    stems: dict[Stem, list[str]] = {}
    for key, parsed in names.items():
        stems.setdefault(parsed.stem, []).append(key)
    layers: list[_Layer] = []
    loose: list[str] = []
    for keys in stems.values():
        # NumPy programs write biases as (1, n) or (n, 1).
        vectors = [
            key
            for key in keys
            if tensors[key].ndim < 2
            or (names[key].kind == "bias" and _is_vector(tensors[key]) and len(keys) > 1)
        ]
        matrices = [key for key in keys if key not in vectors]
        fitting = [key for key in vectors if names[key].kind in ("bias", "")]
        if len(matrices) == len(vectors) == len(fitting) == 1:
            bias = tensors[vectors[0]]
            layers.append(_Layer(names[matrices[0]], tensors[matrices[0]], bias, vectors[0]))
        else:
            layers += [_Layer(names[key], tensors[key]) for key in matrices]
            loose += vectors
    if len(loose) == len(layers) and not any(parsed.kind for parsed in names.values()):
        return _paired_by_order(name, tensors, names)
    if loose:
        telling = next((key for key in loose if names[key].kind in ("weight", "gain")), loose[0])
        raise UserError(_unpaired_words(name, telling, tensors, names))
    places = {key: place for place, key in enumerate(tensors)}
    return sorted(layers, key=lambda layer: places[layer.name.key])


def _unpaired_words(
    name: str, key: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> str:
    """Why a vector can be no bias."""
    start = f"{name}: its matrices and vectors do not pair up as weights and biases: {key[:60]}"
    if names[key].kind in ("weight", "gain"):
        return f"{start} is the gain of a normalisation, or a slope, which an MLP has not"
    return f"{start}, of {tensors[key].size} numbers, belongs to no matrix"


def _paired_by_order(
    name: str, tensors: Mapping[str, np.ndarray], names: Mapping[str, TensorName]
) -> list[_Layer]:
    """Where names say nothing of kinds: a vector behind every matrix, in the order of the file, or of the names.

    Raises:
        UserError: they do not alternate.
    """
    keys = [key for key in tensors if key in names]
    if not _order_says_something(keys, tensors):
        keys.sort(key=natural)
    layers = []
    for matrix, vector in zip(keys[::2], keys[1::2], strict=False):
        if tensors[matrix].ndim != 2 or tensors[vector].ndim > 1:
            raise UserError(_unpaired_words(name, vector, tensors, names))
        layers.append(_Layer(names[matrix], tensors[matrix], tensors[vector], vector))
    return layers


def _order_says_something(keys: Sequence[str], tensors: Mapping[str, np.ndarray]) -> bool:
    """Whether the file has its matrices in an order that nobody sorted by names.

    safetensors sorts by the size of numbers, then by names; JAX by names.
    """
    by_type = sorted(keys, key=lambda key: (-tensors[key].dtype.itemsize, key))
    return list(keys) not in (sorted(keys), sorted(keys, key=natural), by_type)


# --- Several networks in one file -----------------------------------------------------------------


def _parts(layers: list[_Layer]) -> tuple[list[_Layer], list[_Part]]:
    """The layers that all networks of a file share, and the networks that it may hold.

    Each network has the shared layers and its own. One that is named by what it does, such as actor and critic, is
    never a continuation of another; those with other names may be, so that all layers in a row are offered too.
    """
    roles: dict[tuple[str, ...], list[_Layer]] = {}
    for layer in layers:
        roles.setdefault(role_of(layer.stem), []).append(layer)
    roles = _without_lone_numbers(roles)
    trunk = roles.pop((), [])
    networks = {role: own for role, own in roles.items() if not role[-1].startswith("std")}
    if len(networks) > 1:
        return trunk, [
            _Part(" ".join(role), _together(layers, trunk, own)) for role, own in networks.items()
        ]
    whole = _together(layers, trunk, *networks.values()) or layers
    alternatives = _alternatives(whole)
    if len(alternatives) > 1:
        shared = [one for one in whole if all(one in part.layers for part in alternatives)]
        return shared, [*alternatives, _Part("all in a row", whole)]
    # A critic's head beside the actor's: all layers do not chain, those without a role do.
    lone = [_Part("", trunk)] if networks and len(trunk) > 1 and not _fits_in_a_row(whole) else []
    return trunk, lone or [_Part("", whole)]


def _together(layers: list[_Layer], *groups: list[_Layer]) -> list[_Layer]:
    """The layers of several groups, in the order of the file."""
    return [layer for layer in layers if any(layer in group for group in groups)]


def _without_lone_numbers(
    roles: dict[tuple[str, ...], list[_Layer]],
) -> dict[tuple[str, ...], list[_Layer]]:
    """Roles such as critic 1 and critic 2 joined where each has one layer: these are layers of one network."""
    merged: dict[tuple[str, ...], list[_Layer]] = {}
    for role, own in roles.items():
        plain = tuple(dict.fromkeys(word.rstrip("0123456789 ") for word in role))
        alike = [
            r for r in roles if tuple(dict.fromkeys(w.rstrip("0123456789 ") for w in r)) == plain
        ]
        lone = all(len(roles[one]) == 1 for one in alike)
        merged.setdefault(plain if lone else role, []).extend(own)
    return merged


def _alternatives(layers: list[_Layer]) -> list[_Part]:
    """Networks that share a file and have names of any kind; none where the file holds one."""
    heads: dict[object, list[_Layer]] = {}
    groups: dict[object, list[_Layer]] = {}
    for layer in layers:
        head = next((part for part in layer.stem if part.rank == 2), None)
        heads.setdefault(head, []).append(layer)
        groups.setdefault(layer.stem[:1], []).append(layer)
    trunk = heads.pop(None, [])
    if len(heads) > 1:
        return [_Part(own[0].name.layer, _together(layers, trunk, own)) for own in heads.values()]
    large = [own for own in groups.values() if len(own) > 1]
    firsts = [own[0].stem[:1] for own in large]
    in_a_row = all(
        comes_before(a, b) is not None and (a[0].rank != b[0].rank or a[0].is_numbered_layer)
        for a in firsts
        for b in firsts
        if a is not b
    )
    if len(large) < 2 or in_a_row:
        return []
    rest = [own for own in groups.values() if len(own) == 1]
    return [_Part("_".join(own[0].stem[0].words), _together(layers, own, *rest)) for own in large]


# --- The order of layers --------------------------------------------------------------------------


def _chains(name: str, layers: list[_Layer], ordered: bool) -> list[_Chain]:
    """The orders and layouts that shapes allow and names contradict least; none if shapes allow none.

    Args:
        name: of the file, for messages.
        layers: in the order of the file.
        ordered: whether that order says something; it decides between orders that names leave open.

    Raises:
        UserError: the search takes too long.
    """
    before = [[comes_before(a.stem, b.stem) is True for b in layers] for a in layers]
    nothing = [[False] * len(layers)] * len(layers)
    found: dict[int, list[_Chain]] = {}
    for layout in ("out_in", "in_out"):
        if not all(layer.fits(layout) for layer in layers):
            continue
        against = int(any(layer.name.layout not in (None, layout) for layer in layers))
        sizes = [layer.sizes(layout) for layer in layers]
        for known, cost in ((before, against), (nothing, against + 1)):
            orders = _orders(name, sizes, known)
            if ordered and len(orders) > 1 and tuple(range(len(layers))) in orders:
                orders = [tuple(range(len(layers)))]
            if orders:
                chains = [_Chain(tuple(layers[i] for i in order), layout) for order in orders]
                found.setdefault(cost, []).extend(chains)
                break
    return found[min(found)] if found else []


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
            raise UserError(f"{name}: its layers could stand in very many orders; {_ADVICE}")
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


def _fits_in_a_row(layers: list[_Layer]) -> bool:
    return len(layers) <= MAX_LAYERS and bool(_chains("", layers, ordered=False))


# --- What is said, and what is kept ---------------------------------------------------------------


def _reading(
    name: str,
    part: _Part,
    chain: _Chain,
    others: list[_Layer],
    trunk: list[_Layer],
    left_out: tuple[str, ...],
) -> Reading:
    """A chain of layers as a reading of its file.

    Raises:
        UserError: it is no MLP within the limits, or what is beside it may belong to a hidden layer.
    """
    network = checked(name, chain.network)
    layers = " \N{RIGHTWARDS ARROW} ".join(layer.name.layer for layer in chain.layers)
    title = f"{part.title or 'layers'}: {layers} ({'-'.join(map(str, layer_sizes(network)))})"
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
    axes |= _axes_beside(name, chain, others, trunk)
    moved = {key: labels for key, labels in axes.items() if any(one is not None for one in labels)}
    beside = (*(one.name.key for one in others), *left_out)
    return Reading(network, title, moved, beside)


def _turned(labels: tuple[int | None, int | None], layout: Layout) -> Axes:
    return labels if layout == "out_in" else labels[::-1]


def _axes_beside(
    name: str, chain: _Chain, others: list[_Layer], trunk: list[_Layer]
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
    groups: dict[tuple[str, ...], list[_Layer]] = {}
    for layer in others:
        key = role_of(layer.stem) or ("_".join(layer.stem[0].words) if layer.stem else "",)
        groups.setdefault(key, []).append(layer)
    axes: dict[str, Axes] = {}
    for role, own in groups.items():
        first = _first(own, chain.layout)
        takes = first.sizes(chain.layout)[0]
        place = min(shared, len(hidden)) - 1 if shared else len(hidden) - 1
        if not shared and len(own) > 1 and not role[-1].startswith("std"):
            continue  # a network of its own
        if takes == hidden[place] and (shared or takes != sizes[0] or role[-1].startswith("std")):
            axes[first.name.key] = _turned((None, place), chain.layout)
        elif takes in hidden:
            raise UserError(
                f"{name}: it cannot be told whether {first.name.key[:60]} takes a hidden layer; "
                "keep one network a file"
            )
    return axes


def _first(layers: list[_Layer], layout: Layout) -> _Layer:
    """The layer that takes what none of the others gives, by names where that does not tell."""
    ordered = sorted(layers, key=functools.cmp_to_key(_by_names))
    gives = {layer.sizes(layout)[1] for layer in layers}
    return next((one for one in ordered if one.sizes(layout)[0] not in gives), ordered[0])


def _by_names(a: _Layer, b: _Layer) -> int:
    """As `sorted` compares: names where they say something, otherwise their natural order."""
    known = comes_before(a.stem, b.stem)
    if known is None:
        known = natural(a.name.key) < natural(b.name.key)
    return -1 if known else 1


def _why_not(name: str, layers: list[_Layer]) -> str:
    """Why layers are no MLP, in one sentence."""
    if not 2 <= len(layers) <= MAX_LAYERS:
        return _count_words(name, len(layers))
    ordered = sorted(layers, key=functools.cmp_to_key(_by_names))
    known = all(comes_before(a.stem, b.stem) for a, b in zip(ordered, ordered[1:], strict=False))
    layouts = {layer.name.layout for layer in layers}
    layout: Layout = "in_out" if layouts == {"in_out"} else "out_in"
    try:
        checked(name, _Chain(tuple(ordered), layout).network)
    except UserError as error:
        if known or "takes" not in str(error):
            return str(error)
    shapes = ", ".join(
        f"{layer.name.key[:24]} {'x'.join(map(str, layer.weight.shape))}" for layer in layers[:4]
    )
    return f"{name}: its matrices follow one another in no order ({shapes}{', ...' if layers[4:] else ''})"


def _count_words(name: str, depth: int) -> str:
    return f"{name} has {depth} weight matrices; an MLP with hidden layers has 2 to {MAX_LAYERS}"


def checked(name: str, network: MLP) -> MLP:
    """The network in float32, if it is an MLP within the limits.

    Raises:
        UserError: it is not.
    """
    depth = len(network.weights)
    if not 2 <= depth <= MAX_LAYERS:
        raise UserError(_count_words(name, depth))
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        if not 0 < min(weight.shape) <= max(weight.shape) <= MAX_WIDTH:
            raise UserError(
                f"{name}: matrix {layer + 1} is {weight.shape}, beyond 1 to {MAX_WIDTH}"
            )
        if weight.dtype.kind != "f" or bias.dtype.kind != "f":
            raise UserError(f"{name}: layer {layer + 1} holds {weight.dtype}, not floating point")
        if bias.shape != weight.shape[:1]:
            raise UserError(
                f"{name}: layer {layer + 1} has {len(weight)} outputs, its bias {bias.shape}"
            )
        if layer and weight.shape[1] != len(network.weights[layer - 1]):
            raise UserError(
                f"{name}: layer {layer} gives {len(network.weights[layer - 1])} values, "
                f"layer {layer + 1} takes {weight.shape[1]}"
            )
    with np.errstate(over="ignore", invalid="ignore"):
        weights, biases = (
            tuple(np.ascontiguousarray(array, np.float32) for array in arrays)
            for arrays in (network.weights, network.biases)
        )
    if not all(np.isfinite(array).all() for array in [*weights, *biases]):
        raise UserError(f"{name} holds numbers that are not finite in float32")
    return MLP(weights, biases)
