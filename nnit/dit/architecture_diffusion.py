"""The discrete half of the joint model: architectures are masked in training and filled in when sampling.

An absorbing-state diffusion (Austin et al. 2021, D3PM; Chang et al. 2022, MaskGIT, for its sampler): depth
and hidden widths are tokens that may be masked, each network with a time of its own, apart from that of
its patches. Depth comes first, since without it there are no layers to speak of. A matrix is in the
sequence only where both of its sides are known: its shape would give a masked width away.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from nnit.dit.model import DiTConfig, Prediction
from nnit.dit.tokens import MASKED, TokenBatch
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture

_DEPTH_TOO = 0.2  # share of masked networks whose depth is masked as well

# Logits of depths (N, depths) and widths (N, MAX_DEPTH, widths) for architectures of which some is known.
Chooser = Callable[[Sequence[PartialArchitecture]], tuple[Tensor, Tensor]]


def mask_architectures(batch: TokenBatch, share: float, rng: np.random.Generator) -> None:
    """Mask the architectures of a random `share` of a batch, in place, and hide what would show them."""
    hidden, depth = batch.hidden, batch.depth
    for index in np.flatnonzero(rng.random(len(depth)) < share):
        layers = int(depth[index])
        if rng.random() < _DEPTH_TOO:
            depth[index], hidden[index] = 0, 0
            batch.valid[index] = False
            continue
        masked = rng.random(layers) < rng.random()
        masked[rng.integers(layers)] = True
        hidden[index, :layers][torch.from_numpy(masked)] = MASKED
        open_sides = np.concatenate([[False], masked, [False]])
        shown = torch.from_numpy(~(open_sides[:-1] | open_sides[1:]))  # by matrix
        batch.valid[index] &= shown[batch.layer[index].clamp_max(layers)][:, None]


def choice_loss(
    prediction: Prediction, batch: TokenBatch, config: DiTConfig, depth: Tensor, hidden: Tensor
) -> Tensor:
    """Cross-entropy of what was masked: mean over masked depths and widths, 0 where nothing was.

    Args:
        prediction: of the model for the masked batch.
        batch: after `mask_architectures`.
        config: says what the logits stand for.
        depth: before it, (N,).
        hidden: before it, (N, MAX_DEPTH).
    """
    device = prediction.depth.device
    unknown_depth = batch.depth == 0
    depths = torch.tensor(config.depths, device=device)
    target = torch.searchsorted(depths, depth.to(device)[unknown_depth])
    losses = [F.cross_entropy(prediction.depth[unknown_depth], target, reduction="none")]
    unknown_width = batch.hidden == MASKED
    widths = torch.tensor(config.widths, device=device)
    target = torch.searchsorted(widths, hidden.to(device)[unknown_width].long())
    losses.append(F.cross_entropy(prediction.widths[unknown_width], target, reduction="none"))
    every = torch.cat(losses)
    return every.sum() / max(1, len(every))


def sample_architectures(
    choose: Chooser,
    start: Sequence[PartialArchitecture],
    depths: Sequence[int],
    widths: Sequence[int],
    max_parameters: int | None,
    generators: Sequence[torch.Generator],
) -> list[MLPArchitecture]:
    """Fill in what is open: the depth first, then one width after another in random order.

    What cannot be completed within the budget is never chosen.

    Args:
        choose: the model's logits for what is known so far.
        start: what is fixed, one a network; all of one suite's sizes.
        depths: what the depth logits stand for.
        widths: what the width logits stand for.
        max_parameters: most parameters allowed, if any.
        generators: one a network, so that none depends on its neighbours.

    Raises:
        UserError: no architecture fits what is fixed within the budget.
    """
    least, most = min(widths), max_parameters or 2**62
    state = [*start]
    for fixed in state:
        if fixed.depth is not None and fixed.smallest(least) > most:
            raise UserError(
                f"{max_parameters} parameters are too few: the smallest such network has"
                f" {fixed.smallest(least)}"
            )
    smallest = {d: start[0].with_depth(d).smallest(least) for d in depths}
    if min(smallest.values()) > most:
        raise UserError(
            f"{max_parameters} parameters are too few: the smallest network has"
            f" {min(smallest.values())}"
        )
    while any(not known.complete for known in state):
        depth_logits, width_logits = choose(state)
        for index, (known, generator) in enumerate(zip(state, generators, strict=True)):
            if known.depth is None:
                allowed = [smallest[d] <= most for d in depths]
                state[index] = known.with_depth(
                    depths[_draw(depth_logits[index], allowed, generator)]
                )
            elif not known.complete:
                layer = _random_open(known, generator)
                allowed = [known.with_width(layer, w).smallest(least) <= most for w in widths]
                choice = _draw(width_logits[index, layer], allowed, generator)
                state[index] = known.with_width(layer, widths[choice])
    return [known.architecture() for known in state]


def _random_open(known: PartialArchitecture, generator: torch.Generator) -> int:
    """A layer whose width is open."""
    layers = [layer for layer, width in enumerate(known.hidden) if width is None]
    return layers[int(torch.randint(len(layers), (1,), generator=generator))]


def _draw(
    logits: Float[Tensor, " choices"], allowed: Sequence[bool], generator: torch.Generator
) -> int:
    """One of the allowed choices, by its probability."""
    kept = logits.float().cpu().masked_fill(~torch.tensor(allowed), float("-inf"))
    return int(torch.multinomial(kept.softmax(0), 1, generator=generator))
