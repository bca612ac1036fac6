"""Generating policies: a task, an architecture or a budget, and a seed in; networks out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from nnit.checkpoint import DEFAULT_CHECKPOINT, load_state, load_tensors, read_config
from nnit.description import describe
from nnit.device import choose_device, sampling_autocast
from nnit.dit.architecture_diffusion import sample_architectures
from nnit.dit.base import ghn_tokens
from nnit.dit.conditions import requested_conditions
from nnit.dit.flow import SOLVERS, OnStep
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.tokens import context_batch, token_batch
from nnit.errors import UserError
from nnit.formats import upgraded_dit
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.mlp.normaliser import Normaliser, load_normalisers
from nnit.mlp.patches import from_tokens, token_layout
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest
from nnit.seeds import seed_of
from nnit.sim.suites import Suite
from nnit.splits import get_protocol

# Models of a checkpoint that a `Generator` can be of.
Model = Literal["dit", "unaligned", "one-step"]
OnChoice = Callable[[Sequence[PartialArchitecture], Tensor, Tensor], None]
# What a run of its own costs beside its tokens, in tokens of one network (measured on a CPU).
_RUN = 48


@dataclass(frozen=True, eq=False)
class Plan:
    """All that is decided before the flow: networks whose weights are still noise.

    Attributes:
        request: what it is for, with the sizes of the task's suite.
        conditions: by name, as they were asked for; the suite's defaults where nothing was said.
        architectures: one a network.
        noise: where the flow of each network starts, (T, cells).
        latents: (N, L).
        conditioning: (C,), NaN where left open.
        base: unscaled tokens to which those of the flow are added, (T, cells) a network; None where they are
            whole weights.
    """

    request: SampleRequest
    conditions: Mapping[str, float]
    architectures: list[MLPArchitecture]
    noise: list[Tensor]
    latents: np.ndarray
    conditioning: np.ndarray
    base: list[np.ndarray] | None = None

    def only(self, index: int) -> "Plan":
        """The plan of one of its networks."""
        one = slice(index, index + 1)
        return replace(
            self,
            architectures=self.architectures[one],
            noise=self.noise[one],
            latents=self.latents[one],
            base=None if self.base is None else self.base[one],
        )


def own_generator(request: SampleRequest, index: int) -> torch.Generator:
    """The source of random numbers of one network of a request."""
    seed = seed_of(request.task, request.architecture, request.seed, index)
    return torch.Generator().manual_seed(seed)


class Generator:
    """A trained patch DiT with the normalisers of its tasks.

    Attributes:
        version: identifies the checkpoint, for cache keys and provenance.
        suites: the facts of its tasks.
        tasks: names of the tasks it was trained on.
        patch: side of a weight patch in cells.
        device: on which it samples.
    """

    def __init__(
        self,
        dit: PatchDiT,
        normalisers: dict[str, Normaliser],
        suites: Sequence[Suite],
        version: str,
        device: torch.device,
        *,
        ghn: GHN | None = None,
        one_step: bool = False,
    ) -> None:
        """Make a generator.

        Args:
            dit: the model.
            normalisers: of observations, by task.
            suites: of the tasks.
            version: of the checkpoint.
            device: where the model runs.
            ghn: writes the base that a DiT with one needs.
            one_step: the model was trained to give networks at once, from zeros.
        """
        self._ghn = ghn if dit.config.base else None
        self._dit = dit.to(device).eval().requires_grad_(False)
        self._normalisers, self._device, self._one_step = normalisers, device, one_step
        self.version, self.suites, self.tasks = version, tuple(suites), dit.config.tasks
        self.patch = dit.config.patch
        self.device = str(device)

    @classmethod
    def load(
        cls,
        checkpoint: Path = DEFAULT_CHECKPOINT,
        device: str | None = None,
        model: Model = "dit",
    ) -> "Generator":
        """Read a checkpoint folder; it may hold the ablation `unaligned` and the regression `one-step` as well.

        Raises:
            UserError: a file is missing, truncated, or does not fit the others.
        """
        described = describe(checkpoint)
        path = checkpoint / f"{model}.safetensors"
        config = described.model(model)
        dit = PatchDiT(read_config(DiTConfig, config, checkpoint / "config.json"))
        load_state(dit, upgraded_dit(load_tensors(path)), path)
        normalisers = load_normalisers(checkpoint / "normalisers.safetensors")
        if missing := set(dit.config.tasks) - set(normalisers):
            raise UserError(f"{checkpoint} lacks the normaliser of {', '.join(sorted(missing))}")
        ghn = _base(dit.config, checkpoint) if dit.config.base else None
        device_ = choose_device(device)
        return cls(
            dit,
            normalisers,
            described.suites,
            described.version,
            device_,
            ghn=ghn,
            one_step=model == "one-step",
        )

    @property
    def choices(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The depths and the widths that it chooses from."""
        config = self._dit.config
        return tuple(config.depths), tuple(config.widths)

    def sample(
        self, request: SampleRequest, progress: Callable[[int, int], None] | None = None
    ) -> list[Policy]:
        """The policies of a request; number i depends on its seed and i, not on its count.

        Args:
            request: what is asked for.
            progress: called with (steps done, steps in all).

        Raises:
            UserError: the checkpoint does not cover what is asked, a number is out of range, or no
                architecture keeps to the budget.
        """
        return self.sample_together([self.plan(request)], progress)[0]

    def architectures(self, request: SampleRequest, *, mask: bool = True) -> list[MLPArchitecture]:
        """The architectures that a request leads to, without their weights.

        Args:
            request: what is asked for.
            mask: whether what cannot be completed within the budget is ruled out, as in `sample`. Without, the budget
                is only a condition, and nothing but what the model has learned keeps to it.

        Raises:
            UserError: as `sample`.
        """
        suite = request.check(self.suites)
        request = request.sized(suite)
        return self._architectures(request, self._conditioning(request, suite), mask=mask)

    def _conditioning(self, request: SampleRequest, suite: Suite) -> np.ndarray:
        """What the model is told of a request, (C,), NaN where left open."""
        config = self._dit.config
        return requested_conditions(
            config.conditions, request, suite, get_protocol(config.protocol)
        )

    def plan(self, request: SampleRequest, on_choice: OnChoice | None = None) -> Plan:
        """Decide everything but the weights; the model is asked only for what the architecture leaves open.

        Args:
            request: what is asked for.
            on_choice: called before each choice with what is known, and logits of depths and of widths.

        Raises:
            UserError: as `sample`.
        """
        suite = request.check(self.suites)
        request = request.sized(suite)
        if self._one_step:
            request = replace(request, steps=1, solver="euler")
        conditioning = self._conditioning(request, suite)
        architectures = self._architectures(request, conditioning, on_choice)
        starts = [
            self._start(replace(request, architecture=architecture), architecture, index)
            for index, architecture in enumerate(architectures)
        ]
        plan = Plan(
            request=request,
            conditions=request.values(suite),
            architectures=architectures,
            noise=[noise for noise, _ in starts],
            latents=np.stack([latent.numpy() for _, latent in starts]),
            conditioning=conditioning,
        )
        return plan if self._ghn is None else replace(plan, base=self._base_of(plan, self._ghn))

    def _base_of(self, plan: Plan, ghn: GHN) -> list[np.ndarray]:
        """The tokens of the networks that the GHN writes for a plan."""
        count = len(plan.architectures)
        values = [plan.conditions.get(name, np.nan) for name in ghn.config.conditions]
        return ghn_tokens(
            ghn,
            [plan.request.task] * count,
            plan.architectures,
            np.tile(np.array(values), (count, 1)),
            plan.latents,
            self.patch,
        )

    def sample_together(
        self, plans: Sequence[Plan], progress: Callable[[int, int], None] | None = None
    ) -> list[list[Policy]]:
        """The policies of several plans together: the way to serve many callers at once.

        Networks of similar length share a batch; a short one beside a long one would cost as much as that.
        Each plan's policies are those that it would have had alone, to the rounding of float32.

        Args:
            plans: all with the same number of steps and the same solver.
            progress: called with (steps done, steps in all).

        Raises:
            ValueError: they differ in steps or solver.
        """
        first = plans[0].request
        if {(p.request.steps, p.request.solver) for p in plans} != {(first.steps, first.solver)}:
            raise ValueError("plans with different steps or solvers cannot share a batch")

        batches = _of_similar_length(plans)
        policies: list[list[Policy]] = [[] for _ in plans]
        for number, batch in enumerate(batches):

            def on_step(done: int, noisy: Tensor, clean: Tensor, before: int = number) -> None:
                if progress is not None:
                    progress((before * first.steps + done) // len(batches), first.steps)

            tokens = iter(self.flow([plans[place] for place in batch], on_step))
            for place in batch:
                plan = plans[place]
                policies[place] = [
                    self.policy(plan, index, next(tokens)) for index in range(len(plan.noise))
                ]
        return policies

    def _architectures(
        self,
        request: SampleRequest,
        conditioning: np.ndarray,
        on_choice: OnChoice | None = None,
        *,
        mask: bool = True,
    ) -> list[MLPArchitecture]:
        """The architecture that is asked for, or what the model makes of what is left open."""
        asked = request.architecture
        if isinstance(asked, MLPArchitecture):
            return [asked] * request.count
        config, task = self._dit.config, self.tasks.index(request.task)

        def choose(known: Sequence[PartialArchitecture]) -> tuple[Tensor, Tensor]:
            logits = self._choose(task, conditioning, known)
            if on_choice is not None:
                on_choice(known, *logits)
            return logits

        return sample_architectures(
            choose,
            [asked] * request.count,
            config.depths,
            config.widths,
            request.max_parameters if mask else None,
            [own_generator(request, index) for index in range(request.count)],
        )

    @torch.inference_mode()
    def _choose(
        self, task: int, conditioning: np.ndarray, known: Sequence[PartialArchitecture]
    ) -> tuple[Tensor, Tensor]:
        """Logits of depths and widths, given what is known and no weights yet."""
        latent = self._dit.config.latent
        batch = context_batch(task, conditioning, latent, known, self._dit.config.trained).to(
            self._device
        )
        noise = torch.zeros(*batch.kind.shape, self.patch**2, device=self._device)
        time = torch.zeros(len(known), device=self._device)
        prediction = self._dit(noise, time, batch)
        return prediction.depth, prediction.widths

    def _start(
        self, request: SampleRequest, architecture: MLPArchitecture, index: int
    ) -> tuple[Tensor, Tensor]:
        """What is random about one network: noise (T, cells) and latent (L,)."""
        generator = own_generator(request, index)
        layout = token_layout(architecture, self.patch)
        noise = torch.randn(len(layout), self.patch**2, generator=generator)
        latent = torch.randn(self._dit.config.latent, generator=generator)
        if self._one_step:
            noise = torch.zeros_like(noise)
        return noise * torch.from_numpy(layout.valid), latent

    @torch.inference_mode()
    def flow(self, plans: Sequence[Plan], on_step: OnStep) -> Tensor:
        """Scaled clean tokens (N, T, cells) of all networks of the plans, one after the other.

        Args:
            plans: all with the same number of steps and the same solver.
            on_step: called at each step with its number, the noisy and the predicted tokens.
        """
        first = plans[0].request
        batch = token_batch(
            [self.tasks.index(plan.request.task) for plan in plans for _ in plan.architectures],
            [architecture for plan in plans for architecture in plan.architectures],
            np.concatenate([np.tile(plan.conditioning, (len(plan.noise), 1)) for plan in plans]),
            np.concatenate([plan.latents for plan in plans]),
            self.patch,
            self._dit.config.trained,
        ).to(self._device)
        noise = _stack([noise for plan in plans for noise in plan.noise]).to(self._device)

        def denoise(x: Tensor, time: float) -> Tensor:
            with sampling_autocast(self._device):
                return self._dit(x, torch.full((len(x),), time, device=x.device), batch).clean

        return SOLVERS[first.solver](denoise, noise, first.steps, on_step).cpu()

    def policy(self, plan: Plan, place: int, tokens: Tensor, index: int | None = None) -> Policy:
        """The policy that scaled tokens (T, cells) spell.

        Args:
            plan: what it was sampled for.
            place: of the network in the plan.
            tokens: maybe padded.
            index: of the network among those of its seed, if the plan holds only some of them.
        """
        request, architecture = plan.request, plan.architectures[place]
        layout = token_layout(architecture, self.patch)
        tokens = tokens[: len(layout)]
        scales = np.asarray(self._dit.config.scales, np.float32)
        unscaled = tokens.float().numpy() * scales[layout.kind][:, None]
        if plan.base is not None:
            unscaled = unscaled + plan.base[place]
        weights, biases = from_tokens(unscaled, architecture, self.patch)
        shares = [self._dit.config.trained.shares(w, self.patch) for w in architecture.hidden]
        weights = (weights[0], *(w * s for w, s in zip(weights[1:], shares, strict=True)))
        normaliser = self._normalisers[request.task]
        made = {
            "source": "nnit",
            "seed": request.seed,
            "steps": request.steps,
            "checkpoint": self.version,
            **plan.conditions,
        }
        policy = Policy(
            request.task, architecture, weights, biases, normaliser.mean, normaliser.scale
        )
        return policy.with_provenance(index=place if index is None else index, **made)


def _base(config: DiTConfig, checkpoint: Path) -> GHN:
    """The GHN of a checkpoint whose DiT adds to its networks.

    Raises:
        UserError: it is missing, broken, or does not fit the DiT.
    """
    ghn, _ = load_ghn(checkpoint)
    if ghn.config.latent != config.latent or set(config.tasks) - set(ghn.config.tasks):
        raise UserError(f"the GHN of {checkpoint} does not fit its DiT")
    return ghn


def _of_similar_length(plans: Sequence[Plan]) -> list[list[int]]:
    """Places of plans, in batches that are cut where padding would cost more than another run."""
    length = [max(len(noise) for noise in plan.noise) for plan in plans]
    batches: list[list[int]] = []
    for place in sorted(range(len(plans)), key=lambda place: length[place]):
        padding = 0
        if batches:
            shorter = sum(len(plans[one].noise) for one in batches[-1])
            padding = (length[place] - length[batches[-1][-1]]) * shorter
        if not batches or padding > _RUN:
            batches.append([])
        batches[-1].append(place)
    return batches


def _stack(noise: Sequence[Tensor]) -> Tensor:
    """Noise of networks of different lengths, (N, T, cells), padded with zeros."""
    return torch.nn.utils.rnn.pad_sequence(list(noise), batch_first=True)
