"""A process of its own that reads PyTorch's, Keras's and Flax's files and gives back tensors, or the files changed.

Started by `nnit.mlp.worker_files`, never imported by it. torch's reader for weights only runs no code of the file, but
it parses a format that has had holes, so it does so where there is nothing to take: with bounded memory and time, and
no way back but tensors in safetensors, which are checked again.

Standard input, for each request: a line of JSON, {"format": "torch", "hdf5" or "msgpack", "replace": bytes of a
safetensors file that follows, "size": bytes of the file behind it}, and both. Standard output, for each: 1 or 0, the
length in eight bytes, and safetensors, the new file, or what is wrong. The files of one process are of one person.
"""

import io
import json
import pickle
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnit.errors import UserError
from nnit.mlp.limits import MAX_FILE_BYTES
from nnit.mlp.worker_objects import Array, harmless

MEMORY_BYTES = 1 << 30  # beside what torch itself has taken by then
CPU_SECONDS = 120
PATIENCE_SECONDS = 600  # that it waits for the first file
_MAX_TENSORS, _MAX_DEPTH, _MAX_LOOKED_AT = 2_000, 8, 200_000
_LIGHTNING = "pytorch-lightning_version"  # a key of its checkpoints
_WHOLE = {"torch": "PyTorch file of tensors", "hdf5": "HDF5 file", "msgpack": "MessagePack file"}


def tensors_in(value: Any) -> dict[str, Any]:
    """Every tensor in nested dictionaries and lists, by its keys joined with dots.

    Raises:
        UserError: they are nested too deep, or too many.
    """
    found: dict[str, Any] = {}
    for looked_at, (path, inner) in enumerate(_values_in(value, ())):
        # A list that holds one other many times, which does so too, has no end.
        if looked_at >= _MAX_LOOKED_AT:
            raise UserError("holds too many values for a file of networks")
        if inner is not None:
            found[".".join(path)] = inner
        if len(found) > _MAX_TENSORS:
            raise UserError("holds too many tensors for a file of networks")
    return found


