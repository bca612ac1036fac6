"""First layers of networks that read digits, which ship: written in one order, shuffled, and trained apart.

`python -m app.make.first_layers` makes their file.
"""

import zipfile
from functools import cache

import numpy as np
import streamlit as st

from app.engine.example import example_for
from app.engine.folders import ASSETS
from app.widgets.neurons.neurons import PLACES, FirstLayer, show_neurons
from app.widgets.reading.reading import Reader, show_reading
from nnit.errors import UserError

TASK = "mnist"
FILE = ASSETS / "first-layers.npz"
WIDTHS = (16, 32, 64)  # of both hidden layers
# Of each kind of networks, in the order of the question, with its letters.
_TITLES = {
    "apart": "A, trained apart",
    "aligned": "B, written by one model",
    "shuffled": "B, its neurons shuffled",
}
_CAPTIONS = {
    "apart": "Each has an order of its own, and what no ink ever reached stayed as it began: noise.",
    "aligned": "Run your eye down a column: the same picture at every width.",
    "shuffled": "The network reads as it did, and its columns are not those above.",
}


@cache
def first_layers() -> dict[str, np.ndarray]:
    """The first `PLACES` neurons of each network, (neurons, pixels), by "KIND-WIDTH".

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        with np.load(FILE, allow_pickle=False) as file:
            found = {name: file[name].astype(np.float32) for name in file.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            "the first layers are missing or damaged; `python -m app.make.first_layers` makes them anew"
        ) from error
    wanted = {f"{kind}-{width}" for kind in _TITLES for width in WIDTHS}
    if set(found) != wanted or any(len(one) != PLACES for one in found.values()):
        raise UserError("the first layers that ship are not those that this page shows")
    return found


def _rows(kind: str, title: str, caption: str = "") -> list[FirstLayer]:
    found = first_layers()
    return [
        FirstLayer(found[f"{kind}-{width}"], f"{title}, {width} neurons", caption if not i else "")
        for i, width in enumerate(WIDTHS)
    ]


def which_in_one_order() -> None:
    """Two groups of networks without names."""
    show_neurons(
        [*_rows("apart", "A"), *_rows("aligned", "B")],
        TASK,
        name="A and B",
        hint="Point at a picture: the place is marked in every row.",
    )


def all_orders() -> None:
    """The same with names, and below them one network of B, shuffled."""
    rows = {kind: _rows(kind, _TITLES[kind], _CAPTIONS[kind]) for kind in _TITLES}
    show_neurons(
        [*rows["apart"], *rows["aligned"], rows["shuffled"][0]],
        TASK,
        name="aligned, shuffled and trained apart",
    )


def show_reader() -> None:
    """A pad, and what the network of the suite's example reads there."""
    policy = example_for(TASK).network.policy
    show_reading([Reader(policy)], compact=True)
    st.caption(f"A generated network of {policy.architecture} reads what you draw.")
