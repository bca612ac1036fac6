"""What is done to a set of networks before it is measured: nothing, a shuffle, or a shuffle that matching undoes.

Without torch, so that networks which a visitor of the app brings are measured before it is loaded. The first network of
a set is the reference of everything that compares two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal

import numpy as np

from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import Partners
from nnit.alignment.symmetry import Permutations, permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.network import AnyNetwork, hidden_widths

Treatment = Literal["as it is", "shuffled", "realigned"]
TREATMENTS: tuple[Treatment, ...] = ("as it is", "shuffled", "realigned")


@dataclass(frozen=True, eq=False)
class Treated(Generic[AnyNetwork]):
    """A set of networks after a treatment.

    Attributes:
        networks: the first is the reference.
        partners: for each of them, which of the reference's neurons its first ones belong to, as in
            `Matching.partners`; None where neuron i belongs to neuron i.
        permutations: what was done to each of them, from the networks as they came; as `permute` takes it.
    """

    networks: tuple[AnyNetwork, ...]
    partners: tuple[Partners | None, ...]
    permutations: tuple[Permutations, ...]


def treat(
    networks: Sequence[AnyNetwork],
    treatment: Treatment,
    *,
    fraction: float = 1.0,
    seed: int = 0,
) -> Treated[AnyNetwork]:
    """A set of networks as it is, shuffled, or realigned.

    Shuffled: every network with random permutations of its own. Realigned: the first network as it is, and
    the others, shuffled, matched to it by weights; so it shows what matching can make of them, no matter
    in which order they came.

    Args:
        networks: of one depth.
        treatment: one of `TREATMENTS`.
        fraction: of each layer's neurons that the shuffle moves, 0 to 1.
        seed: of the shuffle; network i is shuffled alike however many there are.

    Raises:
        UserError: an unknown treatment, or a fraction out of range.
    """
    if treatment not in TREATMENTS:
        raise UserError(f'unknown treatment "{str(treatment)[:40]}"')
    unmoved = [[np.arange(width) for width in hidden_widths(network)] for network in networks]
    if treatment == "as it is":
        return Treated(tuple(networks), (None,) * len(networks), tuple(unmoved))
    shuffles = [
        random_permutations(hidden_widths(network), fraction, np.random.default_rng((seed, index)))
        for index, network in enumerate(networks)
    ]
    shuffled = [permute(network, s) for network, s in zip(networks, shuffles, strict=True)]
    if treatment == "shuffled":
        return Treated(tuple(shuffled), (None,) * len(shuffled), tuple(shuffles))
    matchings = [weight_matching(networks[0], network) for network in shuffled[1:]]
    matched = [m.apply(network) for m, network in zip(matchings, shuffled[1:], strict=True)]
    moves = [
        [first[then] for first, then in zip(shuffle, m.permutations, strict=True)]
        for shuffle, m in zip(shuffles[1:], matchings, strict=True)
    ]
    return Treated(
        (networks[0], *matched),
        (None, *(m.partners for m in matchings)),
        (*unmoved[:1], *moves),
    )
