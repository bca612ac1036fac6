"""What holds for every page: no errors, no other hosts, readable by everybody, no wider than a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import fits, keep, needs_chromium, stays
from playwright.sync_api import Page

pytestmark = needs_chromium
# Address, and what is there when the page is whole.
PAGES = {
    "generate": ("", ".weights[data-drawn=true]"),
    "generated": ("?task=reach-v3&arch=9&steps=2&count=2&beside=2", ".weights[data-drawn=true]"),
    "noise": ("noise?task=reach-v3&arch=9&steps=2", ".noise[data-drawn=true]"),
    "widths": ("widths?task=reach-v3", ".js-plotly-plot"),
    "alignment": ("alignment?task=reach-v3&arch=9-12", ".alignment[data-measured=true]"),
    "evidence": ("evidence", ".claims"),
    "how-function": ("how?screen=1", ".weights[data-drawn=true]"),
    "how-answer": ("how?screen=4&shown=1", ".weights[data-drawn=true]"),
    "how-cutting": ("how?screen=5&shown=1", ".cutting[data-moment='1.00']"),
    "how-lecture": ("how?screen=1&present=1", ".weights[data-drawn=true]"),
    "refused": ("noise?task=nonsense&arch=9-x", "text=cannot be used"),
}


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_readable(visit_path, name, scheme):
    path, ready = PAGES[name]
    page = visit_path(path, scheme=scheme)
    settle(page, ready)
    keep(page, f"page-{name}-{scheme}")
    found = Axe().run(page).response["violations"]
    said = [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]
    assert not said
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
    keep(page, f"page-{name}-phone-{scheme}")
