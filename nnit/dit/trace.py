"""Watching the model at work: how it fills in an architecture, and how weights come out of noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import PartialArchitecture
from nnit.request import SampleRequest


@dataclass(frozen=True, eq=False)
class ArchitectureTrace:
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
class SamplingTrace:
    """How one network comes out of noise, one entry a step of the flow.

    Attributes:
        times: where on the path each step begins, from 0, noise, towards 1.
        noisy: the network as it is there.
        predicted: the network in which the model would end from there; the last one is the result.
    """

    times: tuple[float, ...]
    noisy: tuple[Policy, ...]
    predicted: tuple[Policy, ...]


def trace_sampling(
    generator: Generator,
    request: SampleRequest,
    *,
    index: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> SamplingTrace:
    """How network `index` of a request comes out of noise, by its own solver.

    Raises:
        UserError: as `sample`.
    """
    steps = request.steps
    plan = generator.plan(replace(request, count=index + 1)).only(index)
    noisy: list[Policy] = []
    predicted: list[Policy] = []

    def on_step(done: int, x: Tensor, clean: Tensor) -> None:
        noisy.append(generator.policy(plan, 0, x[0].cpu(), index))
        predicted.append(generator.policy(plan, 0, clean[0].cpu(), index))
        if progress is not None:
            progress(done, steps)

    generator.flow([plan], on_step)
    times = tuple(step / steps for step in range(steps))
    return SamplingTrace(times, tuple(noisy), tuple(predicted))


def trace_architecture(generator: Generator, request: SampleRequest) -> ArchitectureTrace:
    """How the model fills in what is left open of the first architecture of a request.

    Raises:
        UserError: as `sample`, or nothing is left open.
    """
    if not isinstance(request.architecture, PartialArchitecture):
        raise UserError(f"nothing is left open in {request.architecture}")
    known: list[PartialArchitecture] = []
    chances: list[tuple[np.ndarray, np.ndarray]] = []

    def note(state: Sequence[PartialArchitecture], depth: Tensor, widths: Tensor) -> None:
        known.append(state[0])
        chances.append((_chances(depth[0]), _chances(widths[0])))

    plan = generator.plan(replace(request, count=1), note)
    hidden = plan.architectures[0].hidden
    known.append(replace(known[-1], depth=len(hidden), hidden=hidden))
    depth, width = (np.stack(ours) for ours in zip(*chances, strict=True))
    return ArchitectureTrace(tuple(known), *generator.choices, depth, width)


def _chances(logits: Tensor) -> np.ndarray:
    return logits.float().softmax(-1).cpu().numpy()
