"""Weights in the files of Keras (HDF5) and Flax (MessagePack), for the process that reads what others bring.

Used by `nnit.mlp.worker` alone, within its limits of memory and time. Of an HDF5 file nothing is followed that
leads out of it: it may name other files of the machine for its numbers.
"""

import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnit.errors import UserError

_MAX_TENSORS, _MAX_DEPTH = 2_000, 10
_MAX_BYTES = 80 * 2**20
_ARRAY = 1  # Flax's code for arrays among MessagePack's extensions
# What training keeps beside a network.
_BESIDE = ("optim", "opt_state", "scheduler", "lr_scheduler", "scaler", "rng")


def is_of_training(key: str) -> bool:
    """Whether what lies under this key is of training, and no part of a network."""
    return any(key.lower().startswith(word) for word in _BESIDE)


# --- Keras ----------------------------------------------------------------------------------------


def read_hdf5(content: bytes) -> dict[str, Tensor]:
    """Every tensor of an HDF5 file by its path, in the order of the model's layers where the file notes it.

    Raises:
        UserError: it is none, or leads to other files.
    """
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        found: dict[str, Tensor] = {}
        room = _MAX_BYTES
        for path, data in _data_sets(file):
            room -= data.size * data.dtype.itemsize
            if room < 0 or len(found) >= _MAX_TENSORS:
                raise UserError("unpacks to more than an MLP has")
            numbers = np.asarray(data[()])
            found[path] = torch.from_numpy(numbers.astype(numbers.dtype.newbyteorder("=")))
        noted = {path: place for place, path in enumerate(_noted_paths(file))}
        if all(path in noted for path in found):
            return {path: found[path] for path in sorted(found, key=noted.__getitem__)}
        return dict(sorted(found.items()))


def _noted_paths(file: Any) -> Iterator[str]:
    """Paths of weights as the model has them, which Keras's `.h5` files note; HDF5 itself sorts by names.

    Called after `_data_sets` has found that nothing leads out of the file.
    """
    import h5py

    for base, group in (("", file), ("model_weights/", file.get("model_weights"))):
        for layer in _noted(group, "layer_names") if isinstance(group, h5py.Group) else ():
            inner = group.get(layer)
            for weight in _noted(inner, "weight_names") if isinstance(inner, h5py.Group) else ():
                yield f"{base}{layer}/{weight}"


def _noted(group: Any, name: str) -> list[str]:
    """Texts that are noted beside a group; none where it is something else."""
    texts = np.ravel(group.attrs.get(name, ()))[:_MAX_TENSORS].tolist()
    return [t.decode("utf-8", "replace") if isinstance(t, bytes) else str(t)[:400] for t in texts]


def replace_in_hdf5(content: bytes, replaced: Mapping[str, Tensor]) -> bytes:
    """The file with the numbers of some tensors replaced."""
    import h5py

    stream = io.BytesIO(content)
    with h5py.File(stream, "r+") as file:
        for path, data in _data_sets(file):
            if path in replaced:
                data[...] = replaced[path].numpy()
    return stream.getvalue()


def _data_sets(file: Any) -> Iterator[tuple[str, Any]]:
    """Path and data set of all numbers of a file, in the order of names; nothing of what training keeps."""
    import h5py

    seen = 0
    waiting = [("", file)]
    while waiting:
        path, group = waiting.pop()
        below = []
        for name in group:
            seen += 1
            if seen > _MAX_TENSORS or path.count("/") > _MAX_DEPTH:
                raise UserError("holds too many groups for an MLP")
            if is_of_training(name):
                continue
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise UserError("leads to other places or files, which are not followed")
            inner = group[name]
            own = f"{path}/{name[:200]}" if path else name[:200]
            if isinstance(inner, h5py.Group):
                below.append((own, inner))
            elif isinstance(inner, h5py.Dataset) and inner.shape is not None:
                if inner.external or inner.is_virtual:
                    raise UserError("keeps its numbers in other files, which are not opened")
                if inner.dtype.kind in "fib" or inner.dtype == np.uint8:
                    yield own, inner
        waiting += reversed(below)


# --- Flax -----------------------------------------------------------------------------------------

_TYPES = {
    **{f"float{bits}": getattr(torch, f"float{bits}") for bits in (16, 32, 64)},
    **{f"int{bits}": getattr(torch, f"int{bits}") for bits in (8, 16, 32, 64)},
    "bfloat16": torch.bfloat16,
    "uint8": torch.uint8,
    "bool": torch.bool,
}


def read_msgpack(content: bytes) -> dict[str, Tensor]:
    """Every array that `flax.serialization.to_bytes` has written, by its keys joined with slashes.

    Raises:
        UserError: it is no such file.
    """
    found: dict[str, Tensor] = {}
    for path, extension in _extensions(_unpacked(content), ()):
        tensor = _tensor(extension.data)
        if tensor is not None:
            found["/".join(path)] = tensor
        if len(found) > _MAX_TENSORS:
            raise UserError("holds too many arrays for an MLP")
    return found


def replace_in_msgpack(content: bytes, replaced: Mapping[str, Tensor]) -> bytes:
    """The file with some arrays replaced."""
    import msgpack

    def changed(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {key: changed(inner, (*path, str(key)[:200])) for key, inner in value.items()}
        own = replaced.get("/".join(path))
        if own is None:
            return value
        shape, name, _ = msgpack.unpackb(value.data)
        numbers = own.contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        return msgpack.ExtType(_ARRAY, msgpack.packb((shape, name, numbers)))

    return bytes(msgpack.packb(changed(_unpacked(content), ())))


def _unpacked(content: bytes) -> dict[Any, Any]:
    import msgpack

    value = msgpack.unpackb(content, strict_map_key=False)
    if not isinstance(value, dict):
        raise UserError("is no MessagePack file of Flax")
    return value


def _extensions(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    import msgpack

    if len(path) > _MAX_DEPTH:
        raise UserError("nested too deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not is_of_training(str(key)):
                yield from _extensions(inner, (*path, str(key)[:200]))
    elif isinstance(value, msgpack.ExtType) and value.code == _ARRAY:
        yield path, value


def _tensor(data: bytes) -> Tensor | None:
    """An array of Flax: shape, name of the numbers' type, and the numbers; None where the type is not read here."""
    import msgpack

    shape, name, numbers = msgpack.unpackb(data)
    if name not in _TYPES:
        return None
    shape = [int(side) for side in shape]
    if min(shape, default=0) < 0 or math.prod(shape) * _TYPES[name].itemsize != len(numbers):
        raise UserError("holds an array of another size than it says")
    if not numbers:
        return torch.zeros(shape, dtype=_TYPES[name])
    return torch.frombuffer(bytearray(numbers), dtype=_TYPES[name]).reshape(shape)
