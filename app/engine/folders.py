"""Where the files that ship with the app lie."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
EXAMPLE = ASSETS / "example"
