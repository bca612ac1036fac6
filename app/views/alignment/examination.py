"""The figure of a visitor's own networks: the verdict, where it comes from, and every network on a plane.

The browser gets one pair at a time, the reference and the network that is looked at; whoever chooses another asks for
it. Large matrices are sent with every so many neurons left out, and the figure says so.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from app.widgets.palette.palette import limits_of
from app.widgets.parts import drawn_part, encoded

if TYPE_CHECKING:
    from nnit.alignment.diagnosis import LayerFit, PairFit
    from nnit.alignment.examination import Examination
    from nnit.alignment.neurons import Observations
    from nnit.mlp.network import Network

_FULL_SCALE, _NOWHERE = 32767, -32768
_MOST_SIDE = 256  # cells of a drawn matrix
_MOST_DRAWN = 128  # values of a spectrum

_KEY = "examination"  # of the part, on its page
_component = drawn_part(
    "examination",
    styles=(
        "widgets/line_chart/line_chart.css",
        "views/alignment/examination.css",
        "widgets/matrix/inspector.css",
        "widgets/save_figure/save_figure.css",
    ),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """What the figure shows.

    Attributes:
        networks: of the visitor, in the order of their files.
        labels: one a network.
        reference: place of the network that the others are compared with.
        chosen: place of the network that is looked at beside it.
        before: distances of all pairs as they are.
        examination: None while it is not ready.
        observations: that the networks are run on; None without.
    """

    networks: "tuple[Network, ...]"
    labels: tuple[str, ...]
    reference: int
    chosen: int
    before: np.ndarray
    examination: "Examination | None"
    observations: "Observations | None" = None


def examination_data(shown: Shown) -> dict[str, Any]:
    """What `examination.js` draws."""
    examination = shown.examination
    data: dict[str, Any] = {
        "networks": [
            {"label": label, "sizes": _sizes(network)}
            for label, network in zip(shown.labels, shown.networks, strict=True)
        ],
        "reference": shown.reference,
        "chosen": shown.chosen,
        "distances": {"before": encoded(shown.before, "<f4"), "after": None},
        "planes": None,
        "said": None,
        "remarks": [],
        "groups": None,
        "notes": [],
        "undone": None,
        "pair": _pair_data(shown),
    }
    if examination is not None:
        data |= _verdict_data(examination)
        data["distances"]["after"] = encoded(examination.after, "<f4")
        data["planes"] = [
            {"points": np.round(plane.points, 5).tolist(), "kept": round(plane.kept, 4)}
            for plane in examination.planes
        ]
    digest = hashlib.sha256(repr(shown.labels).encode(errors="replace"))
    marks = (shown.reference, shown.chosen, data["said"], data["undone"], data["pair"]["line"])
    digest.update(repr(marks).encode())
    for layer in data["pair"]["layers"]:
        digest.update(layer["mine"]["cells"].encode() + layer["theirs"]["cells"].encode())
    data["key"] = digest.hexdigest()
    return data


def _sizes(network: "Network") -> list[int]:
    from nnit.mlp.network import layer_sizes

    return list(layer_sizes(network))


def _verdict_data(examination: "Examination") -> dict[str, Any]:
    from nnit.alignment.examination import group_words

    return {
        "said": [
            {
                "network": one.network - 1,
                "relation": one.relation,
                "clauses": [_clause(clause) for clause in one.clauses],
            }
            for one in examination.sentences
        ],
        "remarks": [_clause(clause) for clause in examination.remarks],
        "groups": None if examination.groups is None else group_words(examination.groups),
        "notes": list(examination.notes),
        "undone": {
            "signs": examination.symmetries.signs,
            "scales": examination.symmetries.scales,
        },
    }


def _clause(clause: Any) -> dict[str, Any]:
    return {
        "text": clause.text,
        "picture": clause.picture,
        "network": clause.network - 1,
        "layer": max(0, clause.layer - 1),
        "value": clause.value,
        "noise": clause.noise,
    }


# --- One pair -------------------------------------------------------------------------------------


def _steps(shown: Shown) -> list[int]:
    """For inputs, every hidden layer and the outputs: of how many neurons one is drawn."""
    sizes = _sizes(shown.networks[shown.reference])
    return [-(-size // _MOST_SIDE) for size in sizes]


def _pair_data(shown: Shown) -> dict[str, Any]:
    mine, theirs = shown.networks[shown.reference], shown.networks[shown.chosen]
    steps = _steps(shown)
    pair = None
    if shown.examination is not None and shown.chosen != shown.reference:
        pair = shown.examination.pairs[shown.chosen]
    layers = []
    for layer, weight in enumerate(mine.weights):
        chosen = np.ix_(
            np.arange(0, weight.shape[0], steps[layer + 1]),
            np.arange(0, weight.shape[1], steps[layer]),
        )
        as_it_is = _on_frame(theirs, layer, weight.shape)
        layers.append(
            {
                "rows": len(chosen[0]),
                "columns": chosen[1].size,
                "steps": [steps[layer + 1], steps[layer]],
                "mine": _cells(weight[chosen], mine.biases[layer][chosen[0].ravel()]),
                "theirs": _cells(as_it_is[0][chosen], as_it_is[1][chosen[0].ravel()]),
                "aligned": None,
                "residual": None,
            }
        )
    data: dict[str, Any] = {
        "layers": layers,
        "hidden": [],
        "limits": limits_of([mine.weights, theirs.weights[: len(mine.weights)]]),
        "line": _line_data(shown),
        "whole": pair is None or pair.whole,
    }
    if pair is not None and pair.correspondence is not None:
        _add_aligned(data, shown, pair, steps)
    return data


def _line_data(shown: Shown) -> dict[str, Any] | None:
    """The straight line from the reference to the network, as it is and aligned; None without observations."""
    examination = shown.examination
    lines = (
        examination.lines[shown.chosen] if examination is not None and examination.lines else None
    )
    if lines is None or shown.chosen == shown.reference:
        return None
    found: dict[str, Any] = {"positions": lines[0].positions.tolist()}
    for name, line in zip(("before", "after"), lines, strict=True):
        found[name] = {
            "disagreement": np.round(line.disagreement, 6).tolist(),
            "loss": None if line.loss is None else np.round(line.loss, 8).tolist(),
            "barrier": line.barrier,
        }
    return found


def _on_frame(
    network: "Network", layer: int, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """A network's matrix and bias as they are, cropped to a shape; nan where it has nothing."""
    matrix, vector = np.full(shape, np.nan, np.float32), np.full(shape[0], np.nan, np.float32)
    if layer < len(network.weights):
        weight, bias = network.weights[layer], network.biases[layer]
        rows, columns = min(shape[0], weight.shape[0]), min(shape[1], weight.shape[1])
        matrix[:rows, :columns] = weight[:rows, :columns]
        vector[:rows] = bias[:rows]
    return matrix, vector


