"""Training the flat baseline on the zoo: the autoencoder first, then the flow in its latents."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.baselines.flat import FlatConfig, FlatModel, places, vector_length
from nnit.checkpoint import save_json, save_tensors
from nnit.dit.conditions import (
    condition_blur,
    condition_columns,
    scaled_conditions,
    training_conditions,
)
from nnit.dit.flow import interpolate, logit_normal_times
from nnit.mlp.spec import MAX_DEPTH
from nnit.presets import Preset
from nnit.sim.suites import suites_of
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation
from nnit.zoo.networks import Zoo

_EMA_DECAY = 0.999


class FlatTrainer(Trainer[FlatModel]):
    """Trains the flat model."""

    save_every = 2000

    def __init__(self, preset: Preset, zoo: Path, folder: Path) -> None:
        self.preset, self.settings = preset, preset.flat
        self.zoo = Zoo.load(zoo)
        self.hidden = np.zeros((len(self.zoo), MAX_DEPTH), np.float32)
        self.hidden[:, : self.zoo.hidden.shape[1]] = self.zoo.hidden
        suites = suites_of(self.zoo.tasks)
        self.conditions = scaled_conditions(self.zoo.conditions, self.zoo.condition_names, suites)
        self.blur = condition_blur(self.zoo.condition_names, suites)
        sizes = {
            name: max(getattr(suite, name) for suite in suites)
            for name in ("observation_size", "action_size")
        }
        self.config = FlatConfig(preset.tasks, condition_columns(suites), **sizes)
        self.flat = self._flatten()
        with seeded_initialisation(preset.seed):
            model = FlatModel(self.config)
        model.scale.copy_(self.flat.square().mean(0).sqrt().clamp_min(1e-3))
        super().__init__(
            folder,
            model,
            torch.optim.AdamW(model.parameters(), weight_decay=0.01, fused=True),
            decay=_EMA_DECAY,
            total=self.settings.encoder_steps + self.settings.flow_steps,
            seed=preset.seed,
            settings=self.settings,
            config=self.config,
        )
        self.resume()
        if self.step > self.settings.encoder_steps:
            self._freeze_encoder()

    def advance(self) -> str:
        """Train one step, and say how it is going."""
        encoder = self.settings.encoder_steps
        if self.step == encoder:
            self._freeze_latents()
        phase = "autoencoder" if self.step < encoder else "flow"
        return f"{phase}, loss {self._train_step():.4f}"

    def _flatten(self) -> Tensor:
        """All networks as flat vectors, zero where they have no weight, (n, length)."""
        sizes = (self.config.observation_size, self.config.action_size)
        flat = np.zeros((len(self.zoo), vector_length(*sizes)), np.float32)
        for index in range(len(self.zoo)):
            start, end = self.zoo.starts[index : index + 2]
            flat[index, places(self.zoo.architecture(index), *sizes)] = self.zoo.parameters[
                start:end
            ]
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
        self.optimise(loss, cosine_lr(step, steps, self.settings.lr))
        return loss.item()

    def _flow_loss(
        self, flat: Tensor, rows: np.ndarray, rng: np.random.Generator, generator: torch.Generator
    ) -> Tensor:
        """Error of the predicted clean latents, standardised."""
        model = self.model
        with torch.no_grad():
            clean = (model.encode(flat) - model.latent_mean) / model.latent_scale
        conditions = training_conditions(
            self.conditions[rows],
            self.zoo.success[rows],
            [self.zoo.architecture(row) for row in rows],
            self.blur,
            rng,
        )
        conditioning = model.conditioning(
            torch.from_numpy(self.zoo.task[rows]),
            torch.from_numpy(self.hidden[rows]),
            torch.from_numpy(conditions.astype(np.float32)),
        )
        noise = torch.randn(clean.shape, generator=generator)
        time = logit_normal_times(len(clean), generator)
        return (
            (model.denoise(interpolate(noise, clean, time), time, conditioning) - clean)
            .square()
            .mean()
        )

    @torch.no_grad()
    def _freeze_latents(self) -> None:
        """End the autoencoder's training: its EMA weights, and the mean and scale of its latents."""
        self.model.load_state_dict(self.ema.module.state_dict())
        self._freeze_encoder()
        latents = self.model.encode(self.flat / self.model.scale)
        for model in (self.model, self.ema.module):
            model.latent_mean.copy_(latents.mean(0))
            model.latent_scale.copy_(latents.std(0).clamp_min(1e-4))

    def _freeze_encoder(self) -> None:
        """Leave the autoencoder as it is from now on."""
        for part in (self.model.encoder, self.model.decoder):
            part.requires_grad_(False)

    def save(self) -> None:
        """Write the averaged model, and the state."""
        save_json(self.folder / "config.json", {"flat": asdict(self.config)})
        save_tensors(self.folder / "flat.safetensors", self.ema.module.state_dict())
        self.save_state()
