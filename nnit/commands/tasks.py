"""`python -m nnit tasks`."""

from dataclasses import dataclass

from nnit.commands.options import JsonFile, check_json, print_table, write_json


@dataclass(frozen=True)
class Tasks:
    """List the tasks: name, title, and what success is."""

    json: JsonFile = None
    """Write the list as JSON to this file, "-" for standard output."""

    def run(self) -> None:
        """Print or write the list."""
        check_json(self.json)
        from nnit.sim.suites import MT10, get_task, task_names

        tasks = [get_task(name) for name in task_names()]
        if self.json is None:
            print_table(
                ("task", "MT10", "title", "success"),
                [(t.name, "yes" if t.name in MT10 else "", t.title, t.success) for t in tasks],
            )
            return
        rows = [
            {"name": t.name, "mt10": t.name in MT10, "title": t.title, "success": t.success}
            for t in tasks
        ]
        write_json({"tasks": rows}, self.json)
