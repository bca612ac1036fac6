"""Success by number of flow steps and by solver."""

from dataclasses import dataclass
from typing import ClassVar

from nnit.evaluation.experiments.base import (
    FEW_HELD_OUT,
    Bench,
    Cell,
    Experiment,
    Row,
    cells_for,
    measure_cells,
)


@dataclass(frozen=True)
class Steps(Experiment):
    """The same networks-to-be, followed from noise in more or fewer steps.

    Attributes:
        solvers: each a part.
        steps: numbers of steps.
        architectures: what is measured.
        networks: for each task and architecture.
        episodes: of each network.
    """

    name: ClassVar[str] = "steps"
    by_part: ClassVar[tuple[str, ...]] = ("solvers",)

    solvers: tuple[str, ...] = ("euler", "heun")
    steps: tuple[int, ...] = (1, 2, 4, 8, 16, 50)
    architectures: tuple[str, ...] = FEW_HELD_OUT
    networks: int = 2
    episodes: int = 10

    @classmethod
    def quick(cls) -> "Steps":
        """A few seconds of it."""
        return cls(("euler", "heun"), (1, 2), ("12-20",), networks=1, episodes=1)

    def parts(self) -> tuple[str, ...]:
        """The solvers."""
        return self.solvers

    def measure(self, part: str, bench: Bench) -> Row:
        """All numbers of steps with one solver."""
        cells: list[Cell] = []
        for steps in self.steps:
            count = evaluations(part, steps)
            labels = {"solver": part, "steps": steps, "evaluations": count}
            cells += cells_for(
                bench,
                "nnit",
                self.architectures,
                self.networks,
                labels,
                steps=steps,
                solver=part,
            )
        return measure_cells(cells, self.episodes, bench, f"steps, {part}")


def evaluations(solver: str, steps: int) -> int:
    """How often the transformer is evaluated for one network; Heun's last step is Euler's."""
    return 2 * steps - 1 if solver == "heun" else steps
