"""The goals of a trial as a part of a page: what `goals.js` draws."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from app.engine.networks import Trial
from app.widgets.parts import drawn_part

_component = drawn_part("goals", styles=("widgets/goals/goals.css",))


def knows_places(trial: Trial) -> bool:
    """Whether it is known where each of a trial's goals is."""
    return len(trial.goals) == len(trial.successes)


def goals_data(trial: Trial, chosen: int, whose: str, *, picture: bool = False) -> dict[str, Any]:
    """What the browser needs: each goal's outcome and place, and which one the robot is seen with.

    Args:
        trial: of one network.
        chosen: number of the goal, from 0.
        whose: end of the sentence "Goals of the network that ...".
        picture: whether they are drawn from above, rather than as a row of buttons.
    """
    count = len(trial.successes)
    steps = trial.every_steps if len(trial.every_steps) == count else (None,) * count
    places = trial.goals if knows_places(trial) else (None,) * count
    shown = {
        "goals": [
            {"success": success, "steps": taken, "place": None if place is None else list(place)}
            for success, taken, place in zip(trial.successes, steps, places, strict=True)
        ],
        "chosen": chosen,
        "whose": whose,
        "picture": picture,
    }
    return {"key": hashlib.sha256(json.dumps(shown).encode()).hexdigest(), **shown}


def show_goals(
    trial: Trial,
    chosen: int,
    whose: str,
    *,
    key: str,
    choose: Callable[[int], None],
    picture: bool = False,
) -> None:
    """Draw the goals.

    Args:
        trial: of one network.
        chosen: number of the goal that the robot is seen with, from 0.
        whose: end of the sentence "Goals of the network that ...".
        key: of the part, unique on its page.
        choose: is called with the number of a goal that is chosen, before the page is drawn again.
        picture: whether they are drawn from above, rather than as a row of buttons; only if `knows_places`.
    """

    def changed() -> None:
        goal = st.session_state[key].get("goal")
        if isinstance(goal, int) and 0 <= goal < len(trial.successes):
            choose(goal)

    data = goals_data(trial, chosen, whose, picture=picture)
    _component(key=key, data=data, on_goal_change=changed)
