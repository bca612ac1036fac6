"""What the neurons of first layers look for, as pictures: the data that `neurons.js` draws."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.engine.checkpoint import suite_of
from app.widgets.palette.palette import limit_of
from app.widgets.parts import drawn_part, encoded

_component = drawn_part(
    "neurons",
    styles=("widgets/neurons/neurons.css", "widgets/save_figure/save_figure.css"),
)
PLACES = 16  # neurons of a row


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """The first matrix of a network, of which a row is a picture.

    Attributes:
        weights: (neurons, pixels); the first `PLACES` are drawn.
        title: whose it is.
        caption: what to look for.
    """

    weights: np.ndarray
    title: str
    caption: str = ""


def neurons_data(
    layers: Sequence[FirstLayer], task: str, *, name: str, hint: str = ""
) -> dict[str, Any]:
    """What the browser needs of first layers, on one colour scale.

    Args:
        layers: one a row.
        task: whose suite has pictures.
        name: of the figure, for its file.
        hint: what to do with it.
    """
    suite = suite_of(task)
    kept = [layer.weights[:PLACES] for layer in layers]
    rows = [
        {"title": layer.title, "caption": layer.caption, "weights": encoded(own, "<f4")}
        for layer, own in zip(layers, kept, strict=True)
    ]
    return {
        "key": hashlib.sha256(json.dumps(rows).encode()).hexdigest(),
        "of": name,
        "file": f"neurons_{name}".replace(" ", "_"),
        "title": f"{suite.task(task).title}: first-layer neurons, {name}",
        "picture": list(suite.picture or (1, suite.observation_size)),
        "rows": rows,
        "limit": limit_of(kept),
        "tiles": PLACES,
        "hint": hint or "Point at a picture: the neuron at the same place is marked in every row.",
    }


def show_neurons(
    layers: Sequence[FirstLayer],
    task: str,
    *,
    name: str,
    hint: str = "",
    key: str = "neurons",
) -> None:
    """Draw them; `neurons_data` says how."""
    _component(key=key, data=neurons_data(layers, task, name=name, hint=hint))
