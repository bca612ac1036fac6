"""Permuting the hidden neurons of a policy, which leaves its function as it is.

Hidden layer l's permutation acts on the rows of matrix l (and its bias) and on the columns of matrix
l + 1 (Ainsworth et al. 2023, "Git Re-Basin", section 2).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nnit.architecture import MLPArchitecture
from nnit.policy import Policy


def random_permutations(
    architecture: MLPArchitecture, rng: np.random.Generator
) -> list[np.ndarray]:
    """One uniformly random permutation a hidden layer, each (width,)."""
    return [rng.permutation(width) for width in architecture.hidden]


def permute(policy: Policy, permutations: Sequence[np.ndarray]) -> Policy:
    """The same function with hidden neuron `permutations[l][i]` moved to place i of layer l.

    Outputs agree to float32 rounding: sums run in another order.
    """
    weights = [weight.copy() for weight in policy.weights]
    biases = [bias.copy() for bias in policy.biases]
    for layer, permutation in enumerate(permutations):
        weights[layer] = weights[layer][permutation]
        biases[layer] = biases[layer][permutation]
        weights[layer + 1] = weights[layer + 1][:, permutation]
    return replace(policy, weights=tuple(weights), biases=tuple(biases))


def shuffle(policy: Policy, seed: int) -> Policy:
    """The policy with every hidden layer's neurons in a random order, noted in its provenance."""
    permutations = random_permutations(policy.architecture, np.random.default_rng(seed))
    return permute(policy, permutations).with_provenance(shuffled_with_seed=seed)
