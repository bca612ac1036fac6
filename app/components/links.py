"""What every page does with its address: read values one by one, and say which could not be used."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from nnit.errors import UserError

# Name in the address: field of what is asked for, and how it is read; raises a UserError.
Parsers = Mapping[str, tuple[str, Callable[[str], Any]]]


def literally(text: str) -> str:
    """Text that may hold what somebody else wrote, for a place that reads Markdown."""
    return re.sub(r"([\\`*_\[\]$:<>~#|])", r"\\\1", " ".join(text.split()))


def parse_values(query: Mapping[str, str], parsers: Parsers) -> tuple[dict[str, Any], list[str]]:
    """Read the values of an address that are named and can be used.

    Returns:
        The values by field, and one sentence for each that could not be used.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, (field, parse) in parsers.items():
        if name in query:
            try:
                values[field] = parse(query[name])
            except UserError as error:
                problems.append(str(error))
    return values, problems


def show_link_problems(problems: Sequence[str]) -> None:
    """Say what in the page's address could not be used."""
    if problems:
        items = "\n".join(f"- {literally(problem)}" for problem in problems)
        st.error(f"Parts of this link cannot be used; their defaults are shown instead.\n{items}")