def _cells(matrix: np.ndarray, vector: np.ndarray) -> dict[str, Any]:
    """A matrix and its biases in whole parts of the largest number; where there is none, a number of its own."""
    known = np.concatenate([matrix.ravel(), vector])
    scale = float(np.nanmax(np.abs(known), initial=0.0)) or 1.0

    def parts(values: np.ndarray) -> str:
        whole = np.where(
            np.isnan(values), _NOWHERE, np.rint(np.nan_to_num(values) / scale * _FULL_SCALE)
        )
        return encoded(whole, "<i2")

    return {"scale": scale / _FULL_SCALE, "cells": parts(matrix), "biases": parts(vector)}


def _add_aligned(data: dict[str, Any], shown: Shown, pair: "PairFit", steps: list[int]) -> None:
    from nnit.alignment.diagnosis import in_place

    assert pair.correspondence is not None
    mine, theirs = shown.networks[shown.reference], shown.networks[shown.chosen]
    partners = pair.correspondence.partners
    placed = in_place(mine, theirs, pair.correspondence)[1]
    for layer, (matrix, vectors) in enumerate(placed):
        shape = mine.weights[layer].shape
        rows = partners[layer] if layer < len(partners) else np.arange(shape[0])
        columns = partners[layer - 1] if layer else np.arange(shape[1])
        whole, bias = np.full(shape, np.nan, np.float32), np.full(shape[0], np.nan, np.float32)
        whole[np.ix_(rows, columns)] = matrix
        bias[rows] = vectors[:, 0]
        drawn = data["layers"][layer]
        up, across = np.arange(0, shape[0], steps[layer + 1]), np.arange(0, shape[1], steps[layer])
        chosen = np.ix_(up, across)
        drawn["aligned"] = _cells(whole[chosen], bias[up])
        drawn["residual"] = _cells(
            (mine.weights[layer] - whole)[chosen], (mine.biases[layer] - bias)[up]
        )
    data["hidden"] = [
        _hidden_data(shown, pair, layer, one, steps[layer + 1])
        for layer, one in enumerate(pair.layers)
    ]


