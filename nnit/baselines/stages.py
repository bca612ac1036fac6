"""The training stages of baselines: what `train --stage NAME` runs besides the checkpoint's own stages."""

from collections.abc import Callable
from pathlib import Path

from nnit.baselines.flat_training import FlatTrainer
from nnit.presets import Preset


def _flat(preset: Preset, out: Path, progress: Callable[[int, int, str], None]) -> None:
    FlatTrainer(preset, out / "zoo" / "zoo.safetensors", out / "flat").run(progress)


BASELINE_STAGES = {"flat": _flat}
