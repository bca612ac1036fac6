"""What is taken for an MLP of somebody else's: how deep, how wide, and only finite numbers."""

import numpy as np

from nnit.errors import UserError
from nnit.mlp.network import MLP

MAX_LAYERS = 32
MAX_WIDTH = 4096
# Of one file: two layers of 4,096 neurons, with biases and inputs, in float32.
MAX_FILE_BYTES = 80 * 2**20
# Of a weight: squares of millions of such are still finite in float32.
_LARGEST = 1e12


def count_words(name: str, depth: int) -> str:
    """Why a file with so many matrices is no MLP."""
    counted = "1 weight matrix" if depth == 1 else f"{depth} weight matrices"
    return f"{name} has {counted}; an MLP with hidden layers has 2 to {MAX_LAYERS}"


def checked(name: str, network: MLP) -> MLP:
    """The network in float32, if it is an MLP within the limits.

    Raises:
        UserError: it is not.
    """
    depth = len(network.weights)
    if not 2 <= depth <= MAX_LAYERS:
        raise UserError(count_words(name, depth))
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
    largest = max(float(np.abs(array).max(initial=0)) for array in [*weights, *biases])
    if largest > _LARGEST:
        raise UserError(f"{name} holds weights of up to {largest:.0e}: its training has diverged")
    return MLP(weights, biases)
