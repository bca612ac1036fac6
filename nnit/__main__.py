"""The command line: `python -m nnit COMMAND`.

Bad input, and what the system refuses, end with one line on standard error and exit code 2; an interruption
with exit code 130, SIGTERM with 143. Whatever ends a command, its worker processes end with it.
"""

import contextlib
import io
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NoReturn, Protocol, cast

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
    from nnit.commands.compare import Compare
    from nnit.commands.distribution import Distribution
    from nnit.commands.evaluate import Evaluate
    from nnit.commands.fetch import Fetch
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
        | Annotated[Compare, tyro.conf.subcommand("compare")]
        | Annotated[Distribution, tyro.conf.subcommand("distribution")]
        | Annotated[Render, tyro.conf.subcommand("render")]
        | Annotated[Align, tyro.conf.subcommand("align")]
        | Annotated[Match, tyro.conf.subcommand("match")]
        | Annotated[Benchmark, tyro.conf.subcommand("benchmark")]
        | Annotated[Reproduce, tyro.conf.subcommand("reproduce")]
        | Annotated[Tasks, tyro.conf.subcommand("tasks")]
        | Annotated[Fetch, tyro.conf.subcommand("fetch")]
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


class _Terminated(KeyboardInterrupt):
    """SIGTERM came; raised where the program is, as Ctrl-C is, so that workers and half-written files go too."""


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Raise `_Terminated` when SIGTERM comes, unless a caller has decided what it does."""

    def end(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; let it end in order
        raise _Terminated

    in_charge = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not in_charge:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _complain(error: str) -> int:
    """Say what is wrong in one line; the exit code of that."""
    print("error: " + re.sub(r"\s+", " ", error).strip(), file=sys.stderr)
    return 2


def _refusal(error: OSError) -> str:
    """What the system refused, in one line."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"the system refuses: {reason}" + (f" ({error.filename})" if error.filename else "")


def _forget_standard_output() -> None:
    """Nothing more can be written there, not even at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as on the command line, without the program's name; by default those.

    Returns:
        The exit code.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("OpenGL").setLevel(logging.WARNING)  # it tells of modules that nobody needs
    try:
        with _terminated_as_interrupted():
            _parse(arguments).run()
            sys.stdout.flush()
    except UserError as error:
        return _complain(str(error))
    except _Terminated:
        print("terminated", file=sys.stderr)
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`... | head`).
        _forget_standard_output()
        return 1
    except OSError as error:  # a full disk, no folder for temporary files, no more processes
        _forget_standard_output()
        return _complain(_refusal(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
