"""`python -m nnit train`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from nnit.commands.options import Folder, check_writable


@dataclass(frozen=True)
class Train:
    """Run or resume the stages of training: each reads the files that the one before wrote.

    Interrupt it at any time; the same command goes on where it stopped.
    """

    preset: Literal["smoke", "cpu", "gpu"] = "cpu"
    """How much of everything: smoke (minutes, to see that it works), cpu (three to four hours on two cores), gpu."""

    stage: Annotated[tuple[str, ...], tyro.conf.arg(metavar="STAGE [STAGE ...]")] = ()
    """Only these stages, in this order; by default all of them."""

    out: Folder = None
    """Folder of the run's files; by default runs/PRESET."""

    def run(self) -> None:
        """Run the stages."""
        from nnit.train import train

        stages = [name for part in self.stage for name in part.split(",")]
        out = self.out or Path("runs") / self.preset
        check_writable(out / "any")
        train(self.preset, stages or None, out)
