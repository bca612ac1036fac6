"""A pad to draw on, and what networks that classify pictures read there: the data that `reading.js` draws."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from app.engine.checkpoint import suite_of
from app.widgets.parts import drawn_part, encoded
from nnit.mlp.policy import Policy

_component = drawn_part("reading", styles=("widgets/reading/reading.css",))
EXAMPLES = 10  # test pictures to choose from


@dataclass(frozen=True, eq=False)
class Reader:
    """A network that reads what is drawn.

    Attributes:
        policy: the network.
        title: what it is; empty where there is one alone.
        note: one line more, such as its accuracy.
    """

    policy: Policy
    title: str = ""
    note: str = ""


@lru_cache(maxsize=4)
def _examples(task: str) -> list[dict[str, Any]]:
    """The first test picture of each class, then the next ones, packed for the browser."""
    from nnit.sim.suites import get_task

    examples = get_task(task).examples
    if examples is None:
        return []
    known = examples("evaluate")
    firsts = {int(label): row for row, label in reversed(list(enumerate(known.labels[:200])))}
    rows = [firsts[label] for label in sorted(firsts)][:EXAMPLES]
    return [
        {
            "pixels": encoded(np.round(255 * known.observations[row]), "|u1"),
            "label": int(known.labels[row]),
        }
        for row in rows
    ]


def _network(reader: Reader) -> dict[str, Any]:
    policy = reader.policy
    return {
        "title": reader.title,
        "note": reader.note,
        "activation": policy.architecture.activation,
        "mean": encoded(policy.observation_mean, "<f4"),
        "scale": encoded(policy.observation_scale, "<f4"),
        "layers": [
            {
                "rows": weight.shape[0],
                "columns": weight.shape[1],
                "weights": encoded(weight, "<f4"),
                "biases": encoded(bias, "<f4"),
            }
            for weight, bias in zip(policy.weights, policy.biases, strict=True)
        ],
    }


def reading_data(readers: Sequence[Reader], *, compact: bool = False) -> dict[str, Any]:
    """What the browser needs of networks for one task, whose suite has pictures.

    Args:
        readers: the networks.
        compact: whether the outputs stand below the pad, for a narrow place.
    """
    policy = readers[0].policy
    suite = suite_of(policy.task)
    networks = [_network(reader) for reader in readers]
    return {
        "key": hashlib.sha256(json.dumps([networks, compact]).encode()).hexdigest(),
        "of": f"{policy.task} {policy.architecture}",
        "picture": list(suite.picture or (1, suite.observation_size)),
        "classes": list(suite.action_names),
        "networks": networks,
        "examples": _examples(policy.task),
        "compact": compact,
    }


def show_reading(readers: Sequence[Reader], *, key: str = "reading", compact: bool = False) -> None:
    """Draw it; what the visitor drew stays when other networks come."""
    _component(key=key, data=reading_data(readers, compact=compact))
