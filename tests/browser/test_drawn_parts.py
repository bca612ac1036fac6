"""Parts that the page's scripts draw: they follow the theme and the width, and what is shown stays."""

from chromium import needs_chromium
from playwright.sync_api import Page

pytestmark = needs_chromium
FLOW = "noise?task=reach-v3&arch=9&steps=2"


def pictures(page: Page) -> list[str]:
    """Both input matrices, the only ones of this network that a phone has too little room for."""
    drawn = page.locator(".noise figure canvas[aria-label*='W1']")
    return drawn.evaluate_all("all => all.map(canvas => canvas.toDataURL())")


def changed(page: Page, before: list[str]) -> list[str]:
    """The pictures as soon as none is as before."""
    for _ in range(100):
        now = pictures(page)
        if not set(now) & set(before):
            return now
        page.wait_for_timeout(100)
    raise AssertionError("the pictures stay as they were")


def test_a_change_of_theme_repaints_and_keeps_the_step(visit_path):
    page = visit_path(FLOW)
    page.locator(".noise[data-drawn=true]").wait_for()
    page.locator(".noise input[type=range]").focus()
    page.keyboard.press("Home")
    page.locator(".noise[data-step='0']").wait_for()
    light = pictures(page)
    page.emulate_media(color_scheme="dark")
    dark = changed(page, light)
    assert page.locator(".noise").get_attribute("data-step") == "0"
    page.emulate_media(color_scheme="light")
    assert changed(page, dark) == light


def test_another_width_makes_other_cells(visit_path):
    page = visit_path(FLOW)
    page.locator(".noise[data-drawn=true]").wait_for()
    wide = pictures(page)
    page.set_viewport_size({"width": 390, "height": 844})
    narrow = changed(page, wide)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert changed(page, narrow) == wide
