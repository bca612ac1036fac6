"""The stages of training, each reading the files of the one before; every stage resumes."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from nnit.checkpoint import claim
from nnit.dit.training import DiTTrainer
from nnit.errors import UserError
from nnit.ghn.training import GHNTrainer
from nnit.imitation.dagger import warm_up
from nnit.imitation.demonstrations import (
    Transitions,
    collect_expert,
    labelled,
    load_transitions,
    save_transitions,
)
from nnit.pack import package
from nnit.presets import Preset
from nnit.sim.suites import get_task, one_output, suites_of
from nnit.zoo.builder import ZooBuilder

logger = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
Stage = Callable[[Preset, Path, Progress], None]


def _demonstrations(preset: Preset, out: Path, progress: Progress) -> None:
    if one_output(suites_of(preset.tasks)) == "classes":
        save_transitions(
            {task: labelled(task) for task in preset.tasks}, out / "demonstrations.safetensors"
        )
        progress(1, 1, "labelled examples")
        return
    settings, folder = preset.demonstrations, out / "demonstrations"
    labels = {task: get_task(task).suite.labels for task in preset.tasks}
    made_with = {"tasks": preset.tasks, "seed": preset.seed, "settings": asdict(settings)}
    claim(folder, {**made_with, "labels": labels})
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


def _package(preset: Preset, out: Path, progress: Progress) -> None:
    package(preset, out, out / "checkpoint")
    progress(1, 1, f"written to {out / 'checkpoint'}")


_STAGES: dict[str, Stage] = {
    "demonstrations": _demonstrations,
    "ghn": _ghn,
    "zoo": _zoo,
    "dit": _dit,
    "package": _package,
}
STAGES: tuple[str, ...] = tuple(_STAGES)
# The ablation, trained on the same zoo; only where it is asked for.
_ABLATIONS: dict[str, Stage] = {"unaligned": _unaligned}


def train(
    preset: Preset,
    stages: Sequence[str] | None,
    out: Path,
    baselines: Mapping[str, Stage] | None = None,
) -> None:
    """Run or resume stages of a preset, writing under `out`.

    Args:
        preset: says how much of everything.
        stages: in this order; by default all that a checkpoint needs.
        out: folder of the run.
        baselines: further stages that may be named, such as those of `nnit.baselines.stages`.

    Raises:
        UserError: an unknown stage.
    """
    known = {**_STAGES, **_ABLATIONS, **(baselines or {})}
    for stage in stages or STAGES:
        if stage not in known:
            raise UserError(f'unknown stage "{stage}"; there are {", ".join(known)}')
    _stop_on_sigterm()
    for stage in stages or STAGES:
        with tqdm(desc=stage, unit="step", ncols=120) as bar:

            def progress(done: int, total: int, note: str, bar: "tqdm[Any]" = bar) -> None:
                bar.total = total
                bar.set_postfix_str(note, refresh=False)
                bar.update(done - bar.n)

            known[stage](preset, out, progress)
        logger.info("%s: done", stage)


def _stop_on_sigterm() -> None:
    """Make a polite kill end the run the way Ctrl-C does: the stage saves, then the process ends."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)
