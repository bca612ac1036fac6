"""What of a request's networks a visitor looks at, and how the link says it: `&show=2&beside=3&goal=4&robot=film`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from app.engine.address import parse_values
from app.engine.live import can_run_live
from app.engine.networks import EPISODES
from app.engine.progress import whole
from app.engine.request import PAGE_PARAMETERS
from nnit.errors import UserError
from nnit.request import SampleRequest

RobotKind = Literal["film", "3d", "live"]
ROBOT_KINDS: dict[RobotKind, str] = {"3d": "3D", "film": "Film", "live": "Live"}
LOOK_NAMES = frozenset({"show", "beside", "goal", "robot"})
_USUAL_KIND: RobotKind = "3d"  # needs no OpenGL on the server, and is there sooner than a film


@dataclass(frozen=True)
class Choice:
    """What the visitor looks at.

    Attributes:
        request: whose networks these are; another request begins with its first network again.
        shown: index of the network that is shown whole.
        beside: index of the one beside it, if two are compared.
        goal: which of the goals the robots are seen with, from 0.
    """

    request: SampleRequest
    shown: int = 0
    beside: int | None = None
    goal: int = 0


def choice_of(request: SampleRequest) -> Choice:
    """What the visitor chose to see of a request."""
    state = st.session_state
    if "choice" not in state or state.choice.request != request:
        state.choice = Choice(request)
        state.shown_before = None
    chosen: Choice = state.choice
    return chosen


@whole
def show(request: SampleRequest, index: int) -> None:
    """Show a network of a request whole; nothing where another has taken its place since its button was drawn."""
    state = st.session_state
    if state.choice.request != request:
        return
    if index != state.choice.shown:
        state.shown_before = state.choice.shown
    state.choice = Choice(state.choice.request, index)


def see_goal(goal: int) -> None:
    """See the robots with another goal."""
    state = st.session_state
    state.choice = replace(state.choice, goal=goal)


@whole
def compare(request: SampleRequest, index: int | None) -> None:
    """Put a network of a request beside the one that is shown, or none; nothing where `show` does nothing.

    Whoever presses the button of a network that has just come to be shown, before the page is drawn anew, wants
    to see it beside the one that was shown before.
    """
    state = st.session_state
    if state.choice.request != request:
        return
    if index == state.choice.shown:
        index = state.shown_before
    state.choice = Choice(state.choice.request, state.choice.shown, index)


def robot_kind() -> RobotKind:
    """How the visitor wants to see robots."""
    kind: RobotKind = st.session_state.setdefault("robot_kind", _USUAL_KIND)
    return kind


def shown_kind(task: str) -> RobotKind:
    """How robots of a task are seen: as the visitor wants, or as recordings where none can run in the browser."""
    kind = robot_kind()
    return _USUAL_KIND if kind == "live" and not can_run_live(task) else kind


def cannot_run_live(task: str) -> str | None:
    """Why robots are not seen live although the visitor wanted that; None where they are, or were not asked for."""
    failed: str | None = st.session_state.get("live_failed")
    if failed is None and robot_kind() == "live" and not can_run_live(task):
        return "This task cannot be run in a browser yet; this is a recording."
    return failed


def look_query(request: SampleRequest) -> dict[str, str]:
    """What is looked at, as parameters of an address; only where it is not the usual."""
    query = {}
    choice = st.session_state.get("choice")
    if choice is not None and choice.request == request:
        if choice.shown:
            query["show"] = str(choice.shown + 1)
        if choice.beside is not None:
            query["beside"] = str(choice.beside + 1)
        if choice.goal:
            query["goal"] = str(choice.goal + 1)
    if robot_kind() != _USUAL_KIND:
        query["robot"] = robot_kind()
    return query


def take_look(query: Mapping[str, str], request: SampleRequest) -> list[str]:
    """Look at what a link says.

    Returns:
        One sentence for each value that could not be used.
    """

    def number(name: str, high: int = request.count) -> Callable[[str], int]:
        which = replace(PAGE_PARAMETERS["count"], name=name, high=high)
        return lambda text: int(which.parse(text)) - 1

    def kind(text: str) -> RobotKind:
        for known in ROBOT_KINDS:
            if text == known:
                return known
        raise UserError(f'a robot is shown as "film", "3d" or "live", not "{text[:20]}"')

    values, problems = parse_values(
        query,
        {
            "show": ("shown", number("show")),
            "beside": ("beside", number("beside")),
            "goal": ("goal", number("goal", EPISODES)),
            "robot": ("robot", kind),
        },
    )
    st.session_state.robot_kind = values.pop("robot", robot_kind())
    if values.get("beside") == values.get("shown", 0):
        problems.append("a network cannot be beside itself")
        del values["beside"]
    if values:
        st.session_state.choice = Choice(request, **values)
        st.session_state.shown_before = None
    return problems
