"""Seeds that follow from what they are for, so that no result depends on what was drawn before it."""

import hashlib
from typing import Literal

Purpose = Literal["train", "select", "evaluate"]
_BLOCK = 2**30
# First seed, and number of seeds, of each purpose.
_BLOCKS: dict[Purpose, tuple[int, int]] = {
    "train": (0, _BLOCK),
    "select": (_BLOCK, _BLOCK),
    "evaluate": (2 * _BLOCK, 2 * _BLOCK),
}


def seed_of(*parts: object) -> int:
    """A seed of 56 bits, which torch and NumPy both take, from parts that name what it is for."""
    name = "/".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


def purpose_seed(purpose: Purpose, *parts: object) -> int:
    """A seed among those of a purpose, from parts that name what it is for."""
    start, size = _BLOCKS[purpose]
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return start + int.from_bytes(digest[:8], "big") % size


def purpose_of(seed: int) -> tuple[Purpose, int]:
    """The purpose that a seed belongs to, and its place among the seeds of that purpose; later seeds evaluate."""
    purposes: tuple[Purpose, ...] = ("train", "select", "evaluate")
    purpose = purposes[min(seed // _BLOCK, 2)]
    return purpose, seed - _BLOCKS[purpose][0]
