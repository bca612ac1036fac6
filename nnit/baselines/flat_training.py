"""Training the flat baseline on the zoo: the linear code in closed form, then the flow of its codes."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.baselines.flat import DEPTH, FlatConfig, FlatModel, places, vector_length
from nnit.baselines.flat_code import action_sensitivity, fit_code
from nnit.checkpoint import save_json, save_tensors
from nnit.dit.conditions import (
    budget_range,
    condition_blur,
    condition_columns,
    scaled_conditions,
    training_conditions,
)
from nnit.dit.flow import interpolate, logit_normal_times
from nnit.dit.functional_loss import action_errors, by_depth, gathered, padded_places
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import action_sizes, normalised
from nnit.mlp.batch import MLPBatch
from nnit.mlp.normaliser import load_normalisers
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture
from nnit.presets import Preset
from nnit.sim.rollout import run_many
from nnit.sim.suites import suites_of
from nnit.splits import goal_seed
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation
from nnit.zoo.networks import Zoo

logger = logging.getLogger(__name__)

_EMA_DECAY = 0.999
_CHECKED = 8  # reconstructed training networks that are tried, a task


class FlatTrainer(Trainer[FlatModel]):
    """Trains the flat model."""

    save_every = 2000

    def __init__(self, preset: Preset, zoo: Path, ghn: Path, folder: Path) -> None:
        """Start or go on in `folder`; `ghn` holds the states on which networks are compared.

        Networks with more hidden layers than a vector has room for are left out.
        """
        self.preset, self.settings = preset, preset.flat
        every = Zoo.load(zoo)
        self.zoo = every.subset(np.flatnonzero((every.hidden > 0).sum(1) <= DEPTH))
        self.architectures = [self.zoo.architecture(index) for index in range(len(self.zoo))]
        self.normalisers = load_normalisers(ghn / "normalisers.safetensors")
        transitions = load_transitions(ghn / "transitions.safetensors")
        self.states = normalised(transitions, self.normalisers)
        self.hidden = np.zeros((len(self.zoo), MAX_DEPTH), np.float32)
        self.hidden[:, : self.zoo.hidden.shape[1]] = self.zoo.hidden
        suites = suites_of(self.zoo.tasks)
        self.conditions = scaled_conditions(self.zoo.conditions, self.zoo.condition_names, suites)
        self.blur = condition_blur(self.zoo.condition_names, suites)
        self.parameters = np.array([a.parameter_count for a in self.architectures])
        self.ranges = np.array([budget_range(a) for a in self.architectures])
        self.config = FlatConfig(
            preset.tasks,
            condition_columns(suites),
            latent=min(self.settings.components, len(self.zoo)),
            observation_size=max(suite.observation_size for suite in suites),
            action_size=max(suite.action_size for suite in suites),
            linear=True,
            given_latent=self.zoo.latent.shape[1],
        )
        with seeded_initialisation(preset.seed):
            model = FlatModel(self.config)
        super().__init__(
            folder,
            model,
            torch.optim.AdamW(model.parameters(), weight_decay=0.01, fused=True),
            decay=_EMA_DECAY,
            total=self.settings.steps,
            seed=preset.seed,
            settings=self.settings,
            config=self.config,
        )
        self.codes: Tensor | None = None  # standardised
        if (state := self.resume()) is not None:
            self.codes = state["codes"]

    def advance(self) -> str:
        """Train one step, the code before the first one, and say how it is going."""
        if self.codes is None:
            self.codes = self._fit_code()
        cells, actions = self._train_step(self.codes)
        return f"code {cells:.4f}, actions {actions:.4f}"

    def _places(self, architecture: MLPArchitecture) -> np.ndarray:
        return places(architecture, self.config.observation_size, self.config.action_size)

    def _fit_code(self) -> Tensor:
        """Fit the linear code, give it to the model, and try what it makes of training networks."""
        sizes = (self.config.observation_size, self.config.action_size)
        count, length = len(self.zoo), vector_length(*sizes)
        flat, there = torch.zeros(count, length), torch.zeros(count, length, dtype=torch.bool)
        generator = torch.Generator().manual_seed(self.preset.seed)
        squares = {int(task): torch.zeros(length) for task in np.unique(self.zoo.task)}
        having = {task: torch.zeros(length) for task in squares}
        for index, architecture in enumerate(self.architectures):
            task, where = int(self.zoo.task[index]), torch.from_numpy(self._places(architecture))
            own = self.zoo.parameters[self.zoo.starts[index] : self.zoo.starts[index + 1]]
            flat[index, where] = torch.from_numpy(own)
            there[index, where] = True
            weights, biases = architecture.layers_of(own)
            name = self.zoo.tasks[task]
            rows = self._draw([name], generator)
            states = self.states.seen([name], rows)[0].numpy()
            sensitivity = action_sensitivity(weights, biases, states, architecture.activation)
            squares[task][where] += torch.from_numpy(sensitivity.astype(np.float32))
            having[task][where] += 1
        code = fit_code(
            flat,
            there,
            torch.from_numpy(self.zoo.task),
            torch.tensor([architecture.depth for architecture in self.architectures]),
            {task: squares[task] / having[task].clamp_min(1) for task in squares},
            depths=DEPTH,
            components=self.config.latent,
            fillings=self.settings.fillings,
            generator=generator,
        )
        spread = code.codes.std(0).clamp_min(1e-4 * float(code.codes.std()))
        for model in (self.model, self.ema.module):
            model.components.copy_(code.components)
            model.scale[: len(code.scale)] = code.scale
            model.mean[: len(code.mean)] = code.mean
            model.latent_mean.copy_(code.codes.mean(0))
            model.latent_scale.copy_(spread)
        codes = (code.codes - self.model.latent_mean) / self.model.latent_scale
        logger.info(
            "flat: %d components have %.3f of the variance; reconstructed training networks succeed in %.3f",
            self.config.latent,
            code.explained,
            self._success(codes),
        )
        return codes

    def _success(self, codes: Tensor) -> float:
        """Success of some training networks as their codes spell them, one goal each."""
        rows = [
            int(row)
            for task in np.unique(self.zoo.task)
            for row in np.flatnonzero(self.zoo.task == task)[:_CHECKED]
        ]
        flat = self._decode(codes, rows).numpy()
        policies = []
        for row, vector in zip(rows, flat, strict=True):
            name, architecture = self.zoo.tasks[self.zoo.task[row]], self.architectures[row]
            layers = architecture.layers_of(vector[self._places(architecture)])
            normaliser = self.normalisers[name]
            asked = self.zoo[row].conditions  # where the goal is hidden, they say where it is
            policies.append(
                Policy(name, architecture, *layers, normaliser.mean, normaliser.scale, asked)
            )
        ran = run_many(policies, [[goal_seed("select", "flat", row)] for row in rows])
        return float(np.mean([episode.success for (episode,) in ran]))

    def _decode(self, codes: Tensor, rows: "list[int] | np.ndarray") -> Tensor:
        """Flat vectors of codes of all networks, for some of them."""
        task = torch.from_numpy(self.zoo.task[rows])
        depth = torch.tensor([self.architectures[row].depth for row in rows])
        return self.model.decode(codes[rows], task, depth)

    def _draw(self, names: Sequence[str], generator: torch.Generator) -> Tensor:
        """Rows of random states of each network's task, (N, states)."""
        counts = [self.states.spans[name][1] for name in names]
        drawn = [torch.randint(n, (self.settings.states,), generator=generator) for n in counts]
        return torch.stack(drawn) + self.states.first_rows(names)[:, None]

    def _train_step(self, codes: Tensor) -> tuple[float, float]:
        """One optimiser step of the flow; errors of codes, and of the actions they lead to."""
        model, settings = self.model, self.settings
        rng = np.random.default_rng((self.preset.seed, 6, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        rows = rng.integers(len(self.zoo), size=settings.batch)
        conditions = training_conditions(
            self.conditions[rows], self.parameters[rows], self.ranges[rows], self.blur, rng
        )
        task = torch.from_numpy(self.zoo.task[rows])
        conditioning = model.conditioning(
            task,
            torch.from_numpy(self.hidden[rows]),
            torch.from_numpy(conditions.astype(np.float32)),
            torch.from_numpy(self.zoo.latent[rows].astype(np.float32)),
        )
        clean = codes[rows]
        noise = torch.randn(clean.shape, generator=generator)
        time = logit_normal_times(len(clean), rng)
        predicted = model.denoise(interpolate(noise, clean, time), time, conditioning)
        # Components count by their variance: an error of the code is one of the scaled weights.
        share = model.latent_scale.square() / model.latent_scale.square().mean()
        cells = ((predicted - clean).square() * share).mean()
        actions = self._action_loss(predicted, clean, rows, generator)
        loss = cells + settings.functional_loss * actions
        self.optimise(loss, cosine_lr(self.step, self.total, settings.lr))
        return cells.item(), actions.item()

    def _action_loss(
        self, predicted: Tensor, clean: Tensor, rows: np.ndarray, generator: torch.Generator
    ) -> Tensor:
        """Mean error of the actions of predicted networks on states of their tasks."""
        architectures = [self.architectures[row] for row in rows]
        task = torch.from_numpy(self.zoo.task[rows])
        depth = torch.tensor([architecture.depth for architecture in architectures])
        names = [self.zoo.tasks[index] for index in self.zoo.task[rows]]
        drawn = self._draw(names, generator)
        found, wanted = (self.model.decode(codes, task, depth) for codes in (predicted, clean))
        total = predicted.new_zeros(())
        for some in by_depth(architectures):
            own = [architectures[row] for row in some]
            networks = self._networks(found[some], own)
            errors = action_errors(
                networks,
                self._networks(wanted[some], own),
                self.states.seen([names[row] for row in some], drawn[some]),
                action_sizes(networks),
            )
            total = total + errors.sum()
        return total / len(rows)

    def _networks(self, flat: Tensor, architectures: list[MLPArchitecture]) -> MLPBatch:
        """Flat vectors of networks of one depth as networks; gradients flow through."""
        flat = torch.cat([flat.new_zeros(len(flat), 1), flat], 1)  # the first cell is the padding's
        layers = [a.layers_of(1 + self._places(a)) for a in architectures]
        weights, biases = (
            [gathered(flat, padded_places(arrays)) for arrays in zip(*parts, strict=True)]
            for parts in zip(*layers, strict=True)
        )
        return MLPBatch(architectures, weights, biases)

    def save(self) -> None:
        """Write the averaged model, and the state."""
        if self.codes is None:
            return  # stopped before there was anything
        save_json(self.folder / "config.json", {"flat": asdict(self.config)})
        save_tensors(self.folder / "flat.safetensors", self.ema.module.state_dict())
        self.save_state(codes=self.codes)
