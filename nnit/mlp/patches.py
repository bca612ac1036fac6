"""An MLP as a sequence of tokens, and back: weight matrices cut into patches, biases into pieces.

Matrix l of shape (r, c) becomes ceil(r/P) x ceil(c/P) patches of P x P cells, the partial ones at the
right and bottom edge padded with zeros and marked in a mask; a bias of length r becomes ceil(r/P)
tokens of P numbers, written into the first row of an otherwise empty patch. Positions are continuous
features of where a patch lies, in neurons and relative to the width, so that widths never seen in
training have positions too (NNiT, arXiv 2603.00180, patch tokenisation).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from einops import rearrange
from jaxtyping import Bool, Float32, Int64

from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture

# Kinds of token that carry weights; each has a scale and an embedding of its own.
INPUT, HIDDEN, OUTPUT, HIDDEN_BIAS, OUTPUT_BIAS = range(5)
KIND_COUNT = 5
POSITION_FEATURES = 9
MAX_PATCH = 64  # cells along a side; no model of ours has larger ones
POSITION_UNIT = 64  # neurons: sizes and places are given as multiples of it


@dataclass(frozen=True)
class TokenLayout:
    """Where the tokens of one architecture lie; the same for all networks of that architecture.

    Attributes:
        kind: what each token carries, (T,).
        position: continuous features of its place, (T, POSITION_FEATURES): row and column of its first
            cell in units of `POSITION_UNIT`, the same relative to the matrix, the matrix's
            height and width, and the layer's place from the start, from the end, and relative.
        layer: which matrix, or its bias, each token carries, (T,).
        valid: which cells exist, (T, P * P).
    """

    kind: Int64[np.ndarray, " tokens"]
    position: Float32[np.ndarray, "tokens features"]
    layer: Int64[np.ndarray, " tokens"]
    valid: Bool[np.ndarray, "tokens cells"]

    def __len__(self) -> int:
        return len(self.kind)


def _grid(size: int, patch: int) -> int:
    """Number of patches along a side of `size` cells."""
    return -(-size // patch)


def patchify(
    matrix: Float32[np.ndarray, "rows columns"], patch: int
) -> Float32[np.ndarray, "patches cells"]:
    """Patches of a matrix, row by row, zero where the matrix ends."""
    rows, columns = matrix.shape
    padded = np.zeros((_grid(rows, patch) * patch, _grid(columns, patch) * patch), matrix.dtype)
    padded[:rows, :columns] = matrix
    return rearrange(padded, "(r p) (c q) -> (r c) (p q)", p=patch, q=patch)


def unpatchify(
    patches: Float32[np.ndarray, "patches cells"], shape: tuple[int, int], patch: int
) -> Float32[np.ndarray, "rows columns"]:
    """The matrix of `shape` that `patchify` cut."""
    rows, columns = shape
    padded = rearrange(
        patches, "(r c) (p q) -> (r p) (c q)", r=_grid(rows, patch), p=patch, q=patch
    )
    return padded[:rows, :columns]


def _kinds(layer: int, depth: int) -> tuple[int, int]:
    """Kinds of the tokens of matrix `layer` and of its bias."""
    if layer == depth:
        return OUTPUT, OUTPUT_BIAS
    return (INPUT if layer == 0 else HIDDEN), HIDDEN_BIAS


@functools.lru_cache(maxsize=20_000)
def token_layout(architecture: MLPArchitecture, patch: int) -> TokenLayout:
    """Layout of the weight tokens of an architecture: for each layer its matrix, then its bias."""
    kinds, positions, layers, valid = [], [], [], []
    depth = architecture.depth
    for layer, (rows, columns) in enumerate(architecture.shapes):
        matrix_kind, bias_kind = _kinds(layer, depth)
        place = [layer / MAX_DEPTH, (depth - layer) / MAX_DEPTH, layer / depth]
        size = [rows / POSITION_UNIT, columns / POSITION_UNIT]
        mask = patchify(np.ones((rows, columns), np.float32), patch) > 0
        for row in range(0, rows, patch):
            for column in range(0, columns, patch):
                cell = [row / POSITION_UNIT, column / POSITION_UNIT]
                positions.append([*cell, row / rows, column / columns, *size, *place])
                kinds.append(matrix_kind)
        valid.append(mask)
        for row in range(0, rows, patch):
            positions.append([row / POSITION_UNIT, 0.0, row / rows, 0.0, *size, *place])
            kinds.append(bias_kind)
        valid.append(_bias_tokens(np.ones(rows, np.float32), patch) > 0)
        layers += [layer] * (len(valid[-2]) + len(valid[-1]))
    return TokenLayout(
        np.array(kinds, np.int64),
        np.array(positions, np.float32),
        np.array(layers, np.int64),
        np.concatenate(valid),
    )


def _bias_tokens(
    bias: Float32[np.ndarray, " rows"], patch: int
) -> Float32[np.ndarray, "pieces cells"]:
    tokens = np.zeros((_grid(len(bias), patch), patch * patch), bias.dtype)
    pieces = np.zeros(_grid(len(bias), patch) * patch, bias.dtype)
    pieces[: len(bias)] = bias
    tokens[:, :patch] = pieces.reshape(-1, patch)
    return tokens


def to_tokens(
    weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], patch: int
) -> Float32[np.ndarray, "tokens cells"]:
    """Weight tokens of one network, in the order of `token_layout`, unscaled."""
    pieces = []
    for weight, bias in zip(weights, biases, strict=True):
        pieces += [patchify(weight, patch), _bias_tokens(bias, patch)]
    return np.concatenate(pieces)


def from_tokens(
    tokens: Float32[np.ndarray, "tokens cells"], architecture: MLPArchitecture, patch: int
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Weights and biases from the tokens of one network; the inverse of `to_tokens`."""
    weights, biases, start = [], [], 0
    for rows, columns in architecture.shapes:
        count = _grid(rows, patch) * _grid(columns, patch)
        weights.append(
            np.ascontiguousarray(unpatchify(tokens[start : start + count], (rows, columns), patch))
        )
        start += count
        pieces = _grid(rows, patch)
        biases.append(tokens[start : start + pieces, :patch].reshape(-1)[:rows].copy())
        start += pieces
    return tuple(weights), tuple(biases)
