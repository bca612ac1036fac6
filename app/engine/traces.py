"""How networks come about, step by step: shapes out of what is left open, weights out of noise.

All of it runs in the thread that calls.
"""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.engine.jobs import Report
from app.engine.networks import Network
from nnit.alignment.permute import shuffle
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.dit.generator import Generator
    from nnit.dit.trace import ArchitectureTrace


@dataclass(frozen=True, eq=False)
class FlowTrace:
    """How a network comes out of noise; one entry a step.

    Attributes:
        times: where on the path each step begins, from 0, noise, towards 1.
        noisy: the network as it is there.
        predicted: the network in which the model would end from there.
    """

    times: tuple[float, ...]
    noisy: tuple[Network, ...]
    predicted: tuple[Network, ...]


@dataclass(frozen=True, eq=False)
class SequenceTrace:
    """A whole sequence as the model writes it: first the words on the shape, then the patches.

    Attributes:
        shape: how the shape is filled in.
        trace: how its weights come out of noise.
    """

    shape: "ArchitectureTrace"
    trace: FlowTrace


def trace_flow(
    generator: "Generator", request: SampleRequest, report: Report | None = None
) -> FlowTrace:
    """How the first network of a request comes out of noise.

    Raises:
        UserError: the checkpoint cannot do what is asked.
    """
    from nnit.dit.trace import trace_sampling

    started = time.perf_counter()
    shown = trace_sampling(generator, request, progress=report)
    seconds = time.perf_counter() - started

    def network(policy: Policy) -> Network:
        shuffled = shuffle(policy, request.seed)
        version, device = generator.version, generator.device
        return Network(policy, shuffled, seconds, version, device, generator.patch)

    noisy, predicted = (
        tuple(map(network, policies)) for policies in (shown.noisy, shown.predicted)
    )
    return FlowTrace(shown.times, noisy, predicted)


def trace_sequence(
    generator: "Generator", request: SampleRequest, report: Report | None = None
) -> SequenceTrace:
    """How the model writes the first network of a request, its shape included.

    Raises:
        UserError: the checkpoint cannot do what is asked, or nothing of the shape is left open.
    """
    from nnit.dit.trace import trace_architecture

    filled = trace_architecture(generator, request)
    chosen = filled.known[-1].architecture()
    trace = trace_flow(generator, replace(request, architecture=chosen), report)
    return SequenceTrace(filled, trace)
