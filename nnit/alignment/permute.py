"""Shuffling a policy: all its hidden neurons in a random order, its function as it is.

The permutations of `nnit.alignment.symmetry` with a generator of their own; what a seed means here is
kept, because results and the shipped example name it.
"""

import numpy as np

from nnit.alignment.symmetry import permute
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture

__all__ = ["permute", "random_permutations", "shuffle"]


def random_permutations(
    architecture: MLPArchitecture, rng: np.random.Generator
) -> list[np.ndarray]:
    """One uniformly random permutation a hidden layer, each (width,)."""
    return [rng.permutation(width) for width in architecture.hidden]


def shuffle(policy: Policy, seed: int) -> Policy:
    """The policy with every hidden layer's neurons in a random order, noted in its provenance."""
    permutations = random_permutations(policy.architecture, np.random.default_rng(seed))
    return permute(policy, permutations).with_provenance(shuffled_with_seed=seed)
