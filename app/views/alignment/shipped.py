"""The figure that the page shows first, as the browser gets it; `python -m app.make.alignment` makes it.

It stands in for the same figure while that is computed, if it came from the checkpoint that is used.
"""

import gzip
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from app.engine.folders import ASSETS
from app.views.alignment.request import Comparison

FILE = ASSETS / "alignment.json.gz"


def save_figure(comparison: Comparison, version: str, figure: dict[str, Any], file: Path) -> None:
    """Write a figure, the same bytes for the same figure."""
    body = {"comparison": comparison.to_query(), "version": version, "figure": figure}
    file.write_bytes(gzip.compress(json.dumps(body).encode(), mtime=0))


@cache
def _read(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(gzip.decompress(file.read_bytes()))
        return body if {"comparison", "version", "figure"} <= body.keys() else {}
    except (OSError, ValueError, EOFError, AttributeError, zlib.error):
        return {}


def shipped_figure(
    comparison: Comparison | None, version: str | None, file: Path = FILE
) -> dict[str, Any] | None:
    """The figure in the repository, if it is what this checkpoint makes of this comparison."""
    body = _read(file)
    if comparison is None or not body or body["version"] != version:
        return None
    figure: dict[str, Any] = body["figure"]
    return figure if body["comparison"] == comparison.to_query() else None


def joined(figure: dict[str, Any], shipped: dict[str, Any]) -> dict[str, Any]:
    """A figure of other kinds of networks, followed by those that ship."""
    return {
        **shipped,
        "key": f"{figure['key']} {shipped['key']}",
        "kinds": [*figure["kinds"], *shipped["kinds"]],
    }
