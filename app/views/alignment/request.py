"""What a visitor compares, and its form in the address: `?task=...&arch=64-64,27-45&kinds=nnit,zoo&networks=4`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.engine.address import Parsers, parse_values
from app.engine.checkpoint import default_task
from app.engine.request import parse_task
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, split_architectures

# As nnit.evaluation.alignment.kinds, which is not imported here: it loads torch, which takes seconds. A test compares.
Kind = Literal["nnit", "zoo", "ghn", "scratch"]
KINDS: tuple[Kind, ...] = ("nnit", "zoo", "ghn", "scratch")
MAX_NETWORKS = 6
SEED = 0  # of samples and shuffles, the default of `python -m nnit align`

DEFAULT_ARCHITECTURES = tuple(map(MLPArchitecture.parse, ("64-64", "45-61", "40-56", "27-45")))
DEFAULT_KINDS: tuple[Kind, ...] = ("nnit", "zoo", "ghn")
DEFAULT_NETWORKS = 4


@dataclass(frozen=True)
class Comparison:
    """Networks to compare.

    Attributes:
        task: a task that the checkpoint covers.
        architectures: of one depth; network i has number i modulo their count.
        kinds: where networks come from.
        networks: of each kind.
    """

    task: str = field(default_factory=default_task)
    architectures: tuple[MLPArchitecture, ...] = DEFAULT_ARCHITECTURES
    kinds: tuple[Kind, ...] = DEFAULT_KINDS
    networks: int = DEFAULT_NETWORKS

    def to_query(self) -> dict[str, str]:
        """The comparison as parameters of an address."""
        return {
            "task": self.task,
            "arch": architectures_text(self.architectures),
            "kinds": ",".join(self.kinds),
            "networks": str(self.networks),
        }


def architectures_text(architectures: tuple[MLPArchitecture, ...]) -> str:
    """The form that `parse_architectures` reads."""
    return ",".join(map(str, architectures))


def parse_architectures(text: str) -> tuple[MLPArchitecture, ...]:
    """One to six architectures of one depth, such as "64-64, 27-45"; repeated ones count once.

    Raises:
        UserError: they are no architectures, too many, or of several depths.
    """
    words = split_architectures(text)
    if len(words) > MAX_NETWORKS:
        raise UserError(
            f"{len(words)} architectures are more than the {MAX_NETWORKS} that fit here"
        )
    found = tuple(dict.fromkeys(MLPArchitecture.parse(word) for word in words))
    if len({architecture.depth for architecture in found}) > 1:
        raise UserError(
            "architectures to compare must have the same number of hidden layers, "
            "because neurons are compared layer by layer"
        )
    return found


def parse_kinds(text: str) -> tuple[Kind, ...]:
    """Kinds such as "nnit,zoo", in the order of `KINDS`.

    Raises:
        UserError: one is unknown, or there is none.
    """
    words = [word.strip() for word in text[:200].split(",")]
    for word in words:
        if word == "uploaded":
            raise UserError(
                "uploaded networks stay with who uploaded them; a link cannot carry them"
            )
        if word not in KINDS:
            raise UserError(
                f'there is no kind of networks "{word[:40]}"; there are {", ".join(KINDS)}'
            )
    return tuple(kind for kind in KINDS if kind in words)


def _parse_networks(text: str) -> int:
    if text not in {str(number) for number in range(1, MAX_NETWORKS + 1)}:
        raise UserError(
            f'"{text[:20]}" is not a number of networks, a whole number from 1 to {MAX_NETWORKS}'
        )
    return int(text)


_PARSERS: Parsers = {
    "task": ("task", parse_task),
    "arch": ("architectures", parse_architectures),
    "kinds": ("kinds", parse_kinds),
    "networks": ("networks", _parse_networks),
}


def parse_query(query: Mapping[str, str]) -> tuple[Comparison, list[str]]:
    """Read a comparison from an address; what cannot be used is replaced by its default.

    Returns:
        The comparison, and one sentence for each value that could not be used.
    """
    values, problems = parse_values(query, _PARSERS)
    return Comparison(**values), problems
