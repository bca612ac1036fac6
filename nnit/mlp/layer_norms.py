"""Layer normalisation of named tensors: found by names, and given to the hidden layer that it normalises.

No layer can take it in, since it looks at all neurons of one input. But its gain and shift belong to neurons as biases
do, so that a network with it can be brought into another order. Where it stands, only a numbered row of modules says;
by other names its layer alone is known, which another order does not need.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnit.errors import UserError
from nnit.mlp.names import parse_name, role_of, words_of
from nnit.mlp.network import LayerNorm

EPSILON = 1e-5  # PyTorch's default; files do not hold it
# Last names of gain and shift: of PyTorch, Flax, Haiku, and of Keras, before version 3 and since.
_PAIRS = (
    ("weight", "bias"),
    ("scale", "bias"),
    ("scale", "offset"),
    ("gamma", "beta"),
    ("gamma:0", "beta:0"),
    ("0", "1"),
)
_NORM = re.compile(r"(layer_?norm(ali[sz]ation)?|norm|ln)(_?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Found:
    """One layer normalisation of a file.

    Attributes:
        prefix: what the names of its tensors begin with, such as `net.1`.
        keys: names of gain and shift.
        gain: (width,).
        shift: (width,).
        row: the numbered row that it stands in; None where its name says that it is a normalisation.
        place: its number in the row; 0 without.
    """

    prefix: str
    keys: tuple[str, str]
    gain: np.ndarray
    shift: np.ndarray
    row: str | None
    place: int = 0

    def norm(self, before: bool | None) -> LayerNorm:
        """It in float32, before or behind an activation."""
        gain, shift = (np.ascontiguousarray(one, np.float32) for one in (self.gain, self.shift))
        return LayerNorm(gain, shift, EPSILON, before)


def without_layer_norms(
    tensors: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], list[Found]]:
    """The other tensors of a file, and its layer normalisations with gain and shift.

    In a numbered row every module is taken for one that has a gain and a shift of one size, and nothing else.
    """
    rows = {_row_of(key)[0] for key, tensor in tensors.items() if tensor.ndim == 2}
    prefixes = {key: _split(key)[0] for key in tensors}
    counted = list(prefixes.values())
    found: list[Found] = []
    for key, gain in tensors.items():
        prefix, last = _split(key)
        other = next((b for a, b in _PAIRS if a == last and f"{prefix}{b}" in tensors), None)
        if other is None or counted.count(prefix) != 2:
            continue
        shift = tensors[f"{prefix}{other}"]
        if gain.ndim != 1 or gain.shape != shift.shape or gain.size < 2:
            continue
        if gain.dtype.kind != "f" or shift.dtype.kind != "f":
            continue
        own = prefix.rstrip("./")
        row, number = _row_of(key)
        if number is not None and row in rows and last == "weight":
            found.append(Found(own, (key, f"{prefix}{other}"), gain, shift, row, number))
        elif any(_NORM.fullmatch(piece) for piece in re.split(r"[./]", own)[-2:]):
            found.append(Found(own, (key, f"{prefix}{other}"), gain, shift, None))
    gone = {key for one in found for key in one.keys}
    return {key: tensor for key, tensor in tensors.items() if key not in gone}, found


def _split(key: str) -> tuple[str, str]:
    """A name up to its last dot or slash, that included, and the rest."""
    at = max(key.rfind("."), key.rfind("/")) + 1
    return key[:at], key[at:]


def _row_of(key: str) -> tuple[str, int | None]:
    """Row and number of the module that a tensor belongs to."""
    row, _, place = key.rpartition(".")[0].rpartition(".")
    return row, int(place) if place.isdecimal() and len(place) <= 4 else None


@dataclass(frozen=True, eq=False)
class Given:
    """Layer normalisations of one network.

    Attributes:
        norms: one a hidden layer, None where it has none; empty where no layer has one.
        layers: of each of those that were given, its hidden layer, by its place among all.
    """

    norms: tuple[LayerNorm | None, ...]
    layers: Mapping[int, int]


def given_to(
    name: str, layers: Sequence[str], sizes: Sequence[int], every: Sequence[Found], alone: bool
) -> Given:
    """The layer normalisations of a file that are a network's, each with its hidden layer.

    Args:
        name: of the file, for messages.
        layers: names of the network's matrices.
        sizes: of all its layers, inputs and outputs included.
        every: of the file.
        alone: whether the file holds no other network.

    Raises:
        UserError: it cannot be told which hidden layer one normalises, or it normalises none.
    """
    rows = [_row_of(key) for key in layers]
    own: dict[int, tuple[int, bool | None]] = {}
    named = []
    for index, one in enumerate(every):
        if one.row is not None:
            numbers = [number for row, number in rows if row == one.row]
            if not numbers:
                continue
            own[index] = _in_row(one, rows)
        elif _is_of(one, layers, alone):
            named.append(index)
    own |= _by_names(name, [every[i] for i in named], named, layers, sizes)
    norms: list[LayerNorm | None] = [None] * (len(layers) - 1)
    for index, (layer, before) in own.items():
        one = every[index]
        where = "the inputs" if layer < 0 else "the outputs"
        if not 0 <= layer < len(norms):
            raise UserError(
                f"{name}: {one.prefix[:60]} normalises {where}, over all values of one input: no layer can take it in"
            )
        if len(one.gain) != sizes[layer + 1]:
            raise UserError(
                f"{name}: {one.prefix[:60]} normalises {len(one.gain)} values, and there are {sizes[layer + 1]}"
            )
        if norms[layer] is not None:
            raise UserError(f"{name}: {one.prefix[:60]} is a second normalisation of one layer")
        with np.errstate(over="ignore", invalid="ignore"):
            made = one.norm(before)
        if not (np.isfinite(made.gain).all() and np.isfinite(made.shift).all()):
            raise UserError(f"{name} holds numbers that are not finite in float32")
        norms[layer] = made
    return Given(tuple(norms) if own else (), {index: layer for index, (layer, _) in own.items()})


def _in_row(one: Found, rows: Sequence[tuple[str, int | None]]) -> tuple[int, bool | None]:
    """The layer that it stands behind, and whether that is before the activation."""
    inside = [i for i, (row, _) in enumerate(rows) if row == one.row]
    earlier = [i for i in inside if (rows[i][1] or 0) < one.place]
    # With none before it in its block it normalises what the block takes.
    layer = max(earlier) if earlier else min(inside) - 1
    behind = bool(earlier) and rows[layer][1] == one.place - 1
    follows = layer + 1 < len(rows) and rows[layer + 1] == (one.row, one.place + 1)
    return layer, None if behind == follows else behind


def _is_of(one: Found, layers: Sequence[str], alone: bool) -> bool:
    """Whether it is of a network, by the roles in its name."""
    mine = role_of(parse_name(one.keys[0]).stem)
    theirs = {role for key in layers for role in role_of(parse_name(key).stem)}
    return set(mine) <= theirs if mine else alone or not theirs


def _by_names(
    name: str,
    found: Sequence[Found],
    indices: Sequence[int],
    layers: Sequence[str],
    sizes: Sequence[int],
) -> dict[int, tuple[int, bool | None]]:
    """Layers of those that stand in no row: by sizes, and by numbers where these leave several possible."""
    if not found:
        return {}
    order = sorted(range(len(found)), key=lambda i: _numbers(found[i].keys[0]))
    widths = [len(found[i].gain) for i in order]
    # Layer -1 are the inputs, the last one is the outputs.
    first, last = _first_way(widths, sizes), _first_way(widths[::-1], sizes[::-1])
    ways = set()
    if first is not None and last is not None:
        ways = {first, tuple(len(sizes) - 3 - layer for layer in last[::-1])}
    if len(ways) > 1:
        # `ln1` beside `fc1`, or a normalisation in the block of its layer: behind it, or before it.
        numbers = [_numbers(key) for key in layers]
        alike = []
        for i in order:
            own = _numbers(found[i].keys[0])
            same = [layer for layer, one in enumerate(numbers) if one == own]
            alike.append(same[0] if len(same) == 1 else None)
        if None not in alike:
            known = [layer for layer in alike if layer is not None]
            both = tuple(known), tuple(layer - 1 for layer in known)
            ways = {way for way in both if _fits(way, widths, sizes)}
    if len(ways) != 1:
        shown = ", ".join(one.prefix[-30:] for one in found[:3])
        raise UserError(
            f"{name}: it cannot be told which hidden layers {shown} normalise{'s' if len(found) == 1 else ''}; number "
            "them as the layers, or export the network as ONNX"
        )
    return {indices[i]: (layer, None) for i, layer in zip(order, ways.pop(), strict=True)}


def _first_way(widths: Sequence[int], sizes: Sequence[int]) -> tuple[int, ...] | None:
    """Layers of these widths in their order, each as far to the front as can be; None where there are none."""
    way: list[int] = []
    for layer, size in enumerate(sizes, -1):
        if len(way) < len(widths) and size == widths[len(way)]:
            way.append(layer)
    return tuple(way) if len(way) == len(widths) else None


def _fits(way: Sequence[int], widths: Sequence[int], sizes: Sequence[int]) -> bool:
    """Whether layers stand in a row and have these widths."""
    rising = all(a < b for a, b in itertools.pairwise(way))
    return rising and all(
        -1 <= layer < len(sizes) - 1 and sizes[layer + 1] == width
        for layer, width in zip(way, widths, strict=True)
    )


def _numbers(key: str) -> tuple[int, ...]:
    """All numbers in a tensor's name but for the last piece, such as (0, 1) of `blocks.0.norm1.weight`."""
    words = [word for piece in re.split(r"[^\w]+", _split(key)[0]) for word in words_of(piece)]
    return tuple(int(word) for word in words if word.isdecimal())
