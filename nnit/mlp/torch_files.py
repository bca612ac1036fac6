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
from collections.abc import Callable, Mapping

import numpy as np
from safetensors.numpy import save

from nnit.errors import UserError

_SECONDS = 120
_POLICY = "policy.pth"  # of Stable-Baselines3
_MAX_ENTRIES = 100


def torch_as_safetensors(name: str, content: bytes) -> bytes:
    """The tensors of a PyTorch file as a safetensors file.

    Args:
        name: of the file, for messages.
        content: of it; of a .zip that of Stable-Baselines3, its policy's.

    Raises:
        UserError: it is damaged, holds more than tensors, or takes too much memory or time.
    """
    return _run(name, content, b"")


def with_tensors(name: str, content: bytes, tensors: Mapping[str, np.ndarray]) -> bytes:
    """The same PyTorch file with some tensors replaced; everything else stays as it is.

    Raises:
        UserError: as for `torch_as_safetensors`.
    """
    replaced = {key: np.ascontiguousarray(array) for key, array in tensors.items()}
    return _run(name, content, save(replaced))


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


def _run(name: str, content: bytes, replacement: bytes) -> bytes:
    head = json.dumps({"replace": len(replacement)}).encode() + b"\n"
    # Nothing of the server's surroundings but where Python finds its packages.
    kept = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH")
    surroundings = {key: os.environ[key] for key in kept if key in os.environ}
    surroundings |= {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nnit.mlp.torch_worker"],
            input=head + replacement + content,
            capture_output=True,
            timeout=_SECONDS,
            env=surroundings,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{name} takes too long to read") from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == 1 and said and said[-1].split(" ")[0] in ("holds", "takes", "is"):
        raise UserError(f"{name} {said[-1]}")
    raise UserError(f"{name} could not be read: its reader ended (code {done.returncode})")
