"""Reading MLPs that others bring (`nnit.mlp.formats`), and writing them back with neurons reordered.

A file is hostile until it is validated: sizes are checked before anything is decompressed or allocated,
nothing is ever unpickled or executed, and no other file is opened. Whatever is not an MLP of finite numbers
raises a `UserError` with one plain sentence.
"""

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Literal

import numpy as np
import safetensors
from safetensors import SafetensorError
from safetensors.numpy import save as save_safetensors

from nnit.errors import UserError
from nnit.mlp.formats import format_words
from nnit.mlp.limits import MAX_FILE_BYTES as MAX_FILE_BYTES
from nnit.mlp.limits import MAX_LAYERS as MAX_LAYERS
from nnit.mlp.limits import MAX_WIDTH as MAX_WIDTH
from nnit.mlp.limits import checked
from nnit.mlp.network import MLP, Network, layer_sizes, permute_tensor, scale_tensor, tensors_of
from nnit.mlp.readings import Reading, called, read_tensors, refuse_choice
from nnit.mlp.worker_files import (
    OF_OTHERS,
    as_safetensors,
    weights_in,
    with_tensors,
    with_weights,
)

_MAX_NPY_HEADER = 10_000
# Actor, critics and their targets, with biases and statistics.
_MAX_ARRAYS = 4 * MAX_LAYERS
# A header may name a hundred thousand empty tensors, which take twenty times its room when parsed.
_MAX_SAFETENSORS_HEADER = 2**18
_SAFETENSORS_TYPES = {
    **{f"F{bits}": f"<f{bits // 8}" for bits in (16, 32, 64)},
    **{f"I{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
    "BOOL": "?",
    # The upper half of a float32, which NumPy has no name for.
    "BF16": "<u2",
}

FileFormat = Literal["safetensors", "npz"]


def read_file(name: str, content: bytes) -> tuple[Reading, ...]:
    """The ways to read a file as an MLP, one in most cases; the name's ending says what the file is.

    - `.safetensors` and `.npz`: matrices and vectors, put into layers by `nnit.mlp.readings`.
    - `.onnx`: one chain of layers, see `nnit.mlp.onnx_files`.
    - `.pt`, `.pth`: a PyTorch state dict, or dictionaries of such; `.ckpt`: the one in a checkpoint of Lightning;
      `.zip`: the policy in an archive of Stable-Baselines3; `.h5`, `.hdf5`, `.keras`: weights of Keras; `.msgpack`:
      parameters of Flax. All read in a process of their own (`nnit.mlp.worker_files`).

    Args:
        name: of the file, for its ending and for messages.
        content: at most `MAX_FILE_BYTES`.

    Raises:
        UserError: the file is too large, damaged, or not an MLP of finite numbers.
    """
    short = name[-60:]
    if len(content) > MAX_FILE_BYTES:
        raise UserError(f"{short} is larger than {MAX_FILE_BYTES // 2**20} MiB")
    ending = PurePath(name).suffix.lower()
    if ending == ".onnx":
        from nnit.mlp.onnx_files import read_onnx

        layers, activation = read_onnx(short, content)
        network = replace(checked(short, layers), norms=layers.norms)
        title = f"layers ({'-'.join(map(str, layer_sizes(network)))})"
        normed = tuple(f"of layer {i}" for i, norm in enumerate(layers.norms, 1) if norm)
        return (Reading(network, title, activation=activation, normed=normed),)
    if ending == ".safetensors":
        return read_tensors(short, _read_safetensors(short, content))
    if ending == ".npz":
        return read_tensors(short, _read_npz(short, content))
    if ending in OF_OTHERS:
        (plain,) = as_safetensors([(short, weights_in(short, content, MAX_FILE_BYTES))])
        if isinstance(plain, UserError):
            raise plain
        return read_tensors(short, _read_safetensors(short, plain))
    raise UserError(f"{short} is none of the files that are read: {format_words()}")


def read_files(files: Sequence[tuple[str, bytes]]) -> list[tuple[Reading, ...] | UserError]:
    """`read_file` of each file of one person, or why it cannot be read.

    Those that a process of their own reads are read together, which is faster.

    Args:
        files: name and content of each.
    """
    states: dict[int, tuple[str, bytes]] = {}
    found: dict[int, tuple[Reading, ...] | UserError] = {}
    for place, (name, content) in enumerate(files):
        short, ending = name[-60:], PurePath(name).suffix.lower()
        try:
            if ending in OF_OTHERS and len(content) <= MAX_FILE_BYTES:
                states[place] = (short, weights_in(short, content, MAX_FILE_BYTES))
            else:
                found[place] = read_file(name, content)
        except UserError as error:
            found[place] = error
    answers = as_safetensors(list(states.values())) if states else []
    for (place, (short, _)), plain in zip(states.items(), answers, strict=True):
        if isinstance(plain, UserError):
            found[place] = plain
            continue
        try:
            found[place] = read_tensors(short, _read_safetensors(short, plain))
        except UserError as error:
            found[place] = error
    return [found[place] for place in range(len(files))]


def read_arrays(name: str, content: bytes) -> dict[str, np.ndarray]:
    """All numbers of an npz archive, in its order.

    Raises:
        UserError: it is too large when unpacked, damaged, or holds Python objects.
    """
    return _read_npz(name[-60:], content)


def read_network(name: str, content: bytes, which: str = "") -> MLP:
    """An MLP from a file's bytes; see `read_file`.

    Args:
        name: of the file, for its ending and for messages.
        content: at most `MAX_FILE_BYTES`.
        which: title of the reading that is meant, or what stands before its colon; needed where there are several.

    Raises:
        UserError: the file cannot be read as an MLP, or in several ways of which none is named.
    """
    readings = read_file(name, content)
    named = called(readings, which)
    if len(readings) > 1 and len(named) != 1:
        raise refuse_choice(name[-60:], readings)
    return (named if len(readings) > 1 else readings)[0].network


@dataclass(frozen=True, eq=False)
class Change:
    """What is done to the hidden neurons of a file's network.

    Attributes:
        reading: one that `read_file` gave for the file.
        permutations: one a hidden layer, each (width,); neuron `permutations[l][i]` moves to place i.
        factors: of the reordered neurons, one a hidden layer: what goes in is multiplied, what comes out divided.
    """

    reading: Reading
    permutations: Sequence[np.ndarray]
    factors: Sequence[np.ndarray] | None = None

    @property
    def is_none(self) -> bool:
        """Whether all stays as it is."""
        stays = all(np.array_equal(one, np.arange(len(one))) for one in self.permutations)
        return stays and not self.scales

    @property
    def scales(self) -> bool:
        """Whether signs or scales change."""
        return self.factors is not None and not all((one == 1).all() for one in self.factors)


def permuted_file(
    name: str,
    content: bytes,
    reading: Reading,
    permutations: Sequence[np.ndarray],
    factors: Sequence[np.ndarray] | None = None,
) -> bytes:
    """`permuted_files` of one."""
    (changed,) = permuted_files([(name, content)], [Change(reading, permutations, factors)])
    return changed


def permuted_files(files: Sequence[tuple[str, bytes]], changes: Sequence[Change]) -> list[bytes]:
    """The same files with the hidden neurons of their networks in other orders, and with other signs or scales.

    Names, shapes, number formats and everything beside the layers stay as they are, so that a file loads into what it
    came from. PyTorch's are changed together, which is faster.

    Args:
        files: name and content of each; all of one person.
        changes: of each.
    """
    changed: dict[int, bytes] = {}
    states: dict[int, tuple[str, bytes]] = {}
    for place, ((name, content), change) in enumerate(zip(files, changes, strict=True)):
        short, ending = name[-60:], PurePath(name).suffix.lower()
        reading, orders = change.reading, change.permutations
        factors = change.factors if change.scales else None
        if change.is_none:
            changed[place] = content
        elif ending == ".onnx":
            from nnit.mlp.onnx_files import permuted_onnx

            changed[place] = permuted_onnx(short, content, orders, factors)
        elif ending == ".safetensors":
            changed[place] = _permuted_safetensors(content, reading, orders, factors)
        elif ending in OF_OTHERS:
            states[place] = (short, weights_in(short, content, MAX_FILE_BYTES))
        else:
            changed[place] = _permuted_npz(content, reading, orders, factors)
    for place, state in _permuted_states(states, changes).items():
        name, content = files[place]
        changed[place] = with_weights(name[-60:], content, state, MAX_FILE_BYTES)
    return [changed[place] for place in range(len(files))]


def network_bytes(network: Network, file_format: FileFormat) -> bytes:
    """A network as a file that `read_network` reads: `weight.0`, `bias.0`, `weight.1`, ..."""
    tensors = {n: np.ascontiguousarray(t, np.float32) for n, t in tensors_of(network).items()}
    if file_format == "safetensors":
        return save_safetensors(tensors, {"format": "nnit-mlp-1"})
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **tensors)
    return buffer.getvalue()


