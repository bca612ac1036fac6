"""Which architectures and goals are held out of training, and which split an architecture is in.

An architecture is *seen* only if that exact list of hidden widths trained the GHN, the zoo or the DiT.
All three draw their architectures from `training_architectures()`, a fixed list, so that `split_of`
needs no checkpoint to answer. Never trained on: any list with a reserved width, a fixed tenth of the
other combinations, networks of `HELD_OUT_DEPTH` hidden layers, and widths outside the training range.

Seeds name goals. Training (demonstrations, DAgger, fine-tuning) draws from [0, 2^30), the zoo's own
success measurement from [2^30, 2^31), and evaluation from [2^31, 2^32), so that no evaluated goal was
ever trained on.
"""

import functools
import hashlib
import itertools
from typing import Literal

import numpy as np

from nnit.mlp.spec import MLPArchitecture

MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH = 8, 64
TRAINED_DEPTHS = (1, 2, 3)
HELD_OUT_DEPTH = 4
RESERVED_WIDTHS = frozenset({11, 19, 27, 37, 45, 53, 61})
TRAINED_WIDTHS = tuple(
    width
    for width in range(MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH + 1)
    if width not in RESERVED_WIDTHS
)
# What results are reported on, chosen before anything was measured on them: two of each depth with all
# widths seen but not together, then two of each depth with reserved widths.
HELD_OUT = (
    *("33", "40", "30-48", "12-20", "23-42-36", "64-64-64"),
    *("61", "16-11", "27-45", "60-53", "50-22-37", "40-19-61"),
)
_HELD_OUT_ONE_IN = 10
_THREE_LAYER_COUNT = 4000

_SEED_BLOCK = 2**30

Split = Literal["seen", "recombined", "new-width", "new-depth", "extrapolated"]
SPLITS: tuple[Split, ...] = ("seen", "recombined", "new-width", "new-depth", "extrapolated")


def _held_out_by_hash(architecture: MLPArchitecture) -> bool:
    """Whether this combination is in the fixed random tenth that is never trained on."""
    digest = hashlib.sha256(str(architecture).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_OUT_ONE_IN == 0


@functools.cache
def training_architectures() -> tuple[MLPArchitecture, ...]:
    """Every architecture that training may use: all of depth 1 and 2, a fixed draw of depth 3."""
    candidates = [
        MLPArchitecture(hidden)
        for depth in (1, 2)
        for hidden in itertools.product(TRAINED_WIDTHS, repeat=depth)
    ]
    draw = np.random.default_rng(20260300180).choice(TRAINED_WIDTHS, size=(_THREE_LAYER_COUNT, 3))
    candidates += [
        MLPArchitecture(tuple(map(int, hidden))) for hidden in sorted(set(map(tuple, draw)))
    ]
    return tuple(a for a in candidates if not _held_out_by_hash(a))


@functools.cache
def _seen() -> frozenset[tuple[int, ...]]:
    return frozenset(architecture.hidden for architecture in training_architectures())


def split_of(architecture: MLPArchitecture) -> Split:
    """The split of the held-out protocol that `architecture` belongs to.

    Where several apply, the harder one is named: `extrapolated` (a width outside the training range,
    or deeper than `HELD_OUT_DEPTH`), then `new-depth`, then `new-width` (a reserved width), then
    `recombined` (all widths seen, this combination not), then `seen`.
    """
    widths = architecture.hidden
    if any(not MIN_TRAINED_WIDTH <= width <= MAX_TRAINED_WIDTH for width in widths):
        return "extrapolated"
    if architecture.depth > HELD_OUT_DEPTH:
        return "extrapolated"
    if architecture.depth == HELD_OUT_DEPTH:
        return "new-depth"
    if RESERVED_WIDTHS & set(widths):
        return "new-width"
    return "seen" if widths in _seen() else "recombined"


def goal_seed(purpose: str, *parts: int | str) -> int:
    """The environment seed for a purpose ("train", "select" or "evaluate") and any identifying parts."""
    start, size = {
        "train": (0, _SEED_BLOCK),
        "select": (_SEED_BLOCK, _SEED_BLOCK),
        "evaluate": (2 * _SEED_BLOCK, 2 * _SEED_BLOCK),
    }[purpose]
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return start + int.from_bytes(digest[:8], "big") % size


def evaluation_goal(seed: int, task: str, architecture: str, network: int, episode: int) -> int:
    """The environment seed of one evaluated episode; the same for every source of networks.

    Architectures meet different goals, so that a mean over them rests on that many more.
    """
    return goal_seed("evaluate", seed, task, architecture, network, episode)
