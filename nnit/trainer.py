"""The frame of every training loop here: a model, its average, and everything needed to go on after a stop."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import torch
from torch import Tensor

from nnit.optimisation import (
    Average,
    Model,
    load_training_state,
    save_training_state,
    set_rate,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Trainer(ABC, Generic[Model]):
    """A training that ends the same however often it was stopped.

    Attributes:
        folder: of its files.
        model: what is trained.
        average: its averaged twin, which is what is used later.
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
            decay: of the average.
            seed: with `settings` and `config`, what must not change between a stop and going on.
        """
        self.folder, self.model, self.optimiser = folder, model, optimiser
        self.average = Average(model, decay)
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

    def optimise(self, loss: Tensor, rate: float) -> None:
        """One optimiser step at this rate, with clipped gradients."""
        set_rate(self.optimiser, rate)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model)

    def save_state(self, **more: Any) -> None:
        """Write models, optimiser and counters, and what a subclass adds."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.module.state_dict(),
            "updates": self.average.updates,
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
        self.average.module.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        return state
