"""Suites and tasks by name. `get_task("door-open-v3")` is the way in; CONTRIBUTING.md says how to add one.

A suite registers its tasks when it is imported. Those of this library always are; the environment variable
NNIT_SUITES names modules with suites of one's own, separated by commas, which are imported likewise, in
worker processes too.
"""

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterable, Sequence

from nnit.errors import UserError
from nnit.mlp.spec import Output
from nnit.sim.suites.base import (
    Condition,
    Examples,
    Expert,
    Motion,
    PlainMotion,
    ScriptEnvironment,
    Suite,
    Task,
    TaskDescription,
    condition_names,
    distinct_conditions,
)

_OWN = (
    "nnit.sim.suites.metaworld.tasks",
    "nnit.sim.suites.maniskill.tasks",
    "nnit.sim.suites.digits.tasks",
)
_TASKS: dict[str, Task] = {}


def register(tasks: Sequence[Task]) -> None:
    """Make tasks known by their names; what a suite's module calls when it is imported.

    Raises:
        ValueError: a name is taken by another suite, or another suite has a condition of the same name with
            another range: one model reads both.
    """
    others = {known.suite.name: known.suite for known in _TASKS.values()}
    ranges = {
        condition.name: (condition.low, condition.high, other.name)
        for other in others.values()
        for condition in other.conditions
    }
    collections = {name: other.name for other in others.values() for name, _ in other.collections}
    for task in tasks:
        own = task.suite
        known = _TASKS.get(task.name, task)
        if known.suite.name != own.name:
            raise ValueError(f"{task.name} is a task of {known.suite.name} already")
        if others.get(own.name, own) != own:
            raise ValueError(f"there is another suite {own.name} already")
        for name, _ in own.collections:
            if collections.get(name, own.name) != own.name or name in _TASKS:
                raise ValueError(f"the name of the collection {name} is taken already")
        for condition in own.conditions:
            low, high, other_name = ranges.get(
                condition.name, (condition.low, condition.high, own.name)
            )
            if (low, high) != (condition.low, condition.high) and other_name != own.name:
                raise ValueError(f"{condition.name} has another range in {other_name}")
    for task in tasks:
        _TASKS.setdefault(task.name, task)


@functools.cache
def _load() -> None:
    """Import every suite, once a process.

    Raises:
        UserError: a module that NNIT_SUITES names cannot be imported.
    """
    others = [name.strip() for name in os.environ.get("NNIT_SUITES", "").split(",")]
    for module in (*_OWN, *filter(None, others)):
        try:
            with contextlib.redirect_stdout(sys.stderr):  # standard output is for results
                importlib.import_module(module)
        except UserError:
            raise
        except (Exception, SystemExit) as error:  # whatever somebody else's module raises
            raise UserError(f"the suite {module[:60]} cannot be imported ({error})") from error


def task_names() -> tuple[str, ...]:
    """Names of all registered tasks."""
    _load()
    return tuple(_TASKS)


def suites() -> tuple[Suite, ...]:
    """All registered suites."""
    _load()
    return tuple({task.suite.name: task.suite for task in _TASKS.values()}.values())


def get_task(name: str) -> Task:
    """The task called `name`.

    Raises:
        UserError: no task has this name.
    """
    _load()
    if name not in _TASKS:
        raise UserError(
            f'unknown task "{name[:60]}"; `python -m nnit tasks` lists the {len(_TASKS)} known ones, '
            "and NNIT_SUITES names modules with others"
        )
    return _TASKS[name]


def suites_of(names: Sequence[str]) -> tuple[Suite, ...]:
    """The suites of these tasks, each with these of its tasks only.

    Raises:
        UserError: a name is unknown.
    """
    by_suite: dict[str, list[str]] = {}
    for name in names:
        by_suite.setdefault(get_task(name).suite.name, []).append(name)
    return tuple(get_task(own[0]).suite.covering(own) for own in by_suite.values())


def one_output(suites: Iterable[Suite]) -> Output:
    """What the networks of suites that are trained together give.

    Raises:
        UserError: some act and others classify; they have no loss in common.
    """
    found = {suite.output for suite in suites}
    if len(found) > 1:
        raise UserError(
            "tasks of robots and tasks of examples cannot share a checkpoint; train each with a preset of its own"
        )
    return found.pop()


def parse_tasks(text: str) -> tuple[Task, ...]:
    """Tasks from a comma-separated list of names; a collection such as "mt10" stands for its tasks.

    Raises:
        UserError: a name is unknown.
    """
    collections = dict(c for suite in suites() for c in suite.collections)
    names = [part.strip() for part in text.split(",")]
    expanded = [one for name in names for one in collections.get(name, (name,))]
    return tuple(get_task(name) for name in dict.fromkeys(expanded))


__all__ = [
    "Condition",
    "Examples",
    "Expert",
    "Motion",
    "PlainMotion",
    "ScriptEnvironment",
    "Suite",
    "Task",
    "TaskDescription",
    "condition_names",
    "distinct_conditions",
    "get_task",
    "one_output",
    "parse_tasks",
    "register",
    "suites",
    "suites_of",
    "task_names",
]
