"""Generating policies: a task, an architecture and a seed in, weights out."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit.architecture import MLPArchitecture
from nnit.checkpoint import DEFAULT_CHECKPOINT, load_json, load_state, load_tensors, read_config
from nnit.device import choose_device, sampling_autocast
from nnit.dit import DiTConfig, PatchDiT
from nnit.errors import UserError
from nnit.flow import euler
from nnit.normaliser import Normaliser, load_normalisers
from nnit.policy import Policy
from nnit.token_batch import token_batch
from nnit.tokens import from_tokens, token_layout

DEFAULT_STEPS = 8
MAX_STEPS = 100
MAX_COUNT = 64

# Called with (steps done, noisy tokens, predicted clean tokens), each (N, T, cells), scaled.
StepCallback = Callable[[int, Tensor, Tensor], None]


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
    def load(cls, checkpoint: Path = DEFAULT_CHECKPOINT, device: str | None = None) -> "Generator":
        """Read a checkpoint folder.

        Raises:
            UserError: a file is missing, truncated, or does not fit the others.
        """
        config_path, path = checkpoint / "config.json", checkpoint / "dit.safetensors"
        config = load_json(config_path)
        if not isinstance(config, dict) or not {"dit", "version"} <= set(config):
            raise UserError(f"{config_path} describes no generator")
        dit = PatchDiT(read_config(DiTConfig, config["dit"], config_path))
        load_state(dit, load_tensors(path), path)
        normalisers = load_normalisers(checkpoint / "normalisers.safetensors")
        if missing := set(dit.config.tasks) - set(normalisers):
            raise UserError(f"{checkpoint} lacks the normaliser of {', '.join(sorted(missing))}")
        return cls(dit, normalisers, str(config["version"]), choose_device(device))

    def sample(
        self,
        task: str,
        architecture: MLPArchitecture,
        *,
        count: int = 1,
        seed: int = 0,
        steps: int = DEFAULT_STEPS,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Policy]:
        """`count` policies of one architecture; number i depends on `seed` and i, not on `count`.

        Args:
            task: name of a task in `tasks`.
            architecture: hidden widths.
            count: number of policies, at most `MAX_COUNT`.
            seed: of the noise.
            steps: of the flow, each one evaluation of the network.
            progress: called with (steps done, steps in all).

        Raises:
            UserError: the checkpoint does not cover the task, or a number is out of range.
        """
        self._check(task, count, steps)
        noise = torch.stack(
            [self._noise(task, architecture, seed, index) for index in range(count)]
        )

        def on_step(done: int, noisy: Tensor, clean: Tensor) -> None:
            if progress is not None:
                progress(done, steps)

        tokens = self._flow(task, [architecture] * count, noise, steps, on_step)
        return [
            self._policy(task, architecture, tokens[index]).with_provenance(
                source="nnit", seed=seed, index=index, steps=steps, checkpoint=self.version
            )
            for index in range(count)
        ]

    def _check(self, task: str, count: int, steps: int) -> None:
        if task not in self.tasks:
            raise UserError(
                f'this checkpoint does not cover the task "{task[:60]}"; it covers {", ".join(self.tasks)}'
            )
        if not 1 <= count <= MAX_COUNT:
            raise UserError(f"the number of networks must be 1 to {MAX_COUNT}, not {count}")
        if not 1 <= steps <= MAX_STEPS:
            raise UserError(f"the number of flow steps must be 1 to {MAX_STEPS}, not {steps}")

    def _noise(self, task: str, architecture: MLPArchitecture, seed: int, index: int) -> Tensor:
        """Where the flow of one network starts, (T, cells)."""
        digest = hashlib.sha256(f"{task}/{architecture}/{seed}/{index}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
        layout = token_layout(architecture, self.patch)
        noise = torch.randn(len(layout), self.patch**2, generator=generator)
        return noise * torch.from_numpy(layout.valid)

    @torch.inference_mode()
    def _flow(
        self,
        task: str,
        architectures: Sequence[MLPArchitecture],
        noise: Tensor,
        steps: int,
        on_step: StepCallback,
    ) -> Tensor:
        """Scaled clean tokens (N, T, cells), asking for success."""
        count = len(architectures)
        conditions = np.ones((count, len(self._dit.config.conditions)))
        tasks = [self.tasks.index(task)] * count
        batch = token_batch(tasks, architectures, conditions, self.patch).to(self._device)

        def denoise(x: Tensor, time: float) -> Tensor:
            with sampling_autocast(self._device):
                return self._dit(x, torch.full((count,), time, device=self._device), batch)

        return euler(denoise, noise.to(self._device), steps, on_step).cpu()

    def _policy(self, task: str, architecture: MLPArchitecture, tokens: Tensor) -> Policy:
        """The policy that scaled tokens (T, cells) spell."""
        layout = token_layout(architecture, self.patch)
        scales = np.asarray(self._dit.config.scales, np.float32)
        unscaled = tokens.float().numpy() * scales[layout.kind][:, None]
        weights, biases = from_tokens(unscaled, architecture, self.patch)
        normaliser = self._normalisers[task]
        return Policy(task, architecture, weights, biases, normaliser.mean, normaliser.scale)
