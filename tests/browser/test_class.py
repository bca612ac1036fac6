"""A class in the real browser: a projector shows what a phone has tried."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import fits, keep, needs_chromium, stays
from playwright.sync_api import expect

pytestmark = needs_chromium
RESTS = (
    "(document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    " && document.getAnimations().every(a => a.effect.getComputedTiming().iterations === Infinity))"
)
# Text that is seen and smaller than a room reads, in pixels.
SMALL = """() => [...document.querySelectorAll('.stMain *')].filter((e) => {
  const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const box = e.getBoundingClientRect();
  return text && box.width && box.height && parseFloat(getComputedStyle(e).fontSize) < 23.9;
}).map((e) => e.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_projector_shows_what_a_phone_has_tried(visit_path, scheme):
    screen = visit_path("widths?task=reach-v3", size=(1920, 1080), scheme=scheme)
    screen.get_by_text("Class", exact=True).click()
    screen.get_by_role("button", name="Start a class").click()
    code = screen.locator(".class-code .code").inner_text()
    expect(screen.locator(".board")).to_contain_text("None yet")
    phone = visit_path(
        f"?class={code}&task=reach-v3&arch=9-12&steps=1", size=(390, 844), scheme=scheme
    )
    expect(phone.locator(".st-key-my_class")).to_contain_text(code)
    # Nothing is pressed on the projector's computer.
    expect(screen.locator(".board")).to_contain_text("1 architecture tried")
    expect(screen.locator(".js-plotly-plot .scatterlayer path.point")).to_have_count(1)
    screen.get_by_role("button", name="Present").click()
    expect(screen.get_by_role("button", name="Show the whole page")).to_be_visible()
    stays(screen, f"({SMALL})().length === 0 && {RESTS}")
    keep(screen, f"class-projector-{scheme}")
    found = Axe().run(screen).response["violations"]
    assert not [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]]
    phone.locator(".st-key-my_class").get_by_role("link").click()
    expect(phone.locator(".board")).to_be_visible()
    fits(phone)
    keep(phone, f"class-phone-{scheme}")
