"""Many networks as one padded batch of tokens: all that the DiT is given but the weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int
from torch import Tensor

from nnit.mlp.patches import POSITION_FEATURES, POSITION_UNIT, token_layout
from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture, PartialArchitecture

MASKED = -1.0  # a hidden width that is not known yet


@dataclass(frozen=True)
class TrainedRange:
    """The widths and depths of a model's training, and how it is told of architectures beyond them.

    Places are continuous, but what a network makes of numbers that it never saw is anything. So a place beyond the
    range is described as the nearest one inside: a patch of a layer that is wider as one at the end of the widest
    trained layer, a hidden layer of a deeper network as the last one of the deepest trained network. Only the
    description is clipped; every patch of the architecture is written. (`docs/experiments.md` has what it is worth.)

    Attributes:
        narrowest: hidden layer.
        widest: hidden layer.
        depths: numbers of hidden layers, ascending.
    """

    narrowest: int
    widest: int
    depths: tuple[int, ...]

    def depth(self, depth: int) -> int:
        """The number of hidden layers that is told: the largest trained one that is not above `depth`."""
        return max((trained for trained in self.depths if trained <= depth), default=depth)

    def hidden(self, widths: Sequence[float]) -> list[float]:
        """The hidden widths that are told; one that is masked stays so."""
        return [
            width if width == MASKED else min(max(width, self.narrowest), self.widest)
            for width in widths
        ]

    def _last(self, patch: int) -> int:
        """First neuron of the last patch of the widest trained layer that is full, as training had all cells of it."""
        return max(self.widest // patch - 1, 0) * patch

    def shares(self, width: int, patch: int) -> Float32[np.ndarray, " width"]:
        """What each neuron of a hidden layer is to count for with those that read it, (width,).

        Patches that are told as the same place are written alike, and many like neurons would say the same many times
        over. So they share their say: one over the number of neurons told as the same, as in Net2WiderNet (Chen,
        Goodfellow, Shlens 2016). 1 for all neurons within the trained range.
        """
        shares, last = np.ones(width, np.float32), self._last(patch)
        if width > self.widest:
            for first in range(last, min(last + patch, width)):
                shares[first::patch] = 1 / len(range(first, width, patch))
        return shares

    def position(
        self, architecture: MLPArchitecture, patch: int
    ) -> Float32[np.ndarray, "tokens features"]:
        """The places of an architecture's tokens that are told, as `TokenLayout.position` has them."""
        layout, depth = token_layout(architecture, patch), self.depth(architecture.depth)
        if [depth, *self.hidden(architecture.hidden)] == [architecture.depth, *architecture.hidden]:
            return layout.position
        told = layout.position.copy()
        last = self._last(patch)
        sizes = np.array(architecture.shapes, np.float32)[layout.layer]  # rows and columns, (T, 2)
        is_hidden = np.stack([layout.layer < architecture.depth, layout.layer > 0], 1)
        for axis in (0, 1):
            size = sizes[:, axis].clip(self.narrowest, self.widest)
            first = told[:, axis] * POSITION_UNIT
            first = np.where(sizes[:, axis] > self.widest, first.clip(max=last), first)
            where = is_hidden[:, axis]
            told[where, axis] = first[where] / POSITION_UNIT
            told[where, 2 + axis] = first[where] / size[where]
            told[where, 4 + axis] = size[where] / POSITION_UNIT
        if depth < architecture.depth:
            at_end = layout.layer == architecture.depth
            layer = np.where(at_end, depth, layout.layer.clip(max=depth - 1))
            told[:, 6:] = np.stack(
                [layer / MAX_DEPTH, (depth - layer) / MAX_DEPTH, layer / depth], 1
            )
        return told


@dataclass
class TokenBatch:
    """Everything about N networks but their weights.

    Attributes:
        task: index of each network's task, (N,).
        condition: values of the conditions, (N, C); NaN where left open.
        latent: what tells apart networks of which all else is the same, (N, L); NaN where left open.
        depth: number of hidden layers that is told, (N,); 0 where it is masked.
        hidden: hidden widths that are told, (N, MAX_DEPTH), 0 where there is no layer, `MASKED` where it is masked.
        kind: kind of each weight token, (N, T); 0 in the padding.
        position: (N, T, POSITION_FEATURES).
        layer: which matrix each weight token belongs to, (N, T).
        valid: which cells of each token exist, (N, T, cells); none in the padding, and none of a
            matrix of which a side is masked.
    """

    task: Int[Tensor, " N"]
    condition: Float[Tensor, "N C"]
    latent: Float[Tensor, "N L"]
    depth: Int[Tensor, " N"]
    hidden: Float[Tensor, "N depth"]
    kind: Int[Tensor, "N T"]
    layer: Int[Tensor, "N T"]
    position: Float[Tensor, "N T features"]
    valid: Bool[Tensor, "N T cells"]

    def to(self, device: torch.device) -> "TokenBatch":
        """The same on another device."""
        return TokenBatch(**{name: tensor.to(device) for name, tensor in vars(self).items()})


