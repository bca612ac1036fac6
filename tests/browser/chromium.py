"""What the tests in headless Chromium share besides fixtures.

Screenshots of every view go to `artefacts/`. Nothing here depends on how fast the machine is: a test waits
for a state of the page, and the patience with which it does is set here, once for all.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from patience import SECONDS
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright
from report import watch_page

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "artefacts"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# WebGL without a GPU. Only that: were the page itself put together there as well, a small sign that turns while one
# waits would take half a processor from what is waited for.
DRAWS_IN_3D = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
)
_PATIENCE = 1000 * SECONDS  # as Playwright counts
_MOVES, _MOVE_AGAIN = SECONDS, 1000

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="Chromium is not installed; `apt-get install chromium` runs these tests",
)
expect.set_options(timeout=_PATIENCE)


@contextmanager
def launch(*switches: str) -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *switches], timeout=_PATIENCE
        )
        yield browser
        browser.close()


def open_tab(browser: Browser, **how: object) -> Page:
    """An empty page in a context of its own, made as `how` says."""
    context = browser.new_context(**how)
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    watch_page(page)
    return page


def keep(page: Page, name: str) -> None:
    """A screenshot for people to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def stays(page: Page, condition: str) -> None:
    """Wait until a condition in JavaScript has held for thirty pictures of the browser in a row."""
    page.evaluate("window.held = 0")
    page.wait_for_function(
        f"() => {{ window.held = {condition} ? window.held + 1 : 0; return window.held > 30; }}"
    )


def fits(page: Page) -> None:
    """Nothing on the page is wider than the window, once it has settled in it."""
    main = "document.querySelector('[data-testid=stMain]')"
    width = page.viewport_size["width"]
    stays(
        page,
        f"(window.innerWidth === {width} && document.documentElement.scrollWidth <= {width}"
        f" && {main}.scrollWidth <= {main}.clientWidth)",
    )


def settle(page: Page, ready: str) -> None:
    """Wait until the page has drawn what it is about, and runs no more."""
    page.locator(ready).first.wait_for()
    # The status comes late, and what is drawn anew is faded meanwhile: its low contrast is not the page's. So it is
    # while something else is still measured, which the page says beside a turning wheel.
    stays(
        page,
        "(document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-testid=stStatusWidget], [data-testid=stExpanderIconSpinner]')"
        " && document.getAnimations().every(a => a.effect.getComputedTiming().iterations === Infinity))",
    )


def whole_and_readable(page: Page, ready: str, name: str) -> None:
    """A page that has drawn what it is about is readable by everybody (axe-core), and no wider than a phone."""
    settle(page, ready)
    keep(page, f"page-{name}")
    found = Axe().run(page).response["violations"]
    said = [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]
    assert not said
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
    keep(page, f"page-{name}-phone")


def point_at(place: Locator, shown: Locator) -> None:
    """Point at a chart until it says something: before it has been drawn it hears no mouse."""
    for move in range(_MOVES):
        box = place.bounding_box()
        # A little further each time: a mouse that stands still says nothing.
        place.hover(position={"x": box["width"] / 2 + move % 3, "y": box["height"] / 2})
        try:
            shown.wait_for(timeout=_MOVE_AGAIN)
        except TimeoutError:
            continue
        return
    pytest.fail("the chart says nothing")


def until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until something holds that only this process can see."""
    for _ in range(10 * SECONDS):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"never: {what}")
