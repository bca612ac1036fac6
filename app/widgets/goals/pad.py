"""Where a network's hidden goal is, to choose on a picture of the table: what `pad.js` draws."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.engine.checkpoint import suite_of
from app.widgets.parts import drawn_part
from nnit.errors import UserError
from nnit.request import Parameter, SampleRequest, task_parameters

_component = drawn_part("goal_pad", styles=("widgets/goals/pad.css",))
_ON_THE_TABLE = 2  # of a goal's coordinates, the first ones: those that are seen from above


def goal_parameters(task: str) -> tuple[Parameter, ...]:
    """The conditions that say where the goal of a task is, which a suite gives in the order x, y, z; often none."""
    suite = suite_of(task)
    every = task_parameters(suite, task)
    return tuple(every[c.name] for c in suite.conditions_of(task) if c.is_goal)


def forget_goals() -> None:
    """Take goals from the request again that a page is opened with."""
    st.session_state.pop("goals_set", None)


def goal_controls(task: str, first: SampleRequest, prefix: str = "") -> dict[str, float]:
    """A picture of the table with the goal, and a slider for its height; gives the values of the conditions.

    Args:
        task: that is chosen; where it has no hidden goal, nothing is drawn.
        first: says where the goal is at first.
        prefix: of the page's keys in the session.
    """
    parameters = goal_parameters(task)
    if not parameters:
        return {}
    kept: dict[str, dict[str, float]] = st.session_state.setdefault("goals_set", {})
    usual = {one.name: float(first.value(one) or 0.0) for one in parameters}
    values = kept.setdefault(task, usual)
    key = f"{prefix}goal"

    def moved() -> None:
        kept[task] = values | parse_goal(st.session_state[key].get("goal"), flat)

    flat = parameters[:_ON_THE_TABLE]
    st.markdown(":small[Goal]", help=parameters[0].help)
    _component(key=key, data=goal_data(flat, values), on_goal_change=moved)
    for parameter in parameters[_ON_THE_TABLE:]:
        height = st.slider(
            parameter.title,
            parameter.low,
            parameter.high,
            usual[parameter.name],
            step=parameter.step,
            key=prefix + parameter.name,
            help=parameter.help,
        )
        values[parameter.name] = parameter.parse(parameter.text(height))
    return dict(values)


def goal_data(flat: tuple[Parameter, ...], values: Mapping[str, float]) -> dict[str, Any]:
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
    return {"key": hashlib.sha256(json.dumps(axes).encode()).hexdigest(), "axes": axes}


def parse_goal(sent: Any, flat: tuple[Parameter, ...]) -> dict[str, float]:
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
