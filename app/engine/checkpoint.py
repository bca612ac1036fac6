"""The checkpoint that is used: what it says of its tasks, read again when its file has changed.

Pages take tasks, sizes and conditions from here, so that a checkpoint of other tasks needs no other page.
"""

import json
import os
from functools import cache, lru_cache
from pathlib import Path

from app.engine.folders import EXAMPLE
from nnit.checkpoint import DEFAULT_CHECKPOINT
from nnit.description import Description, describe
from nnit.errors import UserError
from nnit.presets import Preset
from nnit.sim.suites import Suite, TaskDescription, get_task
from nnit.sim.suites import suites as registered_suites
from nnit.splits import get_protocol


def checkpoint_folder() -> Path:
    """The checkpoint that is used: NNIT_CHECKPOINT, read anew each time, or the repository's."""
    return Path(os.environ.get("NNIT_CHECKPOINT") or DEFAULT_CHECKPOINT)


def description() -> Description:
    """What the checkpoint says of itself.

    Where there is none that can be read, pages still open, and say so when something is asked of it: then
    it is the tasks of this program, without a version.
    """
    folder = checkpoint_folder()
    try:
        return _described(folder, (folder / "config.json").stat().st_mtime_ns)
    except (OSError, UserError):
        return _without_checkpoint(folder)


@lru_cache(maxsize=4)
def _described(folder: Path, changed: int) -> Description:
    """What a checkpoint says of itself since its file was changed last."""
    return describe(folder)


@lru_cache(maxsize=4)
def _without_checkpoint(folder: Path) -> Description:
    """The tasks that a suite puts first, all of them where it puts none first."""
    protocol = get_protocol(Preset.protocol)
    suites = tuple(
        suite.covering(suite.collections[0][1]) if suite.collections else suite
        for suite in registered_suites()
    )
    return Description(
        path=folder / "config.json",
        version="",
        suites=suites,
        tasks=tuple(task.name for suite in suites for task in suite.tasks),
        patch=0,
        depths=protocol.depths,
        widths=protocol.widths,
        protocol=protocol,
        models={},
    )


def checkpoint_version() -> str | None:
    """Of the checkpoint that is used; None where there is none."""
    return description().version or None


def has_contrast() -> bool:
    """Whether the checkpoint has the same model trained on networks with shuffled neurons as well."""
    return isinstance(description().models.get("unaligned"), dict)


def suite_of(task: str) -> Suite:
    """The suite of a task: as the checkpoint knows it, or, for what ships with the app, as the program does.

    Raises:
        UserError: neither knows the task.
    """
    try:
        return description().suite_of(task)
    except UserError:
        return get_task(task).suite


def task_of(name: str) -> TaskDescription:
    """Title, success and camera of a task.

    Raises:
        UserError: nobody knows it.
    """
    return suite_of(name).task(name)


def default_task() -> str:
    """The shipped example's, or the first one where the checkpoint does not cover that."""
    tasks, example = description().tasks, _example_task()
    return example if example in tasks else tasks[0]


def example_task() -> str:
    """The task of the shipped example, whether or not the checkpoint covers it."""
    return _example_task() or default_task()


@cache
def _example_task() -> str | None:
    try:
        task = str(json.loads((EXAMPLE / "result.json").read_text())["request"]["task"])
        get_task(task)
    except (OSError, ValueError, KeyError, TypeError, UserError):
        return None
    return task
