"""Networks of the user's that commands read: a file's bytes, and which network in it is meant."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from nnit.errors import UserError
from nnit.writing import whole_file

if TYPE_CHECKING:
    from nnit.mlp.readings import Reading


def content_of(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        UserError: it is not there, cannot be read, or is too large.
    """
    from nnit.mlp.files import MAX_FILE_BYTES

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror})") from error


def readings_of(files: Sequence[tuple[str, bytes]], network: str | None) -> "list[Reading]":
    """The one way to read each file, or the one that `--network` names.

    Args:
        files: name and content of each.
        network: that is meant where a file holds several.

    Raises:
        UserError: a file cannot be read, or in several ways of which none is named; or no file holds such a network.
    """
    from nnit.mlp.files import read_files
    from nnit.mlp.readings import called

    every = []
    for readings in read_files(files):
        if isinstance(readings, UserError):
            raise readings
        every.append(readings)
    found = [
        _chosen(name, readings, network) for (name, _), readings in zip(files, every, strict=True)
    ]
    if network is not None and not any(called(readings, network) for readings in every):
        raise UserError(
            f'no file holds a network called "{network[:40]}": each holds one network alone; leave out --network'
        )
    return found


def _chosen(name: str, readings: "Sequence[Reading]", network: str | None) -> "Reading":
    from nnit.mlp.chains import ADVICE
    from nnit.mlp.readings import called, refuse_choice

    if len(readings) == 1:
        return readings[0]
    names = [one.name for one in readings]
    named = called(readings, network)
    if len(named) == 1:
        return named[0]
    # What is accepted: a name of one of them alone, or a whole title.
    valid = [one.name if names.count(one.name) == 1 else one.title for one in readings]
    listed = ", ".join(f'"{one}"' for one in valid[:4]) + (" and more" if valid[4:] else "")
    if network is not None:
        unknown = network not in names
        what = "holds no network" if unknown else "holds several networks"
        raise UserError(f'{name[-60:]} {what} called "{network[:40]}"; --network may be {listed}')
    advice = f"say which with --network: {listed}" if len(set(names)) == len(names) else ADVICE
    raise UserError(f"{refuse_choice(name[-60:], readings)}; {advice}")


def print_warnings(names: Sequence[str], readings: "Sequence[Reading]") -> None:
    """Say on standard error what makes it likely that a file holds another network than it was read as."""
    from nnit.mlp.notes import warnings_of

    for warning in warnings_of(names, readings):
        print(f"warning: {warning}", file=sys.stderr)


def print_notes(names: Sequence[str], readings: "Sequence[Reading]") -> None:
    """Say what was assumed, what was folded into layers, and what was left beside them."""
    from nnit.mlp.notes import notes_of

    notes = notes_of(names, readings)
    if notes:
        print("", *notes, sep="\n")


def check_no_other(folder: Path, files: dict[str, bytes]) -> None:
    """Find out before results are told whether files would be written over others.

    Raises:
        UserError: one of these names is there and is another file, or the system does not say.
    """
    try:
        for name, content in files.items():
            target = folder / name
            if target.exists() and (not target.is_file() or target.read_bytes() != content):
                raise UserError(
                    f"{target} is there already and is another file; choose another --out"
                )
    except OSError as error:
        raise UserError(f"cannot write to {folder} ({error.strerror})") from error


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files, all of them whole or none; the last thing that a command does, so that no result is lost.

    Raises:
        UserError: one cannot be written.
    """
    with ExitStack() as stack:
        for name, content in files.items():
            stack.enter_context(whole_file(folder / name)).write_bytes(content)
