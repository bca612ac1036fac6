"""How it works: a walk of six screens, the current one in the address."""

import streamlit as st

from app.engine.checkpoint import default_task
from app.engine.services import services
from app.views.how.screens import SCREENS
from app.views.how.sources import sources
from nnit.errors import UserError


def current() -> int:
    """The screen to show, from 1; the first where the address names none."""
    text = st.query_params.get("screen", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= len(SCREENS)):
        st.error(f"There are screens 1 to {len(SCREENS)}; this is the first.")
        return 1
    return int(text)


def go(to: int) -> None:
    """Turn to another screen."""
    st.query_params["screen"] = str(to)


number = current()
screen = SCREENS[number - 1]
with st.container(horizontal=True, vertical_alignment="center", key="walk"):
    st.button(
        "Back",
        on_click=go,
        args=(number - 1,),
        disabled=number == 1,
        key="how_back",
        # As remote controls of presenters send them; arrow keys belong to the sliders.
        shortcut="PageUp",
    )
    st.button(
        "Next",
        on_click=go,
        args=(number + 1,),
        disabled=number == len(SCREENS),
        key="how_next",
        shortcut="PageDown",
        type="primary",
    )
    st.caption(f"{number} of {len(SCREENS)}")
st.subheader(screen.title, anchor=False)
st.markdown(f"{screen.said}  \n**Try:** {screen.attempt}")
figure_place = st.container()
with st.expander("What the numbers mean, and sources", key="sources"):
    st.markdown(sources())
services().warm_up(default_task())
with figure_place:
    try:
        screen.figure()
    except UserError as error:
        st.info(f"There is nothing to show here: {error}.")
