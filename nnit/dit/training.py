"""Training the patch DiT on the zoo."""

from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from nnit.alignment.permute import permute, random_permutations
from nnit.checkpoint import save_json, save_tensors
from nnit.device import training_autocast, training_device
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
from nnit.dit.tokens import TokenBatch
from nnit.errors import UserError
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import normalised
from nnit.mlp.network import Network
from nnit.mlp.normaliser import load_normalisers
from nnit.mlp.patches import KIND_COUNT, to_tokens, token_layout
from nnit.mlp.spec import MAX_DEPTH
from nnit.presets import Preset
from nnit.sim.suites import suites_of
from nnit.splits import DENSE, Protocol, get_protocol
from nnit.trainer import Trainer, cosine_lr, seeded_initialisation
from nnit.zoo.networks import Zoo

_MASKED = 0.25  # share of training networks whose architecture is masked
_CHOICE_WEIGHT = 0.02  # of the cross-entropy of masked depths and widths
_EMA_DECAY = 0.999
_NOTE_EVERY = 10  # steps; reading numbers from a GPU makes it wait
_SORTED_TOGETHER = 8  # batches sorted by length together, so that little of them is padding


class ZooTokens:
    """The zoo as scaled tokens end to end on one device, served in batches of similar length.

    Attributes:
        architectures: of the networks.
        lengths: number of tokens of each network, (n,).
        scales: root mean square of the cells of each kind of token, by which tokens are divided,
            (KIND_COUNT,).
    """

    def __init__(
        self,
        zoo: Zoo,
        patch: int,
        shuffle_seed: int | None = None,
        *,
        ghn: GHN | None = None,
        protocol: Protocol = DENSE,
        device: torch.device | None = None,
    ) -> None:
        """Cut the zoo.

        Args:
            zoo: the networks.
            patch: side of a patch, in cells.
            shuffle_seed: with one, each network's hidden neurons are first put in a random order.
            ghn: with one, tokens are what is left of the networks without those that it writes.
            protocol: says which networks training has, for conditions.
            device: of the batches; by default the CPU.
        """
        self.patch, self.protocol = patch, protocol
        self.device = device or torch.device("cpu")
        self.suites = suites_of(zoo.tasks)
        self.task, self.success, self.latent = zoo.task, zoo.success, zoo.latent
        self.conditions = scaled_conditions(zoo.conditions, zoo.condition_names, self.suites)
        self.blur = condition_blur(zoo.condition_names, self.suites)
        self.architectures = [zoo.architecture(index) for index in range(len(zoo))]
        layouts = [token_layout(a, patch) for a in self.architectures]
        self.lengths = np.array([len(layout) for layout in layouts])
        self._starts = np.cumsum(self.lengths) - self.lengths
        total = int(self.lengths.sum())
        # One more row, of zeros, is what batches are padded with.
        cells = np.zeros((total + 1, patch**2), np.float32)
        rng = np.random.default_rng(shuffle_seed)
        for index, architecture in enumerate(self.architectures):
            network: Network = zoo[index]
            if shuffle_seed is not None:
                network = permute(network, random_permutations(architecture, rng))
            cells[self._rows(index)] = to_tokens(network.weights, network.biases, patch)
        base = None
        if ghn is not None:
            names = [zoo.tasks[index] for index in zoo.task]
            columns = [zoo.condition_names.index(name) for name in ghn.config.conditions]
            values = zoo.conditions[:, columns]
            written = ghn_tokens(ghn, names, self.architectures, values, zoo.latent, patch)
            base = np.concatenate([*written, np.zeros_like(cells[:1])])
            cells -= base
        kind = np.concatenate([layout.kind for layout in layouts])
        valid = [layout.valid.sum(1) for layout in layouts]
        self.scales = _scales(cells[:-1], kind, np.concatenate(valid))
        divisors = np.append(self.scales[kind], 1)[:, None].astype(np.float32)
        cells /= divisors
        self._cells = torch.from_numpy(cells).to(self.device)
        self._base = None if base is None else torch.from_numpy(base / divisors).to(self.device)
        self._kind, self._layer, self._position, self._valid = (
            torch.from_numpy(
                np.concatenate(
                    [
                        *(getattr(one, name) for one in layouts),
                        np.zeros_like(getattr(layouts[0], name)[:1]),
                    ]
                )
            ).to(self.device)
            for name in ("kind", "layer", "position", "valid")
        )
        hidden = np.zeros((len(zoo), MAX_DEPTH), np.float32)
        hidden[:, : zoo.hidden.shape[1]] = zoo.hidden
        self._hidden = torch.from_numpy(hidden)

    def _rows(self, index: int) -> slice:
        """Where the tokens of a network are."""
        return slice(self._starts[index], self._starts[index] + self.lengths[index])

    def tokens_of(self, index: int) -> Float[Tensor, "T cells"]:
        """The scaled tokens of one network."""
        return self._cells[self._rows(index)]

    def epoch(self, size: int, seed: tuple[int, ...], most: int = 0) -> list[np.ndarray]:
        """Indices of one pass over the zoo, in batches of similar length in random order.

        Args:
            size: networks in a batch.
            seed: of the order.
            most: tokens in a batch, padding included; batches that have more are split. 0 for any number.
        """
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.lengths))
        batches = []
        for start in range(0, len(order), size * _SORTED_TOGETHER):
            chunk = order[start : start + size * _SORTED_TOGETHER]
            chunk = chunk[np.argsort(self.lengths[chunk], kind="stable")]
            for first in range(0, len(chunk), size):
                batch = chunk[first : first + size]
                fitting = max(1, most // int(self.lengths[batch].max())) if most else size
                batches += [batch[i : i + fitting] for i in range(0, len(batch), fitting)]
        return [batches[index] for index in rng.permutation(len(batches))]

    def _places(self, indices: np.ndarray) -> Int[Tensor, "N T"]:
        """Rows of the tokens of some networks, those of the padding beyond their ends."""
        along = np.arange(self.lengths[indices].max())
        rows = self._starts[indices, None] + along
        rows[along >= self.lengths[indices, None]] = len(self._cells) - 1
        return torch.from_numpy(rows).to(self.device)

    def collate(
        self, indices: np.ndarray, rng: np.random.Generator, masked: float = 0.0
    ) -> "Collated":
        """Networks as one batch.

        Args:
            indices: of the networks.
            rng: for conditions that are left open, and for what is masked.
            masked: share of the networks of whose architecture something is masked.
        """
        architectures = [self.architectures[index] for index in indices]
        conditions = training_conditions(
            self.conditions[indices],
            self.success[indices],
            architectures,
            self.blur,
            rng,
            self.protocol,
        )
        depth = torch.tensor([architecture.depth for architecture in architectures])
        hidden = self._hidden[indices]
        open_depth, open_hidden = depth.clone(), hidden.clone()
        shown = mask_architectures(open_depth, open_hidden, masked, rng).to(self.device)
        whole = (open_hidden == hidden).all(1)
        # A latent is one network's own and would name its architecture.
        latent = torch.from_numpy(self.latent[indices].astype(np.float32))
        latent[~whole] = torch.nan
        places = self._places(indices)
        layer = self._layer[places]
        valid = self._valid[places] & shown.gather(1, layer)[..., None]
        batch = TokenBatch(
            task=torch.from_numpy(self.task[indices]).to(self.device),
            condition=torch.from_numpy(conditions.astype(np.float32)).to(self.device),
            latent=latent.to(self.device),
            depth=open_depth.to(self.device),
            hidden=open_hidden.to(self.device),
            kind=self._kind[places],
            layer=layer,
            position=self._position[places],
            valid=valid,
        )
        base = 0.0 if self._base is None else self._base[places]
        clean = self._cells[places] * valid
        masks, truth = (open_depth, open_hidden), (depth, hidden)
        return Collated(clean, base, batch, masks, truth, np.flatnonzero(whole.numpy()))


class Collated(NamedTuple):
    """A batch of training networks.

    Attributes:
        clean: scaled tokens of what is shown, (N, T, cells).
        base: what they are added to, likewise, or 0.
        batch: what the DiT is told.
        masked: depths (N,) and widths (N, MAX_DEPTH) as the DiT sees them, on the CPU.
        truth: the same before any were masked.
        whole: rows of the networks of which nothing is masked.
    """

    clean: Float[Tensor, "N T cells"]
    base: Tensor | float
    batch: TokenBatch
    masked: tuple[Tensor, Tensor]
    truth: tuple[Tensor, Tensor]
    whole: np.ndarray


def _scales(
    cells: Float[np.ndarray, "tokens cells"],
    kind: Int[np.ndarray, " tokens"],
    counts: Int[np.ndarray, " tokens"],
) -> Float[np.ndarray, " kinds"]:
    """Root mean square of the cells of each kind of token, of which each has `counts`."""
    squares, numbers = np.zeros(KIND_COUNT), np.zeros(KIND_COUNT)
    np.add.at(squares, kind, np.square(cells).sum(1))
    np.add.at(numbers, kind, counts)
    return np.sqrt(squares / np.maximum(numbers, 1)).clip(1e-3).astype(np.float32)


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
        self.data = ZooTokens(
            Zoo.load(zoo),
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
        # Errors of cells, actions and choices, averaged over steps.
        self._errors: Tensor | None = None
        self._note = ""
        self.resume()

    def _functional_loss(self, ghn: Path) -> FunctionalLoss:
        """What compares networks by their actions, on the states that training had seen."""
        transitions = load_transitions(ghn / "transitions.safetensors")
        normalisers = load_normalisers(ghn / "normalisers.safetensors")
        return FunctionalLoss(
            self.data.scales,
            normalised(transitions, normalisers, self.device),
            self.config.tasks,
            self.settings.states,
            self.settings.patch,
        )

    def advance(self) -> str:
        """Train one step, and say how it is going."""
        latest = torch.stack(self._train_step(self._batch_of_step()))
        self._errors = latest if self._errors is None else torch.lerp(self._errors, latest, 0.02)
        if self.step % _NOTE_EVERY == 0:
            cells, actions, choices = self._errors.tolist()
            self._note = f"cells {cells:.4f}, actions {actions:.4f}, choices {choices:.2f}"
        return self._note

    def _batch_of_step(self) -> np.ndarray:
        """The networks of the current step: a function of the step alone, so that stops leave no trace."""
        while self.step >= self._begun + len(self._batches):
            self._begun += len(self._batches)
            self._epoch += 1
            seed = (self.preset.seed, 3, self._epoch)
            self._batches = self.data.epoch(self.settings.batch, seed, self.settings.tokens)
        return self._batches[self.step - self._begun]

    def _train_step(self, indices: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """One optimiser step; errors of cells, of the actions they lead to, and of masked choices."""
        rng = np.random.default_rng((self.preset.seed, 4, self.step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        clean, base, batch, masked, truth, whole = self.data.collate(indices, rng, _MASKED)
        time = logit_normal_times(len(clean), generator).to(self.device)
        noise_of = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
        noise = torch.randn(clean.shape, generator=noise_of, device=self.device) * batch.valid
        if self.one_step:
            noise, time = torch.zeros_like(noise), torch.zeros_like(time)
        noisy = interpolate(noise, clean, time)
        with training_autocast(self.device):
            prediction = self.model(noisy, time, batch)
        cells = (prediction.clean - clean).square().sum() / batch.valid.sum()
        # A network of which only some matrices are known does nothing yet.
        rows = torch.from_numpy(whole).to(self.device)
        base = base if isinstance(base, float) else base[rows]
        actions = self.functional_loss.loss(
            prediction.clean[rows] + base,
            clean[rows] + base,
            batch.kind[rows],
            self.data.task[indices[whole]].tolist(),
            [self.data.architectures[index] for index in indices[whole]],
            generator,
        ).mean()
        choices = choice_loss(prediction, masked, truth, self.config)
        loss = cells + self.settings.functional_loss * actions + _CHOICE_WEIGHT * choices
        self.optimise(loss, cosine_lr(self.step, self.total, self.settings.lr))
        return cells.detach(), actions.detach(), choices.detach()

    def save(self) -> None:
        """Write the averaged model, and the state."""
        save_json(self.folder / "config.json", {"dit": asdict(self.config)})
        save_tensors(self.folder / "dit.safetensors", self.ema.module.state_dict())
        self.save_state()
