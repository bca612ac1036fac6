"""Training the flat baseline on the zoo: the autoencoder first, then the flow in its latents."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnit.architecture import MAX_DEPTH
from nnit.baselines.flat import LENGTH, FlatConfig, FlatModel, places
from nnit.checkpoint import save_json, save_tensors
from nnit.conditions import CONDITIONS, training_conditions
from nnit.flow import interpolate, logit_normal_times
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
from nnit.zoo import Zoo

_SAVE_EVERY = 2000
_AVERAGE_DECAY = 0.999


class FlatTrainer:
    """The flat model, its averaged twin, and everything needed to go on after a stop."""

    def __init__(self, preset: Preset, zoo: Path, folder: Path) -> None:
        self.preset, self.settings, self.folder = preset, preset.flat, folder
        self.zoo = Zoo.load(zoo)
        self.flat = self._flatten()
        self.hidden = np.zeros((len(self.zoo), MAX_DEPTH), np.float32)
        self.hidden[:, : self.zoo.hidden.shape[1]] = self.zoo.hidden
        self.parameters = np.diff(self.zoo.starts)
        self.config = FlatConfig(preset.tasks, CONDITIONS)
        with seeded_initialisation(preset.seed):
            self.model = FlatModel(self.config)
        scale = self.flat.square().mean(0).sqrt().clamp_min(1e-3)
        self.model.scale.copy_(scale)
        self.average = Average(self.model, _AVERAGE_DECAY)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), weight_decay=0.01, fused=True)
        self.step = 0
        self._resume()

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Train to the end, saving now and then and whenever the loop is left."""
        encoder, total = self.settings.encoder_steps, self.settings.encoder_steps
        total += self.settings.flow_steps
        with always_saving(self._save):
            while self.step < total:
                if self.step == encoder:
                    self._freeze_latents()
                loss = self._train_step()
                self.step += 1
                phase = "autoencoder" if self.step <= encoder else "flow"
                progress(self.step, total, f"{phase}, loss {loss:.4f}")
                if self.step % _SAVE_EVERY == 0:
                    self._save()

    def _flatten(self) -> Tensor:
        """All networks as flat vectors, zero where they have no weight, (n, LENGTH)."""
        flat = np.zeros((len(self.zoo), LENGTH), np.float32)
        for index in range(len(self.zoo)):
            start, end = self.zoo.starts[index : index + 2]
            flat[index, places(self.zoo.architecture(index))] = self.zoo.parameters[start:end]
        return torch.from_numpy(flat)

    def _train_step(self) -> float:
        """One optimiser step on what is trained now; its mean squared error."""
        rng = np.random.default_rng((self.preset.seed, 6, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        rows = rng.integers(len(self.zoo), size=self.settings.batch)
        flat = self.flat[rows] / self.model.scale
        encoder = self.settings.encoder_steps
        if self.step < encoder:
            step, steps = self.step, encoder
            latent = self.model.encode(flat)
            # Noise on the latents, as in p-diff, keeps the decoder from breaking off their data.
            noise = torch.randn(latent.shape, generator=generator)
            decoded = self.model.decode(latent + self.settings.latent_noise * noise)
            loss = (decoded - flat).square().mean()
        else:
            step, steps = self.step - encoder, self.settings.flow_steps
            loss = self._flow_loss(flat, rows, rng, generator)
        set_rate(self.optimiser, cosine_rate(step, steps, self.settings.rate))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model)
        return loss.item()

    def _flow_loss(
        self, flat: Tensor, rows: np.ndarray, rng: np.random.Generator, generator: torch.Generator
    ) -> Tensor:
        """Error of the predicted clean latents, standardised."""
        model = self.model
        with torch.no_grad():
            clean = (model.encode(flat) - model.latent_mean) / model.latent_scale
        conditions = training_conditions(
            self.zoo.style[rows], self.zoo.success[rows], self.parameters[rows], rng
        )
        told = model.told(
            torch.from_numpy(self.zoo.task[rows]),
            torch.from_numpy(self.hidden[rows]),
            torch.from_numpy(conditions.astype(np.float32)),
        )
        noise = torch.randn(clean.shape, generator=generator)
        time = logit_normal_times(len(clean), generator)
        return (model.denoise(interpolate(noise, clean, time), time, told) - clean).square().mean()

    @torch.no_grad()
    def _freeze_latents(self) -> None:
        """End the autoencoder's training: its average, and the mean and scale of its latents."""
        self.model.load_state_dict(self.average.module.state_dict())
        for part in (self.model.encoder, self.model.decoder):
            part.requires_grad_(False)
        latents = self.model.encode(self.flat / self.model.scale)
        for model in (self.model, self.average.module):
            model.latent_mean.copy_(latents.mean(0))
            model.latent_scale.copy_(latents.std(0).clamp_min(1e-4))

    def _save(self) -> None:
        save_json(self.folder / "config.json", {"flat": asdict(self.config)})
        save_tensors(self.folder / "flat.safetensors", self.average.module.state_dict())
        save_training_state(
            self.folder / "training.pt",
            self._identity(),
            {"step": self.step, **models_state(self.model, self.average, self.optimiser)},
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
        self.step = state["step"]
        restore_models(state, self.model, self.average, self.optimiser)
        if self.step > self.settings.encoder_steps:
            for part in (self.model.encoder, self.model.decoder):
                part.requires_grad_(False)
