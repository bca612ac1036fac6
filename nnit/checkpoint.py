"""Folders of checkpoints and of runs: where they are, their JSON and their weights. Nothing is unpickled.

torch is imported where weights are read or written, so that pages and commands that only ask what a
checkpoint is start fast.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError

from nnit.errors import UserError
from nnit.writing import whole_file, write_whole

if TYPE_CHECKING:
    from torch import Tensor, nn

Config = TypeVar("Config")

# NNIT_CHECKPOINT names another folder, for tests and for models of one's own.
DEFAULT_CHECKPOINT = Path(
    os.environ.get("NNIT_CHECKPOINT")
    or Path(__file__).resolve().parent.parent / "checkpoints" / "mt10"
)


def checkpoint_folders() -> tuple[Path, ...]:
    """The checkpoints to choose from: the one that NNIT_CHECKPOINT names, else all in the repository.

    The default one comes first, whether or not it is there.
    """
    if os.environ.get("NNIT_CHECKPOINT"):
        return (Path(os.environ["NNIT_CHECKPOINT"]),)
    others = sorted(path.parent for path in DEFAULT_CHECKPOINT.parent.glob("*/config.json"))
    return tuple(dict.fromkeys((DEFAULT_CHECKPOINT, *others)))


def save_json(path: Path, value: Any) -> None:
    """Write JSON, as `whole_file` does."""
    write_whole(path, json.dumps(value, indent=2) + "\n")


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


def _tuples(value: Any) -> Any:
    """JSON lists as tuples, at every level."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def read_config(kind: Callable[..., Config], values: Any, path: Path) -> Config:
    """A configuration dataclass from the JSON of its fields; lists become tuples.

    Raises:
        UserError: fields are missing, unknown or of the wrong kind.
    """
    try:
        return kind(**{name: _tuples(value) for name, value in values.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} does not describe a {kind.__name__}") from error


def save_tensors(path: Path, tensors: "Mapping[str, Tensor]") -> None:
    """Write tensors, as `whole_file` does."""
    from safetensors.torch import save_file

    with whole_file(path) as file:
        save_file(
            {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}, file
        )


def load_tensors(path: Path) -> "dict[str, Tensor]":
    """Read tensors.

    Raises:
        UserError: the file is missing, truncated, or holds values that are not finite.
    """
    import torch
    from safetensors.torch import load_file

    if not path.is_file():
        raise UserError(f"the checkpoint lacks {path.name} (looked in {path.parent})")
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} is damaged or truncated ({error})") from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise UserError(f"{path} holds values that are not finite, in {name}")
    return tensors


def load_state(module: "nn.Module", tensors: "Mapping[str, Tensor]", path: Path) -> None:
    """Load a module's state strictly, in the module's own precision.

    Raises:
        UserError: names or shapes differ from what the module has.
    """
    try:
        module.load_state_dict({name: t.float() for name, t in tensors.items()}, strict=True)
    except RuntimeError as error:
        raise UserError(f"{path} does not fit its config.json") from error
