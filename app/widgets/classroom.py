"""Being in a class: joining it by a link or a code, and adding what one tries to its map."""

import streamlit as st

from app.engine.classroom import ClassMap, classes
from app.engine.networks import Network, Trial
from app.engine.progress import whole
from app.engine.results import Count
from app.widgets.links import literally
from nnit.errors import UserError

_NAME = "class"  # in an address


def take_class_from_address() -> None:
    """Join the class that the page's address names; call it before any page is drawn."""
    state, code = st.session_state, st.query_params.get(_NAME)
    # Who leaves a class is not back in it because the address still names it.
    if code != state.get("class_in_address"):
        state.class_in_address = code
        if code is not None:
            join(code)


def join(code: str) -> bool:
    """Join a class by its code; where there is none, `class_problem` says so."""
    state = st.session_state
    try:
        state.class_code = classes().find(code).code
    except UserError as error:
        state.class_problem = str(error)
        return False
    return True


@whole
def start() -> None:
    """Begin a class and join it; only who began it may empty its map."""
    state = st.session_state
    try:
        state.class_code = state.own_class = classes().start().code
    except UserError as error:
        state.class_problem = str(error)


@whole
def leave() -> None:
    """Be in no class, whatever the address still says."""
    state = st.session_state
    state.class_code = None
    state.class_in_address = st.query_params.get(_NAME)


def my_class() -> ClassMap | None:
    """The class that the visitor is in, if it is still there."""
    state = st.session_state
    code = state.get("class_code")
    if code is None:
        return None
    try:
        return classes().find(code)
    except UserError as error:
        state.class_code, state.class_problem = None, str(error)
        return None


def class_query() -> dict[str, str]:
    """The class as a parameter of an address; nothing where the visitor is in none."""
    mine = my_class()
    return {} if mine is None else {_NAME: mine.code}


def is_mine(one: ClassMap) -> bool:
    """Whether the visitor began this class."""
    return bool(st.session_state.get("own_class") == one.code)


def problem() -> str | None:
    """What went wrong with a class, as a sentence for Markdown; it is said once."""
    text: str | None = st.session_state.pop("class_problem", None)
    return None if text is None else f"{literally(text[0].upper() + text[1:])}."


def add_to_class(network: Network, trial: Trial) -> None:
    """Put a network that the visitor tried on the map of the class, if there is one."""
    mine = my_class()
    if mine is not None:
        policy, (done, tried) = network.policy, trial.counted
        mine.add(
            network.digest,
            policy.task,
            policy.architecture,
            Count(done, tried, tried),
        )
