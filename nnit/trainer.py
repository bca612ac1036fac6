"""The frame of every training loop: steps, learning rate, averaged weights, and going on after a stop."""

import copy
import io
import math
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from nnit.errors import UserError
from nnit.writing import write_whole

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Model = TypeVar("Model", bound=nn.Module)


class EMA(Generic[Model]):
    """Exponential moving average (EMA) of a module's parameters, with a warm-up of the decay."""

    def __init__(self, module: Model, decay: float) -> None:
        self.module: Model = copy.deepcopy(module)
        self.module.eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module: Model) -> None:
        """Move towards `module`."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        means: list[Tensor] = [*self.module.parameters()]
        parameters: list[Tensor] = [*module.parameters()]
        torch._foreach_lerp_(means, parameters, 1 - decay)


def cosine_lr(step: int, total: int, peak: float, warmup: int = 200) -> float:
    """Learning rate at `step`: linear warm-up to `peak`, then half a cosine to zero at `total`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return 0.5 * peak * (1 + math.cos(math.pi * progress))


def set_lr(optimiser: torch.optim.Optimizer, lr: float) -> None:
    """Use this learning rate from now on, times a group's own `lr_scale` where it has one."""
    for group in optimiser.param_groups:
        group["lr"] = lr * group.get("lr_scale", 1.0)


@contextmanager
def seeded_initialisation(seed: int) -> Iterator[None]:
    """Build modules with random weights that follow from `seed`, leaving the global generator alone."""
    with torch.random.fork_rng():
        torch.default_generator.manual_seed(seed)
        yield


def save_training_state(path: Path, settings: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write models, optimiser and counters; a reader sees the old file or the new one."""
    content = io.BytesIO()  # torch calls a full disk a fault of its own
    torch.save({"settings": repr(settings), **state}, content)
    write_whole(path, content.getvalue())


def load_training_state(path: Path, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `save_training_state` wrote, or None where there is nothing yet.

    Raises:
        UserError: it is damaged, or was written under other settings, which cannot be mixed.
    """
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        written_under = state.pop("settings")
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError) as error:
        raise UserError(f"{path} is damaged; remove it to train this stage anew") from error
    if written_under != repr(settings):
        raise UserError(
            f"{path.parent} was trained with other settings; move it away or use another folder"
        )
    return state


class Trainer(ABC, Generic[Model]):
    """A training that ends the same however often it was stopped.

    Attributes:
        folder: of its files.
        model: what is trained.
        ema: the moving average of its weights, which is what is used later.
        optimiser: of the model.
        step: number of steps done.
        total: number of steps in all.
        save_every: number of steps between two saves.
    """

    save_every: int

    def __init__(
        self,
        folder: Path,
        model: Model,
        optimiser: torch.optim.Optimizer,
        *,
        decay: float,
        total: int,
        seed: int,
        settings: "DataclassInstance",
        config: "DataclassInstance",
    ) -> None:
        """Set up a training; a subclass calls `resume` once it is whole.

        Args:
            decay: of the moving average.
            seed: with `settings` and `config`, what must not change between a stop and going on.
        """
        self.folder, self.model, self.optimiser = folder, model, optimiser
        self.ema = EMA(model, decay)
        self.step, self.total = 0, total
        self._identity = {"seed": seed, "settings": asdict(settings), "model": asdict(config)}

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Train to the end, saving now and then and whenever the loop is left."""
        try:
            while self.step < self.total:
                note = self.advance()
                self.step += 1
                progress(self.step, self.total, note)
                if self.step % self.save_every == 0:
                    self.save()
        finally:
            self.save()

    @abstractmethod
    def advance(self) -> str:
        """Train one step, and say how it is going."""

    @abstractmethod
    def save(self) -> None:
        """Write what later stages read, and the state with `save_state`."""

    def optimise(self, loss: Tensor, lr: float) -> None:
        """Differentiate a loss and do one optimiser step at this learning rate."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.step_optimiser(lr)

    def step_optimiser(self, lr: float) -> None:
        """One optimiser step at this learning rate, with the parameters' gradients clipped."""
        set_lr(self.optimiser, lr)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.ema.update(self.model)

    def save_state(self, **more: Any) -> None:
        """Write models, optimiser and counters, and what a subclass adds."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "ema": self.ema.module.state_dict(),
            "updates": self.ema.updates,
            "optimiser": self.optimiser.state_dict(),
        }
        save_training_state(self.folder / "training.pt", self._identity, {**state, **more})

    def resume(self) -> dict[str, Any] | None:
        """Go on where `save_state` left off; all that it wrote, or None where there is nothing yet.

        Raises:
            UserError: it is damaged, or was written under other settings.
        """
        state = load_training_state(self.folder / "training.pt", self._identity)
        if state is None:
            return None
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.ema.module.load_state_dict(state["ema"])
        self.ema.updates = state["updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        return state
