"""The page's one figure: pictures, slider and charts, drawn in the browser from what is encoded here.

The browser gets the weights once, and for every stop of the slider the permutations and the metrics, so
that moving it asks the server nothing. It computes no metric itself.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.views.alignment.measurements import Drawn, Measured, Reading
from app.views.alignment.words import CHARTS, KIND_WORDS
from app.widgets.palette.palette import limits_of
from app.widgets.parts import drawn_part, encoded
from nnit.mlp.policy import Policy

if TYPE_CHECKING:
    from nnit.mlp.network import Network

_FULL_SCALE = 32767

_component = drawn_part(
    "alignment",
    styles=(
        "widgets/line_chart/line_chart.css",
        "views/alignment/figure.css",
        "widgets/matrix/inspector.css",
        "widgets/save_figure/save_figure.css",
    ),
)


@dataclass(frozen=True, eq=False)
class View:
    """What is known of one kind of networks.

    Attributes:
        kind: one of `KINDS`, or "uploaded".
        drawn: its networks.
        measured: its metrics; None while they are not ready.
        labels: one a network.
        groups: name and half-open range of columns of each part of the input.
        outputs: name of each output.
    """

    kind: str
    drawn: Drawn
    measured: Measured | None
    labels: tuple[str, ...]
    groups: tuple[tuple[str, int, int], ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drive:
    """Episodes along a line: asked for by the browser, solved by the server.

    Attributes:
        kind: of the networks.
        step: stop of the slider.
        realigned: whether matching is on.
        pair: index of the network where the line ends.
        solved: episodes solved at each position; None while they run.
    """

    kind: str
    step: int
    realigned: bool
    pair: int
    solved: tuple[int, ...] | None = None


def _limits(networks: "Sequence[Network]") -> list[float]:
    """The ends of these networks' colour scales, one a layer."""
    return limits_of(network.weights for network in networks)


def _network_data(network: "Network", label: str) -> dict[str, Any]:
    """The layers of one network, each matrix in whole parts of its largest weight."""
    layers = []
    for weight, bias in zip(network.weights, network.biases, strict=True):
        values = np.concatenate([weight, bias[:, None]], axis=1)
        scale = float(np.abs(values).max()) or 1.0
        parts = np.rint(values / scale * _FULL_SCALE)
        rows, columns = weight.shape
        layers.append(
            {
                "rows": rows,
                "columns": columns,
                "scale": scale / _FULL_SCALE,
                "cells": encoded(parts[:, :columns], "<i2"),
                "biases": encoded(parts[:, columns], "<i2"),
            }
        )
    return {"label": label, "layers": layers}


def _readings_data(readings: Sequence[Reading], noise: dict[str, float]) -> dict[str, Any]:
    """All stops of the slider for one treatment."""
    from nnit.evaluation.alignment.report import summarise

    metrics = {
        name: [summarise(reading.values[name]).mean for reading in readings]
        for name in readings[0].values
    }
    return {
        "permutations": [
            [encoded(np.concatenate(list(orders)), "<u2") for orders in reading.permutations]
            for reading in readings
        ],
        "metrics": metrics,
        "noise": {name: noise[name] for name in metrics},
        "spectrum": [np.round(reading.spectrum, 5).tolist() for reading in readings],
        "loss": [[np.round(line, 6).tolist() for line in reading.loss] for reading in readings],
    }


def _view_data(view: View, limits: Sequence[float]) -> dict[str, Any]:
    words = KIND_WORDS[view.kind]
    networks = [
        _network_data(network, label)
        for network, label in zip(view.drawn.networks, view.labels, strict=True)
    ]
    data: dict[str, Any] = {
        "kind": view.kind,
        "title": words.title,
        "asItIs": words.as_it_is,
        "shuffled": words.shuffled,
        "realigned": words.realigned,
        "note": view.drawn.note,
        "networks": networks,
        "limits": list(limits),
        "patch": view.drawn.patch,
        "groups": [list(group) for group in view.groups],
        "outputs": list(view.outputs),
        "measured": None,
    }
    measured = view.measured
    if measured is not None:
        data["measured"] = {
            "fractions": list(measured.fractions),
            "shuffled": _readings_data(measured.shuffled, measured.noise),
            "realigned": _readings_data(measured.realigned, measured.noise_realigned),
            "noiseSpectrum": np.round(measured.noise_spectrum, 5).tolist(),
        }
    return data


def figure_data(views: Sequence[View], drives: Sequence[Drive] = ()) -> dict[str, Any]:
    """What `figure.js` draws."""
    # One scale a layer for all kinds of a task; what a visitor brings may be of any size, and has its own.
    ours = [n for view in views if view.kind != "uploaded" for n in view.drawn.networks]
    shared = _limits(ours)
    kinds = [
        _view_data(view, _limits(view.drawn.networks) if view.kind == "uploaded" else shared)
        for view in views
    ]
    digest = hashlib.sha256()
    for kind in kinds:
        digest.update(f"{kind['kind']} {kind['measured'] is None}".encode())
        for network in kind["networks"]:
            digest.update(network["label"].encode(errors="replace"))
            for layer in network["layers"]:
                digest.update(layer["cells"].encode())
    return {
        "key": digest.hexdigest(),
        "kinds": kinds,
        "reads": any(isinstance(n, Policy) and n.architecture.output == "classes" for n in ours),
        "charts": [{"name": c.name, "title": c.title, "say": c.say} for c in CHARTS],
        "drives": [
            {
                "kind": drive.kind,
                "step": drive.step,
                "realigned": drive.realigned,
                "pair": drive.pair,
                "solved": None if drive.solved is None else list(drive.solved),
            }
            for drive in drives
        ],
    }


def show_figure(data: dict[str, Any]) -> object:
    """Draw it.

    Returns:
        What the visitor asked to drive, if they just did: as the browser sent it, to be checked.
    """
    result = _component(key="alignment", data=data, on_drive_change=lambda: None)
    return result.get("drive")
