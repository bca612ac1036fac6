"""What `cutting.js` draws: the matrices of one network, cut into patches that line up as a sequence."""

from typing import Any

from app.widgets.parts import drawn_part, encoded
from app.widgets.weights.weights import colour_limit
from nnit.mlp.patches import token_layout
from nnit.mlp.policy import Policy

_component = drawn_part(
    "cutting", styles=("views/how/cutting.css", "widgets/scrubber/scrubber.css")
)


def cutting_data(policy: Policy, patch: int) -> dict[str, Any]:
    """The matrices, the side of a patch in cells, and the number of tokens in words."""
    tokens = len(token_layout(policy.architecture, patch))
    return {
        "key": f"{policy.task} {policy.architecture} {patch}",
        "label": f"{policy.architecture} cut into {tokens} tokens of weights and biases",
        "layers": [
            {
                "name": f"W{number}",
                "rows": weight.shape[0],
                "columns": weight.shape[1],
                "weights": encoded(weight, "<f4"),
                "biases": encoded(bias, "<f4"),
            }
            for number, (weight, bias) in enumerate(
                zip(policy.weights, policy.biases, strict=True), 1
            )
        ],
        "patch": patch,
        "limit": colour_limit(policy),
    }


def show_cutting(policy: Policy, patch: int) -> None:
    """Draw it; it begins to move at once, unless the visitor prefers less motion."""
    _component(key="cutting", data=cutting_data(policy, patch))
