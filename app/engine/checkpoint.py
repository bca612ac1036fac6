"""The checkpoints that are used: what they say of their tasks, read again when a file has changed.

Pages take tasks, sizes and conditions from here, so that a checkpoint of other tasks needs no other page. Each task
is of one checkpoint: the first that covers it.
"""

import json
from functools import cache, lru_cache
from pathlib import Path

from app.engine.folders import EXAMPLE
from nnit.checkpoint import checkpoint_folders
from nnit.description import Description, describe
from nnit.errors import UserError
from nnit.presets import Preset
from nnit.sim.suites import Suite, TaskDescription, get_task
from nnit.sim.suites import suites as registered_suites
from nnit.splits import get_protocol


def descriptions() -> tuple[Description, ...]:
    """What the checkpoints that can be read say of themselves: NNIT_CHECKPOINT, read anew, or the repository's.

    Where there is none, pages still open, and say so when something is asked of it: then it is the tasks of this
    program, without a version.
    """
    folders = checkpoint_folders()
    found = [one for one in map(_readable, folders) if one is not None]
    return tuple(found) or (_without_checkpoint(folders[0]),)


def _readable(folder: Path) -> Description | None:
    try:
        return _described(folder, (folder / "config.json").stat().st_mtime_ns)
    except (OSError, UserError):
        return None


def description(task: str | None = None) -> Description:
    """What the checkpoint of a task says of itself; the first one where none covers it, or no task is named."""
    known = descriptions()
    return next((one for one in known if task in one.tasks), known[0])


def checkpoint_folder(task: str | None = None) -> Path:
    """The folder of the checkpoint of a task, see `description`."""
    return description(task).path.parent


def covered_suites() -> tuple[Suite, ...]:
    """The suites of all checkpoints, each with the tasks that can be chosen, in their order.

    Checkpoints may cover tasks of one suite each; those of another size or activation under its name are left out.
    """
    found: dict[str, Suite] = {}
    for described in descriptions():
        for suite in described.suites:
            known = found.setdefault(suite.name, suite)
            if known is not suite and known.architecture((8,)) == suite.architecture((8,)):
                found[suite.name] = known.joined(suite)
    return tuple(found.values())


def covered_tasks() -> tuple[str, ...]:
    """Names of all tasks that can be chosen; those of the first checkpoint come first, in its own order."""
    every = [task for one in descriptions() for task in one.tasks]
    own = {task.name for suite in covered_suites() for task in suite.tasks}
    return tuple(task for task in dict.fromkeys(every) if task in own)


@lru_cache(maxsize=16)
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


def checkpoint_version(task: str | None = None) -> str | None:
    """Of the checkpoint of a task, or of the first one; None where there is none."""
    return description(task).version or None


def has_contrast(task: str | None = None) -> bool:
    """Whether the checkpoint of a task has the same model trained on networks with shuffled neurons as well."""
    return isinstance(description(task).models.get("unaligned"), dict)


def suite_of(task: str) -> Suite:
    """The suite of a task: as the checkpoint knows it, or, for what ships with the app, as the program does.

    Raises:
        UserError: neither knows the task.
    """
    try:
        return description(task).suite_of(task)
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
    tasks, example = covered_tasks(), _example_task()
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
