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
from jaxtyping import Bool, Float, Int
from torch import Tensor

from nnit.dit.model import Prediction
from nnit.dit.tokens import MASKED
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture

_DEPTH_TOO = 0.2  # share of masked networks whose depth is masked as well
_RELIABLE = (
    8  # neurons of a layer from which on networks nearly always succeed (docs/results.md, by bands)
)

# Logits of depths (N, depths) and widths (N, MAX_DEPTH, widths) for architectures of which some is known.
Chooser = Callable[[Sequence[PartialArchitecture]], tuple[Tensor, Tensor]]


def mask_architectures(
    depth: Int[Tensor, " N"],
    hidden: Float[Tensor, "N depth"],
    share: float,
    rng: np.random.Generator,
) -> Bool[Tensor, "N layers"]:
    """Mask the architectures of a random `share` of a batch, in place, and say what would show them.

    Args:
        depth: numbers of hidden layers; 0 where masked.
        hidden: widths, (N, MAX_DEPTH); 0 where there is no layer, `MASKED` where masked.
        share: of networks of which something is masked.
        rng: chooses.

    Returns:
        Which matrices, with their biases, may still be shown, (N, MAX_DEPTH + 1).
    """
    layers, chosen = depth.numpy(), rng.random(len(depth)) < share
    deep = chosen & (rng.random(len(depth)) < _DEPTH_TOO)
    places = np.arange(hidden.shape[1])
    masked = rng.random(hidden.shape) < rng.random((len(depth), 1))
    masked |= places == (rng.random(len(depth)) * layers).astype(int)[:, None]  # at least one
    masked &= (places < layers[:, None]) & chosen[:, None] & ~deep[:, None]
    is_open = np.pad(masked, ((0, 0), (1, 1)))
    shown = ~(is_open[:, :-1] | is_open[:, 1:]) & ~deep[:, None]
    hidden[torch.from_numpy(masked)] = MASKED
    hidden[torch.from_numpy(deep)] = 0
    depth[torch.from_numpy(deep)] = 0
    return torch.from_numpy(shown)


_NOT_MASKED = -100  # a target that `cross_entropy` leaves out


def choice_targets(
    truth: Int[Tensor, "*n"], masked: Bool[Tensor, "*n"], choices: Sequence[int]
) -> Int[Tensor, "*n"]:
    """Which of the choices each masked depth or width is; -100 where it is not masked."""
    if not masked.any():
        return torch.full_like(truth, _NOT_MASKED)
    found = torch.searchsorted(torch.tensor(choices), truth)
    return found.masked_fill(~masked, _NOT_MASKED)


def choice_loss(
    prediction: Prediction, depth: Int[Tensor, " N"], widths: Int[Tensor, "N depth"]
) -> Tensor:
    """Cross-entropy of what was masked: mean over masked depths and widths, 0 where nothing was.

    Args:
        prediction: of the model for the masked batch.
        depth: from `choice_targets`.
        widths: likewise.
    """
    parts = [(prediction.depth, depth), (prediction.widths.flatten(0, 1), widths.flatten())]
    losses = [F.cross_entropy(logits, target, reduction="sum") for logits, target in parts]
    count = sum((target != _NOT_MASKED).sum() for _, target in parts)
    return torch.stack(losses).sum() / torch.as_tensor(count).clamp_min(1)


def sample_architectures(
    choose: Chooser,
    start: Sequence[PartialArchitecture],
    depths: Sequence[int],
    widths: Sequence[int],
    max_parameters: int | None,
    generators: Sequence[torch.Generator],
) -> list[MLPArchitecture]:
    """Fill in what is open: the depth first, then one width after another in random order.

    What cannot be completed within the budget is never chosen. Within a budget layers of fewer than eight neurons are
    not chosen either where wider ones fit: networks with such layers often fail.

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
    most = max_parameters or 2**62
    state = [*start]
    least = [_least_width(fixed, depths, min(widths), max_parameters) for fixed in state]
    while any(not known.complete for known in state):
        depth_logits, width_logits = choose(state)
        for index, (known, generator) in enumerate(zip(state, generators, strict=True)):
            narrowest = least[index]
            if known.depth is None:
                allowed = [known.with_depth(d).smallest(narrowest) <= most for d in depths]
                state[index] = known.with_depth(
                    depths[_draw(depth_logits[index], allowed, generator)]
                )
            elif not known.complete:
                layer = _random_open(known, generator)
                allowed = [
                    w >= narrowest and known.with_width(layer, w).smallest(narrowest) <= most
                    for w in widths
                ]
                choice = _draw(width_logits[index, layer], allowed, generator)
                state[index] = known.with_width(layer, widths[choice])
    return [known.architecture() for known in state]


def _least_width(
    fixed: PartialArchitecture, depths: Sequence[int], narrowest: int, budget: int | None
) -> int:
    """Width from which on layers are chosen.

    Raises:
        UserError: not even the narrowest network keeps to the budget.
    """
    if budget is None:
        return narrowest
    if fixed.smallest_of(depths, _RELIABLE) <= budget:
        return max(narrowest, _RELIABLE)
    if (fewest := fixed.smallest_of(depths, narrowest)) > budget:
        such = "such network" if fixed.depth is not None else "network"
        raise UserError(f"{budget} parameters are too few: the smallest {such} has {fewest}")
    return narrowest


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
