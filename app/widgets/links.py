"""What pages say of addresses: which values could not be used, and the text of others as it is."""

import re
from collections.abc import Sequence

import streamlit as st


def literally(text: str) -> str:
    """Text that may hold what somebody else wrote, for a place that reads Markdown."""
    return re.sub(r"([\\`*_\[\]$:<>~#|])", r"\\\1", " ".join(text.split()))


def show_link_problems(problems: Sequence[str]) -> None:
    """Say what in the page's address could not be used."""
    if problems:
        items = "\n".join(f"- {literally(problem)}" for problem in problems)
        st.error(f"Parts of this link cannot be used; their defaults are shown instead.\n{items}")
