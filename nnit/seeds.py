"""Seeds that follow from what they are for, so that no result depends on what was drawn before it."""

import hashlib


def seed_of(*parts: object) -> int:
    """A seed of 56 bits, which torch and NumPy both take, from parts that name what it is for."""
    name = "/".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