def _hidden_data(
    shown: Shown, pair: "PairFit", layer: int, one: "LayerFit", step: int
) -> dict[str, Any]:
    """One hidden layer: who belongs to whom, how well, and how like all neurons are to all."""
    from nnit.alignment.examination import activation_similarity, histograms, similarity, spectrum
    from nnit.mlp.network import runs

    mine, theirs = shown.networks[shown.reference], shown.networks[shown.chosen]
    assert shown.examination is not None
    own_width = len(theirs.weights[layer])
    own_step = -(-own_width // _MOST_SIDE)
    alike = [("weights", similarity(mine, theirs, pair, layer))]
    if shown.observations is not None and runs(mine) and runs(theirs):
        by_activations = activation_similarity(mine, theirs, shown.observations, layer)
        alike.append(("activations", by_activations))
    conditions = [
        shown.examination.health[place][layer] for place in (shown.reference, shown.chosen)
    ]
    edges, ours, other = histograms(mine.weights[layer], theirs.weights[layer])
    return {
        "width": len(one.partner),
        "ownWidth": own_width,
        "partner": encoded(one.partner, "<i4"),
        "factor": _numbers(one.factor),
        "incoming": _numbers(one.incoming),
        "outgoing": _numbers(one.outgoing),
        "whole": _numbers(one.whole),
        "found": encoded(one.found, "|u1"),
        "limits": [one.limit_incoming, one.limit_whole],
        "extra": one.extra.tolist()[:1000],
        "similar": [
            {
                "by": by,
                "rows": -(-len(matrix) // step),
                "columns": -(-own_width // own_step),
                "steps": [step, own_step],
                "cells": encoded(np.rint(127 * matrix[::step, ::own_step].clip(-1, 1)), "|i1"),
            }
            for by, matrix in alike
        ],
        "health": [
            {
                "dead": list(condition.dead),
                "constant": list(condition.constant),
                "duplicates": [list(both) for both in condition.duplicates[:200]],
            }
            for condition in conditions
        ],
        "spectra": [_spectrum(spectrum(network.weights[layer])) for network in (mine, theirs)],
        "histogram": {
            "edge": float(edges[-1]),
            "mine": np.round(ours, 5).tolist(),
            "theirs": np.round(other, 5).tolist(),
        },
    }


def _numbers(values: np.ndarray) -> str:
    return encoded(np.where(np.isnan(values), -1, values), "<f4")


def _spectrum(values: np.ndarray | None) -> list[float] | None:
    return None if values is None else np.round(values[:_MOST_DRAWN], 5).tolist()


def show_examination(data: dict[str, Any], choose: Callable[[int], None]) -> None:
    """Draw it.

    Args:
        data: see `examination_data`.
        choose: is called with the place of a network that is chosen, before the figure is drawn again.
    """

    def changed() -> None:
        place = parse_choice(st.session_state[_KEY].get("network"), len(data["networks"]))
        if place is not None:
            choose(place)

    _component(key=_KEY, data=data, on_network_change=changed)


def parse_choice(asked: object, count: int) -> int | None:
    """A place among so many networks, if that is what the browser sent."""
    return asked if type(asked) is int and 0 <= asked < count else None


def labels_of(names: Sequence[str]) -> tuple[str, ...]:
    """Files' names, short enough for a figure."""
    return tuple(name if len(name) <= 28 else f"{name[:12]}\u2026{name[-14:]}" for name in names)
