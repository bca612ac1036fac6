"""The stages of training, each reading the files of the one before; every stage resumes."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from nnit.dagger import warm_up
from nnit.demonstrations import collect_expert, save_transitions
from nnit.dit_training import DiTTrainer
from nnit.errors import UserError
from nnit.ghn.train import GHNTrainer
from nnit.packaging import package
from nnit.presets import PRESETS, Preset
from nnit.zoo import ZooBuilder

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]


def _demonstrations(preset: Preset, out: Path, progress: Progress) -> None:
    path = out / "demonstrations.safetensors"
    if path.exists():
        return
    transitions = collect_expert(
        preset.tasks,
        preset.demonstrations.episodes,
        progress=lambda done, total: progress(done, total, "expert episodes"),
    )
    settings = preset.demonstrations
    transitions = warm_up(
        transitions,
        rounds=settings.warm_up_rounds,
        learners=settings.warm_up_learners,
        episodes=settings.warm_up_episodes,
        steps=settings.warm_up_steps,
        limit=settings.warm_up_limit,
        seed=preset.seed,
        progress=progress,
    )
    save_transitions(transitions, path)


def _ghn(preset: Preset, out: Path, progress: Progress) -> None:
    GHNTrainer(preset, out / "demonstrations.safetensors", out / "ghn").run(progress)


def _zoo(preset: Preset, out: Path, progress: Progress) -> None:
    if (out / "zoo" / "zoo.safetensors").exists():
        return
    ZooBuilder(preset, out / "ghn", out / "zoo").run(progress)


def _dit(preset: Preset, out: Path, progress: Progress) -> None:
    DiTTrainer(preset, out / "zoo" / "zoo.safetensors", out / "dit").run(progress)


def _package(preset: Preset, out: Path, progress: Progress) -> None:
    package(preset, out, out / "checkpoint")
    progress(1, 1, f"written to {out / 'checkpoint'}")


_STAGES: dict[str, Callable[[Preset, Path, Progress], None]] = {
    "demonstrations": _demonstrations,
    "ghn": _ghn,
    "zoo": _zoo,
    "dit": _dit,
    "package": _package,
}
STAGES: tuple[str, ...] = tuple(_STAGES)


def train(preset: str, stages: Sequence[str] | None, out: Path) -> None:
    """Run or resume stages of a preset, writing under `out`.

    Raises:
        UserError: an unknown preset or stage.
    """
    if preset not in PRESETS:
        raise UserError(f'unknown preset "{preset}"; there are {", ".join(PRESETS)}')
    for stage in stages or STAGES:
        if stage not in _STAGES:
            raise UserError(f'unknown stage "{stage}"; there are {", ".join(STAGES)}')
    _stop_on_sigterm()
    for stage in stages or STAGES:
        with tqdm(desc=stage, unit="step", ncols=120) as bar:

            def progress(done: int, total: int, note: str, bar: "tqdm[Any]" = bar) -> None:
                bar.total = total
                bar.set_postfix_str(note, refresh=False)
                bar.update(done - bar.n)

            _STAGES[stage](PRESETS[preset], out, progress)
        logger.info("%s: done", stage)


def _stop_on_sigterm() -> None:
    """Make a polite kill end the run the way Ctrl-C does: the stage saves, then the process ends."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)
