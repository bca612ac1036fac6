"""The corner of every page: which device and model serve it, and how many wait."""

from html import escape

import streamlit as st

from app.engine.checkpoint import checkpoint_version
from app.engine.services import services

_LOOK_SECONDS = 4
# In the bar where it has room, else above the page. It comes with the text: until the page's own style is there,
# the text would take a place of its own, and all below would jump when it leaves.
_STYLE = """<style>
.corner { font-size: 0.74rem; color: var(--quiet-text, inherit); }
@media (min-width: 1101px) {
  .corner { position: fixed; top: 1.15rem; right: 4rem; z-index: 999990; pointer-events: none; }
  .st-key-corner { position: absolute; }
}
</style>"""


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
        text = escape(corner_text())
        st.html(f'<span class="corner" role="status" aria-live="off">{text}</span>{_STYLE}')
