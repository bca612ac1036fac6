"""Addresses of pages: their values read one by one, and a sentence for each that cannot be used."""

from collections.abc import Callable, Mapping
from typing import Any

from nnit.errors import UserError

# Name in the address: field of what is asked for, and how it is read; raises a UserError.
Parsers = Mapping[str, tuple[str, Callable[[str], Any]]]


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
