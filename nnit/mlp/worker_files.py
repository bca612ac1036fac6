"""Files of PyTorch, Lightning, Stable-Baselines3, Keras and Flax, read in a process of their own.

`nnit.mlp.worker` is that process; here nothing of torch is imported, and nothing unpickled. What it gives back is
safetensors and goes through the same checks as a file of that format.
"""

import atexit
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import numpy as np
from safetensors.numpy import save

from nnit.errors import UserError
from nnit.mlp.formats import ENDINGS

_SECONDS = 120  # for all files of one request
# What the process takes a file for, by its ending; the others are PyTorch's.
_FORMATS = {".h5": "hdf5", ".hdf5": "hdf5", ".keras": "hdf5", ".msgpack": "msgpack"}
_READ_HERE = (".safetensors", ".npz", ".onnx")
OF_OTHERS = tuple(ending for ending in ENDINGS if ending not in _READ_HERE)
# Of archives, the file in them that holds the weights, and whose they are.
_INSIDE = {
    ".zip": ("policy.pth", "Stable-Baselines3"),
    ".keras": ("model.weights.h5", "Keras"),
}
_MAX_ENTRIES = 100


def as_safetensors(files: Sequence[tuple[str, bytes]]) -> list[bytes | UserError]:
    """The tensors of each file as a safetensors file, or why it cannot be read.

    One process reads all of them, since starting it takes longer than reading; where a file ends it, those behind are
    read one by one.

    Args:
        files: name, for messages, and content of each; all of one person.
    """
    return _answers([(name, content, b"") for name, content in files])


def with_tensors(
    files: Sequence[tuple[str, bytes]], tensors: Sequence[Mapping[str, np.ndarray]]
) -> list[bytes]:
    """The same files with some tensors of each replaced; everything else stays as it is.

    Raises:
        UserError: one cannot be read.
    """
    replaced = [
        save({key: np.ascontiguousarray(array) for key, array in own.items()}) for own in tensors
    ]
    found = []
    for answer in _answers([(*file, own) for file, own in zip(files, replaced, strict=True)]):
        if isinstance(answer, UserError):
            raise answer
        found.append(answer)
    return found


def weights_in(name: str, content: bytes, most: int) -> bytes:
    """The file that holds the weights: this one, or the one in an archive of Stable-Baselines3 or Keras.

    Args:
        name: of the file, for its ending and for messages.
        content: of it.
        most: bytes that the weights may have.

    Raises:
        UserError: there are none, or they are too large.
    """
    if _ending(name) not in _INSIDE:
        return content
    inside, library = _INSIDE[_ending(name)]
    with _archive(name, content, most) as archive:
        try:
            entry = archive.getinfo(inside)
        except KeyError as error:
            raise UserError(
                f"{name} has no {inside}; of {_ending(name)} files only those of {library} are read"
            ) from error
        plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if entry.file_size > most or not plain:
            raise UserError(
                f"{name}: {inside} is larger than {most // 2**20} MiB, or packed another way"
            )
        try:
            return archive.read(entry)
        except Exception as error:
            raise UserError(f"{name} is not a whole zip archive") from error


