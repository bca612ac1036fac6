"""The matrices of one flow, as `matrix.js` paints them."""

from typing import Any

import numpy as np

from app.engine.traces import FlowTrace
from app.widgets.palette.palette import limit_of
from app.widgets.parts import encoded

_FULL_SCALE = 32767


def _text(array: np.ndarray, scale: float) -> str:
    whole = np.clip(np.round(array / scale), -_FULL_SCALE, _FULL_SCALE)
    return encoded(whole, "<i2")


def layers_data(trace: FlowTrace, patch: int) -> list[dict[str, Any]]:
    """Every matrix at every step, for `matrix.js`; noise and weights of one matrix share its scale."""
    shown = {
        name: [network.policy for network in networks]
        for name, networks in (("noisy", trace.noisy), ("predicted", trace.predicted))
    }
    start, last = shown["noisy"][0], shown["predicted"][-1]
    layers = []
    for index, weight in enumerate(last.weights):
        arrays = [p.weights[index] for policies in shown.values() for p in policies]
        biases = [p.biases[index] for policies in shown.values() for p in policies]
        scale = max(float(np.abs(a).max()) for a in (*arrays, *biases)) / _FULL_SCALE or 1.0
        layers.append(
            {
                "name": f"W{index + 1}",
                "rows": weight.shape[0],
                "columns": weight.shape[1],
                "scale": scale,
                "patch": patch,
                "limit": limit_of([start.weights[index], weight]),
                "biasLimit": limit_of([start.biases[index], last.biases[index]]),
                "steps": {
                    name: [
                        {
                            "cells": _text(p.weights[index], scale),
                            "biases": _text(p.biases[index], scale),
                        }
                        for p in policies
                    ]
                    for name, policies in shown.items()
                },
            }
        )
    return layers
