"""Building the zoo: networks written by the GHN and fine-tuned on their own data.

Networks are drawn in groups of one depth; groups of one depth and about the same width are fine-tuned
together, as many as a device can use.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from nnit.checkpoint import claim
from nnit.device import training_device
from nnit.errors import UserError
from nnit.ghn.store import draw_latents, load_ghn, write_networks
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.mlp.batch import MLPBatch
from nnit.presets import Preset, ZooSettings
from nnit.sim.rollout import run_many
from nnit.sim.suites import get_task
from nnit.splits import ArchitecturePool, Protocol, get_protocol, goal_seed
from nnit.zoo.networks import Zoo

logger = logging.getLogger(__name__)

# How often networks of more than one hidden layer are made; of one, the settings say.
_DEPTH_SHARES = {2: 0.45, 3: 0.45, 5: 0.2}
# Root mean square of the weights of one task against the median of the others; below 2 in what ships.
_LARGEST_RATIO = 20
# Layers up to this wide are padded to the widest of their batch, others to the widest of all.
_NARROW = 64


@dataclass(frozen=True)
class _Group:
    """Networks of one depth as the GHN wrote them, and what they are for.

    Attributes:
        task: index of each network's task, (N,).
        names: of the tasks.
        conditions: asked for.
        latents: written from, (N, latent).
        written: the networks.
    """

    task: np.ndarray
    names: list[str]
    conditions: Conditions
    latents: torch.Tensor
    written: MLPBatch


def check_sizes(zoo: Zoo) -> None:
    """See that no task's weights are far larger than those of the others.

    The DiT divides all tasks' weights by one scale: such a task would leave the others nothing but noise. It
    happens where the GHN's tables for a task have grown without bound, which also stops its learning.

    Raises:
        UserError: the weights of one task are.
    """
    squares = np.zeros(len(zoo.tasks))
    numbers = np.zeros(len(zoo.tasks))
    for index in range(len(zoo)):
        network = zoo[index]
        squares[zoo.task[index]] += sum(
            float(np.square(weight, dtype=np.float64).sum()) for weight in network.weights
        )
        numbers[zoo.task[index]] += sum(w.size for w in network.weights)
    known = np.flatnonzero(numbers)
    sizes = np.sqrt(squares[known] / numbers[known])
    for place, (task, size) in enumerate(zip(known.tolist(), sizes.tolist(), strict=True)):
        usual = float(np.median(np.delete(sizes, place))) if len(sizes) > 1 else size
        if size > _LARGEST_RATIO * usual:
            raise UserError(
                f"the networks of {zoo.tasks[task]} have weights {size / usual:.0f} times as large as those of other "
                "tasks, which the DiT could not learn together: train the GHN again with a smaller "
                '"table_lr_scale" or a "weight_penalty"'
            )


def architecture_pool(protocol: Protocol, settings: ZooSettings) -> ArchitecturePool:
    """What the architectures of a zoo are drawn from."""
    shares = {1: settings.single, **_DEPTH_SHARES}
    wide = settings.wide / settings.networks
    return ArchitecturePool(protocol, shares, narrow=settings.narrow, wide=wide)


class ZooBuilder:
    """Builds a zoo group by group; finished parts are kept, so that a stopped run goes on."""

    def __init__(self, preset: Preset, ghn_folder: Path, folder: Path) -> None:
        self.preset, self.settings, self.folder = preset, preset.zoo, folder
        self.device = training_device()
        ghn, self.normalisers = load_ghn(ghn_folder)
        self.ghn = ghn.to(self.device)
        written = (ghn_folder / "ghn.safetensors").read_bytes()
        self.ghn_digest = hashlib.sha256(written).hexdigest()
        transitions = load_transitions(ghn_folder / "transitions.safetensors")
        self.data = normalised(transitions, self.normalisers, self.device)
        self.pool = architecture_pool(get_protocol(preset.protocol), self.settings)

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Fine-tune all networks, saving part by part, and measure those that a checkpoint carries.

        Raises:
            UserError: see `check_sizes`.
        """
        groups = max(1, self.settings.networks // self.settings.group)
        claim(
            self.folder,
            {"seed": self.preset.seed, "settings": asdict(self.settings), "ghn": self.ghn_digest},
        )
        parts, size = [], self.settings.part
        for first in range(0, groups, size):
            path = self.folder / "parts" / f"{first:05d}.safetensors"
            if not path.exists():

                def fine_tuned(done: int, first: int = first) -> None:
                    progress(first + done, groups, "groups fine-tuned")

                self.build(range(first, min(first + size, groups)), fine_tuned).save(path)
            parts.append(Zoo.load(path))
        zoo = Zoo.join(parts)
        check_sizes(zoo)
        self.measure(zoo, progress)
        zoo.save(self.folder / "zoo.safetensors")
        for index, task in enumerate(zoo.tasks):
            rates = zoo.success[(zoo.task == index) & np.isfinite(zoo.success)]
            logger.info("zoo success %s %.3f (%d networks)", task, rates.mean(), len(rates))

    def build(self, groups: Sequence[int], progress: Callable[[int], None]) -> Zoo:
        """Write and fine-tune some groups of networks, not measured yet."""
        together: dict[tuple[int, bool], list[tuple[int, _Group]]] = {}
        for group in groups:
            one = self._draw(group)
            wide = one.written.weights[0].shape[1] > _NARROW
            together.setdefault((len(one.written.weights), wide), []).append((group, one))
        zoos: dict[int, Zoo] = {}
        for alike in together.values():
            for start in range(0, len(alike), self.settings.together):
                some = alike[start : start + self.settings.together]
                trained = self._fine_tune(some[0][0], [group for _, group in some])
                zoos |= zip((number for number, _ in some), trained, strict=True)
                progress(len(zoos))
        return Zoo.join([zoos[group] for group in groups])

    def _draw(self, group: int) -> _Group:
        """One group, all of one depth, as the GHN writes it."""
        rng = np.random.default_rng((self.preset.seed, 2, group))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        depth = self.pool.depth(rng)
        size = self.settings.group
        others = self.settings.networks - self.settings.wide
        wide = self.settings.wide > 0 and group >= others // size
        drawn = self.pool.draw(depth, self.pool.wide if wide else self.pool.limits(rng), size, rng)
        task = (np.arange(size) + group) % len(self.preset.tasks)
        names = [self.preset.tasks[i] for i in task]
        architectures = [
            get_task(name).suite.sized(one) for name, one in zip(names, drawn, strict=True)
        ]
        conditions = Conditions.draw(self.ghn.config.conditions, names, generator)
        latents = draw_latents(self.ghn, size, generator)
        index = torch.tensor([self.ghn.config.tasks.index(name) for name in names])
        written = write_networks(self.ghn, architectures, index, conditions, latents)
        return _Group(task, names, conditions, latents, written)

    def _fine_tune(self, number: int, groups: Sequence[_Group]) -> list[Zoo]:
        """Fine-tune groups of one depth together; batches follow from the first group's number."""
        settings = self.settings
        rng = np.random.default_rng((self.preset.seed, 6, number))
        names = [name for group in groups for name in group.names]
        conditions = Conditions(
            groups[0].conditions.names, torch.cat([group.conditions.values for group in groups])
        )
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**31)))
        networks = fit(
            MLPBatch.join([group.written for group in groups]),
            OwnShares(self.data, names, conditions, settings.share, rng),
            steps=settings.steps,
            batch=settings.batch,
            lr=settings.lr,
            generator=generator,
        )
        matrices = networks.to(torch.device("cpu")).matrices
        size = settings.group
        return [
            self._zoo(group, [matrices(first + index) for index in range(size)])
            for first, group in zip(range(0, len(names), size), groups, strict=True)
        ]

    def _zoo(
        self, group: _Group, matrices: Sequence[tuple[Sequence[np.ndarray], Sequence[np.ndarray]]]
    ) -> Zoo:
        """Fine-tuned networks of one group as a zoo, not measured yet."""
        flat = []
        for weights, biases in matrices:
            for weight, bias in zip(weights, biases, strict=True):
                flat += [weight.reshape(-1), bias]
        count = len(group.task)
        hidden = np.zeros((count, max(self.pool.depths)), np.int64)
        depth = len(group.written.weights) - 1
        hidden[:, :depth] = [a.hidden for a in group.written.architectures]
        suites = [get_task(name).suite for name in self.preset.tasks]
        names = group.conditions.names
        return Zoo(
            self.preset.tasks,
            [(s.observation_size, s.action_size, s.activation, s.output) for s in suites],
            names,
            task=group.task.astype(np.int64),
            hidden=hidden,
            conditions=group.conditions.values.numpy(),
            success=np.full(count, np.nan, np.float32),
            measured=np.full((count, len(names)), np.nan, np.float32),
            latent=group.latents.numpy(),
            parameters=np.concatenate(flat),
        )

    def measure(self, zoo: Zoo, progress: Callable[[int, int, str], None]) -> None:
        """Note how a random choice of the networks did on goals of their own: those that checkpoints carry."""
        rng = np.random.default_rng((self.preset.seed, 7))
        chosen = np.sort(rng.permutation(len(zoo))[: self.settings.shipped])
        policies = [zoo.policy(i, self.normalisers[zoo.tasks[zoo.task[i]]]) for i in chosen]
        seeds = [
            [goal_seed("select", "zoo", int(i), e) for e in range(self.settings.episodes)]
            for i in chosen
        ]
        results = run_many(
            policies,
            seeds,
            progress=lambda done, total: progress(done, total, "networks measured"),
        )
        names = zoo.condition_names
        for index, episodes in zip(chosen, results, strict=True):
            zoo.success[index] = np.mean([episode.success for episode in episodes])
            values = [[e.measured.get(name, np.nan) for name in names] for e in episodes]
            zoo.measured[index] = np.mean(values, 0)
