"""What PyTorch files hold beside tensors: numbers and arrays of NumPy, settings and paths, kept and never made.

torch's reader makes whatever is on its list of allowed classes, and lets the file set its state. NumPy's own classes
are not meant for that: a `numpy.dtype` with the state of a hostile file takes bytes for addresses of objects, and then
the file decides what runs. Here each is a record of what the file says of it. Only arrays of plain numbers are read,
once their sizes are checked; a record is written again as what it stands for.

Used by `nnit.mlp.worker` alone.
"""

import argparse
import math
import pathlib
import re
from typing import Any, ClassVar, Self

import numpy as np

_MAX_DIMENSIONS = 8


class Record:
    """An object that is not made: what it is called with, and its state."""

    __slots__ = ("args", "state")
    stands_for: ClassVar[Any] = None

    args: tuple[Any, ...]
    state: Any

    def __new__(cls, *args: Any) -> Self:
        """Keep what it is called with; the reader calls this as well where a file asks for no initialisation."""
        own = super().__new__(cls)
        own.args, own.state = args, None
        return own

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is written: as what it stands for."""
        own = (self.stands_for, self.args)
        return own if self.state is None else (*own, self.state)


class Dtype(Record):
    """A `numpy.dtype`."""

    __slots__ = ()
    stands_for = np.dtype

    def plain(self) -> "np.dtype[Any] | None":
        """The type of numbers that it is, in this machine's order of bytes; None where it is another."""
        code = self.args[0] if self.args else None
        if not isinstance(code, str) or not re.fullmatch(r"b1|[iu][1248]|f[248]", code):
            return None
        kind = np.dtype(code)
        if self.state is None:
            return kind
        # Version, order of bytes, and what only other types have: parts, fields, and so on.
        if not isinstance(self.state, tuple) or len(self.state) < 5:
            return None
        order, rest = self.state[1], self.state[2:5]
        native = isinstance(order, str) and order in (
            "|",
            "=",
            np.dtype("i4").newbyteorder("=").str[0],
        )
        return kind if native and rest == (None, None, None) else None


class Array(Record):
    """A `numpy.ndarray`, as `numpy.core.multiarray._reconstruct` begins it and its state completes it."""

    __slots__ = ("_read",)
    stands_for = np.empty(0).__reduce__()[0]
    _read: "np.ndarray | None"

    def __new__(cls, *args: Any) -> Self:
        """An array without numbers; what it is begun with is always the same."""
        own = super().__new__(cls, *args)
        own._read = None
        return own

    def numbers(self) -> np.ndarray | None:
        """Its numbers, None where these are none that are plain; it is written again with what is put there.

        Raises:
            ValueError: they are not as many as its shape says.
        """
        if self._read is not None or not isinstance(self.state, tuple) or len(self.state) != 5:
            return self._read
        _, shape, dtype, fortran, data = self.state
        kind = dtype.plain() if isinstance(dtype, Dtype) else None
        if kind is None:
            return None
        sides = shape if isinstance(shape, tuple) else (None,)
        if len(sides) > _MAX_DIMENSIONS or any(type(n) is not int or n < 0 for n in sides):
            raise ValueError("no shape of an array")
        if not isinstance(data, bytes) or math.prod(sides) * kind.itemsize != len(data):
            raise ValueError("another size than the array's shape says")
        own = np.frombuffer(bytearray(data), kind) if data else np.empty(0, kind)
        self._read = own.reshape(sides, order="F" if fortran else "C")
        return self._read

    def __reduce__(self) -> tuple[Any, ...]:
        """As NumPy writes an array."""
        state = self.state
        if self._read is not None:
            state = (*state[:4], self._read.tobytes("F" if state[3] else "C"))
        return (self.stands_for, (np.ndarray, (0,), b"b"), *([] if state is None else [state]))


class Scalar(Record):
    """A number of NumPy."""

    __slots__ = ()
    stands_for = np.float64(0).__reduce__()[0]


class Namespace(Record):
    """An `argparse.Namespace`, as the settings in files of Lightning are."""

    __slots__ = ()
    stands_for = argparse.Namespace


class PosixPath(Record):
    """A path; nothing is looked up, and so none is opened."""

    __slots__ = ()
    stands_for = pathlib.PosixPath


class PurePosixPath(Record):
    """The same, of the class that opens nothing either way."""

    __slots__ = ()
    stands_for = pathlib.PurePosixPath


class WindowsPath(Record):
    """A path of Windows."""

    __slots__ = ()
    stands_for = pathlib.WindowsPath


class PureWindowsPath(Record):
    """The same, of the class that opens nothing either way."""

    __slots__ = ()
    stands_for = pathlib.PureWindowsPath


def harmless() -> dict[str, type[Record]]:
    """What is kept, by its names in files. None of these does anything that a file names."""
    found: dict[str, type[Record]] = {
        "numpy.ndarray": Array,
        "numpy.dtype": Dtype,
        "argparse.Namespace": Namespace,
    }
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        found |= {f"{module}._reconstruct": Array, f"{module}.scalar": Scalar}
    for module in ("pathlib", "pathlib._local"):
        for path in (PosixPath, PurePosixPath, WindowsPath, PureWindowsPath):
            found[f"{module}.{path.__name__}"] = path
    return found
