"""Success by bands of width and depth: shapes drawn at random, none of them in training."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnit.evaluation.experiments.base import Bench, Cell, Experiment, Row, measure_cells
from nnit.mlp.spec import MAX_WIDTH, MIN_WIDTH, MLPArchitecture
from nnit.request import SampleRequest
from nnit.splits import Protocol

_DEPTHS = (1, 2, 3)
_USUAL = (16, 256)  # widths of the bands that are about something else
_STEEP = 3.0  # of the band of unequal layers: the least ratio of two that follow one another
_TRIES = 10_000


@dataclass(frozen=True)
class Band:
    """A kind of shapes.

    Attributes:
        name: for tables.
        low: least width of a layer.
        high: greatest width.
        depths: numbers of hidden layers, each as likely.
        steep: whether some layer has more than three times the width of a neighbour, or none has.
    """

    name: str
    low: int
    high: int
    depths: tuple[int, ...] = _DEPTHS
    steep: bool = False

    def draw(self, count: int, protocol: Protocol, rng: np.random.Generator) -> list[str]:
        """Different shapes that training did not have, in their text form; fewer where there are no more.

        Widths are drawn evenly where the band is about widths, otherwise with every doubling as likely.
        """
        drawn: dict[str, None] = {}
        for _ in range(_TRIES):
            depth = int(rng.choice(self.depths))
            if (self.low, self.high) == _USUAL:
                logs = rng.uniform(math.log(self.low), math.log(self.high + 1), depth)
                hidden = np.exp(logs).astype(int).clip(self.low, self.high)
            else:
                hidden = rng.integers(self.low, self.high + 1, depth)
            pairs = zip(hidden[:-1], hidden[1:], strict=True)
            steep = any(max(pair) > _STEEP * min(pair) for pair in pairs)
            shape = MLPArchitecture(tuple(hidden.tolist()))
            if steep == self.steep and protocol.split_of(shape) != "seen":
                drawn[str(shape)] = None
            if len(drawn) == count:
                break
        return list(drawn)


BANDS: tuple[Band, ...] = (
    Band("4 to 7 wide", 4, 7),
    Band("8 to 15 wide", 8, 15),
    Band("16 to 31 wide", 16, 31),
    Band("32 to 63 wide", 32, 63),
    Band("64 to 127 wide", 64, 127),
    Band("128 to 256 wide", 128, 256),
    Band("unequal layers", *_USUAL, depths=(2, 3), steep=True),
    Band("4 hidden layers", *_USUAL, depths=(4,)),
    Band("5 hidden layers", *_USUAL, depths=(5,)),
)


def shapes(count: int, protocol: Protocol, seed: int) -> dict[str, list[str]]:
    """Shapes of every band that can exist, by its name.

    Args:
        count: of each band.
        protocol: says which shapes training had.
        seed: of the draw.
    """
    return {
        band.name: band.draw(count, protocol, np.random.default_rng((seed, number)))
        for number, band in enumerate(BANDS)
        if MIN_WIDTH <= band.low <= band.high <= MAX_WIDTH
    }


@dataclass(frozen=True)
class Bands(Experiment):
    """Every source on the same random shapes and goals, with the default conditions.

    Attributes:
        sources: each a part.
        scratch_bands: for `bc`, since training each network from scratch takes long: those in which networks
            are so small that not every one can do a task.
        shapes: of each band.
        shape_seed: of their draw.
        networks: for each task and shape.
        episodes: of each network.
    """

    name: ClassVar[str] = "bands"
    by_part: ClassVar[tuple[str, ...]] = ("sources", "scratch_bands")

    sources: tuple[str, ...] = (
        *(
            "nnit",
            "ghn",
            "crop",
            "crop-nearest",
            "pad",
            "net2net",
            "nearest",
            "one-step",
            "zoo",
            "bc",
        ),
    )
    scratch_bands: tuple[str, ...] = ("4 to 7 wide", "8 to 15 wide")
    shapes: int = 6
    shape_seed: int = 1
    networks: int = 1
    episodes: int = 2

    @classmethod
    def quick(cls) -> "Bands":
        """A few seconds of it."""
        return cls(("nnit", "crop"), shapes=1, episodes=1)

    def parts(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    def drawn(self, protocol: Protocol) -> dict[str, list[str]]:
        """The shapes of every band, by its name."""
        return shapes(self.shapes, protocol, self.shape_seed)

    def measure(self, part: str, bench: Bench) -> Row:
        """All tasks and shapes of one source."""
        drawn = self.drawn(bench.protocol)
        cells = [
            Cell(
                {
                    "task": task,
                    "arch": text,
                    "split": bench.protocol.split_of(MLPArchitecture.parse(text)),
                    "band": band,
                    "source": part,
                },
                part,
                SampleRequest(task, MLPArchitecture.parse(text), bench.seed, self.networks),
            )
            for task in bench.tasks
            for band, texts in drawn.items()
            if part != "bc" or band in self.scratch_bands
            for text in texts
        ]
        return measure_cells(cells, self.episodes, bench, f"bands, {part}")
