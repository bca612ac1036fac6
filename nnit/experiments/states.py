"""States in which networks are compared by what they do."""

import numpy as np
from jaxtyping import Float

from nnit.demonstrations import load_sample
from nnit.errors import UserError
from nnit.experiments.base import Bench


def shared_states(task: str, count: int, bench: Bench) -> Float[np.ndarray, "n observation"]:
    """Up to `count` observations of a task, in the environment's own units, from the checkpoint's sample.

    Raises:
        UserError: the checkpoint has no states of `task`.
    """
    transitions = load_sample(bench.checkpoint / "transitions.safetensors")
    if task not in transitions:
        raise UserError(f'the checkpoint does not cover the task "{task[:60]}"')
    chosen = np.random.default_rng(bench.seed).permutation(len(transitions[task]))[:count]
    return transitions[task].observations[chosen]
