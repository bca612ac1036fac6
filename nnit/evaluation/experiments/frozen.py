"""The test: many random shapes of every band, measured once for each checkpoint that is released.

`nnit.evaluation.experiments.bands` is what one looks at while a recipe is being made. Whoever looks often chooses
what happens to do well there; the shapes of this experiment are others, and are looked at once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nnit.errors import UserError
from nnit.evaluation.experiments.bands import Bands, shapes
from nnit.evaluation.experiments.base import Bench
from nnit.splits import Protocol


@dataclass(frozen=True)
class FrozenTest(Bands):
    """`Bands` on shapes from a seed of its own, whose results are never written over."""

    name: ClassVar[str] = "test"
    when_named: ClassVar[bool] = True

    sources: tuple[str, ...] = (
        *("nnit", "ghn", "crop", "crop-nearest", "pad", "net2net", "mean", "interpolate", "ridge"),
        *("one-step", "nearest"),
    )
    shapes: int = 50
    shape_seed: int = 20261126

    @classmethod
    def quick(cls) -> "FrozenTest":
        """A few seconds of it, on shapes of the usual seed."""
        return cls(("nnit", "crop"), shapes=1, shape_seed=1, episodes=1)

    def drawn(self, protocol: Protocol) -> dict[str, list[str]]:
        """The shapes of every band, by its name, without those that `Bands` has."""
        looked_at = Bands().drawn(protocol)
        return {
            band: [one for one in drawn if one not in looked_at[band]][: self.shapes]
            for band, drawn in shapes(self.shapes + Bands.shapes, protocol, self.shape_seed).items()
        }

    def run(self, bench: Bench, results: Path, *, again: bool = False) -> list[Path]:
        """Measure the parts that are not there yet.

        Raises:
            UserError: a part is there, and would be written over.
        """
        for part in self.parts():
            path = self._file(part, results)
            if path.exists() and (again or not self.is_measured(part, bench, results)):
                raise UserError(
                    f"{path} holds results of the test, which are not written over: a test that is measured until "
                    "it suits is none. Results of another checkpoint are moved away by hand"
                )
        return super().run(bench, results)
