"""Folders of checkpoints and of runs: where they are, and the JSON in them.

Nothing here imports torch, so that pages and commands that only ask what a checkpoint is start fast.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnit.errors import UserError

# NNIT_CHECKPOINT names another folder, for tests and for models of one's own.
DEFAULT_CHECKPOINT = Path(
    os.environ.get("NNIT_CHECKPOINT")
    or Path(__file__).resolve().parent.parent / "checkpoints" / "mt10"
)


def save_json(path: Path, value: Any) -> None:
    """Write JSON; a reader sees the old file or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(value, indent=2) + "\n")
    temporary.replace(path)


def load_json(path: Path) -> Any:
    """Read JSON.

    Raises:
        UserError: the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text())
    except FileNotFoundError as error:
        raise UserError(f"the checkpoint lacks {path.name} (looked in {path.parent})") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error})") from error


def claim(folder: Path, settings: Mapping[str, Any]) -> None:
    """Note what a stage's files are made with, and refuse to go on with files made otherwise.

    Raises:
        UserError: the folder holds files that were made with other settings or from other files.
    """
    path = folder / "settings.json"
    plain = json.loads(json.dumps(settings))
    if path.exists() and load_json(path) != plain:
        raise UserError(
            f"{folder} was made with other settings or from other files; move it away to make it anew"
        )
    save_json(path, plain)


@dataclass(frozen=True)
class Description:
    """What a checkpoint says of its generator.

    Attributes:
        version: names the checkpoint, for results and cache keys.
        tasks: that it covers.
        patch: side of a weight patch in cells.
    """

    version: str
    tasks: tuple[str, ...]
    patch: int


def describe(checkpoint: Path) -> Description:
    """What the `config.json` of a checkpoint says, without loading any weights.

    Raises:
        UserError: the file is missing, damaged, or describes no generator.
    """
    path = checkpoint / "config.json"
    config = load_json(path)
    try:
        dit = config["dit"]
        tasks = tuple(str(task) for task in dit["tasks"])
        return Description(str(config["version"]), tasks, int(dit["patch"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} describes no generator") from error
