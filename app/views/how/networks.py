"""The networks that the walk shows; they ship with the app, so that no screen waits for a model."""

from functools import cache
from typing import Literal

from app.engine.folders import ASSETS
from nnit.mlp.policy import Policy

FOLDER = ASSETS / "walk"
# Name of the file: kind of the network, hidden widths, and which of the networks of its seed it is.
NAMES: dict[str, tuple[Literal["ghn", "scratch"], str, int]] = {
    "scratch-0": ("scratch", "27-45", 0),
    "scratch-1": ("scratch", "27-45", 1),
    "ghn-narrow": ("ghn", "27-45", 0),
    "ghn-wide": ("ghn", "40-61", 0),
}


@cache
def network(name: str) -> Policy:
    """One of `NAMES`.

    Raises:
        UserError: its file is missing or damaged; `python -m app.make.walk` makes it anew.
    """
    return Policy.load(FOLDER / f"{name}.safetensors")
