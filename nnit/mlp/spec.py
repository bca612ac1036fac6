"""Architectures of MLPs: hidden widths, sizes of input and output, and their text form."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from nnit.errors import UserError

# Sizes and activation of files that say nothing of them: they were written for one suite, Meta-World.
OBSERVATION_SIZE, ACTION_SIZE, ACTIVATION = 39, 4, "tanh"
ACTIVATIONS = ("tanh", "relu")
# What the last layer gives: actions, which are clipped to [-1, 1], or logits of classes.
Output = Literal["actions", "classes"]
OUTPUTS: tuple[Output, ...] = ("actions", "classes")

MIN_WIDTH, MAX_WIDTH = 4, 256
MAX_DEPTH = 5
# No file or suite of ours has more; a hostile one would ask for all the memory.
MAX_OBSERVATION_SIZE, MAX_ACTION_SIZE = 4096, 1024


# Widths as people write them: one kind of separator, and brackets around them where a program printed them.
_SEPARATORS = "[-\u2013\u2212]", "[,;]", r"[x\u00d7*]", "/", ":", "(->|\u2192)", " "
_BRACKETS = {"[": "]", "(": ")"}
_WIDTHS = [
    re.compile(rf"([0-9]{{1,9}}|\?)(\s*{separator}\s*([0-9]{{1,9}}|\?))*", re.ASCII | re.IGNORECASE)
    for separator in _SEPARATORS
]


def _widths(text: str) -> tuple[int | None, ...]:
    """The hidden widths that a text says, None for a question mark.

    "64-32", "64,32", "64 32", "64x32", "64/32" and "[64, 32]" say the same.

    Raises:
        UserError: it is anything else, or separates its widths in two ways.
    """
    cleaned = " ".join(text.split())
    if cleaned and _BRACKETS.get(cleaned[0]) == cleaned[-1]:
        cleaned = cleaned[1:-1].strip().removesuffix(",")  # "(64,)" is one width
    if not any(form.fullmatch(cleaned) for form in _WIDTHS):
        raise UserError(
            f'"{text[:60]}" is not an architecture; write hidden widths joined by "-", such as 64-32'
        )
    found = re.findall(r"[0-9]+|\?", cleaned)
    return tuple(None if part == "?" else int(part) for part in found)


def split_architectures(text: str) -> list[str]:
    """The text of each architecture in a list, such as "27-45,[64, 32]"; commas inside brackets join widths."""
    return re.split(r",(?![^\[(]*[\])])", text)


def check_interface(
    observation_size: int, action_size: int, activation: str, output: str = OUTPUTS[0]
) -> None:
    """Raise a `UserError` for sizes, an activation or an output that no network here can have."""
    for name, size, most in (
        ("observation", observation_size, MAX_OBSERVATION_SIZE),
        ("action", action_size, MAX_ACTION_SIZE),
    ):
        if type(size) is not int or not 1 <= size <= most:
            raise UserError(f"the size of the {name} must be 1 to {most:,}, not {repr(size)[:40]}")
    if activation not in ACTIVATIONS:
        raise UserError(
            f'unknown activation "{str(activation)[:40]}"; there are {", ".join(ACTIVATIONS)}'
        )
    if output not in OUTPUTS:
        raise UserError(f'unknown output "{str(output)[:40]}"; there are {", ".join(OUTPUTS)}')


@dataclass(frozen=True)
class MLPArchitecture:
    """An MLP from observations to actions.

    The text form names the hidden widths alone; `Suite.sized` adds what belongs to a suite of tasks.

    Attributes:
        hidden: number of neurons of each hidden layer, first to last.
        observation_size: number of input features.
        action_size: number of outputs.
        activation: of the hidden layers, one of `ACTIVATIONS`.
        output: what the last layer gives, one of `OUTPUTS`.
    """

    hidden: tuple[int, ...]
    observation_size: int = OBSERVATION_SIZE
    action_size: int = ACTION_SIZE
    activation: str = ACTIVATION
    output: str = OUTPUTS[0]

    def __post_init__(self) -> None:
        if not 1 <= len(self.hidden) <= MAX_DEPTH:
            raise UserError(
                f"an architecture has 1 to {MAX_DEPTH} hidden layers, not {len(self.hidden)}"
            )
        for width in self.hidden:
            if not MIN_WIDTH <= width <= MAX_WIDTH:
                raise UserError(f"width {width} is outside {MIN_WIDTH} to {MAX_WIDTH}")
        check_interface(self.observation_size, self.action_size, self.activation, self.output)

    @classmethod
    def parse(cls, text: str) -> "MLPArchitecture":
        """Read the text form, such as "64-32", or another that says the same, such as "[64, 32]".

        Raises:
            UserError: `text` is not positive integers that one separator joins, or a size is out of range.
        """
        widths = tuple(width for width in _widths(text) if width is not None)
        if "?" in text:
            raise UserError(f'"{text[:60]}" leaves a width open; write all of them, such as 64-32')
        return cls(widths)

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
        observation_size: number of input features.
        action_size: number of outputs.
        activation: of the hidden layers.
        output: what the last layer gives.
    """

    depth: int | None = None
    hidden: tuple[int | None, ...] = ()
    observation_size: int = OBSERVATION_SIZE
    action_size: int = ACTION_SIZE
    activation: str = ACTIVATION
    output: str = OUTPUTS[0]

    def __post_init__(self) -> None:
        if self.depth is None and self.hidden:
            raise UserError("widths cannot be fixed where the depth is not")
        if self.depth is not None:
            if len(self.hidden) != self.depth:
                raise UserError("an architecture has one width for each hidden layer")
            self.smallest(MIN_WIDTH)  # refuses known widths out of range

    @classmethod
    def parse(cls, text: str) -> "PartialArchitecture":
        """Read the text form, with "?" for what is left open, such as "64-?-32"; "?" alone is all open.

        Raises:
            UserError: `text` is not widths and question marks that one separator joins.
        """
        widths = _widths(text)
        return cls() if widths == (None,) else cls(len(widths), widths)

    def __str__(self) -> str:
        return "-".join(str(width or "?") for width in self.hidden) or "?"

    @property
    def complete(self) -> bool:
        """Whether nothing is left open."""
        return self.depth is not None and None not in self.hidden

    def with_depth(self, depth: int) -> "PartialArchitecture":
        """The same with its depth known."""
        return replace(self, depth=depth, hidden=(None,) * depth)

    def with_width(self, layer: int, width: int) -> "PartialArchitecture":
        """The same with one more width known."""
        hidden = [*self.hidden]
        hidden[layer] = width
        return replace(self, hidden=tuple(hidden))

    def smallest(self, width: int) -> int:
        """Parameters it has at least if no open width is below `width`."""
        return self._of(
            tuple(width if known is None else known for known in self.hidden)
        ).parameter_count

    def smallest_of(self, depths: Sequence[int], width: int) -> int:
        """`smallest`, with the least of these numbers of layers where the depth is open: each layer adds parameters."""
        known = self if self.depth is not None else self.with_depth(min(depths))
        return known.smallest(width)

    def architecture(self) -> MLPArchitecture:
        """The architecture, where it is complete."""
        return self._of(tuple(width for width in self.hidden if width is not None))

    def _of(self, hidden: tuple[int, ...]) -> MLPArchitecture:
        return MLPArchitecture(
            hidden, self.observation_size, self.action_size, self.activation, self.output
        )


Architecture = MLPArchitecture | PartialArchitecture