def with_weights(name: str, content: bytes, weights: bytes, most: int) -> bytes:
    """The same file with other weights, as `weights_in` gives them.

    Args:
        name: of the file, for its ending and for messages.
        content: of it.
        weights: the new ones.
        most: bytes that each file in an archive may have.

    Raises:
        UserError: one is too large.
    """
    if _ending(name) not in _INSIDE:
        return weights
    inside, _ = _INSIDE[_ending(name)]
    buffer = io.BytesIO()
    with _archive(name, content, most) as archive, zipfile.ZipFile(buffer, "w") as written:
        for entry in archive.infolist():
            if entry.filename == inside:
                written.writestr(entry, weights, entry.compress_type)
                continue
            if entry.file_size > most:
                raise UserError(f"{name} unpacks to more than {most // 2**20} MiB")
            written.writestr(entry, archive.read(entry), entry.compress_type)
    return buffer.getvalue()


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def _archive(name: str, content: bytes, most: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:
        # zipfile raises a dozen kinds on damaged files.
        raise UserError(f"{name} is not a whole zip archive") from error
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise UserError(f"{name} holds {len(archive.infolist()):,} files, too many for a policy")
    # Entries may claim the same bytes, and then each is within its limit while all of them fill the memory.
    if sum(entry.file_size for entry in archive.infolist()) > 2 * most:
        raise UserError(f"{name} unpacks to more than {2 * most // 2**20} MiB")
    return archive


def _answers(
    requests: Sequence[tuple[str, bytes, bytes]], end: float | None = None
) -> list[bytes | UserError]:
    """What the process says of each (name, content, replacement).

    Args:
        requests: of one person.
        end: until when all of them are answered, on the monotonic clock.
    """
    end = time.monotonic() + _SECONDS if end is None else end
    if not requests:
        return []
    if time.monotonic() >= end:
        return [
            UserError(f"{name} was not read: the files sent together took {_SECONDS} seconds")
            for name, *_ in requests
        ]
    asked = b"".join(
        json.dumps(
            {
                "format": _FORMATS.get(_ending(name), "torch"),
                "replace": len(replacement),
                "size": len(content),
            }
        ).encode()
        + b"\n"
        + replacement
        + content
        for name, content, replacement in requests
    )
    found = _frames(_said(asked, end), [name for name, *_ in requests])
    if len(found) == len(requests):
        return found
    if len(requests) == 1:
        return [UserError(f"{requests[0][0]} could not be read: its reader came to an end")]
    # The file at which it ended once more by itself, and those behind it.
    last = len(found)
    return found + _answers(requests[last : last + 1], end) + _answers(requests[last + 1 :], end)


def _frames(said: bytes, names: Sequence[str]) -> list[bytes | UserError]:
    """The whole answers in what the process has said."""
    found: list[bytes | UserError] = []
    start = 0
    for name in names:
        end = start + 9 + int.from_bytes(said[start + 1 : start + 9], "little")
        if len(said) < start + 9 or len(said) < end:
            break
        body = said[start + 9 : end]
        good = said[start] == 1
        found.append(body if good else UserError(f"{name} {body.decode(errors='replace')[:400]}"))
        start = end
    return found


def _said(asked: bytes, end: float) -> bytes:
    """What a process that has read nothing before answers until it ends, or its time does."""
    process = _taken() or _started()
    try:
        said, _ = process.communicate(asked, timeout=max(end - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    if not said and process.returncode == _TIRED:  # it ended in the moment in which it was asked
        return _said(asked, end)
    return said


def _started() -> "subprocess.Popen[bytes]":
    """A process that is about to load torch and then waits for files."""
    # Nothing of the server's surroundings but where Python finds its packages.
    kept = ("PATH", "VIRTUAL_ENV", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH")
    surroundings = {key: os.environ[key] for key in kept if key in os.environ}
    surroundings |= {
        "OMP_NUM_THREADS": "1",
        "HDF5_PLUGIN_PRELOAD": "::",  # no code is loaded for what a file is packed with
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "nnit.mlp.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings,
    )


# --- A process that waits for the next files ------------------------------------------------------

# It ends by itself when nothing is asked of it for some minutes; see `worker.PATIENCE_SECONDS`.
_TIRED = -getattr(signal, "SIGALRM", 0) or None
_waiting: "list[subprocess.Popen[bytes]]" = []
_lock = threading.Lock()


def keep_one_ready() -> None:
    """Start the process that will read the next files, unless one waits already: loading torch takes a second."""
    with _lock:
        for process in [one for one in _waiting if one.poll() is not None]:
            _waiting.remove(process)
            _end(process)
        if not _waiting:
            _waiting.append(_started())


def _taken() -> "subprocess.Popen[bytes] | None":
    """The process that waits, if it still does; it reads the files of one person, and then ends."""
    with _lock:
        while _waiting:
            process = _waiting.pop()
            if process.poll() is None:
                return process
            _end(process)
    return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


@atexit.register
def _end_waiting() -> None:
    with _lock:
        while _waiting:
            _end(_waiting.pop())
