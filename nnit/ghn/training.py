"""Training the GHN by behaviour cloning through the weights it writes, with DAgger."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnit.device import Replayed, training_autocast, training_device
from nnit.errors import UserError
from nnit.ghn.graph import batch_features
from nnit.ghn.model import GHN, GHNConfig
from nnit.ghn.store import save_ghn, write_policies
from nnit.imitation.dagger import aggregate
from nnit.imitation.demonstrations import draw_values, load_transitions, save_transitions
from nnit.imitation.fitting import (
    Conditions,
    Teachers,
    loss_of,
    normalised,
)
from nnit.mlp.batch import existing, run_together
from nnit.mlp.normaliser import Normaliser
from nnit.presets import Preset
from nnit.sim.suites import distinct_conditions, get_task, one_output, suites_of
from nnit.splits import ArchitecturePool, get_protocol, goal_seed
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation

logger = logging.getLogger(__name__)

# How often a step trains each depth: deeper networks have more to learn.
_DEPTH_SHARES = {1: 0.15, 2: 0.45, 3: 0.4, 5: 0.2}
_USUAL_WIDTH = 64
_EMA_DECAY = 0.998
# Where narrower networks end up early in training is not worth learning.
_NARROWEST_DRIVER = 8  # neurons
_NOTE_EVERY = 10  # steps; reading numbers from a GPU makes it wait


class GHNTrainer(Trainer[GHN]):
    """Trains the GHN, on data that grow."""

    save_every = 500

    def __init__(self, preset: Preset, demonstrations: Path, folder: Path) -> None:
        self.preset, self.settings, self.device = preset, preset.ghn, training_device()
        self.suites = {task: get_task(task).suite for task in preset.tasks}
        self.output = one_output(self.suites.values())
        self._loss = loss_of(self.output)
        conditions = distinct_conditions(suites_of(preset.tasks))
        self.config = GHNConfig(
            tasks=preset.tasks,
            sizes=tuple((s.observation_size, s.action_size) for s in self.suites.values()),
            conditions=tuple(c.name for c in conditions),
            ranges=tuple((float(c.low), float(c.high)) for c in conditions),
            node=self.settings.node,
            channels=self.settings.channels,
            decoder=self.settings.decoder,
            axis=self.settings.axis,
            planes=self.settings.planes,
            blur=self.settings.blur,
            widest=self.settings.widest,
        )
        with seeded_initialisation(preset.seed):
            model = GHN(self.config).to(self.device)
        tables = model.table_parameters()
        rest = [p for p in model.parameters() if all(p is not t for t in tables)]
        groups: list[dict[str, Any]] = [
            {"params": rest},
            {"params": tables, "lr_scale": self.settings.table_lr_scale},
        ]
        super().__init__(
            folder,
            model,
            torch.optim.AdamW(
                groups, betas=(0.9, self.settings.beta2), weight_decay=1e-4, fused=True
            ),
            decay=_EMA_DECAY,
            total=self.settings.steps,
            seed=preset.seed,
            settings=self.settings,
            config=self.config,
        )
        self.last_dagger = 0
        self.success = dict.fromkeys(preset.tasks, 0.0)
        self._note = ""
        self._replayed = Replayed(self._differentiate, model.parameters())
        expert = load_transitions(demonstrations)
        self.normalisers = {
            t: Normaliser.fit(expert[t].observations, picture=self.suites[t].picture is not None)
            for t in preset.tasks
        }
        self.pool = ArchitecturePool(
            get_protocol(preset.protocol), _DEPTH_SHARES, narrow=self.settings.narrow
        )
        self.transitions = {task: expert[task] for task in preset.tasks}
        if (state := self.resume()) is not None:
            self.success, self.last_dagger = state["success"], state["last_dagger"]
            self.transitions = load_transitions(self.folder / "transitions.safetensors")
        self.states = normalised(self.transitions, self.normalisers, self.device)

    def advance(self) -> str:
        """Train one step, after a round of DAgger where one is due, and say how it is going."""
        due = self.step - self.step % self.settings.dagger_every
        if due > self.last_dagger:
            if self.output == "actions":  # examples have their labels already
                self._dagger()
            self.last_dagger = due
        loss, spread = self._train_step()
        if self.step % _NOTE_EVERY == 0:
            self._note = f"loss {loss:.4f}, spread {spread:.2f}"
            if self.output == "actions":
                self._note += f", success {np.mean(list(self.success.values())):.2f}"
        return self._note

    def _train_step(self) -> Tensor:
        """One optimiser step; the imitation loss and the relative distance between latents, (2,)."""
        rng = np.random.default_rng((self.preset.seed, self.step))
        generator = torch.Generator().manual_seed(self.preset.seed * 1_000_003 + self.step)
        depth = self.pool.depth(rng)
        # Narrow networks of their own come once wide ones have learned what a task is.
        begins = self.step < self.settings.even * self.total
        limits = self.pool.every if begins else self.pool.limits(rng)
        # A field's cells grow with the square of its width; fewer wide ones a step keep its cost in bounds.
        pairs = max(1, self.settings.pairs * _USUAL_WIDTH // max(limits[1], _USUAL_WIDTH))
        need = np.array([0.3 + 1 - self.success[task] for task in self.preset.tasks])
        tasks = rng.choice(len(self.preset.tasks), size=pairs, p=need / need.sum()).repeat(2)
        drawn = [a for a in self.pool.draw(depth, limits, pairs, rng) for _ in range(2)]
        names = [self.preset.tasks[task] for task in tasks]
        architectures = [
            self.suites[name].sized(one) for name, one in zip(names, drawn, strict=True)
        ]
        conditions = Conditions.draw(self.config.conditions, names[::2], generator).twice()
        observations, actions = self._batch(names, conditions, generator)
        latents = torch.randn(2 * pairs, self.config.latent, generator=generator)
        sizes = [(one.observation_size, one.action_size) for one in architectures]
        errors = self._replayed(
            (depth, limits[1]),
            (
                batch_features(architectures),
                torch.tensor([one.hidden for one in architectures]),
                torch.tensor(sizes),
                torch.from_numpy(tasks),
                conditions.values,
                latents,
                observations,
                actions,
                torch.tensor([one.activation == "relu" for one in architectures]),
            ),
        )
        self.step_optimiser(cosine_lr(self.step, self.total, self.settings.lr))
        return errors

    def _differentiate(
        self,
        key: tuple[int, int],
        features: Tensor,
        hidden: Tensor,
        sizes: Tensor,
        tasks: Tensor,
        conditions: Tensor,
        latents: Tensor,
        observations: Tensor,
        actions: Tensor,
        relu: Tensor,
    ) -> Tensor:
        """Add the gradients of one batch to the parameters; its imitation loss and spread, (2,).

        Args:
            key: number of hidden layers, and the width that none of them exceeds.
            features: of the matrices of all networks, from `batch_features`.
            hidden: widths, (N, depth).
            sizes: of observations and actions, (N, 2).
            tasks: index of each network's task, (N,).
            conditions: (N, conditions).
            latents: (N, latent).
            observations: (N, batch, observation), zero beyond a task's own.
            actions: wanted, (N, batch, action), likewise.
            relu: which networks have ReLU as their activation, (N,).
        """
        side = self.model.side(key[1])
        ends = (observations.shape[2], actions.shape[2])
        masks = [
            existing(sizes[:, 0], ends[0]),
            *(existing(widths, side) for widths in hidden.unbind(1)),
            existing(sizes[:, 1], ends[1]),
        ]
        with training_autocast(self.device):
            weights, biases = self.model.write(features, masks, tasks, conditions, latents, side)
        alike = {suite.activation for suite in self.suites.values()}
        found = run_together(
            weights, biases, observations, relu if len(alike) > 1 else alike == {"relu"}
        )
        loss = self._loss(found, actions, sizes[:, 1]).mean()
        ratio = _spread(weights, latents)
        penalty = (ratio / self.settings.spread - 1).abs().mean()
        total = loss + self.settings.spread_weight * penalty
        if self.settings.weight_penalty:
            total = total + self.settings.weight_penalty * _neuron_size(weights, masks)
        total.backward()
        return torch.stack([loss, ratio.mean()]).detach()

    def _batch(
        self, tasks: Sequence[str], conditions: Conditions, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Observations (N, batch, observation) and wanted actions (N, batch, action) of each network."""
        counts = [self.states.spans[task][1] for task in tasks]
        drawn = [torch.randint(n, (self.settings.batch,), generator=generator) for n in counts]
        rows = torch.stack(drawn).to(self.device) + self.states.first_rows(tasks)[:, None]
        teachers = Teachers(tasks, conditions, self.device)
        observations = self.states.observations[rows]
        if self.settings.shift:
            observations = self._shifted(observations, generator)
        return observations, teachers.actions(self.states.labels[rows])

    def _shifted(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        """Pictures (N, batch, pixels), those of each network moved by a few pixels; what leaves comes in again.

        Raises:
            UserError: the observations are no pictures of one size.
        """
        sizes = {suite.picture for suite in self.suites.values()}
        size = sizes.pop()
        if size is None or sizes:
            raise UserError("only pictures of one size can be shifted")
        most = self.settings.shift
        moves = torch.randint(-most, most + 1, (len(pictures), 2), generator=generator).tolist()
        square = pictures.unflatten(2, size)
        moved = [one.roll(move, (1, 2)) for one, move in zip(square, moves, strict=True)]
        return torch.stack(moved).flatten(2)

    def _dagger(self) -> None:
        """Let the current GHN's networks drive, label what they saw, and add it to the data."""
        policies, seeds = [], []
        rng = np.random.default_rng((self.preset.seed, self.step, 1))
        for task in self.preset.tasks:
            count = self.settings.dagger_networks * (1 if self.success[task] > 0.9 else 2)
            for index in range(count):
                depth = int(rng.choice(self.pool.depths))
                suite = self.suites[task]
                drawn = self.pool.draw(depth, self.pool.limits(rng), 1, rng)[0]
                while min(drawn.hidden) < _NARROWEST_DRIVER:
                    drawn = self.pool.draw(depth, self.pool.limits(rng), 1, rng)[0]
                architecture = suite.sized(drawn)
                generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
                policies += write_policies(
                    self.ema.module,
                    task,
                    architecture,
                    self.normalisers[task],
                    draw_values(get_task(task).conditions, rng),
                    1,
                    generator,
                )
                seeds.append(
                    [
                        goal_seed("train", "dagger", task, self.step, index, episode)
                        for episode in range(self.settings.dagger_episodes)
                    ]
                )
        self.transitions, success = aggregate(
            self.transitions, policies, seeds, self.settings.dagger_limit, rng
        )
        self.states = normalised(self.transitions, self.normalisers, self.device)
        for task, rate in success.items():
            self.success[task] = 0.5 * self.success[task] + 0.5 * rate
        logger.info(
            "step %d success %s",
            self.step,
            " ".join(f"{task} {s:.2f}" for task, s in self.success.items()),
        )

    def save(self) -> None:
        """Write the averaged model, the data, and the state."""
        save_ghn(self.folder, self.ema.module, self.normalisers)
        save_transitions(self.transitions, self.folder / "transitions.safetensors")
        self.save_state(last_dagger=self.last_dagger, success=self.success)


def _neuron_size(weights: Sequence[Tensor], masks: Sequence[Tensor]) -> Tensor:
    """The mean over networks and layers of the squared norm of a neuron's weights; 1 at LeCun's start."""
    sizes = [
        weight.square().sum((1, 2)) / after.sum(1)
        for weight, after in zip(weights, masks[1:], strict=True)
    ]
    return torch.stack(sizes).mean()


def _spread(weights: Sequence[Tensor], latents: Tensor) -> Tensor:
    """Relative weight distance of the two networks of each pair, per unit of latent distance (pairs,)."""
    difference, size = latents.new_zeros(2, len(latents) // 2)
    for weight in weights:
        difference = difference + (weight[0::2] - weight[1::2]).square().sum((1, 2))
        size = size + weight[0::2].square().sum((1, 2))
    typical = (2 * latents.shape[1]) ** 0.5
    apart = (latents[0::2] - latents[1::2]).norm(dim=1) / typical
    return (difference / size.detach().clamp_min(1e-6) + 1e-8).sqrt() / apart
