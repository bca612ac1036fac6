"""PyTorch state dicts (.pt, .pth) and Stable-Baselines3 archives (.zip), read in a process of their own.

`nnit.mlp.torch_worker` is that process; here nothing of torch is imported, and nothing unpickled. What it gives back is
safetensors and goes through the same checks as a file of that format.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from safetensors.numpy import save

from nnit.errors import UserError

_SECONDS = 120
_POLICY = "policy.pth"  # of Stable-Baselines3
_MAX_ENTRIES = 100


def torch_as_safetensors(files: Sequence[tuple[str, bytes]]) -> list[bytes | UserError]:
    """The tensors of each PyTorch file as a safetensors file, or why it cannot be read.

    One process reads all of them, since starting it takes longer than reading; where a file ends it, those behind are
    read one by one.

    Args:
        files: name, for messages, and content of each; all of one person.
    """
    return _answers([(name, content, b"") for name, content in files])


def with_tensors(name: str, content: bytes, tensors: Mapping[str, np.ndarray]) -> bytes:
    """The same PyTorch file with some tensors replaced; everything else stays as it is.

    Raises:
        UserError: as for `torch_as_safetensors`.
    """
    replaced = {key: np.ascontiguousarray(array) for key, array in tensors.items()}
    (found,) = _answers([(name, content, save(replaced))])
    if isinstance(found, UserError):
        raise found
    return found


def policy_in(name: str, content: bytes, most: int) -> bytes:
    """The policy's state dict in an archive of Stable-Baselines3.

    Args:
        name: of the archive, for messages.
        content: of it.
        most: bytes that the state dict may have.

    Raises:
        UserError: there is none, or it is too large.
    """
    with _archive(name, content) as archive:
        try:
            entry = archive.getinfo(_POLICY)
        except KeyError as error:
            raise UserError(
                f"{name} has no {_POLICY}; of zip files only those of Stable-Baselines3 are read"
            ) from error
        plain = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if entry.file_size > most or not plain:
            raise UserError(
                f"{name}: {_POLICY} is larger than {most // 2**20} MiB, or packed another way"
            )
        try:
            return archive.read(entry)
        except Exception as error:
            raise UserError(f"{name} is not a whole zip archive") from error


def with_policy(name: str, content: bytes, change: Callable[[bytes], bytes], most: int) -> bytes:
    """The same archive with its policy's state dict changed."""
    changed = change(policy_in(name, content, most))
    buffer = io.BytesIO()
    with _archive(name, content) as archive, zipfile.ZipFile(buffer, "w") as written:
        for entry in archive.infolist():
            if entry.filename == _POLICY:
                written.writestr(entry, changed, entry.compress_type)
                continue
            if entry.file_size > most:
                raise UserError(f"{name} unpacks to more than {most // 2**20} MiB")
            written.writestr(entry, archive.read(entry), entry.compress_type)
    return buffer.getvalue()


def _archive(name: str, content: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:
        # zipfile raises a dozen kinds on damaged files.
        raise UserError(f"{name} is not a whole zip archive") from error
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise UserError(f"{name} holds {len(archive.infolist()):,} files, too many for a policy")
    return archive


def _answers(requests: Sequence[tuple[str, bytes, bytes]]) -> list[bytes | UserError]:
    """What the process says of each (name, content, replacement)."""
    asked = b"".join(
        json.dumps({"replace": len(replacement), "size": len(content)}).encode()
        + b"\n"
        + replacement
        + content
        for _, content, replacement in requests
    )
    found = _frames(_said(asked), [name for name, *_ in requests])
    if len(found) == len(requests):
        return found
    if len(requests) == 1:
        return [UserError(f"{requests[0][0]} could not be read: its reader came to an end")]
    # The file at which it ended, and those behind it, each in a process of its own.
    return found + [answer for one in requests[len(found) :] for answer in _answers([one])]


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
        found.append(body if good else UserError(f"{name} {body.decode(errors='replace')[:200]}"))
        start = end
    return found


def _said(asked: bytes) -> bytes:
    """What a fresh process answers until it ends, or takes too long."""
    # Nothing of the server's surroundings but where Python finds its packages.
    kept = ("PATH", "VIRTUAL_ENV", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH")
    surroundings = {key: os.environ[key] for key in kept if key in os.environ}
    surroundings |= {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    command = [sys.executable, "-m", "nnit.mlp.torch_worker"]
    try:
        done = subprocess.run(
            command,
            input=asked,
            capture_output=True,
            timeout=_SECONDS,
            env=surroundings,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return error.stdout or b""
    return done.stdout
