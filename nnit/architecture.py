"""MLP architectures: hidden widths, their text form, and which split of the held-out protocol they are in.

An architecture is *seen* only if that exact list of hidden widths trained the GHN, the zoo or the DiT.
All three draw their architectures from `training_architectures()`, a fixed list, so that `split_of`
needs no checkpoint to answer. Never trained on: any list with a reserved width, a fixed tenth of the
other combinations, networks of `HELD_OUT_DEPTH` hidden layers, and widths outside the training range.
"""

import functools
import hashlib
import itertools
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnit.errors import UserError

OBSERVATION_SIZE = 39
ACTION_SIZE = 4

MIN_WIDTH, MAX_WIDTH = 4, 128
MAX_DEPTH = 5

MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH = 8, 64
TRAINED_DEPTHS = (1, 2, 3)
HELD_OUT_DEPTH = 4
RESERVED_WIDTHS = frozenset({11, 19, 27, 37, 45, 53, 61})
TRAINED_WIDTHS = tuple(
    width
    for width in range(MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH + 1)
    if width not in RESERVED_WIDTHS
)
# What results are reported on, chosen before anything was measured on them: two of each depth with all
# widths seen but not together, then two of each depth with reserved widths.
HELD_OUT = (
    *("33", "40", "30-48", "12-20", "23-42-36", "64-64-64"),
    *("61", "16-11", "27-45", "60-53", "50-22-37", "40-19-61"),
)
_HELD_OUT_ONE_IN = 10
_THREE_LAYER_COUNT = 4000

Split = Literal["seen", "recombined", "new-width", "new-depth", "extrapolated"]
SPLITS: tuple[Split, ...] = ("seen", "recombined", "new-width", "new-depth", "extrapolated")


