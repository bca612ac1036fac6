"""Each task's observation normaliser: every network of a task reads observations through the same one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from nnit.checkpoint import load_tensors, save_tensors
from nnit.errors import UserError

# A component that hardly varies carries no information; a smaller scale would blow up its noise.
MIN_OBSERVATION_SCALE = 0.03
# The experts switch at thresholds of a centimetre or two, a fifth of a standard deviation; stretching
# observations lets small weights draw such edges (peg-insert-side: 0.06 to 0.62 success in 3,000 steps).
STANDARD_DEVIATIONS = 0.25


@dataclass(frozen=True)
class Normaliser:
    """Mean and scale of a task's observations, each (observation_size,)."""

    mean: Float32[np.ndarray, " observation"]
    scale: Float32[np.ndarray, " observation"]

    @classmethod
    def fit(cls, observations: np.ndarray, *, picture: bool = False) -> "Normaliser":
        """From observations (n, observation_size); where they are pictures, all pixels are treated alike."""
        if picture:
            same = np.ones(observations.shape[1], np.float32)
            return cls(same * observations.mean(), same * observations.std())
        scale = STANDARD_DEVIATIONS * np.maximum(observations.std(0), MIN_OBSERVATION_SCALE)
        return cls(observations.mean(0).astype(np.float32), scale.astype(np.float32))


def save_normalisers(path: Path, normalisers: dict[str, Normaliser]) -> None:
    """Write the normalisers of all tasks."""
    tensors = {}
    for task, normaliser in normalisers.items():
        tensors[f"{task}/mean"] = torch.from_numpy(normaliser.mean)
        tensors[f"{task}/scale"] = torch.from_numpy(normaliser.scale)
    save_tensors(path, tensors)


def load_normalisers(path: Path) -> dict[str, Normaliser]:
    """Read what `save_normalisers` wrote.

    Raises:
        UserError: the file is missing, damaged or incomplete.
    """
    tensors = load_tensors(path)
    tasks = sorted({name.rsplit("/", 1)[0] for name in tensors})
    try:
        return {
            task: Normaliser(
                tensors[f"{task}/mean"].float().numpy(), tensors[f"{task}/scale"].float().numpy()
            )
            for task in tasks
        }
    except KeyError as error:
        raise UserError(f"{path} lacks {error}") from error
