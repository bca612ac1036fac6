"""The training stages of baselines: what `train --stage NAME` runs besides the checkpoint's own stages."""

from collections.abc import Callable
from pathlib import Path

from nnit.baselines.flat_training import FlatTrainer
from nnit.dit.training import DiTTrainer
from nnit.presets import Preset


def _flat(preset: Preset, out: Path, progress: Callable[[int, int, str], None]) -> None:
    zoo = out / "zoo" / "zoo.safetensors"
    FlatTrainer(preset, zoo, out / "ghn", out / "flat").run(progress)


def _one_step(preset: Preset, out: Path, progress: Callable[[int, int, str], None]) -> None:
    zoo = out / "zoo" / "zoo.safetensors"
    DiTTrainer(preset, zoo, out / "ghn", out / "one-step", one_step=True).run(progress)


BASELINE_STAGES = {"flat": _flat, "one-step": _one_step}
