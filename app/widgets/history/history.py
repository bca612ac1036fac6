"""Keep the browser's history to one entry a page, so that Back goes back once: what `history.js` does."""

import streamlit as st

from app.widgets.parts import drawn_part

_component = drawn_part("history", styles=("widgets/history/history.css",))


def keep_history_short() -> None:
    """Let changes of the address within a page replace its entry; call it once a run."""
    with st.container(key="history"):
        _component(key="history_entries", data={"key": "history"})
