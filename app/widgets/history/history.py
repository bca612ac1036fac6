"""Keep the browser's history to one entry a page, so that Back goes back once: what `history.js` does."""

import streamlit as st

from app.widgets.parts import page_script


def keep_history_short() -> None:
    """Let changes of the address within a page replace its entry; call it once a run."""
    with st.container(key="history"):
        st.html(page_script("history"), unsafe_allow_javascript=True)
