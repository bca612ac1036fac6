"""Training the GHN by behaviour cloning through the weights it writes, with DAgger."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnit.architecture import TRAINED_DEPTHS, training_architectures
from nnit.dagger import aggregate
from nnit.demonstrations import load_transitions, save_transitions
from nnit.device import training_autocast
from nnit.finetuning import normalised
from nnit.ghn.model import GHN, GHNConfig
from nnit.ghn.store import save_ghn, write_policies
from nnit.networks import PaddedNetworks, imitation_loss
from nnit.normaliser import Normaliser
from nnit.optimisation import (
    Average,
    always_saving,
    cosine_rate,
    load_training_state,
    models_state,
    restore_models,
    save_training_state,
    seeded_initialisation,
    set_rate,
)
from nnit.presets import Preset
from nnit.rollout import goal_seed
from nnit.style import Style, draw_styles, styled

logger = logging.getLogger(__name__)

# How often a step trains each depth: deeper networks have more to learn.
_DEPTH_SHARES = {1: 0.15, 2: 0.45, 3: 0.4}
_SAVE_EVERY = 500
_AVERAGE_DECAY = 0.998


class GHNTrainer:
    """The GHN, its averaged twin, the growing data set, and everything needed to go on after a stop."""

    def __init__(self, preset: Preset, demonstrations: Path, folder: Path) -> None:
        self.preset, self.settings, self.folder = preset, preset.ghn, folder
        self.config = GHNConfig(
            tasks=preset.tasks,
            node=self.settings.node,
            channels=self.settings.channels,
            styled=True,
        )
        with seeded_initialisation(preset.seed):
            self.model = GHN(self.config)
        self.average = Average(self.model, _AVERAGE_DECAY)
        atlas = self.model.atlas_parameters()
        rest = [p for p in self.model.parameters() if all(p is not a for a in atlas)]
        groups: list[dict[str, Any]] = [
            {"params": rest},
            {"params": atlas, "multiple": self.settings.atlas_rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=1e-4, fused=True)
        self.step = self.last_dagger = 0
        self.success = dict.fromkeys(preset.tasks, 0.0)
        expert = load_transitions(demonstrations)
        self.normalisers = {t: Normaliser.fit(expert[t].observations) for t in preset.tasks}
        self.pools = {
            d: [a for a in training_architectures() if a.depth == d] for d in TRAINED_DEPTHS
        }
        self.transitions = {task: expert[task] for task in preset.tasks}
        self._resume()
        self.tensors = normalised(self.transitions, self.normalisers)

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Train to the end, saving now and then and whenever the loop is left."""
        with always_saving(self._save):
            while self.step < self.settings.steps:
                due = self.step - self.step % self.settings.dagger_every
                if due > self.last_dagger:
                    self._dagger()
                    self.last_dagger = due
                loss, spread = self._train_step()
                self.step += 1
                mean = np.mean(list(self.success.values()))
                progress(
                    self.step,
                    self.settings.steps,
                    f"loss {loss:.4f}, spread {spread:.2f}, success {mean:.2f}",
                )
                if self.step % _SAVE_EVERY == 0:
                    self._save()

    def _train_step(self) -> tuple[float, float]:
        """One optimiser step; the imitation loss and the relative distance between latents."""
        rng = np.random.default_rng((self.preset.seed, self.step))
        generator = torch.Generator().manual_seed(self.preset.seed * 1_000_003 + self.step)
        depth = int(rng.choice(TRAINED_DEPTHS, p=[_DEPTH_SHARES[d] for d in TRAINED_DEPTHS]))
        pairs = self.settings.pairs
        need = np.array([0.3 + 1 - self.success[task] for task in self.preset.tasks])
        tasks = rng.choice(len(self.preset.tasks), size=pairs, p=need / need.sum()).repeat(2)
        pool = self.pools[depth]
        architectures = [pool[i] for i in rng.integers(len(pool), size=pairs).repeat(2)]
        styles = draw_styles(pairs, generator).repeat_interleave(2, 0)
        observations, actions = self._batch(tasks, styles, generator)
        latents = torch.randn(2 * pairs, self.config.latent, generator=generator)
        set_rate(self.optimiser, cosine_rate(self.step, self.settings.steps, self.settings.rate))
        with training_autocast(torch.device("cpu")):
            networks = self.model(architectures, torch.from_numpy(tasks), styles, latents)
        loss = imitation_loss(networks(observations), actions).mean()
        ratio = _spread(networks, latents)
        penalty = (ratio / self.settings.spread - 1).abs().mean()
        self.optimiser.zero_grad(set_to_none=True)
        (loss + self.settings.spread_weight * penalty).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model)
        return loss.item(), ratio.mean().item()

    def _batch(
        self, tasks: np.ndarray, styles: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Observations (N, batch, observation) and wanted actions (N, batch, action) of each network."""
        observations, labels = [], []
        for index in tasks:
            x, y = self.tensors[self.preset.tasks[index]]
            rows = torch.randint(len(x), (self.settings.batch,), generator=generator)
            observations.append(x[rows])
            labels.append(y[rows])
        return torch.stack(observations), styled(torch.stack(labels), styles)

    def _dagger(self) -> None:
        """Let the current GHN's networks drive, label what they saw, and add it to the data."""
        policies, seeds = [], []
        rng = np.random.default_rng((self.preset.seed, self.step, 1))
        for task in self.preset.tasks:
            count = self.settings.dagger_networks * (1 if self.success[task] > 0.9 else 2)
            for index in range(count):
                depth = int(rng.choice(TRAINED_DEPTHS))
                pool = self.pools[depth]
                architecture = pool[rng.integers(len(pool))]
                generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
                policies += write_policies(
                    self.average.module,
                    task,
                    architecture,
                    self.normalisers[task],
                    Style(*rng.random(2)),
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
        self.tensors = normalised(self.transitions, self.normalisers)
        for task, rate in success.items():
            self.success[task] = 0.5 * self.success[task] + 0.5 * rate
        logger.info(
            "step %d success %s",
            self.step,
            " ".join(f"{task.removesuffix('-v3')} {s:.2f}" for task, s in self.success.items()),
        )

    def _save(self) -> None:
        save_ghn(self.folder, self.average.module, self.normalisers)
        save_transitions(self.transitions, self.folder / "transitions.safetensors")
        save_training_state(
            self.folder / "training.pt",
            self._identity(),
            {
                "step": self.step,
                "last_dagger": self.last_dagger,
                **models_state(self.model, self.average, self.optimiser),
                "success": self.success,
            },
        )

    def _identity(self) -> dict[str, Any]:
        """What must not change between a stop and going on."""
        return {
            "seed": self.preset.seed,
            "settings": asdict(self.settings),
            "model": asdict(self.config),
        }

    def _resume(self) -> None:
        state = load_training_state(self.folder / "training.pt", self._identity())
        if state is None:
            return
        self.step, self.success = state["step"], state["success"]
        self.last_dagger = state["last_dagger"]
        restore_models(state, self.model, self.average, self.optimiser)
        self.transitions = load_transitions(self.folder / "transitions.safetensors")


def _spread(networks: PaddedNetworks, latents: Tensor) -> Tensor:
    """Relative weight distance of the two networks of each pair, per unit of latent distance (pairs,)."""
    difference, size = torch.zeros(len(latents) // 2), torch.zeros(len(latents) // 2)
    for weight in networks.weights:
        difference = difference + (weight[0::2] - weight[1::2]).square().sum((1, 2))
        size = size + weight[0::2].square().sum((1, 2))
    typical = (2 * latents.shape[1]) ** 0.5
    apart = (latents[0::2] - latents[1::2]).norm(dim=1) / typical
    return (difference / size.detach().clamp_min(1e-6) + 1e-8).sqrt() / apart
