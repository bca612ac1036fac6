"""Weight matrices as pictures: the data that `weights.js` draws."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.engine.checkpoint import suite_of
from app.widgets.palette.palette import limit_of
from app.widgets.parts import drawn_part, encoded
from nnit.alignment.permute import random_permutations
from nnit.mlp.policy import Policy

_component = drawn_part(
    "weights",
    styles=("widgets/weights/weights.css", "widgets/save_figure/save_figure.css"),
)

# What the two models are called wherever their networks stand side by side.
ALIGNED_TITLE = "Learned from aligned networks"
UNALIGNED_TITLE = "Learned from shuffled networks"


def colour_limit(*policies: Policy) -> float:
    """The symmetric end of the one colour scale of all matrices and biases, two significant digits.

    Permuting neurons does not change it, so a network and its shuffled twin share it as well.
    """
    return limit_of(array for p in policies for array in (*p.weights, *p.biases))


def panel(
    policy: Policy,
    title: str,
    caption: str,
    neurons: Sequence[np.ndarray],
) -> dict[str, Any]:
    """What `weights.js` needs to draw one network.

    Args:
        policy: the network.
        title: what it is.
        caption: what to look for.
        neurons: for each hidden layer, (width,): which neuron of the first panel is at each place.
    """
    actions = suite_of(policy.task).action_names
    order = [neuron.tolist() for neuron in neurons] + [[]]
    layers = []
    for index, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        source = "observation" if index == 0 else f"layer {index}"
        last = index == len(policy.weights) - 1
        target = ", ".join(actions) if last else f"layer {index + 1}"
        layers.append(
            {
                "name": f"W{index + 1}",
                "role": f"{source} \u2192 {target}",
                "rows": weight.shape[0],
                "columns": weight.shape[1],
                "weights": encoded(weight, "<f4"),
                "biases": encoded(bias, "<f4"),
                "neurons": order[index],
            }
        )
    return {"title": title, "caption": caption, "layers": layers}


def weights_data(policy: Policy, shuffled: Policy, patch: int) -> dict[str, Any]:
    """A network beside its shuffled twin, on one colour scale."""
    aligned_order = [np.arange(width) for width in policy.architecture.hidden]
    seed = int(shuffled.provenance["shuffled_with_seed"])
    shuffled_order = random_permutations(policy.architecture, np.random.default_rng(seed))
    panels = [
        panel(
            policy,
            "As generated, aligned",
            "Look for bands and blocks that run across the patch grid.",
            aligned_order,
        ),
        panel(
            shuffled,
            "Hidden neurons shuffled",
            "The same numbers in another order: the pattern is gone, the robot does the same.",
            shuffled_order,
        ),
    ]
    return _data(panels, (policy, shuffled), patch)


def contrast_data(
    aligned: Policy, unaligned: Policy, shuffled: Policy, patch: int
) -> dict[str, Any]:
    """A network beside the one that the model trained on shuffled networks wrote, and a slider that shuffles it.

    Args:
        aligned: written by the model trained on aligned networks.
        unaligned: of the same task and architecture, written by the model trained on shuffled ones.
        shuffled: the first with its neurons in the order at the slider's end.
        patch: side of the square patches, in cells.
    """
    # The figure names its network itself: it may be drawn a moment later than what stands around it.
    name = f"{suite_of(aligned.task).task(aligned.task).title}, {aligned.architecture}"
    captions = (
        f"{name}. Look for bands and blocks across the patch grid.",
        f"{name}. Neither bands nor blocks: no order to learn.",
    )
    panels = [
        panel(policy, title, caption, [np.arange(width) for width in policy.architecture.hidden])
        for policy, title, caption in zip(
            (aligned, unaligned), (ALIGNED_TITLE, UNALIGNED_TITLE), captions, strict=True
        )
    ]
    seed = int(shuffled.provenance["shuffled_with_seed"])
    order = random_permutations(aligned.architecture, np.random.default_rng(seed))
    return {
        **_data(panels, (aligned, unaligned), patch),
        # They are two networks: neuron i of one has nothing to do with neuron i of the other.
        "linked": False,
        "hint": "Point at a cell to read its weight.",
        "shuffle": {
            "order": [neurons.tolist() for neurons in order],
            "activation": aligned.architecture.activation,
        },
    }


def pair_data(
    policies: tuple[Policy, Policy], titles: tuple[str, str], patch: int
) -> dict[str, Any]:
    """Two networks side by side, on one colour scale."""
    captions = (
        "Both as generated, on one colour scale.",
        "Look for the same bands at the same places: neuron i means the same in both.",
    )
    panels = [
        panel(
            policy,
            title,
            caption,
            [np.arange(width) for width in policy.architecture.hidden],
        )
        for policy, title, caption in zip(policies, titles, captions, strict=True)
    ]
    return _data(panels, policies, patch)


def _data(
    panels: list[dict[str, Any]], policies: tuple[Policy, Policy], patch: int
) -> dict[str, Any]:
    task = policies[0].task
    suite = suite_of(task)
    shapes = list(dict.fromkeys(str(policy.architecture) for policy in policies))
    return {
        "file": "_".join(["weights", task, *shapes]),
        "of": f"{task} {policies[0].architecture}",
        "title": f"{suite.task(task).title}, {' and '.join(shapes)}",
        "key": hashlib.sha256(json.dumps([panels, patch]).encode()).hexdigest(),
        "panels": panels,
        "limit": colour_limit(*policies),
        "patch": patch,
        "groups": [list(group) for group in suite.observation_groups],
        "actions": list(suite.action_names),
        "linked": True,
        "hint": "Point at a cell: the same neurons are marked in both.",
    }


def show_weights(policy: Policy, shuffled: Policy, patch: int) -> None:
    """Draw a network beside its shuffled twin."""
    _component(key="weights", data=weights_data(policy, shuffled, patch))


def show_contrast(aligned: Policy, unaligned: Policy, shuffled: Policy, patch: int) -> None:
    """Draw what the two models wrote, the first with a slider that shuffles its neurons."""
    _component(key="weights", data=contrast_data(aligned, unaligned, shuffled, patch))


def show_pair(policies: tuple[Policy, Policy], titles: tuple[str, str], patch: int) -> None:
    """Draw two networks side by side."""
    _component(key="weights", data=pair_data(policies, titles, patch))
