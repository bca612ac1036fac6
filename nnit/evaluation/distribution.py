"""Are the networks of a source distributed as fresh networks of the zoo? Tests in weights and in actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from nnit.baselines.shipped import drawn_states
from nnit.evaluation.novelty import actions_on
from nnit.evaluation.sources import latents_from, sample_from
from nnit.evaluation.two_sample import Comparison, compare
from nnit.request import PARAMETERS, SampleRequest
from nnit.seeds import seed_of

SPACES = ("weights", "actions")
STATES = 256  # of the checkpoint's sample, on which actions are compared


@dataclass(frozen=True, eq=False)
class Networks:
    """A set of networks of one architecture as arrays.

    Attributes:
        spaces: by name of `SPACES`, one row a network: all weights, then all biases, end to end, and clipped actions on
            shared states.
        latents: (networks, latent); None where the source draws none.
    """

    spaces: Mapping[str, Float[np.ndarray, "networks features"]]
    latents: Float[np.ndarray, "networks latent"] | None


def requests_for(request: SampleRequest, count: int) -> list[SampleRequest]:
    """Requests for `count` networks together, each no larger than a request may be.

    The first has the seed of `request`, so that its networks are those that the seed names anywhere else; the others
    have seeds that follow from it.
    """
    most = int(PARAMETERS["count"].high)
    return [
        replace(
            request,
            count=min(most, count - start),
            seed=seed_of("further", request.seed, start) if start else request.seed,
        )
        for start in range(0, count, most)
    ]


def compared_with_zoo(
    source: str,
    request: SampleRequest,
    count: int,
    checkpoint: Path,
    progress: Callable[[int, int], None],
) -> dict[str, Comparison]:
    """`count` networks of a source against as many fresh ones of the zoo, by space.

    Those of the zoo are made by its recipe for this task, architecture and conditions, in two independent sets: one
    to compare with, one as control.

    Args:
        source: of `nnit.evaluation.sources.SOURCES`.
        request: what is asked of it; its own count does not matter.
        count: networks in each set.
        checkpoint: folder of the trained models.
        progress: called with (requests done, requests in all).

    Raises:
        UserError: the source or the zoo's recipe cannot make such networks, or they cannot be compared.
    """
    zoo, control = (
        replace(request, seed=seed_of("distribution", name, request.seed))
        for name in ("zoo", "control")
    )
    asked = [
        (name, requests_for(one, count))
        for name, one in ((source, request), ("zoo", zoo), ("zoo", control))
    ]
    done, total = 0, sum(len(requests) for _, requests in asked)
    sets = []
    for name, requests in asked:
        parts = []
        for one in requests:
            parts.append(_networks(name, one, checkpoint))
            done += 1
            progress(done, total)
        sets.append(_joined(parts))
    generated, real, other = sets
    return {
        space: compare(
            generated.spaces[space],
            real.spaces[space],
            other.spaces[space],
            generated_latents=generated.latents,
            real_latents=real.latents,
            seed=request.seed,
        )
        for space in SPACES
    }


def _networks(source: str, request: SampleRequest, checkpoint: Path) -> Networks:
    """The networks of one request."""
    policies = sample_from(source, request, checkpoint)
    weights = [
        np.concatenate([array.ravel() for array in (*policy.weights, *policy.biases)])
        for policy in policies
    ]
    states, _ = drawn_states(request.task, checkpoint, STATES, seed=0)
    actions = actions_on(policies, states.observations)
    spaces = {"weights": np.stack(weights), "actions": actions.reshape(len(policies), -1)}
    return Networks(spaces, latents_from(source, request, checkpoint))


def _joined(parts: list[Networks]) -> Networks:
    """All networks of several sets of one source."""
    latents = [part.latents for part in parts if part.latents is not None]
    return Networks(
        {space: np.concatenate([part.spaces[space] for part in parts]) for space in SPACES},
        np.concatenate(latents) if latents else None,
    )
