"""The corner of every page: which device and model serve it, and how many wait."""

from html import escape

import streamlit as st

from app.components.services import checkpoint_version, services

_LOOK_SECONDS = 4


def corner_text() -> str:
    """Device, version of the model, and what is in the queues."""
    load = services().load()
    parts = [load.device or "model not loaded yet", checkpoint_version() or "no model"]
    waiting = [f"{count} {name}" for name, count in load.waiting.items() if count]
    if waiting:
        parts.append(f"waiting: {', '.join(waiting)}")
    elif load.running:
        parts.append("working")
    else:
        parts.append("idle")
    return " \u00b7 ".join(parts)


@st.fragment(run_every=_LOOK_SECONDS)
def show_corner() -> None:
    """Keep the corner up to date."""
    with st.container(key="corner"):
        st.html(f'<span role="status" aria-live="off">{escape(corner_text())}</span>')