def archive_bytes(files: Mapping[str, bytes]) -> bytes:
    """Several files, by their names, as one zip archive; the same files make the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # With a fixed date.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# --- safetensors ----------------------------------------------------------------------------------


def _read_safetensors(name: str, content: bytes) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file, in the order of its data."""
    return {
        key: _widened(_raw(content, entry).reshape(entry.shape), entry.number == "BF16")
        for key, entry in _safetensors_entries(name, content).items()
    }


@dataclass(frozen=True)
class _Entry:
    """Where a tensor lies in a safetensors file.

    Attributes:
        number: the format's word for its numbers, a key of `_SAFETENSORS_TYPES`.
        shape: of the tensor.
        start: its first byte in the file.
        end: behind its last.
    """

    number: str
    shape: tuple[int, ...]
    start: int
    end: int


def _safetensors_entries(name: str, content: bytes) -> dict[str, _Entry]:
    """Where the tensors lie, in the order of their data, as the library has checked it.

    The file begins with the length of its header in eight bytes; offsets count from the header's end.
    """
    size = int.from_bytes(content[:8], "little")
    if size > _MAX_SAFETENSORS_HEADER:
        raise UserError(f"{name} has a header too long for the tensors of an MLP")
    try:
        types = {key: tensor["dtype"] for key, tensor in safetensors.deserialize(content)}
        header = json.loads(content[8 : 8 + size])
        found = {}
        for key in types:
            start, end = (8 + size + offset for offset in header[key]["data_offsets"])
            found[key] = _Entry(header[key]["dtype"], tuple(header[key]["shape"]), start, end)
    except (SafetensorError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise UserError(f"{name} is not a whole safetensors file") from error
    unknown = sorted({entry.number for entry in found.values()} - set(_SAFETENSORS_TYPES))
    if unknown:
        raise UserError(
            f"{name} holds numbers of the type {unknown[0][:20]}, which are not read here; save them as F32"
        )
    return dict(sorted(found.items(), key=lambda item: (item[1].start, item[1].end, item[0])))


def _raw(content: bytes, entry: _Entry) -> np.ndarray:
    """A tensor's numbers in a row, as they are stored."""
    data = np.frombuffer(content[entry.start : entry.end], _SAFETENSORS_TYPES[entry.number])
    return data.reshape(entry.shape)


def _widened(array: np.ndarray, bfloat16: bool) -> np.ndarray:
    """The array; as float32 where it holds the upper halves of such numbers (bfloat16)."""
    return (array.astype(np.uint32) << 16).view(np.float32) if bfloat16 else array


def _moved(
    array: np.ndarray,
    bfloat16: bool,
    reading: Reading,
    key: str,
    permutations: Sequence[np.ndarray],
    factors: Sequence[np.ndarray] | None,
) -> np.ndarray:
    """A tensor as it is stored, reordered, and scaled in the numbers that it stands for."""
    labels = reading.axes[key]
    moved = permute_tensor(array, labels, permutations)
    if factors is None:
        return moved
    scaled = scale_tensor(_widened(moved, bfloat16), labels, reading.powers[key], factors)
    return _narrowed(scaled) if bfloat16 else scaled


def _narrowed(array: np.ndarray) -> np.ndarray:
    """The upper halves of float32 numbers, rounded to the nearest, ties to even."""
    bits = array.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def _permuted_safetensors(
    content: bytes,
    reading: Reading,
    permutations: Sequence[np.ndarray],
    factors: Sequence[np.ndarray] | None,
) -> bytes:
    """The file with some tensors' bytes replaced; its header stays."""
    entries = _safetensors_entries("", content)
    changed = bytearray(content)
    for key in reading.axes:
        raw, bfloat16 = _raw(content, entries[key]), entries[key].number == "BF16"
        moved = _moved(raw, bfloat16, reading, key, permutations, factors)
        changed[entries[key].start : entries[key].end] = moved.tobytes()
    return bytes(changed)


# --- In a process of their own --------------------------------------------------------------------


def _permuted_states(
    states: Mapping[int, tuple[str, bytes]], changes: Sequence[Change]
) -> dict[int, bytes]:
    """Files with some tensors replaced, in the process that read them; by their places among all changes."""
    if not states:
        return {}
    replaced = []
    for (place, (name, _)), plain in zip(
        states.items(), as_safetensors(list(states.values())), strict=True
    ):
        if isinstance(plain, UserError):
            raise plain
        change = changes[place]
        factors = change.factors if change.scales else None
        moved = _permuted_safetensors(plain, change.reading, change.permutations, factors)
        tensors = _read_safetensors(name, moved)
        replaced.append({key: tensors[key] for key in change.reading.axes})
    return dict(zip(states, with_tensors(list(states.values()), replaced), strict=True))


# --- npz ------------------------------------------------------------------------------------------


def _read_npz(name: str, content: bytes) -> dict[str, np.ndarray]:
    """The numbers of an npz archive, in its order; texts and dates are left out."""
    arrays = {key: _read_npy(name, key, data) for key, data in _unpacked(name, content).items()}
    return {
        key.removesuffix(".npy"): _widened(array, bfloat16)
        for key, (array, bfloat16) in arrays.items()
        if array.dtype.kind not in "SUMmV"
    }


def _unpacked(name: str, content: bytes) -> dict[str, bytes]:
    """The files in an npz archive, with its claims checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ARRAYS:
                raise UserError(f"{name} holds {len(entries):,} arrays, too many for an MLP")
            # An entry is never unpacked beyond the size that it claims.
            if sum(entry.file_size for entry in entries) > MAX_FILE_BYTES:
                raise UserError(f"{name} unpacks to more than {MAX_FILE_BYTES // 2**20} MiB")
            # Other methods may allocate what the file says before they unpack anything.
            if any(
                e.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for e in entries
            ):
                raise UserError(f"{name} is compressed in a way that npz files are not")
            return {entry.filename: archive.read(entry) for entry in entries}
    except UserError:
        raise
    except Exception as error:
        # zipfile raises a dozen kinds on damaged files, bare ones among them.
        raise UserError(f"{name} is not a whole npz file of plain arrays") from error


def _read_npy(name: str, key: str, content: bytes) -> tuple[np.ndarray, bool]:
    """One array, and whether it holds bfloat16.

    Its header is parsed as a literal and its size checked before anything is allocated.

    Raises:
        UserError: it is damaged, or holds objects.
    """
    try:
        stream, shape, fortran_order, dtype = _npy_header(content)
        if dtype.hasobject:
            raise UserError(
                f"{name}: {key.removesuffix('.npy')[:40]} holds Python objects, which are never unpickled; "
                "save each matrix as an array of its own"
            )
        # NumPy writes the bfloat16 of ml_dtypes, and nothing else that is a number, as two bare bytes.
        bfloat16 = dtype == np.dtype("V2")
        dtype = np.dtype("<u2") if bfloat16 else dtype
        data = content[stream.tell() :]
        if math.prod(map(int, shape)) * dtype.itemsize != len(data) or min(shape, default=0) < 0:
            raise ValueError("another size than its header says")
        if not data:
            return np.empty(shape, dtype), bfloat16
        array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C")
    except UserError:
        raise
    except Exception as error:
        # NumPy's header parser raises many kinds on damaged files.
        raise UserError(f"{name} is not a whole npz file of plain arrays") from error
    return array, bfloat16


def _npy_header(content: bytes) -> tuple[io.BytesIO, tuple[int, ...], bool, np.dtype[Any]]:
    """The stream behind the header, and shape, order and type of the array."""
    stream = io.BytesIO(content)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    version = np.lib.format.read_magic(stream)
    shape, fortran_order, dtype = readers[version](stream, max_header_size=_MAX_NPY_HEADER)
    return stream, shape, fortran_order, dtype


def _permuted_npz(
    content: bytes,
    reading: Reading,
    permutations: Sequence[np.ndarray],
    factors: Sequence[np.ndarray] | None,
) -> bytes:
    """The archive with the bytes of some arrays replaced; their headers stay, and all other entries."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(buffer, "w") as changed,
    ):
        for entry in archive.infolist():
            data = archive.read(entry)
            key = entry.filename.removesuffix(".npy")
            if key in reading.axes:
                stream, _, fortran_order, _ = _npy_header(data)
                array, bfloat16 = _read_npy("", entry.filename, data)
                moved = _moved(array, bfloat16, reading, key, permutations, factors)
                data = data[: stream.tell()] + moved.tobytes("F" if fortran_order else "C")
            changed.writestr(entry, data, entry.compress_type)
    return buffer.getvalue()
