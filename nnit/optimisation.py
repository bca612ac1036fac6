"""Averaged weights, the course of the learning rate, and training states on disk."""

import copy
import math
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from nnit.errors import UserError

Model = TypeVar("Model", bound=nn.Module)


class Average(Generic[Model]):
    """Exponential moving average of a module's parameters, with a warm-up of the decay."""

    def __init__(self, module: Model, decay: float) -> None:
        self.module: Model = copy.deepcopy(module)
        self.module.eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module: Model) -> None:
        """Move towards `module`."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for mean, parameter in zip(self.module.parameters(), module.parameters(), strict=True):
            mean.lerp_(parameter, 1 - decay)


def cosine_rate(step: int, total: int, peak: float, warmup: int = 200) -> float:
    """Learning rate at `step`: linear warm-up to `peak`, then half a cosine to zero at `total`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return 0.5 * peak * (1 + math.cos(math.pi * progress))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Use this learning rate from now on, times a group's own `multiple` where it has one."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("multiple", 1.0)


@contextmanager
def seeded_initialisation(seed: int) -> Iterator[None]:
    """Build modules with random weights that follow from `seed`, leaving the global generator alone."""
    with torch.random.fork_rng():
        torch.default_generator.manual_seed(seed)
        yield


def save_training_state(path: Path, settings: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write models, optimiser and counters; a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save({"settings": repr(settings), **state}, temporary)
    temporary.replace(path)


def load_training_state(path: Path, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `save_training_state` wrote, or None where there is nothing yet.

    Raises:
        UserError: it is damaged, or was written under other settings, which cannot be mixed.
    """
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        written_under = state.pop("settings")
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError) as error:
        raise UserError(f"{path} is damaged; remove it to train this stage anew") from error
    if written_under != repr(settings):
        raise UserError(
            f"{path.parent} was trained with other settings; move it away or use another folder"
        )
    return state
