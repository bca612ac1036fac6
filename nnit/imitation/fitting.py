"""Training many small networks at once, each on transitions of its own: one batched product a layer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nnit.imitation.demonstrations import Transitions
from nnit.mlp.batch import MLPBatch, width_masks
from nnit.mlp.normaliser import Normaliser
from nnit.sim.suites import Suite, get_task
from nnit.trainer import cosine_lr, set_lr

_BLOCK = 50  # transitions that stay together when each network is given its own share


def imitation_loss(
    predicted: Float[Tensor, "N batch action"],
    target: Float[Tensor, "N batch action"],
    action_sizes: Sequence[int] | Tensor | None = None,
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
    counts = torch.as_tensor(action_sizes, device=losses.device) * losses.shape[1]
    return losses.sum((1, 2)) / counts


def classification_loss(
    predicted: Float[Tensor, "N batch class"],
    target: Float[Tensor, "N batch class"],
    action_sizes: Sequence[int] | Tensor | None = None,
) -> Float[Tensor, " N"]:
    """Kullback-Leibler divergence of the predicted classes from the wanted ones, in nats, per network.

    Where a label is certain it is the cross-entropy.

    Args:
        predicted: logits of N networks.
        target: probabilities of the classes, 0 where padded.
        action_sizes: how many classes each network tells apart; by default all.
    """
    if action_sizes is not None:
        counts = torch.as_tensor(action_sizes, device=predicted.device)
        padding = torch.arange(predicted.shape[-1], device=predicted.device) >= counts[:, None]
        predicted = predicted.masked_fill(padding[:, None], -1e4)
    logs = torch.log_softmax(predicted.float(), -1)
    return (torch.xlogy(target, target) - target * logs).sum(-1).mean(1)


Loss = Callable[..., Tensor]


def loss_of(output: str) -> Loss:
    """How far outputs of networks are from the wanted answers: `imitation_loss` or `classification_loss`.

    Args:
        output: one of `nnit.mlp.spec.OUTPUTS`.
    """
    return imitation_loss if output == "actions" else classification_loss


def answers_of(output: str, outputs: Tensor) -> Tensor:
    """The answers that outputs stand for: actions as environments take them, or probabilities of classes."""
    return outputs.clamp(-1, 1) if output == "actions" else outputs.softmax(-1)


def action_sizes(networks: MLPBatch) -> Tensor:
    """Number of components of each network's action, (N,)."""
    sizes = [architecture.action_size for architecture in networks.architectures]
    return torch.tensor(sizes, device=networks.weights[0].device)


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
        known = {task: {c.name: c for c in get_task(task).conditions} for task in set(tasks)}
        nothing = (math.nan, math.nan)
        ranges = {
            task: [(c[n].low, c[n].high - c[n].low) if n in c else nothing for n in names]
            for task, c in known.items()
        }
        table = torch.tensor([ranges[task] for task in tasks], dtype=torch.float32)
        low, width = table.view(len(tasks), len(names), 2).unbind(2)
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


@dataclass(frozen=True, eq=False)
class TrainingStates:
    """Labelled states of several tasks end to end, from which batches are drawn.

    Attributes:
        observations: normalised, (states, observation), zero beyond a task's own components.
        labels: (states, labels, action), likewise.
        spans: first row and number of rows of each task.
    """

    observations: Float[Tensor, "states observation"]
    labels: Float[Tensor, "states labels action"]
    spans: Mapping[str, tuple[int, int]]

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.observations.device

    def to(self, device: torch.device) -> "TrainingStates":
        """The same on another device."""
        return TrainingStates(self.observations.to(device), self.labels.to(device), self.spans)

    def observations_of(self, task: str) -> Float[Tensor, "n observation"]:
        """Those of one task, without padding."""
        first, count = self.spans[task]
        return self.observations[first : first + count, : get_task(task).suite.observation_size]

    def first_rows(self, tasks: Sequence[str]) -> Int[Tensor, " N"]:
        """Where the states of each network's task begin, (N,)."""
        return torch.tensor([self.spans[task][0] for task in tasks], device=self.device)

    def seen(self, tasks: Sequence[str], rows: Int[Tensor, "N batch"]) -> Tensor:
        """Observations (N, batch, observation) in these rows, as long as the longest among the tasks."""
        size = max(get_task(task).suite.observation_size for task in set(tasks))
        return self.observations[rows.to(self.device), :size]


class Teachers:
    """The expert of each of N networks, with the conditions it was asked for: from labels to wanted actions."""

    def __init__(self, tasks: Sequence[str], conditions: Conditions, device: torch.device) -> None:
        """Teachers of networks for `tasks`, whose suites may differ, on `device`."""
        rows_of: dict[tuple[str, int], list[int]] = {}  # by suite and motion
        for row, name in enumerate(tasks):
            task = get_task(name)
            rows_of.setdefault((task.suite.name, id(task.motion)), []).append(row)
        self.size = max(get_task(name).suite.action_size for name in set(tasks))
        self._groups = []
        for rows in rows_of.values():
            task = get_task(tasks[rows[0]])
            values = conditions.of(rows, task.suite).to(device)
            self._groups.append((task, torch.tensor(rows, device=device), values))

    def actions(
        self, labels: Float[Tensor, "N batch labels action"]
    ) -> Float[Tensor, "N batch action"]:
        """What the networks should do, padded with zeros to the largest among their tasks."""
        actions = labels.new_zeros(*labels.shape[:2], self.size)
        for task, rows, values in self._groups:
            own = labels[rows][:, :, : task.suite.labels, : task.suite.action_size]
            wanted = task.motion.actions(own, values)
            actions[rows] = torch.nn.functional.pad(wanted, (0, self.size - wanted.shape[-1]))
        return actions