def token_batch(
    tasks: Sequence[int],
    architectures: Sequence[MLPArchitecture],
    conditions: np.ndarray,
    latents: np.ndarray,
    patch: int,
    trained: TrainedRange,
) -> TokenBatch:
    """What the DiT needs to know of N networks, padded to the longest.

    Args:
        tasks: index of each network's task.
        architectures: one a network.
        conditions: (N, C), NaN where open.
        latents: (N, L), NaN where open.
        patch: side of a patch in cells.
        trained: what lies beyond is described as the nearest inside.
    """
    layouts = [token_layout(architecture, patch) for architecture in architectures]
    count, length = len(layouts), max(len(layout) for layout in layouts)
    kind = np.zeros((count, length), np.int64)
    position = np.zeros((count, length, layouts[0].position.shape[1]), np.float32)
    layer = np.zeros((count, length), np.int64)
    valid = np.zeros((count, length, patch * patch), bool)
    hidden = np.zeros((count, MAX_DEPTH), np.float32)
    for index, (architecture, layout) in enumerate(zip(architectures, layouts, strict=True)):
        kind[index, : len(layout)] = layout.kind
        position[index, : len(layout)] = trained.position(architecture, patch)
        layer[index, : len(layout)] = layout.layer
        valid[index, : len(layout)] = layout.valid
        hidden[index, : architecture.depth] = trained.hidden(architecture.hidden)
    return TokenBatch(
        task=torch.as_tensor(np.asarray(tasks, np.int64)),
        condition=torch.from_numpy(conditions.astype(np.float32)),
        latent=torch.from_numpy(latents.astype(np.float32)),
        depth=torch.tensor([trained.depth(architecture.depth) for architecture in architectures]),
        hidden=torch.from_numpy(hidden),
        kind=torch.from_numpy(kind),
        layer=torch.from_numpy(layer),
        position=torch.from_numpy(position),
        valid=torch.from_numpy(valid),
    )


def context_batch(
    task: int,
    conditions: np.ndarray,
    latent: int,
    known: Sequence[PartialArchitecture],
    trained: TrainedRange,
) -> TokenBatch:
    """Networks of which only some of the architecture is known: the tokens before the weights, and no weights.

    Args:
        task: index of the task of all of them.
        conditions: of all of them, (C,), NaN where open.
        latent: length of their latents, which are left open.
        known: what is known of each.
        trained: what lies beyond is described as the nearest inside.
    """
    count = len(known)
    hidden = np.zeros((count, MAX_DEPTH), np.float32)
    for index, partial in enumerate(known):
        widths = [w or MASKED for w in partial.hidden]
        hidden[index, : len(widths)] = trained.hidden(widths)
    return unweighted_batch(
        torch.full((count,), task),
        torch.from_numpy(np.tile(conditions, (count, 1)).astype(np.float32)),
        latent,
        torch.tensor([trained.depth(partial.depth or 0) for partial in known]),
        torch.from_numpy(hidden),
    )


def unweighted_batch(
    task: Int[Tensor, " N"],
    condition: Float[Tensor, "N C"],
    latent: int,
    depth: Int[Tensor, " N"],
    hidden: Float[Tensor, "N depth"],
) -> TokenBatch:
    """The tokens before the weights, and no weights; `TokenBatch` says what the arguments are.

    Args:
        task: of each network.
        condition: of each network.
        latent: length of the latents, which are left open.
        depth: of each network.
        hidden: widths of each network.
    """
    count, device = len(task), task.device
    return TokenBatch(
        task=task,
        condition=condition,
        latent=torch.full((count, latent), torch.nan, device=device),
        depth=depth,
        hidden=hidden,
        kind=torch.zeros(count, 0, dtype=torch.int64, device=device),
        position=torch.zeros(count, 0, POSITION_FEATURES, device=device),
        layer=torch.zeros(count, 0, dtype=torch.int64, device=device),
        valid=torch.zeros(count, 0, 1, dtype=torch.bool, device=device),
    )
