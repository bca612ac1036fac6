"""The stages of training, each reading the files of the one before; every stage resumes."""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from nnit.baselines.flat_training import FlatTrainer
from nnit.checkpoint import claim
from nnit.dit.training import DiTTrainer
from nnit.errors import UserError
from nnit.ghn.training import GHNTrainer
from nnit.imitation.dagger import warm_up
from nnit.imitation.demonstrations import (
    Transitions,
    collect_expert,
    load_transitions,
    save_transitions,
)
from nnit.pack import package
from nnit.presets import PRESETS, Preset
from nnit.zoo.builder import ZooBuilder

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]


def _demonstrations(preset: Preset, out: Path, progress: Progress) -> None:
    settings, folder = preset.demonstrations, out / "demonstrations"
    claim(folder, {"tasks": preset.tasks, "seed": preset.seed, "settings": asdict(settings)})
    transitions: dict[str, Transitions] = {}
    for number in range(settings.warm_up_rounds + 1):
        path = folder / f"round-{number}.safetensors"
        if path.exists():
            loaded = load_transitions(path)
            transitions = {task: loaded[task] for task in preset.tasks}  # random draws follow it
            continue
        if number == 0:
            transitions = collect_expert(
                preset.tasks,
                settings.episodes,
                progress=lambda done, total: progress(done, total, "expert episodes"),
            )
        else:
            transitions, success = warm_up(
                transitions,
                number,
                learners=settings.warm_up_learners,
                episodes=settings.warm_up_episodes,
                steps=settings.warm_up_steps,
                limit=settings.warm_up_limit,
                seed=preset.seed,
            )
            note = f"success {sum(success.values()) / len(success):.2f}"
            progress(number, settings.warm_up_rounds, note)
        save_transitions(transitions, path)
    save_transitions(transitions, out / "demonstrations.safetensors")


def _ghn(preset: Preset, out: Path, progress: Progress) -> None:
    GHNTrainer(preset, out / "demonstrations.safetensors", out / "ghn").run(progress)


def _zoo(preset: Preset, out: Path, progress: Progress) -> None:
    ZooBuilder(preset, out / "ghn", out / "zoo").run(progress)


def _dit(preset: Preset, out: Path, progress: Progress) -> None:
    zoo = out / "zoo" / "zoo.safetensors"
    DiTTrainer(preset, zoo, out / "ghn", out / "dit").run(progress)


def _unaligned(preset: Preset, out: Path, progress: Progress) -> None:
    zoo = out / "zoo" / "zoo.safetensors"
    DiTTrainer(preset, zoo, out / "ghn", out / "unaligned", aligned=False).run(progress)


def _flat(preset: Preset, out: Path, progress: Progress) -> None:
    FlatTrainer(preset, out / "zoo" / "zoo.safetensors", out / "flat").run(progress)


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
# What NNiT is compared with, trained on the same zoo; only where they are asked for.
_BASELINES: dict[str, Callable[[Preset, Path, Progress], None]] = {
    "unaligned": _unaligned,
    "flat": _flat,
}
BASELINE_STAGES: tuple[str, ...] = tuple(_BASELINES)


def train(preset: str, stages: Sequence[str] | None, out: Path) -> None:
    """Run or resume stages of a preset, writing under `out`.

    Raises:
        UserError: an unknown preset or stage.
    """
    if preset not in PRESETS:
        raise UserError(f'unknown preset "{preset}"; there are {", ".join(PRESETS)}')
    for stage in stages or STAGES:
        if stage not in _STAGES | _BASELINES:
            raise UserError(
                f'unknown stage "{stage}"; there are {", ".join(STAGES + BASELINE_STAGES)}'
            )
    _stop_on_sigterm()
    for stage in stages or STAGES:
        with tqdm(desc=stage, unit="step", ncols=120) as bar:

            def progress(done: int, total: int, note: str, bar: "tqdm[Any]" = bar) -> None:
                bar.total = total
                bar.set_postfix_str(note, refresh=False)
                bar.update(done - bar.n)

            (_STAGES | _BASELINES)[stage](PRESETS[preset], out, progress)
        logger.info("%s: done", stage)


def _stop_on_sigterm() -> None:
    """Make a polite kill end the run the way Ctrl-C does: the stage saves, then the process ends."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)
