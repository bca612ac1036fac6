"""Inputs, and targets if there are any, that a person brings as npz or csv, to run their networks on."""

import csv
import io
from pathlib import PurePath

import numpy as np
from jaxtyping import Float

from nnit.errors import UserError
from nnit.mlp.files import read_arrays

MAX_BYTES = 32 * 2**20
MAX_ROWS = 4096  # used: the first rows of a larger file, evenly spaced
_INPUTS = ("observations", "observation", "obs", "inputs", "input", "states", "state", "x")
_TARGETS = ("actions", "action", "targets", "target", "labels", "outputs", "y")

Inputs = Float[np.ndarray, "n features"]
Targets = Float[np.ndarray, "n outputs"]


def read_observations(
    name: str, content: bytes, input_size: int, output_size: int
) -> tuple[Inputs, Targets | None]:
    """Observations, and targets where the file has them, as float32; of many rows `MAX_ROWS`, evenly spaced.

    - `.npz`: a matrix with a column for each input, named observations, obs, inputs, states or x, or the only one that
      fits; targets alike, named actions, targets, labels or y, with a column for each output.
    - `.csv`: a row for each observation, commas between its numbers, a line of names above if you like; the columns are
      the inputs, or the inputs and then the outputs.

    Args:
        name: of the file, for its ending and for messages.
        content: of the file.
        input_size: numbers that the networks take.
        output_size: numbers that they give.

    Raises:
        UserError: it is too large, damaged, or fits no network of these sizes.
    """
    short = name[-60:]
    if len(content) > MAX_BYTES:
        raise UserError(f"{short} is larger than {MAX_BYTES // 2**20} MiB")
    ending = PurePath(name).suffix.lower()
    if ending == ".csv":
        inputs, targets = _from_csv(short, content, input_size, output_size)
    elif ending == ".npz":
        inputs, targets = _from_npz(short, content, input_size, output_size)
    else:
        raise UserError(f"{short} is none of .npz and .csv")
    if len(inputs) < 2:
        raise UserError(f"{short} has {len(inputs)} observations; two or more are needed")
    if len(inputs) > MAX_ROWS:
        chosen = np.linspace(0, len(inputs) - 1, MAX_ROWS).astype(int)
        inputs, targets = inputs[chosen], None if targets is None else targets[chosen]
    with np.errstate(over="ignore"):
        inputs = np.ascontiguousarray(inputs, np.float32)
        targets = None if targets is None else np.ascontiguousarray(targets, np.float32)
    if not np.isfinite(inputs).all() or (targets is not None and not np.isfinite(targets).all()):
        raise UserError(f"{short} holds numbers that are not finite in float32")
    return inputs, targets


def _from_csv(
    name: str, content: bytes, input_size: int, output_size: int
) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (ValueError, csv.Error) as error:
        raise UserError(f"{name} is no table of numbers with commas between them") from error
    # Lines are counted as editors do.
    lines = [(number, row) for number, row in enumerate(rows, 1) if row]
    if lines and not _is_number(lines[0][1][0]):
        lines = lines[1:]
    if not lines:
        raise UserError(f"{name} has no line of numbers")
    for number, row in lines:
        wrong = next((cell for cell in row if not _is_number(cell)), None)
        if wrong is not None and not wrong.strip():
            raise UserError(f"{name} has an empty cell in line {number}; fill it or leave it out")
        if wrong is not None and ";" in wrong:
            raise UserError(f"{name} has semicolons between its numbers; save it with commas")
        if wrong is not None:
            raise UserError(
                f'{name} is no table of numbers with commas between them: line {number} has "{wrong[:24]}"'
            )
        if len(row) != len(lines[0][1]):
            raise UserError(
                f"{name} has {len(row)} columns in line {number} and {len(lines[0][1])} in line {lines[0][0]}"
            )
    table = np.array([[float(cell) for cell in row] for _, row in lines], np.float64)
    columns = table.shape[1] if table.ndim == 2 else 0
    if columns == input_size:
        return table, None
    if columns == input_size + output_size:
        return table[:, :input_size], table[:, input_size:]
    raise UserError(
        f"{name} has {columns} columns; the networks need {input_size}, or {input_size + output_size} with targets"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _from_npz(
    name: str, content: bytes, input_size: int, output_size: int
) -> tuple[np.ndarray, np.ndarray | None]:
    arrays = {
        key: array
        for key, array in read_arrays(name, content).items()
        if array.ndim == 2 and array.dtype.kind in "fiub"
    }
    inputs = _named(arrays, _INPUTS, input_size, None)
    if inputs is None:
        shapes = ", ".join(f"{key[:24]} {array.shape}" for key, array in list(arrays.items())[:4])
        raise UserError(
            f"{name} has no matrix of observations with {input_size} columns ({shapes or 'no matrix'})"
        )
    rest = {key: array for key, array in arrays.items() if array is not inputs}
    targets = _named(rest, _TARGETS, output_size, len(inputs))
    return inputs, targets


def _named(
    arrays: dict[str, np.ndarray], names: tuple[str, ...], columns: int, rows: int | None
) -> np.ndarray | None:
    """The array of one of these names and sizes, or the only one of these sizes."""
    fitting = {
        key: array
        for key, array in arrays.items()
        if array.shape[1] == columns and rows in (None, len(array))
    }
    for wanted in names:
        for key, array in fitting.items():
            if key.lower() == wanted:
                return array
    return next(iter(fitting.values())) if len(fitting) == 1 else None
