"""How far apart networks for one task, architecture and style are: sampled ones against the zoo's."""

from dataclasses import dataclass
from typing import ClassVar

from nnit.experiments.base import FEW_HELD_OUT, Bench, Experiment, Row, cells_for, fill_orders
from nnit.novelty import spread
from nnit.shipped import drawn_states


@dataclass(frozen=True)
class Diversity(Experiment):
    """Mean distance of all pairs, in actions on shared states and in weights after matching neurons.

    Attributes:
        sources: what is compared, each a part; "zoo" makes networks by the zoo's recipe.
        architectures: unseen ones.
        networks: for each task and architecture.
        states: on which actions are compared.
    """

    name: ClassVar[str] = "diversity"
    by_part: ClassVar[tuple[str, ...]] = ("sources",)

    sources: tuple[str, ...] = ("nnit", "zoo", "ghn")
    architectures: tuple[str, ...] = FEW_HELD_OUT
    networks: int = 8
    states: int = 512

    @classmethod
    def quick(cls) -> "Diversity":
        """A few seconds of it."""
        return cls(architectures=("12-20",), networks=2, states=32)

    def parts(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    def measure(self, part: str, bench: Bench) -> Row:
        """The spread of one source, by task and architecture."""
        cells = cells_for(bench, part, self.architectures, self.networks, {"source": part})
        orders = fill_orders(cells, bench, f"diversity, {part}")
        states = {
            task: drawn_states(task, bench.checkpoint, self.states, bench.seed)[0].observations
            for task in bench.tasks
        }
        rows = []
        for index, group in enumerate(orders.groups):
            behaviour, weights = spread(group.policies, states[group.labels["task"]])
            rows.append(
                {
                    **group.labels,
                    "networks": len(group.policies),
                    "behaviour": behaviour,
                    "weights": weights,
                }
            )
            bench.progress(f"diversity, {part}: spread", index + 1, len(orders.groups))
        return {"results": rows, "skipped": orders.skipped}
