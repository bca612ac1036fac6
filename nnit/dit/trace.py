"""Watching the model at work: how it fills in an architecture, and how weights come out of noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import PartialArchitecture
from nnit.request import DEFAULT_STEPS, Architecture, Wanted
from nnit.sim.suites.metaworld.style import Style


@dataclass(frozen=True, eq=False)
class Filling:
    """How the model makes an architecture out of what is left open, one entry a choice.

    Attributes:
        known: what is known before each choice, and at last the whole architecture, (choices + 1).
        depths: the numbers of hidden layers that it chooses from.
        widths: the widths that it chooses from.
        depth_chances: probability of each depth before each choice, (choices, depths).
        width_chances: probability of each width of each layer, (choices, MAX_DEPTH, widths); of layers
            that are known, or of which it is not known that they exist, they mean nothing.
    """

    known: tuple[PartialArchitecture, ...]
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    depth_chances: np.ndarray
    width_chances: np.ndarray


@dataclass(frozen=True, eq=False)
class Timeline:
    """How one network comes out of noise, one entry a step of the flow.

    Attributes:
        times: where on the path each step begins, from 0, noise, towards 1.
        noisy: the network as it is there.
        predicted: the network in which the model would end from there; the last one is the result.
    """

    times: tuple[float, ...]
    noisy: tuple[Policy, ...]
    predicted: tuple[Policy, ...]


def timeline(
    generator: Generator,
    task: str,
    architecture: Architecture,
    *,
    seed: int = 0,
    steps: int = DEFAULT_STEPS,
    style: Style | None = None,
    index: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Timeline:
    """How network `index` of `sample` with the same arguments comes out of noise, by Euler's steps.

    Raises:
        UserError: as `sample`.
    """
    wanted = Wanted(task, architecture, index + 1, seed, steps, style)
    plan = generator.plan(wanted).only(index)
    noisy: list[Policy] = []
    predicted: list[Policy] = []

    def on_step(done: int, x: Tensor, clean: Tensor) -> None:
        noisy.append(generator.policy(plan, 0, x[0].cpu(), index))
        predicted.append(generator.policy(plan, 0, clean[0].cpu(), index))
        if progress is not None:
            progress(done, steps)

    generator.flow([plan], on_step)
    times = tuple(step / steps for step in range(steps))
    return Timeline(times, tuple(noisy), tuple(predicted))


def filling(
    generator: Generator,
    task: str,
    architecture: Architecture,
    *,
    seed: int = 0,
    style: Style | None = None,
) -> Filling:
    """How `sample` with the same arguments fills in what is left open of its first architecture.

    Raises:
        UserError: as `sample`, or nothing is left open.
    """
    if not isinstance(architecture, PartialArchitecture) or architecture.complete:
        raise UserError(f"nothing is left open in {architecture}")
    known: list[PartialArchitecture] = []
    chances: list[tuple[np.ndarray, np.ndarray]] = []

    def note(state: Sequence[PartialArchitecture], depth: Tensor, widths: Tensor) -> None:
        known.append(state[0])
        chances.append((_chances(depth[0]), _chances(widths[0])))

    plan = generator.plan(Wanted(task, architecture, 1, seed, style=style), note)
    hidden = plan.architectures[0].hidden
    known.append(PartialArchitecture(len(hidden), hidden))
    depth, width = (np.stack(ours) for ours in zip(*chances, strict=True))
    return Filling(tuple(known), *generator.choices, depth, width)


def _chances(logits: Tensor) -> np.ndarray:
    return logits.float().softmax(-1).cpu().numpy()
