"""What a visitor asks for, and its form in the page's address: `?task=...&arch=27-45&seed=0&steps=8`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.address import Parsers, parse_values
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.sim.suites import MT10
from nnit.splits import MIN_TRAINED_WIDTH

Architecture = MLPArchitecture | PartialArchitecture

MAX_LAYERS = 4
MAX_SEED = 2**31 - 1
MAX_COUNT = 6
MAX_BUDGET = 10**6
MAX_FLOW_STEPS = (
    20  # that the page "Noise to robot" shows: the browser gets the network of every one
)
DEFAULT_TASK = "door-open-v3"
DEFAULT_ARCHITECTURE = MLPArchitecture((27, 45))
DEFAULT_SEED = 0
# As in nnit.request and the style of nnit.sim, which are not imported here: they load torch, which takes seconds.
# A test compares.
DEFAULT_STEPS = 8
MAX_STEPS = 100
DEFAULT_TEMPO = 1.0
DEFAULT_HEIGHT = 0.5


@dataclass(frozen=True)
class Request:
    """Networks to generate.

    Attributes:
        task: a task that the checkpoint covers.
        architecture: hidden widths; those that are left open, the model chooses.
        seed: which networks, and which goals they are tried on.
        steps: steps of the flow.
        tempo: 0 is calm, 1 is brisk.
        height: 0 is a low approach, 1 a high one.
        max_parameters: weights and biases that a network may have at most, if that is limited.
        count: number of networks.
    """

    task: str = DEFAULT_TASK
    architecture: Architecture = DEFAULT_ARCHITECTURE
    seed: int = DEFAULT_SEED
    steps: int = DEFAULT_STEPS
    tempo: float = DEFAULT_TEMPO
    height: float = DEFAULT_HEIGHT
    max_parameters: int | None = None
    count: int = 1

    @property
    def styled(self) -> bool:
        """Whether a style of motion is asked for that is not the usual one."""
        return (self.tempo, self.height) != (DEFAULT_TEMPO, DEFAULT_HEIGHT)

    def to_query(self) -> dict[str, str]:
        """The request as parameters of an address; what is seldom changed only where it was."""
        query = {
            "task": self.task,
            "arch": str(self.architecture),
            "seed": str(self.seed),
            "steps": str(self.steps),
        }
        if self.tempo != DEFAULT_TEMPO:
            query["tempo"] = f"{self.tempo:g}"
        if self.height != DEFAULT_HEIGHT:
            query["height"] = f"{self.height:g}"
        if self.max_parameters is not None:
            query["max_params"] = str(self.max_parameters)
        if self.count != 1:
            query["count"] = str(self.count)
        return query


def parse_task(text: str) -> str:
    """A task's name.

    Raises:
        UserError: the shipped checkpoint does not cover it.
    """
    name = text.strip()
    if name not in MT10:
        raise UserError(f'there is no task "{name[:60]}" here; the ten to choose from are below')
    return name


def parse_architecture(text: str) -> Architecture:
    """Hidden widths such as "64-32"; with a question mark for what the model is to choose, "64-?" or "?".

    Raises:
        UserError: they are no widths, out of range, or too many.
    """
    architecture = PartialArchitecture.parse(text)
    if architecture.depth is not None and architecture.depth > MAX_LAYERS:
        raise UserError(
            f"this page draws 1 to {MAX_LAYERS} hidden layers, not {architecture.depth}"
        )
    return completed(architecture)


def completed(architecture: PartialArchitecture) -> Architecture:
    """The same; as a whole architecture where nothing is left open."""
    return architecture.architecture() if architecture.complete else architecture


def check_budget(architecture: Architecture, max_parameters: int | None) -> None:
    """Raise a `UserError` if no network of this architecture keeps to the budget."""
    if max_parameters is None:
        return
    if isinstance(architecture, MLPArchitecture):
        if architecture.parameter_count > max_parameters:
            raise UserError(
                f"a network of {architecture} has {architecture.parameter_count:,} parameters, more "
                f"than the {max_parameters:,} of the budget; leave a width open with a question mark "
                "and the model chooses one that fits"
            )
        return
    known = architecture if architecture.depth is not None else architecture.with_depth(1)
    least = known.smallest(MIN_TRAINED_WIDTH)
    if least > max_parameters:
        raise UserError(
            f"a budget of {max_parameters:,} parameters is too small: the smallest network for "
            f"{architecture} has {least:,}"
        )


def parse_integer(text: str, low: int, high: int, what: str) -> int:
    """A whole number within limits.

    Raises:
        UserError: it is none; says `what` it should be.
    """
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 12:
        raise UserError(f'"{text[:20]}" is not {what}, a whole number from {low} to {high:,}')
    if not low <= int(text) <= high:
        raise UserError(f"{what} is a whole number from {low} to {high:,}, not {int(text):,}")
    return int(text)


def _parse_share(text: str, what: str) -> float:
    """A number from 0 to 1, to hundredths."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,8})?|\.[0-9]{1,8}", text.strip(), re.ASCII):
        raise UserError(f'"{text[:20]}" is not {what}, a number from 0 to 1')
    if not 0 <= float(text) <= 1:
        raise UserError(f"{what} is a number from 0 to 1, not {float(text):g}")
    return round(float(text), 2)


_PARSERS: Parsers = {
    "task": ("task", parse_task),
    "arch": ("architecture", parse_architecture),
    "seed": ("seed", lambda text: parse_integer(text, 0, MAX_SEED, "a seed")),
    "steps": ("steps", lambda text: parse_integer(text, 1, MAX_STEPS, "a number of steps")),
    "tempo": ("tempo", lambda text: _parse_share(text, "a tempo")),
    "height": ("height", lambda text: _parse_share(text, "a height of approach")),
    "max_params": (
        "max_parameters",
        lambda text: parse_integer(text, 1, MAX_BUDGET, "a budget of parameters"),
    ),
    "count": ("count", lambda text: parse_integer(text, 1, MAX_COUNT, "a number of networks")),
}
QUERY_NAMES = frozenset(_PARSERS)


def parse_query(query: Mapping[str, str]) -> tuple[Request, list[str]]:
    """Read a request from an address; what cannot be used is replaced by its default.

    Returns:
        The request, and one sentence for each value that could not be used.
    """
    values, problems = parse_values(query, _PARSERS)
    try:
        check_budget(values.get("architecture", DEFAULT_ARCHITECTURE), values.get("max_parameters"))
    except UserError as error:
        problems.append(str(error))
        del values["max_parameters"]
    return Request(**values), problems
