"""Generating policies: a task, an architecture or a budget, and a seed in; networks out."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from nnit.architecture import MLPArchitecture, PartialArchitecture
from nnit.checkpoint import load_state, load_tensors, read_config
from nnit.conditions import wanted_conditions
from nnit.device import choose_device, sampling_autocast
from nnit.dit import DiTConfig, PatchDiT
from nnit.errors import UserError
from nnit.flow import SOLVERS, OnStep
from nnit.folders import DEFAULT_CHECKPOINT, load_json
from nnit.masking import sample_architectures
from nnit.normaliser import Normaliser, load_normalisers
from nnit.policy import Policy
from nnit.seeds import seed_of
from nnit.style import STYLES, Style
from nnit.token_batch import context_batch, token_batch
from nnit.tokens import from_tokens, token_layout

DEFAULT_STEPS = 8
DEFAULT_SOLVER = "euler"
MAX_STEPS = 100
MAX_COUNT = 64


Architecture = MLPArchitecture | PartialArchitecture


class _Start(NamedTuple):
    """Where the flow of one network starts, (T, cells), and its latent, (L,)."""

    noise: Tensor
    latent: Tensor


class Generator:
    """A trained patch DiT with the normalisers of its tasks.

    Attributes:
        version: identifies the checkpoint, for cache keys and provenance.
        tasks: names of the tasks it was trained on.
        patch: side of a weight patch in cells.
    """

    def __init__(
        self, dit: PatchDiT, normalisers: dict[str, Normaliser], version: str, device: torch.device
    ) -> None:
        self._dit = dit.to(device).eval().requires_grad_(False)
        self._normalisers, self._device = normalisers, device
        self.version, self.tasks = version, dit.config.tasks
        self.patch = dit.config.patch
        self.device = str(device)

    @classmethod
    def load(
        cls,
        checkpoint: Path = DEFAULT_CHECKPOINT,
        device: str | None = None,
        model: Literal["dit", "unaligned"] = "dit",
    ) -> "Generator":
        """Read a checkpoint folder; `unaligned` is the ablation that it may hold as well.

        Raises:
            UserError: a file is missing, truncated, or does not fit the others.
        """
        config_path, path = checkpoint / "config.json", checkpoint / f"{model}.safetensors"
        config = load_json(config_path)
        if not isinstance(config, dict) or not {"dit", "version"} <= set(config):
            raise UserError(f"{config_path} describes no generator")
        if model not in config:
            raise UserError(f"{checkpoint} holds no {model} model; the stage `{model}` trains one")
        dit = PatchDiT(read_config(DiTConfig, config[model], config_path))
        load_state(dit, load_tensors(path), path)
        normalisers = load_normalisers(checkpoint / "normalisers.safetensors")
        if missing := set(dit.config.tasks) - set(normalisers):
            raise UserError(f"{checkpoint} lacks the normaliser of {', '.join(sorted(missing))}")
        return cls(dit, normalisers, str(config["version"]), choose_device(device))

    @property
    def styled(self) -> bool:
        """Whether it can be asked for a style of motion."""
        return set(STYLES) <= set(self._dit.config.conditions)

    @property
    def chooses(self) -> bool:
        """Whether it can choose architectures."""
        return self._dit.chooses

    def sample(
        self,
        task: str,
        architecture: Architecture,
        *,
        count: int = 1,
        seed: int = 0,
        steps: int = DEFAULT_STEPS,
        style: Style | None = None,
        max_parameters: int | None = None,
        solver: str = DEFAULT_SOLVER,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Policy]:
        """`count` policies; number i depends on `seed` and i, not on `count`.

        Args:
            task: name of a task in `tasks`.
            architecture: hidden widths; what a `PartialArchitecture` leaves open, the model chooses.
            count: number of policies, at most `MAX_COUNT`.
            seed: of everything random.
            steps: of the flow.
            style: of the motion; by default brisk, from a middle height.
            max_parameters: weights and biases that a network may have at most.
            solver: one of `nnit.flow.SOLVERS`.
            progress: called with (steps done, steps in all).

        Raises:
            UserError: the checkpoint does not cover what is asked, a number is out of range, or no
                architecture keeps to the budget.
        """
        self._check(task, count, steps, solver, style)
        if self.styled and style is None:
            style = Style()
        conditions = wanted_conditions(self._dit.config.conditions, style, max_parameters)
        architectures = self._architectures(
            task, architecture, conditions, max_parameters, seed, count
        )
        starts = [self._start(task, a, seed, index) for index, a in enumerate(architectures)]

        def on_step(done: int, noisy: Tensor, clean: Tensor) -> None:
            if progress is not None:
                progress(done, steps)

        tokens = self._flow(
            task, architectures, starts, steps, on_step, conditions=conditions, solver=solver
        )
        made = {"source": "nnit", "seed": seed, "steps": steps, "checkpoint": self.version}
        if style is not None:
            made |= {"tempo": style.tempo, "height": style.height}
        return [
            self._policy(task, one, tokens[index]).with_provenance(index=index, **made)
            for index, one in enumerate(architectures)
        ]

    def _check(self, task: str, count: int, steps: int, solver: str, style: Style | None) -> None:
        if task not in self.tasks:
            raise UserError(
                f'this checkpoint does not cover the task "{task[:60]}"; it covers {", ".join(self.tasks)}'
            )
        if not 1 <= count <= MAX_COUNT:
            raise UserError(f"the number of networks must be 1 to {MAX_COUNT}, not {count}")
        if not 1 <= steps <= MAX_STEPS:
            raise UserError(f"the number of flow steps must be 1 to {MAX_STEPS}, not {steps}")
        if solver not in SOLVERS:
            raise UserError(f'unknown solver "{solver[:40]}"; there are {", ".join(SOLVERS)}')
        if style is not None and not self.styled:
            raise UserError("this checkpoint knows no styles of motion")

    def _architectures(
        self,
        task: str,
        asked: Architecture,
        conditions: np.ndarray,
        max_parameters: int | None,
        seed: int,
        count: int,
    ) -> list[MLPArchitecture]:
        """The architecture that is asked for, or what the model makes of what is left open."""
        if isinstance(asked, PartialArchitecture) and asked.complete:
            asked = asked.architecture()
        if isinstance(asked, MLPArchitecture):
            if max_parameters is not None and asked.parameter_count > max_parameters:
                raise UserError(
                    f"{asked} has {asked.parameter_count} parameters, more than {max_parameters}"
                )
            return [asked] * count
        if not self.chooses:
            raise UserError("this checkpoint cannot choose architectures; give all widths")
        config = self._dit.config
        return sample_architectures(
            functools.partial(self._choose, self.tasks.index(task), conditions),
            [asked] * count,
            config.depths,
            config.widths,
            max_parameters,
            [_own_generator(task, asked, seed, index) for index in range(count)],
        )

    @torch.inference_mode()
    def _choose(
        self, task: int, conditions: np.ndarray, known: Sequence[PartialArchitecture]
    ) -> tuple[Tensor, Tensor]:
        """Logits of depths and widths, given what is known and no weights yet."""
        latent = self._dit.config.latent
        batch = context_batch(task, conditions, latent, known).to(self._device)
        noise = torch.zeros(*batch.kind.shape, self.patch**2, device=self._device)
        time = torch.zeros(len(known), device=self._device)
        said = self._dit(noise, time, batch)
        return said.depth, said.widths

    def _start(self, task: str, architecture: MLPArchitecture, seed: int, index: int) -> _Start:
        """What is random about one network."""
        generator = _own_generator(task, architecture, seed, index)
        layout = token_layout(architecture, self.patch)
        noise = torch.randn(len(layout), self.patch**2, generator=generator)
        latent = torch.randn(self._dit.config.latent, generator=generator)
        return _Start(noise * torch.from_numpy(layout.valid), latent)

    @torch.inference_mode()
    def _flow(
        self,
        task: str,
        architectures: Sequence[MLPArchitecture],
        starts: Sequence[_Start],
        steps: int,
        on_step: OnStep,
        *,
        conditions: np.ndarray,
        solver: str = DEFAULT_SOLVER,
    ) -> Tensor:
        """Scaled clean tokens (N, T, cells) of networks that all have these conditions."""
        count = len(architectures)
        tasks = [self.tasks.index(task)] * count
        asked = np.tile(conditions, (count, 1))
        latents = np.stack([start.latent.numpy() for start in starts])
        batch = token_batch(tasks, architectures, asked, latents, self.patch).to(self._device)
        noise = _stack([start.noise for start in starts]).to(self._device)

        def denoise(x: Tensor, time: float) -> Tensor:
            with sampling_autocast(self._device):
                return self._dit(x, torch.full((count,), time, device=self._device), batch).clean

        return SOLVERS[solver](denoise, noise, steps, on_step).cpu()

    def _policy(self, task: str, architecture: MLPArchitecture, tokens: Tensor) -> Policy:
        """The policy that scaled tokens (T, cells) spell."""
        layout = token_layout(architecture, self.patch)
        tokens = tokens[: len(layout)]
        scales = np.asarray(self._dit.config.scales, np.float32)
        unscaled = tokens.float().numpy() * scales[layout.kind][:, None]
        weights, biases = from_tokens(unscaled, architecture, self.patch)
        normaliser = self._normalisers[task]
        return Policy(task, architecture, weights, biases, normaliser.mean, normaliser.scale)


def _own_generator(task: str, asked: Architecture, seed: int, index: int) -> torch.Generator:
    """The source of random numbers of one network."""
    return torch.Generator().manual_seed(seed_of(task, asked, seed, index))


def _stack(noise: Sequence[Tensor]) -> Tensor:
    """Noise of networks of different lengths, (N, T, cells), padded with zeros."""
    return torch.nn.utils.rnn.pad_sequence(list(noise), batch_first=True)
