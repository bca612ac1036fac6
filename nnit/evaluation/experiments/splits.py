"""Success by split of the held-out protocol and by source of the networks."""

from dataclasses import dataclass
from typing import ClassVar

from nnit.evaluation.experiments.base import (
    FEW_HELD_OUT,
    Bench,
    Cell,
    Experiment,
    Row,
    measure_cells,
)
from nnit.evaluation.sources import SOURCES
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.splits import HELD_OUT, Protocol

NEW_DEPTH = ("24-24-24-24", "48-32-40-20", "61-27-45-37")
EXTRAPOLATED = ("72", "96", "80-80", "64-96", "90-70-80", "112", "128", "128-128")
_NEAR = (
    1.5  # how far extrapolation goes in the first of two bands, as a factor of the widest trained
)
# Ways to a network that need no generator, and no training beside the GHN's and the zoo's.
RIVALS = ("crop", "crop-nearest", "pad", "net2net", "mean", "interpolate", "ridge")
BANDS = (
    "recombined",
    "new-width",
    "new-depth",
    f"extrapolated to {_NEAR}x",
    "extrapolated to 2x",
)


def band_of(architecture: MLPArchitecture, protocol: Protocol) -> str:
    """The split, with extrapolation in two bands."""
    split = protocol.split_of(architecture)
    if split != "extrapolated":
        return split
    return BANDS[3 if max(architecture.hidden) <= _NEAR * protocol.widest else 4]


@dataclass(frozen=True)
class Splits(Experiment):
    """Every source on the same architectures and goals, with the default conditions.

    Attributes:
        sources: each a part.
        architectures: what is measured; sources that cannot make one are recorded as skipped there.
        networks: for each task and architecture.
        episodes: of each network.
        main_sources: measured on all architectures.
        rivals: measured on all architectures too; the others on `reference_architectures`.
        reference_architectures: within the trained range.
        scratch_architectures: for `bc`, since training each network from scratch takes long.
    """

    name: ClassVar[str] = "splits"
    by_part: ClassVar[tuple[str, ...]] = ("sources", "rivals")

    sources: tuple[str, ...] = SOURCES
    architectures: tuple[str, ...] = HELD_OUT + NEW_DEPTH + EXTRAPOLATED
    networks: int = 3
    episodes: int = 10
    main_sources: tuple[str, ...] = ("nnit", "ghn", "zoo")
    rivals: tuple[str, ...] = (*RIVALS, "one-step")
    reference_architectures: tuple[str, ...] = HELD_OUT
    scratch_architectures: tuple[str, ...] = FEW_HELD_OUT

    @classmethod
    def quick(cls) -> "Splits":
        """A few seconds of it."""
        sources = ("nnit", "ghn", "zoo", "nearest", "noise", "permuted", "crop", "ridge")
        few = ("12-20", "16-11")
        return cls(sources, (*few, "8-8-8-8", "72"), 1, 1, reference_architectures=few)

    def parts(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    def measure(self, part: str, bench: Bench) -> Row:
        """All tasks and architectures of one source."""
        cells = []
        for task in bench.tasks:
            for text in self._architectures_of(part):
                architecture = MLPArchitecture.parse(text)
                request = SampleRequest(task, architecture, bench.seed, self.networks)
                labels = {
                    "task": task,
                    "arch": text,
                    "split": bench.protocol.split_of(architecture),
                    "band": band_of(architecture, bench.protocol),
                    "source": part,
                }
                cells.append(Cell(labels, part, request))
        return measure_cells(cells, self.episodes, bench, f"splits, {part}")

    def _architectures_of(self, part: str) -> tuple[str, ...]:
        if part == "bc":
            return self.scratch_architectures
        everywhere = (*self.main_sources, *self.rivals)
        return self.architectures if part in everywhere else self.reference_architectures
