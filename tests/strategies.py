"""What several tests draw or compare: architectures, and policies with random weights."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_DEPTH, MAX_WIDTH, MIN_WIDTH, MLPArchitecture

# A busy machine is no failure: examples may take as long as they take.
settings.register_profile("nnit", deadline=None)
settings.load_profile("nnit")

seeds = st.integers(0, 2**32 - 1)


def architectures(
    low: int = MIN_WIDTH, high: int = MAX_WIDTH, depth: int = MAX_DEPTH
) -> st.SearchStrategy[MLPArchitecture]:
    """Any architecture with widths from `low` to `high` and up to `depth` hidden layers."""
    widths = st.lists(st.integers(low, high), min_size=1, max_size=depth)
    return widths.map(lambda hidden: MLPArchitecture(tuple(hidden)))


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


def policies() -> st.SearchStrategy[Policy]:
    """Any architecture with random weights."""
    return st.builds(random_policy, architectures(), seeds)


def assert_same_policy(a: Policy, b: Policy) -> None:
    """Equal to the last bit; files of the same policy may order their metadata differently."""
    assert (a.task, a.architecture, a.provenance) == (b.task, b.architecture, b.provenance)
    for (name, mine), (_, theirs) in zip(a._tensors().items(), b._tensors().items(), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)
