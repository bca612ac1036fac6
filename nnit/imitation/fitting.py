"""Training many small networks at once, each on transitions of its own: one batched product a layer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from nnit.imitation.demonstrations import Transitions
from nnit.mlp.batch import MLPBatch, padded, width_masks
from nnit.mlp.normaliser import Normaliser
from nnit.sim.suites import Suite, get_task
from nnit.trainer import cosine_lr, set_lr

_BLOCK = 50  # transitions that stay together when each network is given its own share


def imitation_loss(
    predicted: Float[Tensor, "N batch action"],
    target: Float[Tensor, "N batch action"],
    action_sizes: Sequence[int] | None = None,
) -> Float[Tensor, " N"]:
    """Smooth L1 between actions, per network; past a saturated target there is nothing left to learn.

    The environment clips actions to [-1, 1], so where the expert saturates, any prediction beyond the
    bound is as good as the bound itself.

    Args:
        predicted: actions of N networks, 0 where padded.
        target: what they should be, 0 where padded.
        action_sizes: how many components each network's action has; by default all.
    """
    error = predicted - target
    beyond = ((target >= 1.0) & (error > 0)) | ((target <= -1.0) & (error < 0))
    error = error.masked_fill(beyond, 0.0)
    losses = torch.nn.functional.smooth_l1_loss(
        error, torch.zeros_like(error), beta=0.1, reduction="none"
    )
    if action_sizes is None:
        return losses.mean((1, 2))
    counts = torch.tensor(action_sizes, device=losses.device) * losses.shape[1]
    return losses.sum((1, 2)) / counts


def action_sizes(networks: MLPBatch) -> list[int]:
    """Number of components of each network's action."""
    return [architecture.action_size for architecture in networks.architectures]


# Values are drawn from a range this much wider and then cut, so that the ends are learnt as well.
_BEYOND = 0.1


@dataclass(frozen=True, eq=False)
class Conditions:
    """Values of the conditions of many networks, whose tasks may know different ones.

    Attributes:
        names: of the columns.
        values: (N, names), NaN where a network's task does not know the condition.
    """

    names: tuple[str, ...]
    values: Float[Tensor, "N names"]

    @classmethod
    def draw(
        cls, names: Sequence[str], tasks: Sequence[str], generator: torch.Generator
    ) -> "Conditions":
        """Random values to train on, one row a task."""
        share = torch.rand(len(tasks), len(names), generator=generator) * (1 + 2 * _BEYOND)
        share = (share - _BEYOND).clamp(0, 1)
        low, width = torch.full_like(share, torch.nan), torch.full_like(share, torch.nan)
        for row, task in enumerate(tasks):
            for condition in get_task(task).conditions:
                column = list(names).index(condition.name)
                low[row, column] = condition.low
                width[row, column] = condition.high - condition.low
        return cls(tuple(names), low + width * share)

    @classmethod
    def same(cls, names: Sequence[str], values: Mapping[str, float], count: int) -> "Conditions":
        """The same values for `count` networks of one suite."""
        row = [values.get(name, torch.nan) for name in names]
        return cls(tuple(names), torch.tensor([row], dtype=torch.float32).expand(count, len(row)))

    def twice(self) -> "Conditions":
        """Each row two times in a row."""
        return Conditions(self.names, self.values.repeat_interleave(2, 0))

    def of(self, rows: Sequence[int], suite: Suite) -> Float[Tensor, "rows own"]:
        """The values of some networks of one suite, in the suite's own order; NaN for other conditions."""
        names = [condition.name for condition in suite.conditions]
        unknown = torch.full((len(self.values), 1), torch.nan)
        columns = [self.names.index(n) if n in self.names else len(self.names) for n in names]
        return torch.cat([self.values, unknown], 1)[list(rows)][:, columns]

    def named(self, row: int) -> dict[str, float]:
        """The values of one network, by name, of what its task knows."""
        values = self.values[row].tolist()
        return {n: v for n, v in zip(self.names, values, strict=True) if not math.isnan(v)}


