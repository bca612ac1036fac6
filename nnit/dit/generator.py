"""Generating policies: a task, an architecture or a budget, and a seed in; networks out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from nnit.checkpoint import DEFAULT_CHECKPOINT, load_json, load_state, load_tensors, read_config
from nnit.device import choose_device, sampling_autocast
from nnit.dit.architecture_diffusion import sample_architectures
from nnit.dit.conditions import wanted_conditions
from nnit.dit.flow import SOLVERS, OnStep
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.tokens import context_batch, token_batch
from nnit.errors import UserError
from nnit.mlp.normaliser import Normaliser, load_normalisers
from nnit.mlp.patches import from_tokens, token_layout
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import DEFAULT_SOLVER, DEFAULT_STEPS, MAX_COUNT, MAX_STEPS, Architecture, Wanted
from nnit.seeds import seed_of
from nnit.sim.suites.metaworld.style import STYLES, Style

OnChoice = Callable[[Sequence[PartialArchitecture], Tensor, Tensor], None]


@dataclass(frozen=True, eq=False)
class Plan:
    """All that is decided before the flow: networks whose weights are still noise.

    Attributes:
        wanted: what it is for.
        style: that is asked for; None where the checkpoint knows none.
        architectures: one a network.
        noise: where the flow of each network starts, (T, cells).
        latents: (N, L).
        conditions: (C,), NaN where left open.
    """

    wanted: Wanted
    style: Style | None
    architectures: list[MLPArchitecture]
    noise: list[Tensor]
    latents: np.ndarray
    conditions: np.ndarray

    def only(self, index: int) -> "Plan":
        """The plan of one of its networks."""
        one = slice(index, index + 1)
        return Plan(
            self.wanted,
            self.style,
            self.architectures[one],
            self.noise[one],
            self.latents[one],
            self.conditions,
        )


def check(wanted: Wanted, tasks: Sequence[str], *, styled: bool) -> None:
    """Raise a `UserError` where a checkpoint of these tasks cannot do what is wanted, or a number is out of range."""
    task, count, steps, solver = wanted.task, wanted.count, wanted.steps, wanted.solver
    if task not in tasks:
        raise UserError(
            f'this checkpoint does not cover the task "{task[:60]}"; it covers {", ".join(tasks)}'
        )
    if not 1 <= count <= MAX_COUNT:
        raise UserError(f"the number of networks must be 1 to {MAX_COUNT}, not {count}")
    if not 1 <= steps <= MAX_STEPS:
        raise UserError(f"the number of flow steps must be 1 to {MAX_STEPS}, not {steps}")
    if solver not in SOLVERS:
        raise UserError(f'unknown solver "{solver[:40]}"; there are {", ".join(SOLVERS)}')
    if wanted.style is not None and not styled:
        raise UserError("this checkpoint knows no styles of motion")


def own_generator(task: str, asked: Architecture, seed: int, index: int) -> torch.Generator:
    """The source of random numbers of one network."""
    return torch.Generator().manual_seed(seed_of(task, asked, seed, index))


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

    @property
    def choices(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The depths and the widths that it chooses from."""
        config = self._dit.config
        return tuple(config.depths), tuple(config.widths)

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
            solver: one of `nnit.dit.flow.SOLVERS`.
            progress: called with (steps done, steps in all).

        Raises:
            UserError: the checkpoint does not cover what is asked, a number is out of range, or no
                architecture keeps to the budget.
        """
        wanted = Wanted(task, architecture, count, seed, steps, style, max_parameters, solver)
        return self.sample_together([self.plan(wanted)], progress)[0]

    def plan(self, wanted: Wanted, note: OnChoice | None = None) -> Plan:
        """Decide everything but the weights; the model is asked only for what the architecture leaves open.

        Args:
            wanted: what to decide.
            note: called before each choice with what is known, and logits of depths and of widths.

        Raises:
            UserError: as `sample`.
        """
        check(wanted, self.tasks, styled=self.styled)
        style = wanted.style
        if self.styled and style is None:
            style = Style()
        conditions = wanted_conditions(self._dit.config.conditions, style, wanted.max_parameters)
        architectures = self._architectures(wanted, conditions, note)
        starts = [
            self._start(wanted.task, architecture, wanted.seed, index)
            for index, architecture in enumerate(architectures)
        ]
        return Plan(
            wanted=wanted,
            style=style,
            architectures=architectures,
            noise=[noise for noise, _ in starts],
            latents=np.stack([latent.numpy() for _, latent in starts]),
            conditions=conditions,
        )

    def sample_together(
        self, plans: Sequence[Plan], progress: Callable[[int, int], None] | None = None
    ) -> list[list[Policy]]:
        """The policies of several plans in one batch: the way to serve many callers at once.

        Each plan's policies are those that it would have had alone, to the rounding of float32.

        Args:
            plans: all with the same number of steps and the same solver.
            progress: called with (steps done, steps in all).

        Raises:
            ValueError: they differ in steps or solver.
        """
        wanted = plans[0].wanted
        if {(p.wanted.steps, p.wanted.solver) for p in plans} != {(wanted.steps, wanted.solver)}:
            raise ValueError("plans with different steps or solvers cannot share a batch")

        def on_step(done: int, noisy: Tensor, clean: Tensor) -> None:
            if progress is not None:
                progress(done, wanted.steps)

        tokens = iter(self.flow(plans, on_step))
        return [
            [self.policy(plan, index, next(tokens)) for index in range(len(plan.noise))]
            for plan in plans
        ]

    def _architectures(
        self, wanted: Wanted, conditions: np.ndarray, note: OnChoice | None
    ) -> list[MLPArchitecture]:
        """The architecture that is asked for, or what the model makes of what is left open."""
        asked, count, most = wanted.architecture, wanted.count, wanted.max_parameters
        if isinstance(asked, PartialArchitecture) and asked.complete:
            asked = asked.architecture()
        if isinstance(asked, MLPArchitecture):
            if most is not None and asked.parameter_count > most:
                raise UserError(f"{asked} has {asked.parameter_count} parameters, more than {most}")
            return [asked] * count
        if not self.chooses:
            raise UserError("this checkpoint cannot choose architectures; give all widths")
        config = self._dit.config
        task, seed = wanted.task, wanted.seed

        def choose(known: Sequence[PartialArchitecture]) -> tuple[Tensor, Tensor]:
            said = self._choose(self.tasks.index(task), conditions, known)
            if note is not None:
                note(known, *said)
            return said

        return sample_architectures(
            choose,
            [asked] * count,
            config.depths,
            config.widths,
            most,
            [own_generator(task, asked, seed, index) for index in range(count)],
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

    def _start(
        self, task: str, architecture: MLPArchitecture, seed: int, index: int
    ) -> tuple[Tensor, Tensor]:
        """What is random about one network: noise (T, cells) and latent (L,)."""
        generator = own_generator(task, architecture, seed, index)
        layout = token_layout(architecture, self.patch)
        noise = torch.randn(len(layout), self.patch**2, generator=generator)
        latent = torch.randn(self._dit.config.latent, generator=generator)
        return noise * torch.from_numpy(layout.valid), latent

    @torch.inference_mode()
    def flow(self, plans: Sequence[Plan], on_step: OnStep) -> Tensor:
        """Scaled clean tokens (N, T, cells) of all networks of the plans, one after the other.

        Args:
            plans: all with the same number of steps and the same solver.
            on_step: called at each step with its number, the noisy and the predicted tokens.
        """
        wanted = plans[0].wanted
        batch = token_batch(
            [self.tasks.index(plan.wanted.task) for plan in plans for _ in plan.architectures],
            [architecture for plan in plans for architecture in plan.architectures],
            np.concatenate([np.tile(plan.conditions, (len(plan.noise), 1)) for plan in plans]),
            np.concatenate([plan.latents for plan in plans]),
            self.patch,
        ).to(self._device)
        noise = _stack([noise for plan in plans for noise in plan.noise]).to(self._device)

        def denoise(x: Tensor, time: float) -> Tensor:
            with sampling_autocast(self._device):
                return self._dit(x, torch.full((len(x),), time, device=x.device), batch).clean

        return SOLVERS[wanted.solver](denoise, noise, wanted.steps, on_step).cpu()

    def policy(self, plan: Plan, place: int, tokens: Tensor, index: int | None = None) -> Policy:
        """The policy that scaled tokens (T, cells) spell.

        Args:
            plan: what it was sampled for.
            place: of the network in the plan.
            tokens: maybe padded.
            index: of the network among those of its seed, if the plan holds only some of them.
        """
        wanted, architecture = plan.wanted, plan.architectures[place]
        layout = token_layout(architecture, self.patch)
        tokens = tokens[: len(layout)]
        scales = np.asarray(self._dit.config.scales, np.float32)
        unscaled = tokens.float().numpy() * scales[layout.kind][:, None]
        weights, biases = from_tokens(unscaled, architecture, self.patch)
        normaliser = self._normalisers[wanted.task]
        made = {
            "source": "nnit",
            "seed": wanted.seed,
            "steps": wanted.steps,
            "checkpoint": self.version,
        }
        if plan.style is not None:
            made |= {"tempo": plan.style.tempo, "height": plan.style.height}
        policy = Policy(
            wanted.task, architecture, weights, biases, normaliser.mean, normaliser.scale
        )
        return policy.with_provenance(index=place if index is None else index, **made)


def _stack(noise: Sequence[Tensor]) -> Tensor:
    """Noise of networks of different lengths, (N, T, cells), padded with zeros."""
    return torch.nn.utils.rnn.pad_sequence(list(noise), batch_first=True)
