"""Where the one colour scale of weights ends; `palette.js` has its colours."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

# Beyond this share of all weights, colours no longer grow: a few large ones would leave the rest pale.
_SHARE_INSIDE_LIMITS = 0.985


def limits_of(networks: Iterable[Sequence[np.ndarray]]) -> list[float]:
    """The end of the scale for each layer, shared by the same layer of all networks.

    Matrices that read many inputs have small weights; on one scale with them all others would be at its ends.

    Args:
        networks: the matrices of each.
    """
    layers = itertools.zip_longest(*networks)
    return [limit_of(one for one in layer if one is not None) for layer in layers]


def limit_of(arrays: Iterable[np.ndarray]) -> float:
    """The symmetric end of the scale for some weights, two significant digits."""
    everything = np.concatenate([np.abs(array).ravel() for array in arrays])
    return float(f"{np.quantile(everything, _SHARE_INSIDE_LIMITS):.2g}") or 1.0
