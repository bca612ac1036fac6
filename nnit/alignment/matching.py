"""Matching the neurons of one network to those of a reference, by weights or by activations.

Both methods are of Ainsworth, Hayase and Srinivasa 2023, "Git Re-Basin" (https://arxiv.org/abs/2209.04836).
The reference may have other hidden widths: then each neuron of the smaller layer gets a partner of its own
in the larger, and only what both networks have counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from nnit.alignment.descent import ROUNDING, descend, grow, problem_of
from nnit.alignment.symmetry import mlp_symmetry, permute
from nnit.mlp.network import AnyNetwork, Network, check_comparable, hidden_widths


@dataclass(frozen=True, eq=False)
class Matching:
    """How a network's neurons correspond to a reference's.

    Attributes:
        permutations: of the network's own hidden layers, each (width,). Neurons with a partner come
            first, in the order of their partners; those without, in a larger network, follow.
        partners: for each hidden layer, (smaller of both widths,), increasing: the reference's neuron
            that the permuted network's neuron 0, 1, 2, ... belongs to. 0, 1, 2, ... itself unless the
            network's layer is the smaller one.
        before: distance as the networks were, of the quantity that the method minimises.
        after: the same with the neurons matched, never larger than `before`.
    """

    permutations: tuple[Int[np.ndarray, " width"], ...]
    partners: tuple[Int[np.ndarray, " common"], ...]
    before: float
    after: float

    def apply(self, network: AnyNetwork) -> AnyNetwork:
        """The network in the order of the reference."""
        return permute(network, self.permutations)

    @property
    def moved(self) -> float:
        """Share of the neurons with a partner, over all layers, that were not in its place."""
        pairs = list(zip(self.permutations, self.partners, strict=True))
        wrong = sum(int((own[: len(theirs)] != theirs).sum()) for own, theirs in pairs)
        return wrong / sum(len(theirs) for _, theirs in pairs)


def weight_matching(reference: Network, network: Network, *, seed: int = 0) -> Matching:
    """Permutations that bring a network's weights and biases close to the reference's.

    Minimises the L2 distance over all weights and biases, and gains and shifts of layer normalisation (where widths
    differ, over those that both networks have) by coordinate descent: with all layers but one held, the best
    permutation of that one is a linear assignment problem, solved exactly; repeated until no layer gains (Git Re-Basin,
    algorithm 1). The descent finds a local minimum only, so it starts from the order as it is, from a match that grows
    layer by layer from the input, and from one that grows from the output, and the best result is kept. The first of
    them never ends above where it began, so neither does the best.

    Args:
        reference: whose order is wanted.
        network: of the same depth, inputs and outputs; hidden widths may differ.
        seed: of the order in which layers are visited.

    Raises:
        UserError: the networks cannot be compared.
    """
    check_comparable([reference, network])
    own, theirs = hidden_widths(network), hidden_widths(reference)
    problem = problem_of(mlp_symmetry(np.maximum(own, theirs).tolist()), reference, network)
    identity = [np.arange(width) for width in problem.symmetry.widths]
    depth = len(identity)
    starts = [identity, grow(problem, range(depth)), grow(problem, range(depth)[::-1])]
    rng = np.random.default_rng(seed)
    candidates = [identity, *(descend(problem, start, rng) for start in starts)]
    distances = [problem.distance(candidate) for candidate in candidates]
    # Nothing but a real gain moves a neuron.
    best = int(np.argmin(distances))
    size = np.sqrt(sum((tensor**2).sum() for tensor in problem.moving.values()))
    if distances[best] > distances[0] - ROUNDING * size:
        best = 0
    return _matching(candidates[best], own, theirs, distances[0], distances[best])


def _matching(
    padded: Sequence[np.ndarray],
    own: Sequence[int],
    theirs: Sequence[int],
    before: float,
    after: float,
) -> Matching:
    """A matching of the real neurons from permutations of the padded layers.

    Args:
        padded: one permutation a layer, each of (larger of both widths,).
        own: hidden widths of the network.
        theirs: hidden widths of the reference.
    """
    permutations, partners = [], []
    for permutation, width, reference_width in zip(padded, own, theirs, strict=True):
        matched = permutation[:reference_width]
        real = np.flatnonzero(matched < width)
        # Neurons beside the reference's padding have no partner; any order of theirs is as good.
        rest = np.sort(permutation[reference_width:])
        permutations.append(np.concatenate([matched[real], rest]))
        partners.append(real)
    return Matching(tuple(permutations), tuple(partners), float(before), float(after))
