"""Success over a grid of the two widths of networks with two hidden layers."""

from dataclasses import dataclass
from typing import ClassVar

from nnit.evaluation.experiments.base import Bench, Cell, Experiment, Row, measure_cells
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import parse_tasks
from nnit.splits import MAP_WIDTHS


@dataclass(frozen=True)
class Grid(Experiment):
    """Width x width, seen, reserved and beyond the trained range alike.

    Attributes:
        tasks: each a part; one that the checkpoint does not cover is recorded as skipped.
        widths: of both hidden layers.
        networks: for each pair of widths.
        episodes: of each network.
    """

    name: ClassVar[str] = "grid"
    by_part: ClassVar[tuple[str, ...]] = ("tasks",)

    tasks: tuple[str, ...] = tuple(task.name for task in parse_tasks("mt10"))
    widths: tuple[int, ...] = MAP_WIDTHS
    networks: int = 3
    episodes: int = 3

    @classmethod
    def quick(cls) -> "Grid":
        """A few seconds of it."""
        return cls(("reach-v3",), (8, 11, 72), networks=1, episodes=1)

    def parts(self) -> tuple[str, ...]:
        """The tasks."""
        return self.tasks

    def measure(self, part: str, bench: Bench) -> Row:
        """The whole grid of one task."""
        cells = []
        for first in self.widths:
            for second in self.widths:
                architecture = MLPArchitecture((first, second))
                labels = {
                    "task": part,
                    "arch": str(architecture),
                    "first": first,
                    "second": second,
                    "split": bench.protocol.split_of(architecture),
                }
                request = SampleRequest(part, architecture, bench.seed, self.networks)
                cells.append(Cell(labels, "nnit", request))
        return measure_cells(cells, self.episodes, bench, f"grid, {part}")
