"""Files that a visitor brought stay while other pages are looked at: Streamlit's uploader alone forgets them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.widgets.links import literally

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOADER = "align_files"
_NAMED = 4


def kept_files() -> "list[UploadedFile]":
    """Files of before the visitor went to another page; to be asked for before the uploader is drawn."""
    state = st.session_state
    if UPLOADER not in state:  # the visitor comes, or comes back
        state.align_kept = state.get("align_brought", [])
        state.update(state.get("align_answers", {}))
    return state.align_kept


def keep_files(files: "Sequence[UploadedFile]") -> None:
    """Keep all that the visitor has brought for when they come back."""
    st.session_state.align_brought = list(files)


def keep_answers(keys: Sequence[str]) -> None:
    """Keep what the visitor said of how files are to be read, which the session has under these keys."""
    state = st.session_state
    state.align_answers = {key: state[key] for key in keys}


def show_kept(files: "Sequence[UploadedFile]") -> None:
    """Name the files of before, and let the visitor remove them."""
    if not files:
        return
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    names = ", ".join(file.name[-40:] for file in files[:_NAMED])
    with st.container(horizontal=True, vertical_alignment="center", key="align_kept_files"):
        st.markdown(f"Still here from before: {literally(names)}{more}.", width="content")
        st.button("Remove them", key="align_forget", on_click=_forget, type="tertiary")


def _forget() -> None:
    st.session_state.align_kept = []
