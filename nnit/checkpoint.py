"""Weights and configurations of a checkpoint. Nothing is ever unpickled."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nnit.errors import UserError

Config = TypeVar("Config")


def read_config(kind: Callable[..., Config], values: Any, path: Path) -> Config:
    """A configuration dataclass from the JSON of its fields; lists become tuples.

    Raises:
        UserError: fields are missing, unknown or of the wrong kind.
    """
    try:
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} does not describe a {kind.__name__}") from error


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors; a reader sees the old file or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    save_file(
        {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}, temporary
    )
    temporary.replace(path)


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Read tensors.

    Raises:
        UserError: the file is missing, truncated, or holds values that are not finite.
    """
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


def load_state(module: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Load a module's state strictly, in the module's own precision.

    Raises:
        UserError: names or shapes differ from what the module has.
    """
    try:
        module.load_state_dict({name: t.float() for name, t in tensors.items()}, strict=True)
    except RuntimeError as error:
        raise UserError(f"{path} does not fit its config.json") from error
