"""Keep the browser's history to one entry a page, so that Back goes back once: what `history.js` does."""

from functools import cache

import streamlit as st

from app.widgets.parts import built_script


@cache
def _script() -> str:
    return f"<script>{{\n{built_script('history')}\n}}</script>"


def keep_history_short() -> None:
    """Let changes of the address within a page replace its entry; call it once a run."""
    with st.container(key="history"):
        st.html(_script(), unsafe_allow_javascript=True)
