"""Writing files: what stands under its final name is whole, and a failure leaves nothing behind."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from nnit.errors import UserError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write, in a `with` block, what is to become the file `path`; missing folders are made.

    A reader sees the old file or the new one, never half of either. If the block fails, or is interrupted, the
    old file stays, and neither a half-written one nor a folder made for it is left. What is no regular file
    (a terminal, a pipe) is written to directly.

    Raises:
        UserError: the system refuses, for example because the disk is full.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with refused(path):
            yield target
        return
    temporary = target.with_name(f".{target.name}.{os.getpid()}.partial")
    made: list[Path] = []
    try:
        with refused(path):
            made = _make_folders(target.parent)
            yield temporary
            temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
            for folder in made:
                folder.rmdir()
        raise


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file of these bytes, or of this text in UTF-8, as `whole_file` does.

    Raises:
        UserError: the system refuses.
    """
    with whole_file(path) as file:
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it that are missing; those that were made, the deepest first."""
    missing = []
    for one in (folder, *folder.parents):
        if one.exists():
            break
        missing.append(one)
    folder.mkdir(parents=True, exist_ok=True)
    return missing


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Raise a `UserError` in place of what the system raises when it refuses to write `path`."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"cannot write {path} ({reason})") from error


def temporary_folder(prefix: str) -> "tempfile.TemporaryDirectory[str]":
    """A folder for temporary files, which removes itself.

    Raises:
        UserError: the system has no place for one.
    """
    try:
        return tempfile.TemporaryDirectory(prefix=prefix)
    except OSError as error:
        raise UserError(
            f"there is no folder for temporary files ({error.strerror}); TMPDIR names one"
        ) from error
