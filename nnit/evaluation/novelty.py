"""Is a generator more than a memory of its training set? Distances to the nearest training network.

In the manner of Zeng et al. 2025, "Generative Modeling of Weights: Generalization or Memorization?"
(arXiv 2506.07998): in weight space, after matching neurons, and in actions, as their difference
on shared states; each against the same distances within the training set.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import distance
from nnit.mlp.policy import Policy


@dataclass(frozen=True)
class Nearest:
    """Distances of one network to the nearest of some others, each nearest in its own sense.

    Attributes:
        actions: root mean square difference of actions on shared states.
        weights: relative distance of weights on the common corner, after matching neurons.
    """

    actions: float
    weights: float


def actions_on(
    policies: Sequence[Policy], observations: Float[np.ndarray, "n observation"]
) -> Float[np.ndarray, "N n action"]:
    """What each policy does in shared states, clipped as the environment does."""
    return np.stack([policy.act(observations) for policy in policies])


def action_distances(
    a: Float[np.ndarray, "A n action"], b: Float[np.ndarray, "B n action"]
) -> Float[np.ndarray, "A B"]:
    """Root mean square difference between the actions of every pair."""
    return np.stack([np.sqrt(np.square(b - one).mean((1, 2))) for one in a])


def weight_distance(a: Policy, b: Policy) -> float:
    """Relative distance of two networks of one depth, over the neurons that matching pairs."""
    matching = weight_matching(a, b)
    return distance(a, matching.apply(b), matching.partners)


def nearest(
    policies: Sequence[Policy],
    others: Sequence[Policy],
    observations: Float[np.ndarray, "n observation"],
    *,
    candidates: int = 8,
) -> list[Nearest]:
    """For each policy its distances to the nearest of `others`, itself left out.

    Weights are compared with the `candidates` of the same depth that are nearest in actions, since
    matching every pair takes too long and near weights act alike.
    """
    mine, theirs = actions_on(policies, observations), actions_on(others, observations)
    table = action_distances(mine, theirs)
    found = []
    for row, policy in zip(table, policies, strict=True):
        order = [i for i in np.argsort(row) if others[i] is not policy]
        alike = [i for i in order if others[i].architecture.depth == policy.architecture.depth]
        weights = [weight_distance(policy, others[i]) for i in alike[:candidates]]
        found.append(Nearest(float(row[order[0]]), min(weights, default=float("nan"))))
    return found


def spread(
    policies: Sequence[Policy], observations: Float[np.ndarray, "n observation"]
) -> tuple[float, float]:
    """Mean distance between all pairs of policies of one architecture, in actions and in weights."""
    actions = actions_on(policies, observations)
    apart = action_distances(actions, actions)[np.triu_indices(len(policies), 1)].mean()
    weights = [weight_distance(a, b) for a, b in itertools.combinations(policies, 2)]
    return float(apart), float(np.mean(weights))
