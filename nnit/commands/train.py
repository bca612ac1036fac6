"""`python -m nnit train`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from nnit.commands.options import Folder, check_writable


@dataclass(frozen=True)
class Train:
    """Run or resume the stages of training: each reads the files that the one before wrote.

    Interrupt it at any time; the same command goes on where it stopped.
    """

    preset: Annotated[str, tyro.conf.arg(metavar="NAME|FILE.json")] = "cpu"
    """How much of everything: smoke (minutes, to see that it works), cpu (about two hours on two cores),
    gpu, hidden-goals, mnist (digits, under an hour; `python -m nnit fetch` first), or a
    JSON file of one's own, such as {"base": "smoke", "tasks": ["reach-v3"], "dit": {"steps": 200}}."""

    stage: Annotated[tuple[str, ...], tyro.conf.arg(metavar="STAGE [STAGE ...]")] = ()
    """Only these stages, in this order; by default those that a checkpoint needs. Stages of baselines (unaligned,
    one-step, flat) run only where they are named; name package after them."""

    out: Folder = None
    """Folder of the run's files; by default runs/ and the preset's name."""

    def run(self) -> None:
        """Run the stages."""
        from nnit.baselines.stages import BASELINE_STAGES
        from nnit.presets import load_preset
        from nnit.train import train

        preset = load_preset(self.preset)
        stages = [name for part in self.stage for name in part.split(",")]
        out = self.out or Path("runs") / preset.name
        check_writable(out / "any")
        train(preset, stages or None, out, BASELINE_STAGES)
