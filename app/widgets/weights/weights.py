"""Weight matrices as pictures: the data that `weights.js` draws."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.engine.checkpoint import suite_of
from app.widgets.palette.palette import limit_of
from app.widgets.parts import drawn_part, encoded
from nnit.alignment.metrics import in_common
from nnit.alignment.permute import random_permutations
from nnit.mlp.network import MLP, Network
from nnit.mlp.policy import Policy

_component = drawn_part(
    "weights",
    styles=(
        "widgets/weights/weights.css",
        "widgets/matrix/inspector.css",
        "widgets/save_figure/save_figure.css",
    ),
)

# What the two models are called wherever their networks stand side by side.
ALIGNED_TITLE = "Learned from aligned networks"
UNALIGNED_TITLE = "Learned from shuffled networks"


def colour_limit(*networks: Network) -> float:
    """The symmetric end of the one colour scale of all matrices and biases, two significant digits.

    Permuting neurons does not change it, so a network and its shuffled twin share it as well.
    """
    return limit_of(array for n in networks for array in (*n.weights, *n.biases))


@dataclass(frozen=True, eq=False)
class Picture:
    """One network as it is drawn.

    Attributes:
        network: its matrices and biases; of a policy, or what is computed from policies.
        title: what it is.
        caption: what to look for; empty where the page asks just that.
        neurons: for each hidden layer, (width,): which neuron of the first picture is at each place; by default
            neuron i at place i.
    """

    network: Network
    title: str
    caption: str = ""
    neurons: Sequence[np.ndarray] | None = None


def _panel(picture: Picture, actions: Sequence[str]) -> dict[str, Any]:
    """What `weights.js` needs to draw one network."""
    network = picture.network
    neurons = picture.neurons
    if neurons is None:
        neurons = [np.arange(len(weight)) for weight in network.weights[:-1]]
    order = [neuron.tolist() for neuron in neurons] + [[]]
    layers = []
    for index, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        source = "observation" if index == 0 else f"layer {index}"
        last = index == len(network.weights) - 1
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
    return {"title": picture.title, "caption": picture.caption, "layers": layers}


def shuffled_order(shuffled: Policy) -> list[np.ndarray]:
    """Which neuron of the network that it was stands at each place of a shuffled one."""
    seed = int(shuffled.provenance["shuffled_with_seed"])
    return random_permutations(shuffled.architecture, np.random.default_rng(seed))


def twin_pictures(policy: Policy, shuffled: Policy) -> tuple[Picture, Picture]:
    """A network beside its shuffled twin."""
    return (
        Picture(
            policy,
            "As generated, aligned",
            "Look for bands and blocks that run across the patch grid.",
        ),
        Picture(
            shuffled,
            "Hidden neurons shuffled",
            "The same numbers in another order: the pattern is gone, the robot does the same.",
            shuffled_order(shuffled),
        ),
    )


def pictures_data(pictures: Sequence[Picture], policy: Policy, patch: int) -> dict[str, Any]:
    """Networks side by side, on one colour scale.

    Args:
        pictures: the first one's neurons are the ones that are named.
        policy: whose task and shape name the figure.
        patch: side of a patch, in cells.
    """
    task = policy.task
    suite = suite_of(task)
    shapes = [
        "-".join(str(len(weight)) for weight in picture.network.weights[:-1])
        for picture in pictures
    ]
    shapes = list(dict.fromkeys(shapes))
    panels = [_panel(picture, suite.action_names) for picture in pictures]
    return {
        "file": "_".join(["weights", task, *shapes]),
        "of": f"{task} {policy.architecture}",
        "title": f"{suite.task(task).title}, {' and '.join(shapes)}",
        "key": hashlib.sha256(json.dumps([panels, patch]).encode()).hexdigest(),
        "panels": panels,
        "limit": colour_limit(*(picture.network for picture in pictures)),
        "patch": patch,
        "groups": [list(group) for group in suite.observation_groups],
        "actions": list(suite.action_names),
        "linked": True,
        "hint": "Point at a cell: the same neurons are marked everywhere. Click it, and what is said of it stays.",
    }


def weights_data(policy: Policy, shuffled: Policy, patch: int) -> dict[str, Any]:
    """A network beside its shuffled twin."""
    return pictures_data(twin_pictures(policy, shuffled), policy, patch)


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
    pictures = [
        Picture(
            aligned, ALIGNED_TITLE, f"{name}. Look for bands and blocks across the patch grid."
        ),
        Picture(
            unaligned,
            UNALIGNED_TITLE,
            f"{name}. At most bands of inputs: its neurons stand in no order.",
        ),
    ]
    return {
        **pictures_data(pictures, aligned, patch),
        # They are two networks: neuron i of one has nothing to do with neuron i of the other.
        "linked": False,
        "hint": "Point at a cell to read its weight. Click it, and what is said of it stays.",
        "shuffle": {
            "order": [neurons.tolist() for neurons in shuffled_order(shuffled)],
            "activation": aligned.architecture.activation,
        },
    }


def difference(first: Policy, second: Policy) -> MLP | None:
    """The second network less the first, where both have neurons; None where their depths differ."""
    if first.architecture.depth != second.architecture.depth:
        return None
    mine, theirs = in_common(first, second)
    return MLP(
        tuple(b - a for a, b in zip(mine.weights, theirs.weights, strict=True)),
        tuple(b - a for a, b in zip(mine.biases, theirs.biases, strict=True)),
    )


def pair_data(
    policies: tuple[Policy, Policy], titles: tuple[str, str], patch: int
) -> dict[str, Any]:
    """Two networks side by side, and their difference, where they have the same depth."""
    captions = (
        "Look for what the other network has at the same places.",
        "One colour is one number in all pictures.",
    )
    pictures = [
        Picture(policy, title, caption)
        for policy, title, caption in zip(policies, titles, captions, strict=True)
    ]
    apart = difference(*policies)
    if apart is not None:
        same = policies[0].architecture == policies[1].architecture
        caption = "The second less the first, cell by cell: without colour where they agree."
        if not same:
            caption += " Only neurons that both have."
        pictures.append(Picture(apart, "Difference", caption))
    return pictures_data(pictures, policies[0], patch)


def show_pictures(pictures: Sequence[Picture], policy: Policy, patch: int) -> None:
    """Draw networks side by side; `pictures_data` says how."""
    _component(key="weights", data=pictures_data(pictures, policy, patch))


def show_weights(policy: Policy, shuffled: Policy, patch: int) -> None:
    """Draw a network beside its shuffled twin."""
    show_pictures(twin_pictures(policy, shuffled), policy, patch)


def show_contrast(aligned: Policy, unaligned: Policy, shuffled: Policy, patch: int) -> None:
    """Draw what the two models wrote, the first with a slider that shuffles its neurons."""
    _component(key="weights", data=contrast_data(aligned, unaligned, shuffled, patch))


def show_pair(policies: tuple[Policy, Policy], titles: tuple[str, str], patch: int) -> None:
    """Draw two networks side by side; `pair_data` says how."""
    _component(key="weights", data=pair_data(policies, titles, patch))
