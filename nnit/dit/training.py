"""Training the patch DiT on the zoo."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.alignment.permute import permute, random_permutations
from nnit.checkpoint import save_json, save_tensors
from nnit.device import choose_device, training_autocast
from nnit.dit.architecture_diffusion import choice_loss, mask_architectures
from nnit.dit.base import ghn_tokens
from nnit.dit.conditions import (
    condition_blur,
    condition_columns,
    scaled_conditions,
    training_conditions,
)
from nnit.dit.flow import interpolate, logit_normal_times
from nnit.dit.functional_loss import FunctionalLoss
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.tokens import TokenBatch, token_batch
from nnit.errors import UserError
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import normalised
from nnit.mlp.normaliser import load_normalisers
from nnit.mlp.patches import KIND_COUNT, to_tokens, token_layout
from nnit.presets import Preset
from nnit.sim.suites import suites_of
from nnit.splits import DENSE, Protocol, get_protocol
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation
from nnit.zoo.networks import Zoo

_MASKED = 0.25  # share of training networks whose architecture is masked
_CHOICE_WEIGHT = 0.02  # of the cross-entropy of masked depths and widths
_EMA_DECAY = 0.999
_SORTED_TOGETHER = 8  # batches sorted by length together, so that little of them is padding


class ZooTokens:
    """The zoo as scaled tokens, served in batches of similar length."""

    def __init__(
        self,
        zoo: Zoo,
        patch: int,
        shuffle_seed: int | None = None,
        *,
        ghn: GHN | None = None,
        protocol: Protocol = DENSE,
    ) -> None:
        """Cut the zoo.

        Args:
            zoo: the networks.
            patch: side of a patch, in cells.
            shuffle_seed: with one, each network's hidden neurons are first put in a random order.
            ghn: with one, tokens are what is left of the networks without those that it writes.
            protocol: says which networks training has, for conditions.
        """
        self.patch, self.protocol = patch, protocol
        self.suites = suites_of(zoo.tasks)
        self.task, self.success, self.latent = zoo.task, zoo.success, zoo.latent
        self.conditions = scaled_conditions(zoo.conditions, zoo.condition_names, self.suites)
        self.blur = condition_blur(zoo.condition_names, self.suites)
        networks = [zoo[index] for index in range(len(zoo))]
        if shuffle_seed is not None:
            rng = np.random.default_rng(shuffle_seed)
            networks = [permute(n, random_permutations(n.architecture, rng)) for n in networks]
        self.architectures = [network.architecture for network in networks]
        self.tokens = [to_tokens(n.weights, n.biases, patch) for n in networks]
        self.layouts = [token_layout(a, patch) for a in self.architectures]
        self.base: list[np.ndarray] | None = None
        if ghn is not None:
            names = [zoo.tasks[index] for index in zoo.task]
            columns = [zoo.condition_names.index(name) for name in ghn.config.conditions]
            values = zoo.conditions[:, columns]
            self.base = ghn_tokens(ghn, names, self.architectures, values, zoo.latent, patch)
            self.tokens = [t - b for t, b in zip(self.tokens, self.base, strict=True)]
        self.scales = self._scales()
        self.tokens = self._scaled(self.tokens)
        if self.base is not None:
            self.base = self._scaled(self.base)

    def _scaled(self, every: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Tokens of all networks over the scales of their kinds."""
        return [
            tokens / self.scales[layout.kind][:, None]
            for tokens, layout in zip(every, self.layouts, strict=True)
        ]

    def _scales(self) -> np.ndarray:
        """Root mean square of the cells of each kind of token, (KIND_COUNT,)."""
        squares, counts = np.zeros(KIND_COUNT), np.zeros(KIND_COUNT)
        for tokens, layout in zip(self.tokens, self.layouts, strict=True):
            np.add.at(squares, layout.kind, (tokens**2).sum(1))
            np.add.at(counts, layout.kind, layout.valid.sum(1))
        return np.sqrt(squares / np.maximum(counts, 1)).clip(1e-3).astype(np.float32)

    def epoch(self, size: int, seed: tuple[int, ...], most: int = 0) -> list[np.ndarray]:
        """Indices of one pass over the zoo, in batches of similar length in random order.

        Args:
            size: networks in a batch.
            seed: of the order.
            most: tokens in a batch, padding included; batches that have more are split. 0 for any number.
        """
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.tokens))
        lengths = np.array([len(tokens) for tokens in self.tokens])
        batches = []
        for start in range(0, len(order), size * _SORTED_TOGETHER):
            chunk = order[start : start + size * _SORTED_TOGETHER]
            chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
            for first in range(0, len(chunk), size):
                batch = chunk[first : first + size]
                fitting = max(1, most // int(lengths[batch].max())) if most else size
                batches += [batch[i : i + fitting] for i in range(0, len(batch), fitting)]
        return [batches[index] for index in rng.permutation(len(batches))]

    def collate(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, TokenBatch]:
        """Clean tokens (N, T, cells) and what the DiT needs to know of them."""
        architectures = [self.architectures[index] for index in indices]
        conditions = training_conditions(
            self.conditions[indices],
            self.success[indices],
            architectures,
            self.blur,
            rng,
            self.protocol,
        )
        batch = token_batch(
            self.task[indices], architectures, conditions, self.latent[indices], self.patch
        )
        return _padded([self.tokens[index] for index in indices]), batch

    def base_of(self, indices: np.ndarray) -> Tensor | float:
        """What clean tokens are added to, (N, T, cells), or 0."""
        return 0.0 if self.base is None else _padded([self.base[index] for index in indices])


def _padded(tokens: Sequence[np.ndarray]) -> Tensor:
    """Tokens of networks of different lengths, (N, T, cells), padded with zeros."""
    return torch.nn.utils.rnn.pad_sequence([torch.from_numpy(t) for t in tokens], True)


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
        self.device = choose_device()
        shuffle_seed = None if aligned else preset.seed
        protocol = get_protocol(preset.protocol)
        base = None
        if self.settings.base:
            if not aligned:
                raise UserError("shuffled networks have no base")
            base, _ = load_ghn(ghn)
        self.data = ZooTokens(
            Zoo.load(zoo), self.settings.patch, shuffle_seed, ghn=base, protocol=protocol
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
            latent=self.data.latent.shape[1],
            protocol=protocol.name,
            base=self.settings.base,
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
        self._batches: list[np.ndarray] = []
        self._errors = np.full(3, np.nan)  # of cells, actions and choices, averaged over steps
        self.resume()

    def _functional_loss(self, ghn: Path) -> FunctionalLoss:
        """What compares networks by their actions, on the states that training had seen."""
        transitions = load_transitions(ghn / "transitions.safetensors")
        data = normalised(transitions, load_normalisers(ghn / "normalisers.safetensors"))
        return FunctionalLoss(
            self.data.scales,
            [data[task][0] for task in self.config.tasks],
            self.settings.states,
            self.settings.patch,
        )

    def advance(self) -> str:
        """Train one step, and say how it is going."""
        latest = np.array(self._train_step(self._batch_of_step()))
        mean = 0.98 * self._errors + 0.02 * latest
        self._errors = np.where(np.isnan(self._errors), latest, mean)
        cells, actions, choices = self._errors
        return f"cells {cells:.4f}, actions {actions:.4f}, choices {choices:.2f}"

    def _batch_of_step(self) -> np.ndarray:
        """The networks of the current step: a function of the step alone, so that stops leave no trace."""
        while self.step >= self._begun + len(self._batches):
            self._begun += len(self._batches)
            self._epoch += 1
            seed = (self.preset.seed, 3, self._epoch)
            self._batches = self.data.epoch(self.settings.batch, seed, self.settings.tokens)
        return self._batches[self.step - self._begun]

    def _train_step(self, indices: np.ndarray) -> tuple[float, float, float]:
        """One optimiser step; errors of cells, of the actions they lead to, and of masked choices."""
        rng = np.random.default_rng((self.preset.seed, 4, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        clean, batch = self.data.collate(indices, rng)
        depth, hidden = batch.depth.clone(), batch.hidden.clone()
        mask_architectures(batch, _MASKED, rng)
        whole = (batch.hidden == hidden).all(1)
        batch.latent[~whole] = (
            torch.nan
        )  # a latent is one network's own and would name its architecture
        clean = clean * batch.valid
        noise = torch.randn(clean.shape, generator=generator) * batch.valid
        time = logit_normal_times(len(clean), generator)
        if self.one_step:
            noise, time = torch.zeros_like(noise), torch.zeros_like(time)
        noisy = interpolate(noise, clean, time)
        batch, clean = batch.to(self.device), clean.to(self.device)
        with training_autocast(self.device):
            prediction = self.model(noisy.to(self.device), time.to(self.device), batch)
        cells = (prediction.clean - clean).square().sum() / batch.valid.sum()
        # A network of which only some matrices are known does nothing yet.
        rows = whole.nonzero().flatten()
        architectures = [self.data.architectures[indices[row]] for row in rows]
        base = self.data.base_of(indices)
        base = base if isinstance(base, float) else base[rows].to(self.device)
        actions = self.functional_loss.loss(
            prediction.clean[rows] + base,
            clean[rows] + base,
            batch.kind[rows],
            batch.task[rows],
            architectures,
            generator,
        ).mean()
        choices = choice_loss(prediction, batch, self.config, depth, hidden)
        loss = cells + self.settings.functional_loss * actions + _CHOICE_WEIGHT * choices
        self.optimise(loss, cosine_lr(self.step, self.total, self.settings.lr))
        return cells.item(), actions.item(), choices.item()

    def save(self) -> None:
        """Write the averaged model, and the state."""
        save_json(self.folder / "config.json", {"dit": asdict(self.config)})
        save_tensors(self.folder / "dit.safetensors", self.ema.module.state_dict())
        self.save_state()
