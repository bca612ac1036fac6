"""Tasks by name. `get_task("door-open-v3")` is the way in; CONTRIBUTING.md says how to add one."""

from nnit.errors import UserError
from nnit.sim.suites.base import Task
from nnit.sim.suites.metaworld import tasks as metaworld

MT10: tuple[str, ...] = metaworld.MT10

_REGISTRY: dict[str, Task] = {task.name: task for task in metaworld.tasks()}


def task_names() -> tuple[str, ...]:
    """Names of all registered tasks."""
    return tuple(_REGISTRY)


def get_task(name: str) -> Task:
    """The task called `name`.

    Raises:
        UserError: no task has this name.
    """
    if name not in _REGISTRY:
        raise UserError(
            f'unknown task "{name[:60]}"; `python -m nnit tasks` lists the {len(_REGISTRY)} known ones'
        )
    return _REGISTRY[name]


def parse_tasks(text: str) -> tuple[Task, ...]:
    """Tasks from a comma-separated list of names; "mt10" stands for the ten of MT10.

    Raises:
        UserError: a name is unknown.
    """
    names = [part.strip() for part in text.split(",")]
    expanded = [one for name in names for one in (MT10 if name == "mt10" else (name,))]
    return tuple(get_task(name) for name in dict.fromkeys(expanded))


__all__ = ["MT10", "Task", "get_task", "parse_tasks", "task_names"]
