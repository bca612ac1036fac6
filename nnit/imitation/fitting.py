"""Training many small networks at once, each on transitions of its own: one batched product a layer."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.imitation.demonstrations import Transitions
from nnit.mlp.batch import PaddedNetworks, width_masks
from nnit.mlp.normaliser import Normaliser
from nnit.sim.suites.metaworld.style import styled
from nnit.trainer import cosine_rate, set_rate

_BLOCK = 50  # transitions that stay together when each network is given its own share


def imitation_loss(
    predicted: Float[Tensor, "N batch action"], target: Float[Tensor, "N batch action"]
) -> Float[Tensor, " N"]:
    """Smooth L1 between actions, per network; past a saturated target there is nothing left to learn.

    The environment clips actions to [-1, 1], so where the expert saturates, any prediction beyond the
    bound is as good as the bound itself.
    """
    error = predicted - target
    beyond = ((target >= 1.0) & (error > 0)) | ((target <= -1.0) & (error < 0))
    error = error.masked_fill(beyond, 0.0)
    return torch.nn.functional.smooth_l1_loss(
        error, torch.zeros_like(error), beta=0.1, reduction="none"
    ).mean((1, 2))


class OwnShares:
    """Batches in which every network sees only its own random share of its task's transitions.

    The share is drawn in blocks of consecutive transitions, so that what one network never sees is
    whole stretches of episodes rather than every other step of all of them.
    """

    def __init__(
        self,
        data: dict[str, tuple[Tensor, Tensor]],
        tasks: Sequence[str],
        styles: Tensor,
        share: float,
        rng: np.random.Generator,
    ) -> None:
        """Shares of `data` for networks of these tasks and styles (N, 2)."""
        self.data, self.tasks, self.styles = data, tasks, styles
        self.blocks = []
        for task in tasks:
            count = max(1, len(data[task][0]) // _BLOCK)
            kept = max(1, round(share * count))
            self.blocks.append(torch.from_numpy(np.sort(rng.permutation(count)[:kept])))

    def draw(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Observations (N, batch, observation) and each network's wanted actions (N, batch, action)."""
        observations, labels = [], []
        for task, blocks in zip(self.tasks, self.blocks, strict=True):
            x, y = self.data[task]
            block = blocks[torch.randint(len(blocks), (batch,), generator=generator)]
            rows = block * _BLOCK + torch.randint(_BLOCK, (batch,), generator=generator)
            rows = rows.clamp_max(len(x) - 1)
            observations.append(x[rows])
            labels.append(y[rows])
        return torch.stack(observations), styled(torch.stack(labels), self.styles)


def normalised(
    transitions: dict[str, Transitions], normalisers: dict[str, Normaliser]
) -> dict[str, tuple[Tensor, Tensor]]:
    """Normalised observations (n, observation) and labels (n, 2, action) by task, as tensors."""
    return {
        task: (
            torch.from_numpy(
                (part.observations - normalisers[task].mean) / normalisers[task].scale
            ),
            torch.from_numpy(part.labels),
        )
        for task, part in transitions.items()
    }


def fit(
    networks: PaddedNetworks,
    shares: OwnShares,
    *,
    steps: int,
    batch: int,
    rate: float,
    generator: torch.Generator,
    warmup: int = 10,
    progress: Callable[[int, int, float], None] | None = None,
) -> PaddedNetworks:
    """Train every network by itself with Adam and a cosine rate; returns new networks.

    Each network's loss touches its own weights only, and Adam is elementwise, so this is N separate
    trainings in one.

    Args:
        progress: called with (steps done, steps in all, mean loss) after each step.
    """
    masks = width_masks(networks.architectures, networks.weights[0].shape[1])
    weights = [weight.detach().clone().requires_grad_() for weight in networks.weights]
    biases = [bias.detach().clone().requires_grad_() for bias in networks.biases]
    kept = [a[:, :, None] * b[:, None] for b, a in zip(masks[:-1], masks[1:], strict=True)]
    optimiser = torch.optim.Adam([*weights, *biases], fused=True)

    def masked() -> PaddedNetworks:
        return PaddedNetworks(
            networks.architectures,
            [w * k for w, k in zip(weights, kept, strict=True)],
            [b * m for b, m in zip(biases, masks[1:], strict=True)],
        )

    for step in range(steps):
        set_rate(optimiser, cosine_rate(step, steps, rate, warmup=min(warmup, steps // 2)))
        observations, actions = shares.draw(batch, generator)
        loss = imitation_loss(masked()(observations), actions).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if progress is not None:
            progress(step + 1, steps, loss.item() / len(networks.architectures))
    with torch.no_grad():
        return masked()
