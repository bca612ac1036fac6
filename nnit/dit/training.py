"""Training the patch DiT on the zoo."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.checkpoint import save_json, save_tensors
from nnit.device import Replayed, training_autocast, training_device
from nnit.dit.architecture_diffusion import choice_loss
from nnit.dit.conditions import condition_columns
from nnit.dit.flow import interpolate, logit_normal_times
from nnit.dit.functional_loss import FunctionalLoss
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.tokens import TokenBatch
from nnit.dit.zoo_tokens import Drawn, Shapes, ZooTokens
from nnit.errors import UserError
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import normalised
from nnit.mlp.normaliser import load_normalisers
from nnit.presets import Preset
from nnit.splits import get_protocol
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation
from nnit.zoo.builder import architecture_pool
from nnit.zoo.networks import Zoo

_MASKED = 0.25  # share of training networks whose architecture is masked
_CHOICE_WEIGHT = 0.02  # of the cross-entropy of masked depths and widths
_SHAPES_WEIGHT = 0.05  # likewise, of architectures without weights
_DRAWN = len(Drawn._fields)
_EMA_DECAY = 0.999
_NOTE_EVERY = 10  # steps; reading numbers from a GPU makes it wait


class DiTTrainer(Trainer[PatchDiT]):
    """Trains the DiT, the ablation, or the regression of its size."""

    save_every = 500

    def __init__(
        self,
        preset: Preset,
        zoo: Path,
        ghn: Path,
        folder: Path,
        *,
        aligned: bool = True,
        one_step: bool = False,
    ) -> None:
        """Start or go on in `folder`; `ghn` holds the states on which networks are compared.

        With `aligned` false, the zoo's networks are shuffled first, each in its own way: the ablation. With
        `one_step`, the model only ever sees the start of the flow, without noise: a regression to the mean
        network given all conditions and the latent. Zeros and not noise, since the best that a regression
        can do with noise is to ignore it, and learning to would cost it steps.
        """
        self.preset, self.settings, self.one_step = preset, preset.dit, one_step
        self.device = training_device()
        shuffle_seed = None if aligned else preset.seed
        protocol = get_protocol(preset.protocol)
        base = None
        if self.settings.base:
            if not aligned:
                raise UserError("shuffled networks have no base")
            base, _ = load_ghn(ghn)
        networks = Zoo.load(zoo)
        self._tasks = networks.task
        self._pool = architecture_pool(protocol, preset.zoo)
        self.data = ZooTokens(
            networks,
            self.settings.patch,
            shuffle_seed,
            ghn=base,
            protocol=protocol,
            device=self.device,
        )
        self.config = DiTConfig(
            tasks=preset.tasks,
            conditions=condition_columns(self.data.suites),
            patch=self.settings.patch,
            width=self.settings.width,
            layers=self.settings.layers,
            heads=self.settings.heads,
            scales=tuple(float(scale) for scale in self.data.scales),
            depths=protocol.depths,
            widths=protocol.widths,
            latent=self.data.latent,
            protocol=protocol.name,
            base=self.settings.base,
            skip=self.settings.skip,
            positions=self.settings.positions,
        )
        self.functional_loss = self._functional_loss(ghn)
        with seeded_initialisation(preset.seed):
            model = PatchDiT(self.config).to(self.device)
        super().__init__(
            folder,
            model,
            torch.optim.AdamW(model.parameters(), betas=(0.9, 0.99), weight_decay=0.01, fused=True),
            decay=_EMA_DECAY,
            total=self.settings.steps,
            seed=preset.seed,
            settings=self.settings,
            config=self.config,
        )
        self._epoch, self._begun = -1, 0  # number of the epoch, and the step at which it began
        self._batches: list[tuple[int, np.ndarray]] = []
        self._replayed = Replayed(self._differentiate, model.parameters())
        # Errors of cells, actions and choices, averaged over steps.
        self._errors: Tensor | None = None
        self._note = ""
        self.resume()

    @property
    def errors(self) -> dict[str, float]:
        """Errors of cells, of actions and of masked choices over some fifty last steps; none before the first."""
        values = [] if self._errors is None else self._errors.tolist()
        return dict(zip(("cells", "actions", "choices"), values, strict=False))

    def _functional_loss(self, ghn: Path) -> FunctionalLoss:
        """What compares networks by their actions, on the states that training had seen."""
        transitions = load_transitions(ghn / "transitions.safetensors")
        normalisers = load_normalisers(ghn / "normalisers.safetensors")
        return FunctionalLoss(
            self.data.scales,
            normalised(transitions, normalisers, self.device),
            self.config.tasks,
            self.settings.states,
        )

    def advance(self) -> str:
        """Train one step, and say how it is going."""
        latest = self._train_step(*self._batch_of_step())
        self._errors = latest if self._errors is None else torch.lerp(self._errors, latest, 0.02)
        if self.step % _NOTE_EVERY == 0:
            cells, actions, choices = self._errors.tolist()
            self._note = f"cells {cells:.4f}, actions {actions:.4f}, choices {choices:.2f}"
        return self._note

    def _batch_of_step(self) -> tuple[int, np.ndarray]:
        """The networks of the current step: a function of the step alone, so that stops leave no trace."""
        while self.step >= self._begun + len(self._batches):
            self._begun += len(self._batches)
            self._epoch += 1
            seed = (self.preset.seed, 3, self._epoch)
            self._batches = self.data.epoch(self.settings.batch, seed, self.settings.tokens)
        return self._batches[self.step - self._begun]

    def _train_step(self, number: int, places: np.ndarray) -> Tensor:
        """One optimiser step; errors of cells, of the actions they lead to, and of masked choices, (3,)."""
        rng = np.random.default_rng((self.preset.seed, 4, self.step))
        bucket = self.data.buckets[number]
        drawn = self.data.draw(
            bucket, places, rng, _MASKED, depths=self.config.depths, widths=self.config.widths
        )
        time = logit_normal_times(len(places), rng)
        states = self.functional_loss.draw(self._tasks[bucket.indices[places]], rng)
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
        shape = (len(places), *bucket.cells.shape[1:])
        noise = torch.randn(shape, generator=generator, device=self.device)
        if self.one_step:
            noise, time = torch.zeros_like(noise), torch.zeros_like(time)
        values: list[Tensor] = [noise, time, states, *drawn]
        if self.settings.shapes:
            values += self.data.draw_shapes(
                self.settings.shapes,
                self._pool,
                rng,
                depths=self.config.depths,
                widths=self.config.widths,
            )
        errors = self._replayed(number, values)
        self.step_optimiser(cosine_lr(self.step, self.total, self.settings.lr))
        return errors

    def _differentiate(
        self, number: int, noise: Tensor, time: Tensor, states: Tensor, *values: Tensor
    ) -> Tensor:
        """Add the gradients of one batch to the parameters; its errors, (3,).

        Args:
            number: of the bucket.
            noise: (N, T, cells).
            time: of the flow, (N,).
            states: rows of states on which networks are compared, (N, n).
            values: the tensors of `nnit.dit.zoo_tokens.Drawn`, and of `Shapes` where they are trained on.
        """
        bucket, drawn = self.data.buckets[number], Drawn(*values[:_DRAWN])
        place = drawn.place
        layer = bucket.layer[place]
        valid = bucket.valid[place] & drawn.shown.gather(1, layer)[..., None]
        clean = bucket.cells[place] * valid
        batch = TokenBatch(
            task=bucket.task[place],
            condition=drawn.condition,
            latent=drawn.latent,
            depth=drawn.depth,
            hidden=drawn.hidden,
            kind=bucket.kind[place],
            layer=layer,
            position=bucket.position[place],
            valid=valid,
        )
        noisy = interpolate(noise * valid, clean, time)
        with training_autocast(self.device):
            prediction = self.model(noisy, time, batch)
        cells = (prediction.clean - clean).square().sum() / valid.sum().clamp_min(1)
        base = 0.0 if bucket.base is None else bucket.base[place]
        losses = self.functional_loss.loss(
            prediction.clean + base,
            clean + base,
            batch.kind,
            batch.task,
            bucket.places.at(place),
            states,
        )
        # A network of which only some matrices are known does nothing yet.
        actions = (losses * drawn.whole).sum() / drawn.whole.sum().clamp_min(1)
        choices = choice_loss(prediction, drawn.depth_target, drawn.width_target)
        loss = cells + self.settings.functional_loss * actions + _CHOICE_WEIGHT * choices
        if len(values) > _DRAWN:
            shapes = Shapes(*values[_DRAWN:])
            loss = loss + _SHAPES_WEIGHT * self._loss_of_shapes(shapes)
        loss.backward()
        return torch.stack([cells, actions, choices]).detach()

    def _loss_of_shapes(self, shapes: Shapes) -> Tensor:
        """Cross-entropy of what is masked of architectures without weights."""
        count = len(shapes.depth)
        noise = torch.zeros(count, 0, self.settings.patch**2, device=self.device)
        with training_autocast(self.device):
            prediction = self.model(
                noise, torch.zeros(count, device=self.device), shapes.batch(self.config.latent)
            )
        return choice_loss(prediction, shapes.depth_target, shapes.width_target)

    def save(self) -> None:
        """Write the averaged model, and the state."""
        save_json(self.folder / "config.json", {"dit": asdict(self.config)})
        save_tensors(self.folder / "dit.safetensors", self.ema.module.state_dict())
        self.save_state()
