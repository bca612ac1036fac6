"""Where the one colour scale of weights ends; `palette.js` has its colours."""

from collections.abc import Iterable

import numpy as np

# Beyond this share of all weights, colours no longer grow: a few large ones would leave the rest pale.
_SHARE_INSIDE_LIMITS = 0.985


def limit_of(arrays: Iterable[np.ndarray]) -> float:
    """The symmetric end of the scale for some weights, two significant digits."""
    everything = np.concatenate([np.abs(array).ravel() for array in arrays])
    return float(f"{np.quantile(everything, _SHARE_INSIDE_LIMITS):.2g}") or 1.0