def wanted_actions(
    tasks: Sequence[str],
    observations: Sequence[Tensor],
    labels: Sequence[Tensor],
    conditions: Conditions,
) -> tuple[Tensor, Tensor]:
    """What N networks see and should do, padded with zeros to the largest of their tasks.

    Args:
        tasks: of the networks, (N,); their suites may differ.
        observations: of each network, (batch, observation).
        labels: of each network, (batch, labels, action).
        conditions: of each network.

    Returns:
        Observations (N, batch, observation) and actions (N, batch, action).
    """
    rows_of: dict[tuple[str, int], list[int]] = {}  # by suite and motion
    for row, name in enumerate(tasks):
        task = get_task(name)
        rows_of.setdefault((task.suite.name, id(task.motion)), []).append(row)
    actions: list[Tensor] = [torch.empty(0)] * len(tasks)
    for rows in rows_of.values():
        task = get_task(tasks[rows[0]])
        own = torch.stack([labels[row] for row in rows])
        for row, action in zip(
            rows, task.motion.actions(own, conditions.of(rows, task.suite)), strict=True
        ):
            actions[row] = action
    return (
        padded(observations, max(one.shape[-1] for one in observations)),
        padded(actions, max(one.shape[-1] for one in actions)),
    )


class OwnShares:
    """Batches in which every network sees only its own random share of its task's transitions.

    The share is drawn in blocks of consecutive transitions, so that what one network never sees is
    whole stretches of episodes rather than every other step of all of them.
    """

    def __init__(
        self,
        data: dict[str, tuple[Tensor, Tensor]],
        tasks: Sequence[str],
        conditions: Conditions,
        share: float,
        rng: np.random.Generator,
    ) -> None:
        """Shares of `data` for networks of these tasks with these conditions."""
        self.data, self.tasks, self.conditions = data, tasks, conditions
        self.blocks = []
        for task in tasks:
            count = max(1, len(data[task][0]) // _BLOCK)
            kept = max(1, round(share * count))
            self.blocks.append(torch.from_numpy(np.sort(rng.permutation(count)[:kept])))

    def draw(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Observations (N, batch, observation) and each network's wanted actions (N, batch, action).

        Both are padded with zeros to the largest among the tasks.
        """
        observations, labels = [], []
        for task, blocks in zip(self.tasks, self.blocks, strict=True):
            x, y = self.data[task]
            block = blocks[torch.randint(len(blocks), (batch,), generator=generator)]
            rows = block * _BLOCK + torch.randint(_BLOCK, (batch,), generator=generator)
            rows = rows.clamp_max(len(x) - 1)
            observations.append(x[rows])
            labels.append(y[rows])
        return wanted_actions(self.tasks, observations, labels, self.conditions)


def normalised(
    transitions: dict[str, Transitions], normalisers: dict[str, Normaliser]
) -> dict[str, tuple[Tensor, Tensor]]:
    """Normalised observations (n, observation) and labels (n, labels, action) by task, as tensors."""
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
    networks: MLPBatch,
    shares: OwnShares,
    *,
    steps: int,
    batch: int,
    lr: float,
    generator: torch.Generator,
    warmup: int = 10,
    progress: Callable[[int, int, float], None] | None = None,
) -> MLPBatch:
    """Train every network by itself with Adam and a cosine learning rate; returns new networks.

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
    sizes = action_sizes(networks)

    def masked() -> MLPBatch:
        return MLPBatch(
            networks.architectures,
            [w * k for w, k in zip(weights, kept, strict=True)],
            [b * m for b, m in zip(biases, masks[1:], strict=True)],
        )

    for step in range(steps):
        set_lr(optimiser, cosine_lr(step, steps, lr, warmup=min(warmup, steps // 2)))
        observations, actions = shares.draw(batch, generator)
        loss = imitation_loss(masked()(observations), actions, sizes).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if progress is not None:
            progress(step + 1, steps, loss.item() / len(networks.architectures))
    with torch.no_grad():
        return masked()