def _values_in(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value and the way to it; None for one that is no tensor."""
    import torch

    from nnit.mlp.worker_formats import is_of_training

    if len(path) > _MAX_DEPTH:
        raise UserError("is nested too deep for a file of networks")
    if isinstance(value, torch.Tensor):
        yield path, value
        return
    if isinstance(value, Array):
        numbers = value.numbers()
        yield path, None if numbers is None else torch.from_numpy(numbers)
        return
    yield path, None
    if isinstance(value, dict):
        if _LIGHTNING in value and isinstance(value.get("state_dict"), dict):
            value = {"state_dict": value["state_dict"]}  # the rest is of training
        for key, inner in value.items():
            # Other keys may take for ever to be written as text.
            if not isinstance(key, str | int | float):
                yield path, None
            elif not is_of_training(str(key)):
                yield from _values_in(inner, (*path, str(key)[:200]))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value[:_MAX_TENSORS]):
            yield from _values_in(inner, (*path, str(place)))


def answer(form: str, content: bytes, replacement: bytes) -> bytes:
    """The tensors of a file, or the file with some of them replaced.

    Raises:
        ValueError: in one line, why it cannot be read.
    """
    if not content:
        raise ValueError("is empty")
    try:
        return (
            _answer_torch(content, replacement)
            if form == "torch"
            else _answer(form, content, replacement)
        )
    except pickle.UnpicklingError as error:
        # torch says this of bytes that are no pickle; of classes and functions it names the class.
        if "operand" in str(error):
            raise ValueError("is not a whole PyTorch file of tensors") from error
        raise ValueError(_more_than_tensors(content, error)) from error
    except MemoryError as error:
        raise ValueError("takes too much memory to read") from error
    except UserError as error:
        raise ValueError(str(error)) from error
    except Exception as error:
        if "TorchScript" in str(error):
            raise ValueError(
                "is a TorchScript program, of which nothing is run; save its state_dict() with torch.save"
            ) from error
        memory = "allocate memory" in str(error) or "not enough memory" in str(error)
        what = "takes too much memory to read" if memory else f"is not a whole {_WHOLE[form]}"
        raise ValueError(what) from error


def _more_than_tensors(content: bytes, error: Exception) -> str:
    """Which object stands in the way of reading a file, and how to save what is needed."""
    import torch

    try:
        every = torch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(content))
    except Exception:  # of files older than torch 1.6; then the first, which torch has named
        every = re.findall(r"GLOBAL (\S+)", str(error))
    # A class of one's own says more than those of torch.
    found = sorted(
        {one[:80] for one in every} - set(harmless()),
        key=lambda one: (one.startswith("torch."), one),
    )
    what = found[0] if found else "whole Python objects"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    # Keys are texts with their lengths before them.
    keys = {
        key.decode()
        for size, key in re.findall(rb"X(....)(\w{0,40}?state_dict)", content, re.DOTALL)
        if int.from_bytes(size, "little") == len(key)
    } - {"_state_dict"}
    own = next(
        (key for key in ("state_dict", "model_state_dict", *sorted(keys)) if key in keys), ""
    )
    of = f'torch.load(FILE, weights_only=False)["{own}"]' if own else "MODEL.state_dict()"
    how = "If you trust the file, save its weights alone" if own else "Save the weights alone"
    return (
        f"holds more than tensors: {what}{more}, which is not loaded here, since that may run code. {how}: "
        f'torch.save({of}, "weights.pt")'
    )


def _in_order(tensors: dict[str, Any]) -> bytes:
    """A safetensors file of tensors in their order, which often is that of the layers; the library's own sorts them."""
    from safetensors.torch import save

    header: dict[str, Any] = {}
    numbers: list[bytes] = []
    start = 0
    for key, tensor in tensors.items():
        alone = save({"_": tensor})
        size = int.from_bytes(alone[:8], "little")
        numbers.append(alone[8 + size :])
        end = start + len(numbers[-1])
        header[key] = {**json.loads(alone[8 : 8 + size])["_"], "data_offsets": [start, end]}
        start = end
    head = json.dumps(header).encode()
    return b"".join([len(head).to_bytes(8, "little"), head, *numbers])


def _answer_torch(content: bytes, replacement: bytes) -> bytes:
    import torch
    from safetensors.torch import load

    allowed: list[Any] = [(what, name) for name, what in harmless().items()]
    with torch.serialization.safe_globals(allowed):
        value = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    named = tensors_in(value)
    if not replacement:
        plain = {
            key: tensor.detach()
            for key, tensor in named.items()
            if tensor.layout is torch.strided and not tensor.is_quantized
        }
        # One number of the file may stand for a whole tensor.
        if sum(tensor.nbytes for tensor in plain.values()) > MAX_FILE_BYTES:
            raise UserError(f"unpacks to more than {MAX_FILE_BYTES // 2**20} MiB")
        return _in_order({key: tensor.contiguous() for key, tensor in plain.items()})
    with torch.no_grad():
        for key, tensor in load(replacement).items():
            named[key].copy_(tensor)
    written = io.BytesIO()
    torch.save(value, written)
    return written.getvalue()


def _answer(form: str, content: bytes, replacement: bytes) -> bytes:
    from safetensors.torch import load

    from nnit.mlp import worker_formats as formats

    read, replace = {
        "hdf5": (formats.read_hdf5, formats.replace_in_hdf5),
        "msgpack": (formats.read_msgpack, formats.replace_in_msgpack),
    }[form]
    if replacement:
        return replace(content, load(replacement))
    return _in_order({key: tensor.contiguous() for key, tensor in read(content).items()})


def main() -> None:
    """Answer one request after another, until there are no more."""
    import safetensors.torch  # noqa: F401
    import torch

    torch.set_num_threads(1)
    limit()
    if hasattr(signal, "alarm"):  # not on Windows, where it waits as long as the server runs
        signal.alarm(PATIENCE_SECONDS)
    while line := sys.stdin.buffer.readline():
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        head = json.loads(line)
        replacement = sys.stdin.buffer.read(int(head["replace"]))
        content = sys.stdin.buffer.read(int(head["size"]))
        try:
            good, body = b"\x01", answer(head["format"], content, replacement)
        except ValueError as error:
            good, body = b"\x00", str(error).encode()
        sys.stdout.buffer.write(good + len(body).to_bytes(8, "little") + body)
        sys.stdout.buffer.flush()


def limit() -> None:
    """Bound this process's memory and time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    statm = Path("/proc/self/statm")
    if statm.exists():
        taken = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY_BYTES, taken + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
