"""Where a network's hidden goal is, to choose on a picture of the table: what `pad.js` draws."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.widgets.parts import drawn_part
from nnit.errors import UserError
from nnit.request import Parameter

_component = drawn_part("goal_pad", styles=("widgets/goals/pad.css",))


def show_pad(
    task: str,
    flat: Sequence[Parameter],
    values: Mapping[str, float],
    *,
    key: str,
    choose: Callable[[dict[str, float]], None],
) -> None:
    """Draw the table with the goal.

    Args:
        task: whose goal it is.
        flat: the coordinates that are seen from above, x and y.
        values: of these.
        key: of the part, unique on its page.
        choose: is called with the values of a goal that is chosen, before the page is drawn again.
    """

    def moved() -> None:
        goal = parse_goal(st.session_state[key].get("goal"), flat)
        if goal:
            choose(goal)

    _component(key=key, data=goal_data(task, flat, values), on_goal_change=moved)


def goal_data(task: str, flat: Sequence[Parameter], values: Mapping[str, float]) -> dict[str, Any]:
    """What the browser needs of the coordinates that are seen from above."""
    axes = [
        {
            "name": one.name,
            "low": one.low,
            "high": one.high,
            "step": one.step,
            "value": values[one.name],
        }
        for one in flat
    ]
    key = hashlib.sha256(json.dumps([task, axes]).encode()).hexdigest()
    return {"key": key, "task": task, "axes": axes}


def parse_goal(sent: Any, flat: Sequence[Parameter]) -> dict[str, float]:
    """The goal that a browser sent; nothing where it is none."""
    if not isinstance(sent, Mapping):
        return {}
    found: dict[str, float] = {}
    for one in flat:
        value = sent.get(one.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return {}
        try:
            found[one.name] = one.parse(one.text(float(value)))
        except (UserError, OverflowError, ValueError):
            return {}
    return found
