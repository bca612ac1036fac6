"""What `sequence.js` draws: one network as the model writes it, words first, then patches, one stage at a time."""

from typing import Any

import numpy as np

from app.engine.checkpoint import task_of
from app.engine.traces import SequenceTrace
from app.widgets.matrix.matrix import layers_data
from app.widgets.parts import drawn_part
from nnit.mlp.spec import PartialArchitecture

_component = drawn_part(
    "sequence",
    styles=(
        "widgets/sequence/sequence.css",
        "widgets/scrubber/scrubber.css",
        "widgets/save_figure/save_figure.css",
    ),
)


def _likeliest(chances: np.ndarray, values: tuple[int, ...]) -> str:
    best = int(chances.argmax())
    return f"{values[best]} with {chances[best]:.0%}".replace("%", " %")


def _choice_text(sequence: SequenceTrace, choice: int) -> str:
    """What a choice is about."""
    shape = sequence.shape
    before, after = shape.known[choice], shape.known[choice + 1]
    if before.depth is None:
        likeliest = _likeliest(shape.depth_chances[choice], shape.depths)
        return (
            "Only the task is known. Depth comes first; each bar is the chance of a number of hidden layers, "
            f"most likely {likeliest}. The draw: {after.depth}."
        )
    (layer,) = (
        place
        for place, (old, new) in enumerate(zip(before.hidden, after.hidden, strict=True))
        if old != new
    )
    likeliest = _likeliest(shape.width_chances[choice, layer], shape.widths)
    return (
        f"Known so far: {before}. Each bar is the chance of a width. Layer {layer + 1} is next, most likely "
        f"{likeliest}. The draw: {after.hidden[layer]}."
    )


def _words(known: PartialArchitecture) -> dict[str, Any]:
    return {"depth": known.depth, "hidden": list(known.hidden)}


def _stages(sequence: SequenceTrace) -> list[dict[str, Any]]:
    """One for each choice about the shape, one for each step of the flow, and the result."""
    shape, times = sequence.shape, sequence.trace.times
    stages: list[dict[str, Any]] = []
    for choice, known in enumerate(shape.known[:-1]):
        chances = shape.width_chances[choice][: known.depth or 0]
        stages.append(
            {
                **_words(known),
                "text": _choice_text(sequence, choice),
                "depthChances": shape.depth_chances[choice].round(4).tolist(),
                "widthChances": chances.round(4).tolist(),
                "step": None,
            }
        )
    whole = _words(shape.known[-1])
    for step, time in enumerate(times):
        text = (
            f"The shape is written: {shape.known[-1]}. Now the patches, all at once, step {step + 1} of "
            f"{len(times)}: {1 - time:.0%} noise.".replace("%", " %")
        )
        stages.append({**whole, "text": text, "step": step})
    parameters = sequence.trace.predicted[-1].policy.architecture.parameter_count
    text = f"Done: {parameters:,} weights and biases, none of them trained. The robot runs them as they are."
    stages.append({**whole, "text": text, "step": len(times)})
    return stages


def sequence_data(sequence: SequenceTrace) -> dict[str, Any]:
    """What `sequence.js` draws."""
    network = sequence.trace.predicted[-1]
    policy = network.policy
    layers = layers_data(sequence.trace, network.patch)
    for layer in layers:
        steps = layer.pop("steps")
        layer["steps"] = [*steps["noisy"], steps["predicted"][-1]]
    title = task_of(policy.task).title
    return {
        "key": network.digest,
        "file": f"sequence_{policy.task}_{policy.architecture}",
        "title": f"{title}, {policy.architecture}: one sequence",
        "task": title,
        "depths": list(sequence.shape.depths),
        "widths": list(sequence.shape.widths),
        "stages": _stages(sequence),
        "layers": layers,
    }


def show_sequence(sequence: SequenceTrace) -> None:
    """Draw it, with a scrubber over its stages."""
    _component(key="sequence", data=sequence_data(sequence))
