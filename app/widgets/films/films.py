"""The script that looks after the films of all pages; `films.js` says what it does."""

from functools import cache

import streamlit as st

from app.widgets.parts import built_script


@cache
def _script() -> str:
    """The module as a script that runs at once."""
    body, _, exported = built_script("films").rpartition("export {")
    name = exported.split(" as default")[0].strip()
    return f'<script type="module">{body}{name}();</script>'


def watch_films() -> None:
    """Begin, where it has not begun; call it once a run."""
    with st.container(key="films"):
        st.html(_script(), unsafe_allow_javascript=True)
