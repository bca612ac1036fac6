"""A weight is named where it is pointed at, and a card that stays names its neuron; by keyboard as well."""

import re

import pytest
from chromium import keep, needs_chromium
from playwright.sync_api import Locator, Page, expect

pytestmark = needs_chromium
PLACE = "how?screen=1&shown=1"


@pytest.fixture
def page(visit_path) -> Page:
    page = visit_path(PLACE)
    page.locator(".weights[data-drawn=true]").wait_for()
    return page


def apart(part: Locator, other: dict[str, float]) -> float:
    """How far two boxes are from each other, in pixels; 0 where they touch."""
    box = part.bounding_box()
    across = max(box["x"] - other["x"] - other["width"], other["x"] - box["x"] - box["width"], 0)
    down = max(box["y"] - other["y"] - other["height"], other["y"] - box["y"] - box["height"], 0)
    return float(max(across, down))


def test_the_value_stands_at_the_pointer(page):
    canvas = page.locator(".weights .matrix canvas").first
    canvas.hover(position={"x": 31, "y": 22})
    tip = page.locator(".weights .tip")
    expect(tip).to_have_text(
        re.compile(r"^[+\u2212]\d\.\d{3}\s+observation \d+ \(.*\) \u2192 neuron \d+$")
    )
    at = canvas.bounding_box()
    assert apart(tip, {"x": at["x"] + 31, "y": at["y"] + 22, "width": 0, "height": 0}) < 40
    page.locator(".weights h3").first.hover()
    expect(tip).to_be_hidden()


def test_a_click_pins_what_is_said_beside_the_matrix(page):
    canvas = page.locator(".weights .matrix canvas").first
    canvas.click(position={"x": 31, "y": 22})
    card = page.locator(".weights .pinned")
    expect(card).to_be_visible()
    for name in ("value", "patch", "from", "to", "is read most by"):
        expect(card.locator("dt", has_text=re.compile(f"^{name}$"))).to_have_count(1)
    assert apart(card, canvas.bounding_box()) < 40
    page.locator(".weights h3").first.hover()
    expect(card).to_be_visible()
    keep(page, "pinned")
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()


def test_the_keyboard_reads_and_pins_weights(page):
    first = page.locator(".weights .matrix canvas").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if first.evaluate("canvas => canvas.getRootNode().activeElement === canvas"):
            break
    readout = page.locator(".weights .readout")
    expect(readout).to_contain_text("W1, row 0, column 0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text("W1, row 1, column 1")
    page.keyboard.press("End")
    expect(readout).to_contain_text("W1, row 1, bias of neuron 1")
    page.keyboard.press("Enter")
    card = page.locator(".weights .pinned")
    expect(card).to_contain_text("W1, row 1, bias")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.keyboard.press("Tab")
    assert not first.evaluate("canvas => canvas.getRootNode().activeElement === canvas")
