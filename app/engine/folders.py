"""Where the files that ship with the app lie."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
EXAMPLE = ASSETS / "example"


def example_of_suite(name: str) -> Path:
    """Where the example of a suite lies that has one of its own; the page's first one is `EXAMPLE`."""
    return ASSETS / f"example-{name}"