class OwnShares:
    """Batches in which every network sees only its own random share of its task's transitions.

    The share is drawn in blocks of consecutive transitions, so that what one network never sees is
    whole stretches of episodes rather than every other step of all of them.
    """

    def __init__(
        self,
        data: TrainingStates,
        tasks: Sequence[str],
        conditions: Conditions,
        share: float,
        rng: np.random.Generator,
    ) -> None:
        """Shares of `data` for networks of these tasks with these conditions."""
        self.data, self.tasks = data, tasks
        self.teachers = Teachers(tasks, conditions, data.device)
        blocks = []
        for task in tasks:
            count = max(1, data.spans[task][1] // _BLOCK)
            kept = max(1, round(share * count))
            blocks.append(torch.from_numpy(np.sort(rng.permutation(count)[:kept])))
        self._kept = torch.tensor([len(one) for one in blocks], device=data.device)[:, None]
        self._blocks = torch.nn.utils.rnn.pad_sequence(blocks, True).to(data.device)
        self._first = data.first_rows(tasks)[:, None]
        self._last = torch.tensor([data.spans[t][1] - 1 for t in tasks], device=data.device)

    def draw(self, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Observations (N, batch, observation) and each network's wanted actions (N, batch, action).

        Both are padded with zeros to the largest among the tasks. The generator is of the data's device.
        """
        shape, device = (len(self.tasks), batch), self.data.device
        place = torch.rand(shape, generator=generator, device=device) * self._kept
        block = self._blocks.gather(1, place.long().minimum(self._kept - 1))
        rows = block * _BLOCK + torch.randint(_BLOCK, shape, generator=generator, device=device)
        rows = rows.minimum(self._last[:, None]) + self._first
        return self.data.seen(self.tasks, rows), self.teachers.actions(self.data.labels[rows])


def normalised(
    transitions: Mapping[str, Transitions],
    normalisers: Mapping[str, Normaliser],
    device: torch.device | None = None,
) -> TrainingStates:
    """Transitions by task as tensors, with normalised observations."""
    observations = [
        (part.observations - normalisers[task].mean) / normalisers[task].scale
        for task, part in transitions.items()
    ]
    labels = [part.labels for part in transitions.values()]
    counts = [len(part) for part in labels]
    first = np.cumsum([0, *counts]).tolist()
    return TrainingStates(
        _end_to_end(observations).to(device or "cpu"),
        _end_to_end(labels).to(device or "cpu"),
        {task: (first[i], counts[i]) for i, task in enumerate(transitions)},
    )


def _end_to_end(parts: Sequence[np.ndarray]) -> Tensor:
    """Arrays of several tasks one after another, padded with zeros to the largest shape of a row."""
    shape = np.max([part.shape[1:] for part in parts], 0)
    every = np.zeros((sum(map(len, parts)), *shape), np.float32)
    start = 0
    for part in parts:
        own = tuple(slice(size) for size in part.shape[1:])
        every[(slice(start, start + len(part)), *own)] = part
        start += len(part)
    return torch.from_numpy(every)


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

    All of them give the same kind of output.

    Each network's loss touches its own weights only, and Adam is elementwise, so this is N separate
    trainings in one.

    Args:
        generator: of batches, on the device of the shares' data.
        progress: called with (steps done, steps in all, mean loss) after each step.
    """
    device = networks.weights[0].device
    masks = width_masks(networks.architectures, networks.weights[0].shape[1], device)
    weights = [weight.detach().clone().requires_grad_() for weight in networks.weights]
    biases = [bias.detach().clone().requires_grad_() for bias in networks.biases]
    kept = [a[:, :, None] * b[:, None] for b, a in zip(masks[:-1], masks[1:], strict=True)]
    optimiser = torch.optim.Adam([*weights, *biases], fused=True)
    sizes = action_sizes(networks)
    answer_loss = loss_of(networks.architectures[0].output)

    def masked() -> MLPBatch:
        return MLPBatch(
            networks.architectures,
            [w * k for w, k in zip(weights, kept, strict=True)],
            [b * m for b, m in zip(biases, masks[1:], strict=True)],
        )

    for step in range(steps):
        set_lr(optimiser, cosine_lr(step, steps, lr, warmup=min(warmup, steps // 2)))
        observations, actions = shares.draw(batch, generator)
        loss = answer_loss(masked()(observations), actions, sizes).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if progress is not None:
            progress(step + 1, steps, loss.item() / len(networks.architectures))
    with torch.no_grad():
        return masked()
