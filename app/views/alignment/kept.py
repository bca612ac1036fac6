"""What a visitor brought and asked stays while other pages are looked at: Streamlit alone forgets both."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.widgets.links import literally

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOADER, OBSERVATIONS = "align_files", "align_observations"
# Widgets that say what is asked of the networks.
_SETTINGS = (
    "align_undo",
    "align_group",
    "align_by",
    "align_activation",
    "align_states",
    "align_beside",
)
_NAMED = 4


def kept_files() -> "list[UploadedFile]":
    """Files of before the visitor went to another page; to be asked for before anything else is drawn."""
    state = st.session_state
    if UPLOADER not in state:  # the visitor comes, or comes back
        state.align_kept = state.get("align_brought", [])
        state.align_kept_observations = state.get("align_brought_observations")
        for key, value in (
            state.get("align_answers", {}) | state.get("align_settings", {})
        ).items():
            # Forgotten first: Streamlit would take it for the value of the control of before, which is no more, and
            # lose it if this run ends before the control is drawn.
            state[key] = value
            del state[key]
            state[key] = value
    return state.align_kept


def keep_files(files: "Sequence[UploadedFile]") -> None:
    """Keep all that the visitor has brought for when they come back."""
    st.session_state.align_brought = list(files)


def keep_answers(keys: Sequence[str]) -> None:
    """Keep what the visitor said of how files are to be read, which the session has under these keys."""
    state = st.session_state
    state.align_answers = {key: state[key] for key in keys}


def keep_settings() -> None:
    """Keep what is asked of the networks, once everything that says so has been drawn."""
    state = st.session_state
    state.align_settings = {key: state[key] for key in _SETTINGS if key in state}
    state.align_brought_observations = observations_file()


def observations_file() -> "UploadedFile | None":
    """The visitor's observations: those of before, unless there are newer ones."""
    state = st.session_state
    return state.get(OBSERVATIONS) or state.get("align_kept_observations")


def show_kept(files: "Sequence[UploadedFile]") -> None:
    """Name the files of before, and let the visitor remove them."""
    if not files:
        return
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    names = ", ".join(file.name[-40:] for file in files[:_NAMED])
    _say(f"{literally(names)}{more}", "align_forget", _forget)


def show_kept_observations() -> None:
    """The same for the file of observations."""
    state = st.session_state
    file = state.get("align_kept_observations")
    if file is not None and state.get(OBSERVATIONS) is None:
        _say(literally(file.name[-40:]), "align_forget_observations", _forget_observations)


def _say(names: str, key: str, forget: Callable[[], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_place"):
        st.markdown(f"Still here from before: {names}.", width="content")
        st.button("Remove", key=key, on_click=forget, type="tertiary")


def _forget() -> None:
    st.session_state.align_kept = []


def _forget_observations() -> None:
    st.session_state.align_kept_observations = None
