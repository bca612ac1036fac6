"""The 3D replay and the flow's timeline in a real browser, with WebGL in software."""

import io
from collections.abc import Iterator

import imageio.v3 as imageio
import numpy as np
import pytest
from chromium import DRAWS_IN_3D, launch, needs_chromium, open_tab, until
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = needs_chromium

# Notes every context of WebGL that a page makes.
COUNTING = """
window.contexts = [];
const made = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...how) {
  const context = made.call(this, kind, ...how);
  if (kind === "webgl2" && !contexts.includes(context)) contexts.push(context);
  return context;
};
"""


@pytest.fixture(scope="module")
def drawing_browser() -> Iterator[Browser]:
    """Chromium that draws in 3D without a GPU."""
    with launch(*DRAWS_IN_3D) as browser:
        yield browser


@pytest.fixture
def page(drawing_browser: Browser, app: str) -> Iterator[Page]:
    """A page that asks no other host, fails in nothing, and does not move by itself."""
    viewport = {"width": 1440, "height": 900}
    page = open_tab(drawing_browser, viewport=viewport, reduced_motion="reduce")
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    hosts = (app, app.replace("http", "ws"), "data:", "blob:")
    page.on(
        "request", lambda r: None if r.url.startswith(hosts) else failures.append(f"asked {r.url}")
    )
    yield page
    page.context.close()
    assert not failures


def picture(place: Locator) -> np.ndarray:
    return imageio.imread(io.BytesIO(place.screenshot())).astype(float)


def settled(place: Locator) -> np.ndarray:
    """What is to be seen there when nothing moves any more: two pictures in a row are the same."""
    last = picture(place)

    def rests() -> bool:
        nonlocal last
        before, last = last, picture(place)
        return before.shape == last.shape and np.array_equal(before, last)

    until(rests, "a picture that stands still")
    return last


def changed(place: Locator, before: np.ndarray, least: float) -> np.ndarray:
    """The picture there once it differs from an earlier one by so much in the mean."""
    now = before

    def differs() -> bool:
        nonlocal now
        now = picture(place)
        return now.shape == before.shape and np.abs(now - before).mean() > least

    until(differs, "a picture that differs")
    return settled(place)


def choose_3d(page: Page) -> Locator:
    page.get_by_text("3D", exact=True).click()
    page.wait_for_selector(".replay canvas[data-drawn=true]")
    canvas = page.locator(".replay canvas").first
    settled(canvas)
    return canvas


def test_the_robot_is_drawn_and_follows_scrubber_and_camera(page: Page, app: str):
    page.goto(app)
    canvas = choose_3d(page)
    start = settled(canvas)
    assert start.std() > 20
    page.locator(".replay input[type=range]").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".replay output").first).to_contain_text("\u2713")
    end = changed(canvas, start, 2)
    page.get_by_role("button", name="Top").first.click()
    changed(canvas, end, 5)


def test_changing_to_and_fro_leaves_one_view_a_robot(page: Page, app: str):
    warnings: list[str] = []
    page.on("console", lambda m: warnings.append(m.text) if "WebGL" in m.text else None)
    page.add_init_script(COUNTING)
    page.goto(app)
    for _ in range(4):
        choose_3d(page)
        page.locator(".st-key-heading").get_by_text("Film", exact=True).click()
        expect(page.locator("video")).to_have_count(2)
    choose_3d(page)
    expect(page.locator("canvas[data-drawn=true]")).to_have_count(2)
    assert not [text for text in warnings if "Too many" in text]
    # One draws for all: a browser without a GPU takes a third of a second for each.
    assert page.evaluate("contexts.length") == 1


def test_3d_draws_no_more_once_another_kind_is_chosen(drawing_browser: Browser, app: str):
    page = open_tab(drawing_browser, reduced_motion="no-preference")
    page.goto(app)
    views = page.locator(".replay")
    expect(views.locator("canvas[data-drawn=true]")).to_have_count(2)
    toggles = views.locator(".toggle")
    # Without a press before it, the page itself takes no notice of it, and stays.
    film = page.locator(".st-key-heading").get_by_role("radio", name="Film")
    film.dispatch_event("keyup", {"key": "Tab"})
    expect(toggles).to_have_text(["Pause", "Pause"])
    film.dispatch_event("pointerup")
    expect(toggles).to_have_text(["Play", "Play"])
    # Whoever stays goes on.
    for toggle in toggles.all():
        toggle.click()
    expect(toggles).to_have_text(["Pause", "Pause"])
    film.dispatch_event("keyup", {"key": "Enter"})
    expect(toggles).to_have_text(["Play", "Play"])
    page.context.close()


def test_when_the_browser_ends_3d_both_robots_say_so_and_another_view_draws_again(page, app):
    page.add_init_script(COUNTING)
    page.goto(app)
    choose_3d(page)
    page.evaluate("contexts[0].getExtension('WEBGL_lose_context').loseContext()")
    lost = page.get_by_text("The browser has ended 3D drawing on this page")
    expect(lost).to_have_count(2)
    page.locator(".st-key-heading").get_by_text("Film", exact=True).click()
    expect(page.locator("video")).to_have_count(2)
    choose_3d(page)
    expect(page.locator("canvas[data-drawn=true]")).to_have_count(2)
    expect(lost).to_have_count(0)


def test_pictures_of_both_robots_are_there_until_the_browser_can_draw_them(page: Page, app: str):
    held = []
    page.route("**/three.bundle.js", lambda route: held.append(route))  # not answered yet
    page.goto(app)
    stills = page.locator(".stage img")
    expect(stills).to_have_count(2)
    for still in stills.all():
        expect(still).to_be_visible()
        assert still.evaluate("still => still.naturalWidth") == 480
    page.wait_for_function("() => true")  # lets what is asked for arrive here
    for route in held:
        route.continue_()
    expect(page.locator(".replay canvas[data-drawn=true]")).to_have_count(2)
    expect(stills).to_have_count(0)


def test_scrubbing_through_the_flow_changes_the_matrices(page: Page, app: str):
    page.goto(f"{app}/noise?task=reach-v3&arch=9-12&steps=3&seed=1")
    page.wait_for_selector(".noise[data-drawn=true]")
    noisy = page.locator(".noise canvas").first
    end = settled(noisy)
    page.locator(".noise input[type=range]").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".noise[data-step='0']")
    changed(noisy, end, 5)
    expect(page.locator(".noise .said")).to_contain_text("Step 1 of 3")
    # The robot below has a button of this name too, once it is drawn.
    page.locator(".noise").get_by_role("button", name="Play").click()
    page.wait_for_selector(".noise[data-step='2']")


def test_the_camera_stays_above_the_table_and_the_wheel_scrolls_the_page(page, app):
    page.set_viewport_size({"width": 1440, "height": 700})
    page.goto(f"{app}/?robot=3d")
    canvas = page.locator(".stage canvas[data-distance]").first
    canvas.wait_for()
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    distance = canvas.get_attribute("data-distance")
    page.mouse.wheel(0, 120)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 0")
    assert canvas.get_attribute("data-distance") == distance
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    canvas.click()  # waits until it stands still, and finds it where it then is
    page.mouse.wheel(0, 120)
    expect(canvas).not_to_have_attribute("data-distance", distance)
    # As far down as a hand drags, from several sides.
    box = canvas.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(4):
        page.mouse.move(middle[0], middle[1] + 150)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(middle[0] + 20 * step, middle[1] + 150 - 45 * step)
        page.mouse.up()
        assert float(canvas.get_attribute("data-height")) > 0
