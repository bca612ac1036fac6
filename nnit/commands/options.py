"""What the commands share: options that several have, checks of their values, and where results go."""

import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import field, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from nnit.errors import UserError
from nnit.mlp.spec import (
    Architecture,
    MLPArchitecture,
    PartialArchitecture,
    split_architectures,
)
from nnit.request import (
    PARAMETERS,
    SOLVERS,
    Parameter,
    SampleRequest,
    Solver,
    suite_parameters,
)
from nnit.sim.suites import suites
from nnit.writing import write_whole

logger = logging.getLogger(__name__)

# What the help says after an option that may be left out: its own words say what happens then.
NO_DEFAULT = ""
JsonFile = Annotated[str | None, tyro.conf.arg(metavar="FILE", help_behavior_hint=NO_DEFAULT)]
OptionalFile = Annotated[Path | None, tyro.conf.arg(metavar="FILE", help_behavior_hint=NO_DEFAULT)]
Folder = Annotated[Path | None, tyro.conf.arg(metavar="DIR", help_behavior_hint=NO_DEFAULT)]
Count = Annotated[int, tyro.conf.arg(metavar="N")]
# Widths with spaces between them reach a command as several words, `--arch 64 32`, as does `[64, 32]`.
Widths = Annotated[
    str,
    tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar="WIDTHS",
        instance_from_str=" ".join,
        is_instance=lambda value: isinstance(value, str),
        str_from_instance=lambda value: [value],
    ),
]
OptionalCount = Annotated[int | None, tyro.conf.arg(metavar="N", help_behavior_hint=NO_DEFAULT)]

_MAX_COUNT = 10**6


class _Sampling:
    """Options that say what is asked of the generator: its parameters and all suites' conditions."""

    seed: int
    steps: int
    solver: str
    max_params: int | None

    def request(self, task: str, architecture: Architecture, count: int) -> SampleRequest:
        """What these options ask for."""
        asked = {name: getattr(self, name) for name in suite_parameters(suites())}
        return SampleRequest(
            task,
            architecture,
            self.seed,
            count,
            self.steps,
            self.solver,
            self.max_params,
            {name: value for name, value in asked.items() if value is not None},
        )

    def check(self) -> None:
        """Raise a `UserError` for a value that no task could be asked for."""
        own = {name: PARAMETERS[name] for name in ("seed", "steps", "max_params")}
        for name, parameter in {**own, **suite_parameters(suites())}.items():
            if getattr(self, name) is not None:
                parameter.check(getattr(self, name), parameter.option)


def _option(parameter: Parameter, default: Any) -> tuple[str, Any, Any]:
    """A field of a command from a parameter of a request."""
    kind: Any = int if parameter.whole else float
    by_default = "" if parameter.field else f" By default {parameter.default:g}."
    argument = tyro.conf.arg(
        metavar="N" if parameter.whole else "X",
        help=f"{parameter.title}, {parameter.range}. {parameter.help}{by_default}",
        help_behavior_hint=NO_DEFAULT if default is None else f"(default: {default})",
    )
    if default is None:
        kind = kind | None
    return parameter.name, Annotated[kind, argument], field(default=default)


def _sampling_options() -> type:
    """The dataclass of `_Sampling`; conditions that are not asked for are None."""
    made = [_option(PARAMETERS[n], PARAMETERS[n].default) for n in ("seed", "steps", "max_params")]
    solver = tyro.conf.arg(
        help="How the flow is followed; heun evaluates the transformer twice in every step but the last."
    )
    made.append(("solver", Annotated[Solver, solver], field(default=SOLVERS[0])))
    made += [_option(parameter, None) for parameter in suite_parameters(suites()).values()]
    return make_dataclass("SamplingOptions", made, bases=(_Sampling,), frozen=True, kw_only=True)


if TYPE_CHECKING:
    SamplingOptions = _Sampling
else:
    SamplingOptions = _sampling_options()


def check_between(option: str, value: int | None, low: int, high: int = _MAX_COUNT) -> None:
    """Raise a `UserError` unless `value` is from `low` to `high`, both included, or was not given."""
    if value is not None and not low <= value <= high:
        raise UserError(f"{option} must be from {low:,} to {high:,}, not {value:,}")


def check_seed(seed: int) -> None:
    """Raise a `UserError` for a seed that cannot be used."""
    PARAMETERS["seed"].check(seed, "--seed")


def check_workers(workers: int | None) -> None:
    """Raise a `UserError` for a number of processes that cannot be meant."""
    check_between("--workers", workers, 1, 1024)


def parse_architectures(text: str) -> tuple[MLPArchitecture, ...]:
    """Architectures from a comma-separated list such as "27-45,61", each once.

    Raises:
        UserError: one of them is no architecture.
    """
    return tuple(dict.fromkeys(MLPArchitecture.parse(part) for part in split_architectures(text)))


def parse_partial_architectures(text: str) -> tuple[PartialArchitecture, ...]:
    """The same where widths may be left open, such as "64-?" or "?", each once.

    Raises:
        UserError: one of them is no architecture.
    """
    return tuple(
        dict.fromkeys(PartialArchitecture.parse(part) for part in split_architectures(text))
    )


def checkpoint_folder(given: Path | None, *tasks: str) -> Path:
    """The checkpoint that was asked for, or the one in the repository that covers the tasks, or the default one.

    Raises:
        UserError: none was asked for, and there is no default one.
    """
    from nnit.checkpoint import DEFAULT_CHECKPOINT

    if given is not None:
        return given
    if tasks:
        from nnit.description import covering

        if (folder := covering(tasks)) != DEFAULT_CHECKPOINT:
            return folder
    if not (DEFAULT_CHECKPOINT / "config.json").is_file():
        found = f"there is no checkpoint in {DEFAULT_CHECKPOINT}"
        if os.environ.get("NNIT_CHECKPOINT"):
            raise UserError(f"{found}, which NNIT_CHECKPOINT names")
        raise UserError(
            f"{found}; name the folder of one with --checkpoint or the environment variable "
            "NNIT_CHECKPOINT, for example checkpoints/mt10 of the repository"
        )
    return DEFAULT_CHECKPOINT


def display_path(path: Path) -> str:
    """A path as results name it: relative to the current folder where it lies inside."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def check_writable(file: Path) -> None:
    """Find out before the work whether an output file can be written; nothing is made yet.

    Raises:
        UserError: it cannot.
    """
    try:
        if file.is_dir():
            raise UserError(f"{file} is a folder, not a file")
        there = next(path for path in (file, *file.absolute().parents) if path.exists())
        if there != file and not there.is_dir():
            raise UserError(f"cannot make the folder {file.parent} ({there} is a file)")
    except OSError as error:  # for example a name that is too long
        raise UserError(f"cannot write {file} ({error.strerror})") from error
    if not os.access(there, os.W_OK):
        raise UserError(f"cannot write {file} (permission denied)")


def check_json(target: str | None) -> None:
    """Check early that the target of `--json` can be written."""
    if target is not None and target != "-":
        check_writable(Path(target))


def write_json(value: Any, target: str) -> None:
    """Write results as JSON to a file, or to standard output for "-".

    Raises:
        UserError: the file cannot be written; the results went to standard output instead.
    """
    text = json.dumps(value, indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        write_whole(Path(target), text)
    except UserError as error:
        sys.stdout.write(text)
        raise UserError(f"{error}; the results are on standard output instead") from error
    logger.info("wrote %s", target)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns aligned to the left on standard output."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
