"""What the tests in headless Chromium share besides fixtures.

Screenshots of every view go to `artefacts/`. Nothing here depends on how fast the machine is.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "artefacts"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 180_000  # milliseconds

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="Chromium is not installed; `apt-get install chromium` runs these tests",
)


def keep(page: Page, name: str) -> None:
    """A screenshot for people to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