@dataclass(frozen=True)
class MLPArchitecture:
    """A tanh MLP from observations to actions, given by its hidden widths.

    Attributes:
        hidden: number of neurons of each hidden layer, first to last.
        observation_size: number of input features.
        action_size: number of outputs.
    """

    hidden: tuple[int, ...]
    observation_size: int = OBSERVATION_SIZE
    action_size: int = ACTION_SIZE

    def __post_init__(self) -> None:
        if not 1 <= len(self.hidden) <= MAX_DEPTH:
            raise UserError(
                f"an architecture has 1 to {MAX_DEPTH} hidden layers, not {len(self.hidden)}"
            )
        for width in self.hidden:
            if not MIN_WIDTH <= width <= MAX_WIDTH:
                raise UserError(f"width {width} is outside {MIN_WIDTH} to {MAX_WIDTH}")

    @classmethod
    def parse(cls, text: str) -> "MLPArchitecture":
        """Read the text form, such as "64-32".

        Raises:
            UserError: `text` is not positive integers joined by "-", or a size is out of range.
        """
        cleaned = text.strip()
        if not re.fullmatch(r"[0-9]{1,9}(-[0-9]{1,9})*", cleaned, flags=re.ASCII):
            raise UserError(
                f'"{text[:60]}" is not an architecture; write hidden widths joined by "-", such as 64-32'
            )
        return cls(tuple(int(part) for part in cleaned.split("-")))

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.hidden)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of neurons of every layer, input and output included."""
        return (self.observation_size, *self.hidden, self.action_size)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(outputs, inputs) of each weight matrix, first to last."""
        return tuple((after, before) for before, after in itertools.pairwise(self.sizes))

    @property
    def parameter_count(self) -> int:
        """Number of weights and biases."""
        return sum(rows * columns + rows for rows, columns in self.shapes)

    def layers_of(
        self, parameters: np.ndarray
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Weights and biases, as views, from all parameters end to end: layer by layer, matrix first."""
        weights, biases, start = [], [], 0
        for rows, columns in self.shapes:
            end = start + rows * columns
            weights.append(parameters[start:end].reshape(rows, columns))
            biases.append(parameters[end : end + rows])
            start = end + rows
        return tuple(weights), tuple(biases)

    def __str__(self) -> str:
        return "-".join(str(width) for width in self.hidden)


@dataclass(frozen=True)
class PartialArchitecture:
    """An architecture of which some is not known.

    Attributes:
        depth: number of hidden layers, or None.
        hidden: a width or None for each hidden layer; empty where the depth is not known.
    """

    depth: int | None = None
    hidden: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        if self.depth is None and self.hidden:
            raise UserError("widths cannot be fixed where the depth is not")
        if self.depth is not None:
            if len(self.hidden) != self.depth:
                raise UserError("an architecture has one width for each hidden layer")
            self.smallest(MIN_TRAINED_WIDTH)  # refuses known widths out of range

    @classmethod
    def parse(cls, text: str) -> "PartialArchitecture":
        """Read the text form, with "?" for what is left open, such as "64-?-32"; "?" alone is all open.

        Raises:
            UserError: `text` is neither widths nor question marks joined by "-".
        """
        parts = [part.strip() for part in text.strip().split("-")]
        if parts == ["?"]:
            return cls()
        if len(parts) > MAX_DEPTH:
            raise UserError(f"an architecture has 1 to {MAX_DEPTH} hidden layers, not {len(parts)}")
        # All widths at once, so that a complaint quotes the whole text.
        MLPArchitecture.parse("-".join(str(MIN_WIDTH) if p == "?" else p for p in parts))
        known = (None if part == "?" else int(part) for part in parts)
        return cls(len(parts), tuple(known))

    def __str__(self) -> str:
        return "-".join(str(width or "?") for width in self.hidden) or "?"

    @property
    def complete(self) -> bool:
        """Whether nothing is left open."""
        return self.depth is not None and None not in self.hidden

    def with_depth(self, depth: int) -> "PartialArchitecture":
        """The same with its depth known."""
        return PartialArchitecture(depth, (None,) * depth)

    def with_width(self, layer: int, width: int) -> "PartialArchitecture":
        """The same with one more width known."""
        hidden = [*self.hidden]
        hidden[layer] = width
        return PartialArchitecture(self.depth, tuple(hidden))

    def smallest(self, width: int) -> int:
        """Parameters it has at least if no open width is below `width`."""
        return MLPArchitecture(tuple(known or width for known in self.hidden)).parameter_count

    def architecture(self) -> MLPArchitecture:
        """The architecture, where it is complete."""
        return MLPArchitecture(tuple(width for width in self.hidden if width is not None))


def _held_out_by_hash(architecture: MLPArchitecture) -> bool:
    """Whether this combination is in the fixed random tenth that is never trained on."""
    digest = hashlib.sha256(str(architecture).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_OUT_ONE_IN == 0


@functools.cache
def training_architectures() -> tuple[MLPArchitecture, ...]:
    """Every architecture that training may use: all of depth 1 and 2, a fixed draw of depth 3."""
    candidates = [
        MLPArchitecture(hidden)
        for depth in (1, 2)
        for hidden in itertools.product(TRAINED_WIDTHS, repeat=depth)
    ]
    draw = np.random.default_rng(20260300180).choice(TRAINED_WIDTHS, size=(_THREE_LAYER_COUNT, 3))
    candidates += [
        MLPArchitecture(tuple(map(int, hidden))) for hidden in sorted(set(map(tuple, draw)))
    ]
    return tuple(a for a in candidates if not _held_out_by_hash(a))


@functools.cache
def _seen() -> frozenset[tuple[int, ...]]:
    return frozenset(architecture.hidden for architecture in training_architectures())


def split_of(architecture: MLPArchitecture) -> Split:
    """The split of the held-out protocol that `architecture` belongs to.

    Where several apply, the harder one is named: `extrapolated` (a width outside the training range,
    or deeper than `HELD_OUT_DEPTH`), then `new-depth`, then `new-width` (a reserved width), then
    `recombined` (all widths seen, this combination not), then `seen`.
    """
    widths = architecture.hidden
    if any(not MIN_TRAINED_WIDTH <= width <= MAX_TRAINED_WIDTH for width in widths):
        return "extrapolated"
    if architecture.depth > HELD_OUT_DEPTH:
        return "extrapolated"
    if architecture.depth == HELD_OUT_DEPTH:
        return "new-depth"
    if RESERVED_WIDTHS & set(widths):
        return "new-width"
    return "seen" if widths in _seen() else "recombined"
