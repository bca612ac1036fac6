"""The figure of the page: matrices at every step of the flow, a scrubber, and success by step.

The browser gets all steps at once, so that scrubbing asks the server nothing; only the robot of the step
where the scrubber rests does.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.engine.checkpoint import task_of
from app.engine.networks import Trial
from app.engine.traces import FlowTrace
from app.widgets.matrix.matrix import layers_data
from app.widgets.parts import drawn_part

_component = drawn_part(
    "noise",
    styles=(
        "widgets/line_chart/line_chart.css",
        "views/noise/figure.css",
        "widgets/scrubber/scrubber.css",
        "widgets/save_figure/save_figure.css",
    ),
)


def distance_to_end(trace: FlowTrace) -> list[float]:
    """How far each step's prediction is from the last: norm of the difference over the norm of the last."""
    policies = [network.policy for network in trace.predicted]
    vectors = [np.concatenate([a.ravel() for a in (*p.weights, *p.biases)]) for p in policies]
    end = vectors[-1]
    return [float(np.linalg.norm(v - end) / np.linalg.norm(end)) for v in vectors]


def _trial_data(trial: Trial | None) -> dict[str, Any] | None:
    from nnit.evaluation.statistics import accuracy_text, success_text, wilson_interval

    if trial is None:
        return None
    done, tried = trial.counted
    low, high = wilson_interval(done, tried)
    text = (accuracy_text if trial.examples else success_text)(done, tried)
    return {"rate": done / tried, "low": low, "high": high, "text": text}


def figure_data(trace: FlowTrace, trials: Mapping[str, Sequence[Trial | None]]) -> dict[str, Any]:
    """What `figure.js` draws.

    Args:
        trace: of one network.
        trials: of the "noisy" and of the "predicted" networks, one a step; None where it is not there.
    """
    layers = layers_data(trace, trace.predicted[0].patch)
    digest = hashlib.sha256()
    for layer in layers:
        for step in layer["steps"]["noisy"]:
            digest.update(step["cells"].encode())
    policy = trace.predicted[-1].policy
    seed = policy.provenance["seed"]
    return {
        "file": f"noise_{policy.task}_{policy.architecture}_seed{seed}",
        "title": f"{task_of(policy.task).title}, {policy.architecture}, seed {seed}",
        "key": digest.hexdigest(),
        "layers": layers,
        "times": list(trace.times),
        "distances": distance_to_end(trace),
        "trials": {name: [_trial_data(trial) for trial in ours] for name, ours in trials.items()},
    }


def show_figure(data: dict[str, Any]) -> int:
    """Draw it.

    Returns:
        The step at which the scrubber rests, from 0; the last one before it was moved.
    """
    last = len(data["times"]) - 1
    result = _component(key="noise", data=data, default={"rest": None}, on_rest_change=lambda: None)
    rest = result.get("rest")
    # A step of another flow, which the figure showed before, is none of this one.
    if not isinstance(rest, Mapping) or rest.get("flow") != data["key"]:
        return last
    step = rest.get("step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= last:
        return last
    return step
