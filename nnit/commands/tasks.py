"""`python -m nnit tasks`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnit.commands.options import JsonFile, check_json, print_table, write_json

if TYPE_CHECKING:
    from nnit.sim.suites import Task


@dataclass(frozen=True)
class Tasks:
    """List the tasks: name, title, and what success is.

    The environment variable NNIT_SUITES names modules with suites of one's own, separated by commas; their
    tasks are listed too.
    """

    json: JsonFile = None
    """Write the list as JSON to this file, "-" for standard output."""

    def run(self) -> None:
        """Print or write the list."""
        check_json(self.json)
        from nnit.sim.suites import get_task, task_names

        tasks = [get_task(name) for name in task_names()]
        rows = [
            {
                "name": task.name,
                "suite": task.suite.name,
                "mt10": _is_in(task, "mt10"),
                "title": task.description.title,
                "success": task.description.success,
            }
            for task in tasks
        ]
        if self.json is not None:
            write_json({"tasks": rows}, self.json)
            return
        print_table(
            ("task", "suite", "collections", "title", "success"),
            [
                (
                    task.name,
                    task.suite.title,
                    ", ".join(name for name, _ in task.suite.collections if _is_in(task, name)),
                    task.description.title,
                    task.description.success,
                )
                for task in tasks
            ],
        )


def _is_in(task: "Task", collection: str) -> bool:
    """Whether a task is one of a collection's."""
    return task.name in dict(task.suite.collections).get(collection, ())
