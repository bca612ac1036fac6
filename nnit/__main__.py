"""The command line: `python -m nnit COMMAND`.

Bad input ends with one line on standard error and exit code 2; an interruption with exit code 130.
"""

import contextlib
import io
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Protocol, cast

import tyro

from nnit.errors import UserError

_PROGRAM = "python -m nnit"


class _Command(Protocol):
    def run(self) -> None: ...


def _message(box: str) -> str:
    """What tyro's framed message says, without the frame, its title, and the advice below the rule."""
    words: list[str] = []
    for line in box.splitlines()[1:]:
        text = line.strip("╭╮╰╯─│ \t")
        if not text:
            break
        words.append(text)
    return " ".join(words)


def _commands() -> Any:
    """All commands, for tyro; imported here, since their options depend on the suites that there are.

    Raises:
        UserError: a suite cannot be imported.
    """
    from nnit.commands.align import Align
    from nnit.commands.benchmark import Benchmark
    from nnit.commands.distribution import Distribution
    from nnit.commands.evaluate import Evaluate
    from nnit.commands.generate import Generate
    from nnit.commands.match import Match
    from nnit.commands.render import Render
    from nnit.commands.reproduce import Reproduce
    from nnit.commands.tasks import Tasks
    from nnit.commands.train import Train

    return (
        Annotated[Train, tyro.conf.subcommand("train")]
        | Annotated[Generate, tyro.conf.subcommand("generate")]
        | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
        | Annotated[Distribution, tyro.conf.subcommand("distribution")]
        | Annotated[Render, tyro.conf.subcommand("render")]
        | Annotated[Align, tyro.conf.subcommand("align")]
        | Annotated[Match, tyro.conf.subcommand("match")]
        | Annotated[Benchmark, tyro.conf.subcommand("benchmark")]
        | Annotated[Reproduce, tyro.conf.subcommand("reproduce")]
        | Annotated[Tasks, tyro.conf.subcommand("tasks")]
    )


def _parse(arguments: Sequence[str] | None) -> _Command:
    """The command with its options.

    Raises:
        UserError: the arguments are not what a command takes.
        SystemExit: help was asked for, and printed.
    """
    refusal = io.StringIO()
    try:
        with contextlib.redirect_stderr(refusal):
            command = tyro.cli(
                _commands(),
                prog=_PROGRAM,
                description="Neural networks whose weights are generated, for any width.",
                args=arguments,
                config=(
                    tyro.conf.OmitArgPrefixes,
                    tyro.conf.FlagCreatePairsOff,
                    tyro.conf.HelptextFromCommentsOff,
                ),
            )
    except SystemExit as error:
        if not error.code:
            raise
        raise UserError(f"{_message(refusal.getvalue())} (see --help)") from error
    return cast(_Command, command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as on the command line, without the program's name; by default those.

    Returns:
        The exit code.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        _parse(arguments).run()
        sys.stdout.flush()
    except UserError as error:
        print("error: " + re.sub(r"\s+", " ", str(error)).strip(), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`... | head`); nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
