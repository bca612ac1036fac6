"""What a checkpoint says of itself: its version, its suites and tasks, the sizes of its models. No torch.

Pages and commands read tasks, conditions, depths and widths from here and not from constants, so that a
checkpoint of other tasks can be used without a change of code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnit.checkpoint import checkpoint_folders, load_json
from nnit.errors import UserError
from nnit.formats import upgraded_config
from nnit.mlp.patches import MAX_PATCH
from nnit.sim.suites.base import Suite, TaskDescription
from nnit.splits import Protocol, get_protocol


@dataclass(frozen=True)
class Description:
    """What a checkpoint says of itself.

    Attributes:
        path: of its config.json.
        version: names the checkpoint, for results and cache keys.
        suites: the facts of its suites, each with the tasks that the checkpoint covers.
        tasks: names of these tasks, in the order in which the model knows them.
        patch: side of a weight patch in cells.
        depths: numbers of hidden layers that the model chooses from.
        widths: hidden widths that it chooses from.
        protocol: says which architectures were held out of training.
        models: the stored sizes of each model, by its name.
    """

    path: Path
    version: str
    suites: tuple[Suite, ...]
    tasks: tuple[str, ...]
    patch: int
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    protocol: Protocol
    models: Mapping[str, Any]

    def suite_of(self, task: str) -> Suite:
        """The suite of a task.

        Raises:
            UserError: the checkpoint does not cover the task.
        """
        for suite in self.suites:
            if any(one.name == task for one in suite.tasks):
                return suite
        raise not_covered(task)

    def task(self, name: str) -> TaskDescription:
        """The facts of a task.

        Raises:
            UserError: the checkpoint does not cover it.
        """
        return self.suite_of(name).task(name)

    def model(self, name: str) -> Mapping[str, Any]:
        """The stored sizes of a model: "dit", "ghn" or a baseline that the checkpoint may hold.

        Raises:
            UserError: it holds no such model.
        """
        if not isinstance(self.models.get(name), dict):
            raise UserError(
                f"{self.path.parent} holds no {name} model; the stage `{name}` trains one"
            )
        found: Mapping[str, Any] = self.models[name]
        return found


def covering(tasks: Sequence[str]) -> Path:
    """The folder of the checkpoint that covers some tasks; the default one where none does.

    Raises:
        UserError: they are in several checkpoints.
    """
    default, *others = checkpoint_folders()
    found: dict[str, Path] = {}
    for folder in (default, *others):
        if (folder / "config.json").is_file():
            known = set(describe(folder).tasks)
            found |= {task: folder for task in tasks if task in known and task not in found}
    folders = set(found.values())
    if len(folders) > 1:
        raise UserError("these tasks are in several checkpoints; name those of one at a time")
    return folders.pop() if folders else default


def not_covered(task: str) -> UserError:
    """What to raise for a task that a checkpoint does not know."""
    return UserError(f'the checkpoint does not cover the task "{task[:60]}"')


def describe(checkpoint: Path) -> Description:
    """What the `config.json` of a checkpoint says, without loading any weights.

    Raises:
        UserError: the file is missing, damaged, or describes no generator.
    """
    path = checkpoint / "config.json"
    config = load_json(path)
    try:
        if not isinstance(config, dict) or not {"dit", "version"} <= set(config):
            raise UserError(f"{path} describes no generator")
        config = upgraded_config(config)
        dit = config["dit"]
        described = Description(
            path,
            str(config["version"]),
            tuple(Suite.from_json(values) for values in config["suites"]),
            tuple(str(task) for task in dit["tasks"]),
            int(dit["patch"]),
            tuple(int(depth) for depth in dit["depths"]),
            tuple(int(width) for width in dit["widths"]),
            get_protocol(dit.get("protocol", "dense")),
            {name: values for name, values in config.items() if isinstance(values, dict)},
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise UserError(f"{path} describes no generator") from error
    if not described.tasks or not described.depths or not described.widths:
        raise UserError(f"{path} describes no generator: it has no tasks, depths or widths")
    if not 1 <= described.patch <= MAX_PATCH:
        raise UserError(f"{path} describes no generator: its patches have {described.patch} cells")
    covered = [task.name for suite in described.suites for task in suite.tasks]
    if sorted(covered) != sorted(set(described.tasks)) or len(covered) != len(described.tasks):
        raise UserError(f"the tasks of {path} are not those of its suites")
    return described
