"""What holds for every page: no errors, no other hosts, readable by everybody, no wider than a phone."""

from itertools import pairwise

import pytest
from chromium import needs_chromium, settle, whole_and_readable
from playwright.sync_api import expect

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
    "refused": ("noise?task=nonsense&arch=9-x&steps=2", "text=cannot be used"),
}


# The dark theme's background, and the light one's.
_THEMES = {"light": "rgb(252, 252, 250)", "dark": "rgb(16, 19, 23)"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_readable_in_both_themes(visit_path, name):
    path, ready = PAGES[name]
    page = visit_path(path)
    for theme, background in _THEMES.items():
        # As when evening comes: the page follows the system while it is open.
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect(page.locator(".stApp")).to_have_css("background-color", background)
        whole_and_readable(page, ready, f"{name}-{theme}")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_widths_below_the_map_do_not_run_into_each_other(visit_path, width):
    page = visit_path("widths?task=reach-v3", size=(width, 900))
    page.locator(".js-plotly-plot .xtick text").first.wait_for()
    settle(page, ".js-plotly-plot")
    map_ = page.locator(".js-plotly-plot").first
    boxes = map_.locator(".xtick text").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({left, right}) => [left, right])"
    )
    assert len(boxes) > 10
    assert all(one[1] <= other[0] for one, other in pairwise(boxes))


def test_a_link_that_has_the_keyboard_has_a_frame(visit_path):
    page = visit_path("evidence")
    link = page.get_by_role("link", name="Widths", exact=True)
    link.wait_for()
    page.keyboard.press("Tab")  # so that the browser knows of a keyboard
    link.focus()
    style = "link => getComputedStyle(link).outlineStyle"
    page.wait_for_function(f"link => ({style})(link) === 'solid'", arg=link.element_handle())
