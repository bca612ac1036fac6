"""The corner of every page: which device and model serve it, and how many wait."""

from html import escape

import streamlit as st

from app.engine.checkpoint import checkpoint_version, covered_tasks
from app.engine.services import services

_LOOK_SECONDS = 4
# In the bar where it has room, else above the page. It comes with the text: until the page's own style is there,
# the text would take a place of its own, and all below would jump when it leaves.
_STYLE = """<style>
.corner { font-size: 0.74rem; color: var(--quiet-text, inherit); }
.corner .term { border: 0; }
.corner .meaning { display: none; }
.corner .term:hover .meaning, .corner .term:focus .meaning { display: block; }
@media (min-width: 1101px) {
  .corner { position: fixed; top: 1.15rem; right: 4rem; z-index: 999990; }
  .corner .meaning { left: auto; right: 0; }
  .st-key-corner { position: absolute; }
}
</style>"""


_MEANING = (
    "The model that writes networks here, by the version of its files, the processor that it runs on, and what "
    "visitors of this server wait for: networks (sampling), episodes (robots) or films."
)


def _asked_task() -> str | None:
    """The task in the address, until the page has read it."""
    task = st.query_params.get("task")
    return task if task in covered_tasks() else None


def corner_text() -> str:
    """Device, version of the model, and what is in the queues."""
    load = services().load()
    version = checkpoint_version(st.session_state.get("chosen_task") or _asked_task())
    where = f" on {load.device}" if load.device else ", not loaded yet"
    parts = [f"model {version}{where}" if version else "no model"]
    waiting = [
        f"{count} {name.removesuffix('s') if count == 1 else name}"
        for name, count in load.waiting.items()
        if count
    ]
    if waiting:
        parts.append(f"waiting: {', '.join(waiting)}")
    elif load.running:
        parts.append("at work")
    else:
        parts.append("nothing waits")
    return " \u00b7 ".join(parts)


@st.fragment(run_every=_LOOK_SECONDS)
def show_corner() -> None:
    """Keep the corner up to date."""
    with st.container(key="corner"):
        st.html(
            f'<div class="corner"><span class="term" tabindex="0" role="status" aria-live="off">'
            f'{escape(corner_text())}<span class="meaning" role="tooltip">{_MEANING}</span></span></div>{_STYLE}'
        )
