"""The zoo as training data of the DiT: scaled tokens on one device, in buckets of networks alike.

A bucket holds networks of one depth and of about the same length, padded to the longest, so that all its
batches have the same shapes; a GPU then records a training step once and replays it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from nnit.alignment.permute import permute, random_permutations
from nnit.dit.architecture_diffusion import choice_targets, mask_architectures
from nnit.dit.base import ghn_tokens
from nnit.dit.conditions import (
    budget_range,
    condition_blur,
    scaled_conditions,
    training_conditions,
)
from nnit.dit.functional_loss import TokenIndex
from nnit.dit.tokens import TokenBatch, unweighted_batch
from nnit.ghn.model import GHN
from nnit.mlp.network import Network
from nnit.mlp.patches import KIND_COUNT, TokenLayout, to_tokens, token_layout
from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture
from nnit.sim.suites import suites_of
from nnit.splits import DENSE, ArchitecturePool, Protocol
from nnit.zoo.networks import Zoo

# Networks share a bucket up to these numbers of tokens: little of a batch is padding, and buckets stay few.
_LENGTHS = [int(32 * 1.5**step) for step in range(16)]


class Drawn(NamedTuple):
    """Networks of one bucket as a step of training sees them: all that is random but the noise.

    Attributes:
        place: of each network in its bucket, (N,).
        condition: values of the conditions, (N, C); NaN where left open.
        latent: (N, L); NaN where left open.
        depth: (N,); 0 where masked.
        hidden: widths, (N, MAX_DEPTH); `MASKED` where masked.
        shown: which matrices are in the sequence, (N, MAX_DEPTH + 1).
        whole: whether nothing of a network is masked, (N,).
        depth_target: index of a masked depth among the config's, (N,); -100 where it is not masked.
        width_target: likewise of widths, (N, MAX_DEPTH).
    """

    place: Int[Tensor, " N"]
    condition: Float[Tensor, "N C"]
    latent: Float[Tensor, "N L"]
    depth: Int[Tensor, " N"]
    hidden: Float[Tensor, "N depth"]
    shown: Bool[Tensor, "N layers"]
    whole: Bool[Tensor, " N"]
    depth_target: Int[Tensor, " N"]
    width_target: Int[Tensor, "N depth"]

    def to(self, device: torch.device) -> "Drawn":
        """The same on another device."""
        return Drawn(*(tensor.to(device) for tensor in self))


class Shapes(NamedTuple):
    """Architectures without weights, of which something is masked: what choosing them is learned from.

    Attributes:
        task: index of each one's task, (N,).
        condition: values of the conditions, (N, C); NaN where left open.
        depth: (N,); 0 where masked.
        hidden: widths, (N, MAX_DEPTH); `MASKED` where masked.
        depth_target: index of a masked depth among the config's, (N,); -100 where it is not masked.
        width_target: likewise of widths, (N, MAX_DEPTH).
    """

    task: Int[Tensor, " N"]
    condition: Float[Tensor, "N C"]
    depth: Int[Tensor, " N"]
    hidden: Float[Tensor, "N depth"]
    depth_target: Int[Tensor, " N"]
    width_target: Int[Tensor, "N depth"]

    def batch(self, latent: int) -> TokenBatch:
        """What the DiT is given: the tokens before the weights, with latents of this length left open."""
        return unweighted_batch(self.task, self.condition, latent, self.depth, self.hidden)


@dataclass(frozen=True, eq=False)
class TokenBucket:
    """Networks of one depth, padded to the longest.

    Attributes:
        indices: of the networks in the zoo, (n,).
        architectures: of the networks.
        cells: scaled tokens, (n, T, cells).
        base: what they are added to, likewise, or None for nothing.
        task: index of each network's task, (n,).
        kind: of each token, (n, T); 0 in the padding.
        layer: which matrix each token belongs to, (n, T).
        position: (n, T, POSITION_FEATURES).
        valid: which cells exist, (n, T, cells).
        places: where matrices lie among the tokens.
    """

    indices: np.ndarray
    architectures: Sequence[MLPArchitecture]
    cells: Float[Tensor, "n T cells"]
    base: Tensor | None
    task: Int[Tensor, " n"]
    kind: Int[Tensor, "n T"]
    layer: Int[Tensor, "n T"]
    position: Float[Tensor, "n T features"]
    valid: Bool[Tensor, "n T cells"]
    places: TokenIndex

    @property
    def length(self) -> int:
        """Number of tokens of the longest network."""
        return self.cells.shape[1]


class ZooTokens:
    """The zoo as scaled tokens on one device.

    Attributes:
        suites: of its tasks.
        buckets: all networks.
        scales: root mean square of the cells of each kind of token, by which tokens are divided,
            (KIND_COUNT,).
        latent: length of the networks' latents.
    """

    def __init__(
        self,
        zoo: Zoo,
        patch: int,
        shuffle_seed: int | None = None,
        *,
        ghn: GHN | None = None,
        protocol: Protocol = DENSE,
        device: torch.device | None = None,
    ) -> None:
        """Cut the zoo.

        Args:
            zoo: the networks.
            patch: side of a patch, in cells.
            shuffle_seed: with one, each network's hidden neurons are first put in a random order.
            ghn: with one, tokens are what is left of the networks without those that it writes.
            protocol: says which networks training has, for conditions.
            device: of the tokens; by default the CPU.
        """
        self.patch = patch
        self.device = device or torch.device("cpu")
        self.suites = suites_of(zoo.tasks)
        self.latent = zoo.latent.shape[1]
        self._task = zoo.task
        self._latents = zoo.latent.astype(np.float32)
        self._conditions = scaled_conditions(zoo.conditions, zoo.condition_names, self.suites)
        self._blur = condition_blur(zoo.condition_names, self.suites)
        self._architectures = [zoo.architecture(index) for index in range(len(zoo))]
        self._parameters = np.array([a.parameter_count for a in self._architectures])
        self._ranges = np.array([budget_range(a, protocol) for a in self._architectures])
        self._hidden = np.zeros((len(zoo), MAX_DEPTH), np.float32)
        self._hidden[:, : zoo.hidden.shape[1]] = zoo.hidden
        tokens = _tokens(zoo, patch, shuffle_seed)
        base = None
        if ghn is not None:
            names = [zoo.tasks[index] for index in zoo.task]
            columns = [zoo.condition_names.index(name) for name in ghn.config.conditions]
            values = zoo.conditions[:, columns]
            base = ghn_tokens(ghn, names, self._architectures, values, zoo.latent, patch)
            tokens = [own - written for own, written in zip(tokens, base, strict=True)]
        layouts = [token_layout(a, patch) for a in self._architectures]
        self.scales = _scales(
            np.concatenate(tokens),
            np.concatenate([layout.kind for layout in layouts]),
            np.concatenate([layout.valid.sum(1) for layout in layouts]),
        )
        self.buckets = [
            self._bucket(indices, zoo.task, tokens, base) for indices in self._alike(layouts)
        ]

    def __len__(self) -> int:
        return len(self._architectures)

    def _alike(self, layouts: Sequence[TokenLayout]) -> list[np.ndarray]:
        """Indices of the networks of each bucket."""
        lengths = np.array([len(layout) for layout in layouts])
        buckets: dict[tuple[int, str, int], list[int]] = {}
        steps = np.searchsorted(_LENGTHS, lengths).tolist()
        for index, (architecture, step) in enumerate(zip(self._architectures, steps, strict=True)):
            key = (architecture.depth, architecture.activation, step)
            buckets.setdefault(key, []).append(index)
        return [np.array(buckets[key]) for key in sorted(buckets)]

    def _bucket(
        self,
        indices: np.ndarray,
        task: np.ndarray,
        tokens: Sequence[np.ndarray],
        base: Sequence[np.ndarray] | None,
    ) -> TokenBucket:
        architectures = [self._architectures[index] for index in indices]
        layouts = [token_layout(architecture, self.patch) for architecture in architectures]
        scales = [self.scales[layout.kind][:, None] for layout in layouts]

        def scaled(parts: Sequence[np.ndarray]) -> Tensor:
            own = [parts[index] for index in indices]
            return self._padded([part / scale for part, scale in zip(own, scales, strict=True)])

        def facts(name: str) -> Tensor:
            return self._padded([getattr(layout, name) for layout in layouts])

        return TokenBucket(
            indices,
            architectures,
            cells=scaled(tokens),
            base=None if base is None else scaled(base),
            task=torch.from_numpy(task[indices]).to(self.device),
            kind=facts("kind"),
            layer=facts("layer"),
            position=facts("position"),
            valid=facts("valid"),
            places=TokenIndex(architectures, self.patch, self.device),
        )

    def _padded(self, parts: Sequence[np.ndarray]) -> Tensor:
        """Arrays (T, ...) of different lengths, (n, T, ...), padded with zeros."""
        tensors = [torch.from_numpy(part) for part in parts]
        return torch.nn.utils.rnn.pad_sequence(tensors, True).to(self.device)

    def epoch(
        self, size: int, seed: tuple[int, ...], most: int = 0
    ) -> list[tuple[int, Int[np.ndarray, " N"]]]:
        """One pass over the zoo, in batches in random order: a bucket's number, and places in it.

        All batches of a bucket have the same size; where networks are missing, some come twice.

        Args:
            size: networks in a batch.
            seed: of the order.
            most: tokens in a batch, padding included; longer networks come in smaller batches. 0 for any number.
        """
        rng = np.random.default_rng(seed)
        batches = []
        for number, bucket in enumerate(self.buckets):
            count = len(bucket.indices)
            fitting = min(size, count, max(1, most // bucket.length) if most else size)
            order = rng.permutation(count)
            order = np.concatenate([order, rng.permutation(count)[: -count % fitting]])
            batches += [(number, part) for part in order.reshape(-1, fitting)]
        return [batches[index] for index in rng.permutation(len(batches))]

    def draw(
        self,
        bucket: TokenBucket,
        places: Int[np.ndarray, " N"],
        rng: np.random.Generator,
        masked: float = 0.0,
        *,
        depths: Sequence[int] = (),
        widths: Sequence[int] = (),
    ) -> Drawn:
        """Some networks of a bucket, with conditions left open and architectures masked at random.

        Args:
            bucket: that they are in.
            places: of the networks in the bucket.
            rng: for all that is random.
            masked: share of the networks of whose architecture something is masked.
            depths: what logits of depths stand for; needed where something is masked.
            widths: what logits of widths stand for, likewise.
        """
        indices = bucket.indices[places]
        condition = self._condition(indices, self._parameters[indices], rng)
        depth = torch.full((len(indices),), bucket.architectures[0].depth)
        hidden = torch.from_numpy(self._hidden[indices])
        shown, *targets = _mask(depth, hidden, masked, rng, depths, widths)
        whole = (targets[0] < 0) & (targets[1] < 0).all(1)
        latent = torch.from_numpy(self._latents[indices])
        latent[~whole] = torch.nan  # it is one network's own and would name its architecture
        return Drawn(
            torch.from_numpy(places),
            condition,
            latent,
            depth,
            hidden,
            shown,
            whole,
            *targets,
        )

    def draw_shapes(
        self,
        count: int,
        pool: ArchitecturePool,
        rng: np.random.Generator,
        *,
        depths: Sequence[int],
        widths: Sequence[int],
    ) -> Shapes:
        """New architectures, drawn as those of the zoo were, with tasks and conditions of its networks.

        Args:
            count: how many.
            pool: what they are drawn from.
            rng: for all that is random.
            depths: what logits of depths stand for.
            widths: what logits of widths stand for.
        """
        indices = rng.integers(len(self), size=count)
        drawn = [pool.one(rng).hidden for _ in range(count)]
        parameters = [
            replace(self._architectures[index], hidden=own).parameter_count
            for index, own in zip(indices, drawn, strict=True)
        ]
        condition = self._condition(indices, np.array(parameters), rng)
        depth = torch.tensor([len(own) for own in drawn])
        hidden = torch.zeros(count, MAX_DEPTH)
        for row, own in zip(hidden, drawn, strict=True):
            row[: len(own)] = torch.tensor(own)
        _, *targets = _mask(depth, hidden, 1.0, rng, depths, widths)
        task = torch.from_numpy(self._task[indices])
        return Shapes(task, condition, depth, hidden, *targets)

    def _condition(
        self, indices: np.ndarray, parameters: np.ndarray, rng: np.random.Generator
    ) -> Float[Tensor, "N C"]:
        """What is asked of networks with the conditions of these of the zoo, and so many parameters."""
        conditions = training_conditions(
            self._conditions[indices], parameters, self._ranges[indices], self._blur, rng
        )
        return torch.from_numpy(conditions.astype(np.float32))


def _mask(
    depth: Int[Tensor, " N"],
    hidden: Float[Tensor, "N depth"],
    share: float,
    rng: np.random.Generator,
    depths: Sequence[int],
    widths: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Mask architectures in place; which matrices may be shown, and the targets of depths and widths."""
    true_depth, true_hidden = depth.clone(), hidden.clone()
    shown = mask_architectures(depth, hidden, share, rng)
    return (
        shown,
        choice_targets(true_depth, depth == 0, depths),
        choice_targets(true_hidden.long(), hidden < 0, widths),
    )


def _tokens(zoo: Zoo, patch: int, shuffle_seed: int | None) -> list[np.ndarray]:
    """Unscaled tokens of every network, shuffled where there is a seed."""
    rng = np.random.default_rng(shuffle_seed)
    tokens = []
    for index in range(len(zoo)):
        network: Network = zoo[index]
        if shuffle_seed is not None:
            network = permute(network, random_permutations(zoo.architecture(index), rng))
        tokens.append(to_tokens(network.weights, network.biases, patch))
    return tokens


def _scales(
    cells: Float[np.ndarray, "tokens cells"],
    kind: Int[np.ndarray, " tokens"],
    counts: Int[np.ndarray, " tokens"],
) -> Float[np.ndarray, " kinds"]:
    """Root mean square of the cells of each kind of token, of which each has `counts`."""
    squares, numbers = np.zeros(KIND_COUNT), np.zeros(KIND_COUNT)
    np.add.at(squares, kind, np.square(cells).sum(1))
    np.add.at(numbers, kind, counts)
    return np.sqrt(squares / np.maximum(numbers, 1)).clip(1e-3).astype(np.float32)
