"""What is decided before the flow: what is wanted, of which shapes, and from which noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nnit.architecture import MLPArchitecture, PartialArchitecture
from nnit.errors import UserError
from nnit.flow import SOLVERS
from nnit.seeds import seed_of
from nnit.style import Style

DEFAULT_STEPS = 8
DEFAULT_SOLVER = "euler"
MAX_STEPS = 100
MAX_COUNT = 64


Architecture = MLPArchitecture | PartialArchitecture


@dataclass(frozen=True)
class Wanted:
    """What one caller wants sampled; `Generator.sample` says what the fields mean."""

    task: str
    architecture: Architecture
    count: int = 1
    seed: int = 0
    steps: int = DEFAULT_STEPS
    style: Style | None = None
    max_parameters: int | None = None
    solver: str = DEFAULT_SOLVER


@dataclass(frozen=True, eq=False)
class Plan:
    """All that is decided before the flow: networks whose weights are still noise.

    Attributes:
        wanted: what it is for.
        style: that is asked for; None where the checkpoint knows none.
        architectures: one a network.
        noise: where the flow of each network starts, (T, cells).
        latents: (N, L).
        conditions: (C,), NaN where left open.
    """

    wanted: Wanted
    style: Style | None
    architectures: list[MLPArchitecture]
    noise: list[Tensor]
    latents: np.ndarray
    conditions: np.ndarray

    def only(self, index: int) -> "Plan":
        """The plan of one of its networks."""
        one = slice(index, index + 1)
        return Plan(
            self.wanted,
            self.style,
            self.architectures[one],
            self.noise[one],
            self.latents[one],
            self.conditions,
        )


def check(wanted: Wanted, tasks: Sequence[str], *, styled: bool) -> None:
    """Raise a `UserError` where a checkpoint of these tasks cannot do what is wanted, or a number is out of range."""
    task, count, steps, solver = wanted.task, wanted.count, wanted.steps, wanted.solver
    if task not in tasks:
        raise UserError(
            f'this checkpoint does not cover the task "{task[:60]}"; it covers {", ".join(tasks)}'
        )
    if not 1 <= count <= MAX_COUNT:
        raise UserError(f"the number of networks must be 1 to {MAX_COUNT}, not {count}")
    if not 1 <= steps <= MAX_STEPS:
        raise UserError(f"the number of flow steps must be 1 to {MAX_STEPS}, not {steps}")
    if solver not in SOLVERS:
        raise UserError(f'unknown solver "{solver[:40]}"; there are {", ".join(SOLVERS)}')
    if wanted.style is not None and not styled:
        raise UserError("this checkpoint knows no styles of motion")


def own_generator(task: str, asked: Architecture, seed: int, index: int) -> torch.Generator:
    """The source of random numbers of one network."""
    return torch.Generator().manual_seed(seed_of(task, asked, seed, index))
