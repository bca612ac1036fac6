"""Ridge regression from the shape to every single weight, fitted on networks that the GHN writes. Source `ridge`.

What there is to gain from a generator is what this lacks: each weight of each layer is one linear function of
some twenty numbers (the widths of the layers, where a layer ends as the weight's neurons see it, the conditions and
the latent), found in closed form (Hoerl and Kennard 1970, "Ridge regression", https://doi.org/10.1080/00401706.1970.10488634).
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from nnit.baselines.shipped import shipped_ghn
from nnit.description import describe, not_covered
from nnit.errors import UserError
from nnit.ghn.store import draw_latents, write_networks
from nnit.imitation.fitting import Conditions
from nnit.mlp.batch import MLPBatch, width_masks
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest, own_seed
from nnit.sim.suites.base import Condition
from nnit.splits import Protocol

NETWORKS = 512  # that one regression is fitted on
_AT_ONCE = 64  # of them written together
_PENALTY = 1e-4  # on squared coefficients, for each network
_REACHES = (2.0, 8.0)  # neurons over which the end of a layer is felt


@dataclass(frozen=True, eq=False)
class Networks:
    """What a regression is fitted on.

    Attributes:
        batch: the networks, all of one depth.
        conditions: of each, from 0 to 1, (N, conditions).
        latents: of each, (N, latent).
        protocol: says how narrow and how wide training had layers.
    """

    batch: MLPBatch
    conditions: Float[Tensor, "N conditions"]
    latents: Float[Tensor, "N latent"]
    protocol: Protocol


@dataclass(frozen=True, eq=False)
class Ridge:
    """One linear function for each weight of networks of one task and depth.

    Attributes:
        coefficients: for each matrix, with its bias as the last column: (rows, columns + 1, features).
        protocol: of the networks that it was fitted on.
    """

    coefficients: list[Tensor]
    protocol: Protocol

    @classmethod
    def fit(cls, networks: Networks) -> "Ridge":
        """Regress each weight over the networks that have it; one that no network has becomes 0."""
        coefficients = []
        for layer, features in enumerate(_features(networks)):
            wanted = _with_bias(networks.batch, layer, networks.protocol.widest)
            rows = []
            for row in range(wanted.shape[1]):
                there = features.row_there[:, row].nonzero().flatten()
                x = features.of_row(row, there) * features.column_there[there].T[..., None]
                y = wanted[there, row].T[..., None]  # (columns + 1, n, 1)
                counts = features.column_there[there].sum(0)[:, None]  # (columns + 1, 1)
                penalty = _PENALTY * counts.expand(-1, x.shape[-1]) + 1e-6
                penalty[:, 0] = 1e-6  # the constant goes free
                gram = x.transpose(1, 2) @ x + torch.diag_embed(penalty)
                rows.append(torch.linalg.solve(gram, x.transpose(1, 2) @ y)[..., 0])
            coefficients.append(torch.stack(rows))
        return cls(coefficients, networks.protocol)

    def write(
        self,
        architectures: Sequence[MLPArchitecture],
        conditions: Float[Tensor, "N conditions"],
        latents: Float[Tensor, "N latent"],
    ) -> MLPBatch:
        """Networks of these architectures, conditions (from 0 to 1) and latents."""
        empty = MLPBatch(architectures, [], [])
        weights, biases = [], []
        all_features = _features(Networks(empty, conditions, latents, self.protocol))
        for features, own in zip(all_features, self.coefficients, strict=True):
            every = torch.arange(len(architectures))
            cells = torch.stack(
                [
                    torch.einsum("cnf,cf->nc", features.of_row(row, every), own[row])
                    for row in range(len(own))
                ],
                1,
            )
            cells = cells * features.row_there[..., None] * features.column_there[:, None]
            weights.append(cells[..., :-1].float())
            biases.append(cells[..., -1].float())
        return MLPBatch(architectures, weights, biases)

    def explained(self, networks: Networks) -> float:
        """Share of the variance of networks' weights, around each weight's mean, that this has."""
        written = self.write(networks.batch.architectures, networks.conditions, networks.latents)
        missed = total = 0.0
        widest = self.protocol.widest
        for layer, features in enumerate(_features(networks)):
            there = features.row_there[..., None] * features.column_there[:, None]
            wanted = _with_bias(networks.batch, layer, widest) * there
            mean = wanted.sum(0) / there.sum(0).clamp_min(1)
            missed += float((wanted - _with_bias(written, layer, widest)).square().sum())
            total += float(((wanted - mean) * there).square().sum())
        return 1 - missed / total


@dataclass(frozen=True, eq=False)
class _Features:
    """The regressors of one matrix and its bias, the last column, of N networks.

    Attributes:
        shared: the same for every weight, the constant first, (N, features).
        row: for each row, (N, rows, features).
        column: for each column, (N, columns + 1, features); 0 for the bias.
        row_there: which rows exist, (N, rows).
        column_there: which columns exist, (N, columns + 1).
    """

    shared: Tensor
    row: Tensor
    column: Tensor
    row_there: Tensor
    column_there: Tensor

    def of_row(self, row: int, networks: Tensor) -> Float[Tensor, "columns n features"]:
        """The regressors of all weights of a row, in some of the networks."""
        columns = self.column.shape[1]
        same = torch.cat([self.shared[networks], self.row[networks, row]], 1)
        column = self.column[networks].transpose(0, 1)
        return torch.cat([same.expand(columns, *same.shape), column], 2)


def _features(networks: Networks) -> list[_Features]:
    """The regressors of each matrix."""
    architectures, protocol = networks.batch.architectures, networks.protocol
    hidden = torch.tensor([a.hidden for a in architectures], dtype=torch.float64)
    relative = hidden / protocol.widest
    shared = torch.cat(
        [
            torch.ones(len(hidden), 1, dtype=torch.float64),
            relative,
            protocol.narrowest / hidden,
            relative.log(),
            networks.conditions.double(),
            networks.latents.double(),
        ],
        1,
    )
    masks = [mask.double() for mask in width_masks(architectures, protocol.widest)]
    ends = [_ends(hidden[:, layer], protocol.widest) for layer in range(hidden.shape[1])]
    outside = [mask.new_zeros(*mask.shape, 0) for mask in (masks[0], masks[-1])]
    places = [outside[0], *ends, outside[1]]  # the ends of observation and action do not move
    return [
        _Features(
            shared=shared,
            row=places[layer + 1],
            column=pad(places[layer], (0, 0, 0, 1)),
            row_there=masks[layer + 1],
            column_there=pad(masks[layer], (0, 1), value=1.0),
        )
        for layer in range(len(masks) - 1)
    ]


def _ends(widths: Float[Tensor, " N"], widest: int) -> Float[Tensor, "N neurons reaches"]:
    """How near the end of a layer is to each of its neurons: 1 at the last one, then less and less."""
    distance = widths[:, None] - 1 - torch.arange(widest)
    return torch.stack([torch.exp(-distance.clamp_min(0) / reach) for reach in _REACHES], -1)


def _with_bias(batch: MLPBatch, layer: int, widest: int) -> Float[Tensor, "N rows columns"]:
    """A matrix of all networks with the bias as its last column, hidden sides padded to the widest."""
    weight, bias = batch.weights[layer].double(), batch.biases[layer].double()
    last = len(batch.weights) - 1
    rows = 0 if layer == last else widest - weight.shape[1]
    columns = 0 if layer == 0 else widest - weight.shape[2]
    return torch.cat([pad(weight, (0, columns, 0, rows)), pad(bias, (0, rows))[..., None]], 2)


def networks_to_fit(
    task: str, depth: int, checkpoint: Path, seed: int = 0, count: int = NETWORKS
) -> Networks:
    """Networks of the GHN for a task, of random training architectures, conditions and latents.

    Half of the architectures are drawn evenly; the other half are wide ones, which alone have the weights
    of the last neurons.

    Raises:
        UserError: the checkpoint does not cover the task, or training had no such depth.
    """
    ghn, _ = shipped_ghn(task, checkpoint)
    if task not in ghn.config.tasks:
        raise not_covered(task)
    described = describe(checkpoint)
    suite, protocol = described.suite_of(task), described.protocol
    pool = [a for a in protocol.architectures() if a.depth == depth]
    if not pool:
        trained = ", ".join(map(str, protocol.depths))
        raise UserError(f"ridge is fitted on networks of {trained} hidden layers, not {depth}")
    rng = np.random.default_rng((seed, depth, ghn.config.tasks.index(task)))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    odds = np.array([np.prod(a.hidden, dtype=float) for a in pool]) ** 3
    drawn = np.concatenate(
        [
            rng.integers(len(pool), size=count // 2),
            rng.choice(len(pool), size=count - count // 2, p=odds / odds.sum()),
        ]
    )
    architectures = [suite.sized(pool[place]) for place in drawn]
    known = suite.conditions_of(task)
    shares = torch.rand(count, len(known), generator=generator)
    latents = draw_latents(ghn, count, generator)
    values = torch.full((count, len(ghn.config.conditions)), torch.nan)
    for column, condition in enumerate(known):
        values[:, ghn.config.conditions.index(condition.name)] = (
            condition.low + (condition.high - condition.low) * shares[:, column]
        )
    parts = []
    for first in range(0, count, _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        written = write_networks(
            ghn,
            architectures[some],
            torch.full((len(architectures[some]),), ghn.config.tasks.index(task)),
            Conditions(ghn.config.conditions, values[some]),
            latents[some],
        )
        parts.append([_with_bias(written, layer, protocol.widest) for layer in range(depth + 1)])
    whole = [torch.cat(layers) for layers in zip(*parts, strict=True)]
    batch = MLPBatch(
        architectures, [one[..., :-1] for one in whole], [one[..., -1] for one in whole]
    )
    return Networks(batch, shares, latents, protocol)


@functools.lru_cache(maxsize=40)  # the ten tasks of MT10 at four depths; some 2 MB each
def _fitted(task: str, depth: int, checkpoint: Path) -> Ridge:
    return Ridge.fit(networks_to_fit(task, depth, checkpoint))


def from_ridge(request: SampleRequest, checkpoint: Path) -> list[Policy]:
    """Networks from the regression of their task and depth, one a random latent: those of source `ghn`.

    Raises:
        UserError: the checkpoint does not cover the task, or training had no such depth, or a layer is
            narrower or wider than training had them.
    """
    architecture, count = request.known_architecture(), request.count
    described = describe(checkpoint)
    low, high = described.protocol.narrowest, described.protocol.widest
    if not all(low <= width <= high for width in architecture.hidden):
        raise UserError(
            f"ridge is fitted on layers of {low} to {high} neurons; not on {architecture}"
        )
    ghn, normaliser = shipped_ghn(request.task, checkpoint)
    ridge = _fitted(request.task, architecture.depth, checkpoint)
    suite = described.suite_of(request.task)
    latents = draw_latents(ghn, count, torch.Generator().manual_seed(own_seed(request)))
    conditions = _scaled(request.values(suite), suite.conditions_of(request.task)).expand(count, -1)
    networks = ridge.write([architecture] * count, conditions, latents)
    return [networks.policy(index, request.task, normaliser) for index in range(count)]


def _scaled(
    values: Mapping[str, float], conditions: Sequence[Condition]
) -> Float[Tensor, "1 conditions"]:
    """The values of conditions, from 0 to 1."""
    return torch.tensor([[(values[c.name] - c.low) / (c.high - c.low) for c in conditions]])
