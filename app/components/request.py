"""What a visitor asks for, and its form in the page's address: `?task=...&arch=27-45&seed=0&steps=8`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnit.architecture import MLPArchitecture
from nnit.errors import UserError
from nnit.tasks import MT10

MAX_LAYERS = 4
MAX_SEED = 2**31 - 1
DEFAULT_TASK = "door-open-v3"
DEFAULT_ARCHITECTURE = MLPArchitecture((27, 45))
DEFAULT_SEED = 0
# As in nnit.generate, which is not imported here: it loads torch, which takes seconds. A test compares.
DEFAULT_STEPS = 8
MAX_STEPS = 100


@dataclass(frozen=True)
class Request:
    """One network to generate.

    Attributes:
        task: a task that the checkpoint covers.
        architecture: hidden widths.
        seed: which network, and which goals it is tried on.
        steps: steps of the flow.
    """

    task: str = DEFAULT_TASK
    architecture: MLPArchitecture = DEFAULT_ARCHITECTURE
    seed: int = DEFAULT_SEED
    steps: int = DEFAULT_STEPS

    def to_query(self) -> dict[str, str]:
        """The request as parameters of an address."""
        return {
            "task": self.task,
            "arch": str(self.architecture),
            "seed": str(self.seed),
            "steps": str(self.steps),
        }


def parse_task(text: str) -> str:
    """A task's name.

    Raises:
        UserError: the shipped checkpoint does not cover it.
    """
    name = text.strip()
    if name not in MT10:
        raise UserError(f'there is no task "{name[:60]}" here; the ten to choose from are below')
    return name


def parse_architecture(text: str) -> MLPArchitecture:
    """Hidden widths such as "64-32".

    Raises:
        UserError: they are no widths, out of range, or too many.
    """
    architecture = MLPArchitecture.parse(text)
    if architecture.depth > MAX_LAYERS:
        raise UserError(
            f"this page draws 1 to {MAX_LAYERS} hidden layers, not {architecture.depth}"
        )
    return architecture


def _parse_integer(text: str, low: int, high: int, what: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 12:
        raise UserError(f'"{text[:20]}" is not {what}, a whole number from {low} to {high:,}')
    if not low <= int(text) <= high:
        raise UserError(f"{what} is a whole number from {low} to {high:,}, not {int(text):,}")
    return int(text)


def parse_query(query: Mapping[str, str]) -> tuple[Request, list[str]]:
    """Read a request from an address; what cannot be used is replaced by its default.

    Returns:
        The request, and one sentence for each value that could not be used.
    """
    problems: list[str] = []
    parsers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "task": ("task", parse_task),
        "arch": ("architecture", parse_architecture),
        "seed": ("seed", lambda text: _parse_integer(text, 0, MAX_SEED, "a seed")),
        "steps": ("steps", lambda text: _parse_integer(text, 1, MAX_STEPS, "a number of steps")),
    }
    values: dict[str, Any] = {}
    for name, (field, parse) in parsers.items():
        if name in query:
            try:
                values[field] = parse(query[name])
            except UserError as error:
                problems.append(str(error))
    return Request(**values), problems
