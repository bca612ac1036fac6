"""What pages say of addresses, and what of a request goes along from page to page."""

import re
from collections.abc import Sequence

import streamlit as st

from app.engine.checkpoint import covered_tasks
from nnit.request import SampleRequest


def literally(text: str) -> str:
    """Text that may hold what somebody else wrote, for a place that reads Markdown."""
    return re.sub(r"([\\`*_\[\]$:<>~#|])", r"\\\1", " ".join(text.split()))


def show_link_problems(problems: Sequence[str]) -> None:
    """Say what in the page's address could not be used."""
    if problems:
        items = "\n".join(f"- {literally(problem)}" for problem in problems)
        st.error(f"Parts of this link cannot be used; their defaults are shown instead.\n{items}")


def carry(request: SampleRequest) -> None:
    """Let the pages that are opened next, without an address of their own, begin with this."""
    st.session_state.carried = request


def carried() -> SampleRequest | None:
    """What the visitor asked for on the page before; None if nothing, or if it is of a task that is gone."""
    request: SampleRequest | None = st.session_state.get("carried")
    return request if request is not None and request.task in covered_tasks() else None
