"""Reading MLPs that others bring (safetensors, npz, ONNX), and writing them back.

A file is hostile until it is validated: sizes are checked before anything is decompressed or allocated,
nothing is ever unpickled or executed, and no other file is opened. Whatever is not an MLP of finite numbers
raises a `UserError` with one plain sentence.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from nnit.errors import UserError
from nnit.mlp.network import MLP, Network, tensors_of

MAX_FILE_BYTES = 8 * 2**20
MAX_LAYERS = 32
MAX_WIDTH = 1024
_MAX_NPY_HEADER = 10_000
# A header may name a hundred thousand empty tensors, which take twenty times its room when parsed.
_MAX_SAFETENSORS_HEADER = 2**18

FileFormat = Literal["safetensors", "npz"]

# A policy file of this project carries its normaliser as well.
_NO_LAYERS = {"observation.mean", "observation.scale"}
_LAYER_WORDS = re.compile(r"weights?|kernel|bias(es)?|\b[wb](?=\d*$|\d*[._])", re.IGNORECASE)


def read_network(name: str, content: bytes) -> MLP:
    """An MLP from a file's bytes; the name's ending says what it is.

    - `.safetensors` and `.npz`: matrices and vectors, in the natural order of their names. Those whose names
      differ only in "weight" or "kernel" and "bias" belong together; where names say nothing, a vector is
      the bias of the matrix before it. Matrices are (outputs, inputs); where they only chain as (inputs,
      outputs), they are transposed. A missing bias is zero.
    - `.onnx`: a chain of Gemm or MatMul and Add with an elementwise activation between.

    Args:
        name: of the file, for its ending and for messages.
        content: at most `MAX_FILE_BYTES` (ONNX: `nnit.onnx_files.MAX_ONNX_BYTES`).

    Raises:
        UserError: the file is too large, damaged, or not an MLP of finite numbers.
    """
    short = name[-60:]
    if len(content) > MAX_FILE_BYTES:
        raise UserError(f"{short} is larger than {MAX_FILE_BYTES // 2**20} MiB")
    ending = PurePath(name).suffix.lower()
    if ending == ".onnx":
        from nnit.mlp.onnx_files import read_onnx

        return _checked(short, read_onnx(short, content))
    if ending == ".safetensors":
        tensors = _read_safetensors(short, content)
    elif ending == ".npz":
        tensors = _read_npz(short, content)
    else:
        raise UserError(f"{short} is none of .safetensors, .npz and .onnx")
    return _checked(short, _layers(short, tensors))


def network_bytes(network: Network, file_format: FileFormat) -> bytes:
    """A network as a file that `read_network` reads: `weight.0`, `bias.0`, `weight.1`, ..."""
    tensors = {n: np.ascontiguousarray(t, np.float32) for n, t in tensors_of(network).items()}
    if file_format == "safetensors":
        return save_safetensors(tensors, {"format": "nnit-mlp-1"})
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **tensors)
    return buffer.getvalue()


def archive_bytes(networks: Mapping[str, Network], file_format: FileFormat) -> bytes:
    """Several networks as one zip archive, each a file of its own.

    Args:
        networks: by the name of the file, without its ending.
        file_format: of each file.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, network in networks.items():
            # A fixed date, so that the same networks make the same bytes.
            entry = zipfile.ZipInfo(f"{name}.{file_format}")
            archive.writestr(entry, network_bytes(network, file_format), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# --- Containers -----------------------------------------------------------------------------------


def _read_safetensors(name: str, content: bytes) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file; it begins with the length of its header in eight bytes."""
    if int.from_bytes(content[:8], "little") > _MAX_SAFETENSORS_HEADER:
        raise UserError(f"{name} has a header too long for the tensors of an MLP")
    try:
        return load_safetensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        # KeyError, TypeError, AttributeError: number formats that NumPy lacks.
        raise UserError(f"{name} is not a whole safetensors file of usual numbers") from error


def _read_npz(name: str, content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an npz archive, each with its claims checked before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > 4 * MAX_LAYERS:
                raise UserError(f"{name} holds {len(entries):,} arrays, too many for an MLP")
            # An entry is never unpacked beyond the size that it claims.
            if sum(entry.file_size for entry in entries) > MAX_FILE_BYTES:
                raise UserError(f"{name} unpacks to more than {MAX_FILE_BYTES // 2**20} MiB")
            # Other methods may allocate what the file says before they unpack anything.
            if any(
                e.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for e in entries
            ):
                raise UserError(f"{name} is compressed in a way that npz files are not")
            return {
                entry.filename.removesuffix(".npy"): _read_npy(archive.read(entry))
                for entry in entries
            }
    except UserError:
        raise
    except Exception as error:
        # zipfile and NumPy's header parser raise a dozen kinds on damaged files, bare ones among them.
        raise UserError(f"{name} is not a whole npz file of plain arrays") from error


def _read_npy(content: bytes) -> np.ndarray:
    """One array; its header is parsed as a literal and its size checked before anything is allocated.

    Raises:
        ValueError: it is damaged, or holds objects.
    """
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, fortran_order, dtype = readers[version](stream, max_header_size=_MAX_NPY_HEADER)
    if dtype.kind not in "fiub" or any(side < 0 for side in shape):
        raise ValueError("no plain numbers")
    data = content[stream.tell() :]
    count = 1
    for side in shape:
        count *= int(side)
    if count * dtype.itemsize != len(data):
        raise ValueError("another size than its header says")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C")


# --- From tensors to layers -----------------------------------------------------------------------


def _layers(name: str, tensors: Mapping[str, np.ndarray]) -> MLP:
    """Matrices and vectors, sorted into layers.

    Raises:
        UserError: they are not the layers of an MLP.
    """
    tensors = {key: tensors[key] for key in sorted(tensors, key=_natural) if key not in _NO_LAYERS}
    for key, tensor in tensors.items():
        if tensor.ndim not in (1, 2):
            raise UserError(
                f"{name}: {key[:40]} has {tensor.ndim} axes; an MLP has matrices and vectors"
            )
    matrices = [key for key, tensor in tensors.items() if tensor.ndim == 2]
    owners = _owners(tensors)
    if owners is None:
        raise UserError(f"{name}: its matrices and vectors do not pair up as weights and biases")
    weights = [tensors[key] for key in matrices]
    biases = [tensors[owners[key]] if key in owners else None for key in matrices]
    if not _chains(weights, biases) and _chains([w.T for w in weights], biases):
        weights = [w.T for w in weights]
    return MLP(
        tuple(weights),
        tuple(
            np.zeros(len(weight), np.float32) if bias is None else bias
            for weight, bias in zip(weights, biases, strict=True)
        ),
    )


def _natural(key: str) -> list[tuple[int, int, str]]:
    """Sorts `layer.10` behind `layer.9`, and a bias behind its weight."""
    unified = re.sub(r"bias(es)?", "weight~", key, flags=re.IGNORECASE)
    parts = re.split(r"([0-9]{1,9})", unified)
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _owners(tensors: Mapping[str, np.ndarray]) -> dict[str, str] | None:
    """For each matrix that has a bias the name of that; None where vectors are left over.

    Args:
        tensors: matrices and vectors, in natural order.
    """
    stems: dict[str, list[str]] = {}
    for key in tensors:
        stems.setdefault(_LAYER_WORDS.sub("", key), []).append(key)
    kinds = [sorted(tensors[key].ndim for key in keys) for keys in stems.values()]
    if all(kind in ([2], [1, 2]) for kind in kinds):
        pairs = [sorted(keys, key=lambda key: -tensors[key].ndim) for keys in stems.values()]
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    owners: dict[str, str] = {}
    before = None
    for key, tensor in tensors.items():
        if tensor.ndim == 2:
            before = key
        elif before is None or before in owners:
            return None
        else:
            owners[before] = key
    return owners


def _chains(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray | None]) -> bool:
    """Whether each layer takes what the one before gives."""
    joints = all(a.shape[0] == b.shape[1] for a, b in zip(weights[:-1], weights[1:], strict=True))
    return joints and all(
        bias is None or bias.shape == weight.shape[:1]
        for weight, bias in zip(weights, biases, strict=True)
    )


def _checked(name: str, network: MLP) -> MLP:
    """The network in float32, if it is an MLP within the limits.

    Raises:
        UserError: it is not.
    """
    depth = len(network.weights)
    if not 2 <= depth <= MAX_LAYERS:
        raise UserError(
            f"{name} has {depth} weight matrices; an MLP with hidden layers has 2 to {MAX_LAYERS}"
        )
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        if not 0 < min(weight.shape) <= max(weight.shape) <= MAX_WIDTH:
            raise UserError(
                f"{name}: matrix {layer + 1} is {weight.shape}, beyond 1 to {MAX_WIDTH}"
            )
        if weight.dtype.kind != "f" or bias.dtype.kind != "f":
            raise UserError(f"{name}: layer {layer + 1} holds {weight.dtype}, not floating point")
        if bias.shape != weight.shape[:1]:
            raise UserError(
                f"{name}: layer {layer + 1} has {len(weight)} outputs, its bias {bias.shape}"
            )
        if layer and weight.shape[1] != len(network.weights[layer - 1]):
            raise UserError(
                f"{name}: layer {layer} gives {len(network.weights[layer - 1])} values, "
                f"layer {layer + 1} takes {weight.shape[1]}"
            )
    with np.errstate(over="ignore", invalid="ignore"):
        weights, biases = (
            tuple(np.ascontiguousarray(array, np.float32) for array in arrays)
            for arrays in (network.weights, network.biases)
        )
    if not all(np.isfinite(array).all() for array in [*weights, *biases]):
        raise UserError(f"{name} holds numbers that are not finite in float32")
    return MLP(weights, biases)
