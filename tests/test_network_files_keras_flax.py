"""Files of Keras (HDF5) and Flax (MessagePack): hostile ones end in words, and open no other file."""

import io
import re
import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import msgpack
import numpy as np

from nnit.alignment.symmetry import permute
from nnit.errors import UserError
from nnit.mlp.files import Change, permuted_files, read_files
from nnit.mlp.network import MLP

LIBRARIES = Path(__file__).parent / "network_files" / "libraries"
FILES = ("keras.weights.h5", "keras.keras", "flax_linen.msgpack")
KERNEL = np.ones((3, 4), np.float32)


def hdf5(fill: Callable[[h5py.File], None]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for layer, shape in (("dense", (3, 4)), ("dense_1", (4, 2))):
            file[f"layers/{layer}/vars/0"] = np.ones(shape, np.float32)
            file[f"layers/{layer}/vars/1"] = np.ones(shape[1], np.float32)
        fill(file)
    return stream.getvalue()


def outside(secret: Path) -> dict[str, Callable[[h5py.File], None]]:
    """Ways to have numbers of another file in one's own."""
    size = secret.stat().st_size // 4

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((2, 2), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "a", (2, 2))
        file.create_virtual_dataset("layers/dense_2/vars/0", layout)

    def storage(file: h5py.File) -> None:
        file.create_dataset(
            "layers/dense_2/vars/0", (2, size // 2), "f4", external=[(str(secret), 0, size * 4)]
        )

    def link(target: object) -> Callable[[h5py.File], None]:
        return lambda file: file.__setitem__("layers/dense_2", target)

    return {
        "link": link(h5py.ExternalLink(str(secret), "/")),
        "soft link": link(h5py.SoftLink("/layers/dense")),
        "virtual": virtual,
        "storage": storage,
    }


def test_nothing_outside_a_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["a"] = np.ones((2, 2), np.float32)
    ways = outside(secret)
    answers = read_files([(f"{way}.h5", hdf5(fill)) for way, fill in ways.items()])
    for way, answer in zip(ways, answers, strict=True):
        words = "not followed" if "link" in way else "not opened"
        assert isinstance(answer, UserError), way
        assert words in str(answer), way


def packed(value: object) -> bytes:
    return msgpack.packb(value)


def array(shape: tuple[int, ...], numbers: bytes, name: str = "float32") -> msgpack.ExtType:
    return msgpack.ExtType(1, msgpack.packb((shape, name, numbers)))


def looped(file: h5py.File) -> None:
    for number in range(40):
        file[f"again{number}"] = file["/"]


def nested(depth: int) -> bytes:
    return b"\x81\xa1a" * depth + b"\x01"


HOSTILE = [
    ("a.h5", hdf5(looped), "too many groups"),
    (
        "a.h5",
        hdf5(lambda f: f.create_dataset("z", (9000, 9000), "f4", compression="gzip")),
        "more than an MLP",
    ),
    ("a.h5", b"", "is empty"),
    ("a.hdf5", packed({"a": 1}), "whole HDF5"),
    ("a.keras", hdf5(lambda file: None), "whole zip"),
    ("a.msgpack", packed([1, 2]), "no MessagePack file of Flax"),
    ("a.msgpack", nested(30), "nested too deep"),
    ("a.msgpack", nested(3000), "whole MessagePack"),
    ("a.msgpack", packed({"a": array((3, 4), bytes(8))}), "another size"),
    ("a.msgpack", packed({"a": array((2**40, 2**40), bytes(8))}), "another size"),
    ("a.msgpack", packed({"a": array((-3, -4), bytes(48))}), "another size"),
    ("a.msgpack", packed({"a": array((3, 4), bytes(48))}), "1 weight matri"),
    ("a.msgpack", b"\xdf" + struct.pack(">I", 2**32 - 1), "MessagePack|memory"),
    ("a.msgpack", b"\xdc\xff\xff" + b"\x90" * 20_000_000, "MessagePack|memory|end"),
]


def test_hostile_files_end_in_words() -> None:
    answers = read_files([(name, content) for name, content, _ in HOSTILE])
    for answer, (_, _, words) in zip(answers, HOSTILE, strict=True):
        assert isinstance(answer, UserError), words
        assert re.search(words, str(answer)), (words, str(answer))


def damaged(content: bytes, rng: np.random.Generator) -> list[bytes]:
    found = [content[: rng.integers(len(content))] for _ in range(15)]
    for _ in range(30):
        flipped = bytearray(content)
        for at in rng.integers(len(content), size=rng.integers(1, 5)):
            flipped[at] ^= 1 << int(rng.integers(8))
        found.append(bytes(flipped))
    return found


def in_layers(names: list[str], noted: dict[str, object]) -> bytes:
    """A model of square layers as Keras's `.h5` files have it, the first matrix full of ones, the next of twos."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for place, name in enumerate(names, 1):
            file[f"model_weights/{name}/{name}/kernel"] = np.full((3, 3), place, np.float32)
            file[f"model_weights/{name}"].attrs["weight_names"] = [f"{name}/kernel"]
        for key, value in noted.items():
            file["model_weights"].attrs[key] = value
    return stream.getvalue()


def test_layers_are_read_in_the_order_that_keras_notes_beside_them() -> None:
    names = ["sunny", "rainy", "foggy"]
    files = [("a.h5", in_layers(names, {"layer_names": names}))]
    files += [("b.h5", in_layers(names, {"layer_names": np.array(names, "S")}))]
    for found in read_files(files):
        assert not isinstance(found, UserError), found
        (reading,) = found
        assert [weight[0, 0] for weight in reading.network.weights] == [1, 2, 3]
    # Where it is not noted, or not of all weights, names alone say nothing.
    unsaid: list[dict[str, object]] = [{}, {"layer_names": names[:2]}, {"layer_names": 7}]
    for found in read_files([("c.h5", in_layers(names, one)) for one in unsaid]):
        assert not isinstance(found, UserError), found
        assert len(found) == 6


def test_damaged_files_give_a_network_or_a_user_error() -> None:
    rng = np.random.default_rng(0)
    files = [(name, one) for name in FILES for one in damaged((LIBRARIES / name).read_bytes(), rng)]
    found = read_files(files)
    assert len(found) == len(files)
    for one in found:
        assert isinstance(one, UserError) or all(isinstance(r.network, MLP) for r in one)


def test_what_lies_beside_the_layers_stays_as_it_is() -> None:
    files = [(name, (LIBRARIES / name).read_bytes()) for name in FILES]
    readings = [one[0] for one in read_files(files)]
    orders = [
        [np.roll(np.arange(len(weight)), 1) for weight in reading.network.weights[:-1]]
        for reading in readings
    ]
    written = permuted_files(files, [Change(*both) for both in zip(readings, orders, strict=True)])
    again = read_files([(name, one) for (name, _), one in zip(files, written, strict=True)])
    for reading, own, (changed,) in zip(readings, orders, again, strict=True):
        expected = permute(reading.network, own)
        for weight, wanted in zip(changed.network.weights, expected.weights, strict=True):
            np.testing.assert_array_equal(weight, wanted)
    contents = dict(files), dict(zip(FILES, written, strict=True))
    before, after = (
        msgpack.unpackb(one["flax_linen.msgpack"], strict_map_key=False) for one in contents
    )
    assert before["step"] == after["step"]
    assert before["opt_state"] == after["opt_state"]
    one, other = (h5py.File(io.BytesIO(c["keras.weights.h5"])) for c in contents)
    kept = list(one["optimizer/vars"])
    assert kept
    for key in kept:
        np.testing.assert_array_equal(one["optimizer/vars"][key][()], other["optimizer/vars"][key])
