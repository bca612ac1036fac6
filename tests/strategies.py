"""What several tests draw or compare: architectures, and policies with random weights."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from hypothesis import strategies as st

from nnit.mlp.batch import MLPBatch, width_masks
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTIVATIONS, MAX_DEPTH, MAX_WIDTH, MIN_WIDTH, MLPArchitecture

seeds = st.integers(0, 2**32 - 1)


def architectures(
    low: int = MIN_WIDTH, high: int = MAX_WIDTH, depth: int = MAX_DEPTH
) -> st.SearchStrategy[MLPArchitecture]:
    """Any architecture with widths from `low` to `high` and up to `depth` hidden layers."""
    widths = st.lists(st.integers(low, high), min_size=1, max_size=depth)
    return widths.map(lambda hidden: MLPArchitecture(tuple(hidden)))


def sized_architectures() -> st.SearchStrategy[MLPArchitecture]:
    """Any architecture, with any sizes of observation and action and any activation."""
    return st.builds(
        replace,
        architectures(),
        observation_size=st.integers(1, 80),
        action_size=st.integers(1, 12),
        activation=st.sampled_from(ACTIVATIONS),
    )


def random_policy(architecture: MLPArchitecture, seed: int, task: str = "reach-v3") -> Policy:
    """A policy whose weights are normal, scaled to keep the activations in tanh's range."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return Policy(
        task=task,
        architecture=architecture,
        weights=tuple(
            normal(*shape) / np.sqrt(np.float32(shape[1])) for shape in architecture.shapes
        ),
        biases=tuple(0.1 * normal(rows) for rows, _ in architecture.shapes),
        observation_mean=normal(architecture.observation_size),
        observation_scale=np.exp(normal(architecture.observation_size)),
        provenance={"source": "random", "seed": seed},
    )


def stack_policies(policies: Sequence[Policy], side: int) -> MLPBatch:
    """Policies of one depth as padded networks, hidden sides padded to `side`."""
    architectures = [policy.architecture for policy in policies]
    masks = width_masks(architectures, side)
    weights, biases = [], []
    for layer, (before, after) in enumerate(zip(masks[:-1], masks[1:], strict=True)):
        weight = torch.zeros(len(policies), after.shape[1], before.shape[1])
        bias = torch.zeros(len(policies), after.shape[1])
        for index, policy in enumerate(policies):
            rows, columns = policy.weights[layer].shape
            weight[index, :rows, :columns] = torch.from_numpy(policy.weights[layer])
            bias[index, :rows] = torch.from_numpy(policy.biases[layer])
        weights.append(weight)
        biases.append(bias)
    return MLPBatch(architectures, weights, biases)


def policies() -> st.SearchStrategy[Policy]:
    """Any architecture with random weights."""
    return st.builds(random_policy, architectures(), seeds)


def assert_same_policy(a: Policy, b: Policy) -> None:
    """Equal to the last bit; files of the same policy may order their metadata differently."""
    assert (a.task, a.architecture, a.provenance) == (b.task, b.architecture, b.provenance)
    for (name, mine), (_, theirs) in zip(a._tensors().items(), b._tensors().items(), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)
