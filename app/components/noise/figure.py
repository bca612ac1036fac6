"""The figure of the page: matrices at every step of the flow, a scrubber, and success by step.

The browser gets all steps at once, so that scrubbing asks the server nothing; only the robot of the step
where the scrubber rests does.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.components.forming import Forming
from app.components.networks import Trial
from app.components.palette import limit_of
from app.components.parts import drawn_part, encoded
from nnit.sim.suites import get_task

_FULL_SCALE = 32767

_component = drawn_part(
    "noise",
    scripts=(
        "palette.js",
        "save_figure.js",
        "alignment/matrix.js",
        "scrubber.js",
        "noise/noise.js",
    ),
    styles=("noise/noise.css", "scrubber.css", "save_figure.css"),
)


def distance_to_end(forming: Forming) -> list[float]:
    """How far each step's prediction is from the last: norm of the difference over the norm of the last."""
    policies = [network.policy for network in forming.predicted]
    vectors = [np.concatenate([a.ravel() for a in (*p.weights, *p.biases)]) for p in policies]
    end = vectors[-1]
    return [float(np.linalg.norm(v - end) / np.linalg.norm(end)) for v in vectors]


def _text(array: np.ndarray, scale: float) -> str:
    whole = np.clip(np.round(array / scale), -_FULL_SCALE, _FULL_SCALE)
    return encoded(whole, "<i2")


def layers_data(forming: Forming, patch: int) -> list[dict[str, Any]]:
    """Every matrix at every step, for `matrix.js`; noise and weights of one matrix share its scale."""
    shown = {
        name: [network.policy for network in networks]
        for name, networks in (("noisy", forming.noisy), ("predicted", forming.predicted))
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


def _trial_data(trial: Trial | None) -> dict[str, Any] | None:
    from nnit.evaluation.statistics import success_text, wilson_interval

    if trial is None:
        return None
    successes, episodes = sum(trial.successes), len(trial.successes)
    low, high = wilson_interval(successes, episodes)
    text = success_text(successes, episodes)
    return {"rate": successes / episodes, "low": low, "high": high, "text": text}


def figure_data(forming: Forming, trials: Mapping[str, Sequence[Trial | None]]) -> dict[str, Any]:
    """What `noise.js` draws.

    Args:
        forming: of one network.
        trials: of the "noisy" and of the "predicted" networks, one a step; None where it is not there.
    """
    layers = layers_data(forming, forming.predicted[0].patch)
    digest = hashlib.sha256()
    for layer in layers:
        for step in layer["steps"]["noisy"]:
            digest.update(step["cells"].encode())
    policy = forming.predicted[-1].policy
    seed = policy.provenance["seed"]
    return {
        "file": f"noise_{policy.task}_{policy.architecture}_seed{seed}",
        "title": f"{get_task(policy.task).title}, {policy.architecture}, seed {seed}",
        "key": digest.hexdigest(),
        "layers": layers,
        "times": list(forming.times),
        "distances": distance_to_end(forming),
        "trials": {name: [_trial_data(trial) for trial in ours] for name, ours in trials.items()},
    }


def show_figure(data: dict[str, Any]) -> int:
    """Draw it.

    Returns:
        The step at which the scrubber rests, from 0; the last one before it was moved.
    """
    last = len(data["times"]) - 1
    result = _component(key="noise", data=data, default={"step": None}, on_step_change=lambda: None)
    step = result.get("step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= last:
        return last
    return step
