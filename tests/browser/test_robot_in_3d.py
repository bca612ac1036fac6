"""The 3D replay and the flow's timeline in a real browser, with WebGL in software."""

import io
from collections.abc import Iterator

import imageio.v3 as imageio
import numpy as np
import pytest
from chromium import CHROMIUM, PATIENCE, needs_chromium
from playwright.sync_api import Browser, Locator, Page, sync_playwright

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def drawing_browser() -> Iterator[Browser]:
    """Chromium that draws in 3D without a GPU."""
    switches = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield browser
        browser.close()


@pytest.fixture
def page(drawing_browser: Browser, app: str) -> Iterator[Page]:
    """A page that asks no other host, fails in nothing, and does not move by itself."""
    context = drawing_browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    hosts = (app, app.replace("http", "ws"), "data:", "blob:")
    page.on(
        "request", lambda r: None if r.url.startswith(hosts) else failures.append(f"asked {r.url}")
    )
    yield page
    context.close()
    assert not failures


def picture(place: Locator) -> np.ndarray:
    return imageio.imread(io.BytesIO(place.screenshot())).astype(float)


def choose_3d(page: Page) -> Locator:
    page.get_by_text("3D", exact=True).click()
    page.wait_for_selector(".replay canvas[data-drawn=true]")
    page.wait_for_timeout(500)
    return page.locator(".replay canvas")


def test_the_robot_is_drawn_and_follows_scrubber_and_camera(page: Page, app: str):
    page.goto(app)
    page.wait_for_selector("video")
    canvas = choose_3d(page)
    start = picture(canvas)
    assert start.std() > 20
    page.locator(".replay input[type=range]").focus()
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    assert "\u2713" in page.locator(".replay output").inner_text()
    end = picture(canvas)
    assert np.abs(end - start).mean() > 2
    page.get_by_role("button", name="Top").click()
    page.wait_for_timeout(300)
    assert np.abs(picture(canvas) - end).mean() > 5


def test_changing_to_and_fro_leaves_one_view(page: Page, app: str):
    warnings: list[str] = []
    page.on("console", lambda m: warnings.append(m.text) if "WebGL" in m.text else None)
    page.goto(app)
    page.wait_for_selector("video")
    for _ in range(4):
        choose_3d(page)
        page.get_by_text("Film", exact=True).first.click()
        page.wait_for_selector("video")
    choose_3d(page)
    assert page.locator("canvas[data-drawn=true]").count() == 1
    assert not [text for text in warnings if "Too many" in text]


def test_scrubbing_through_the_flow_changes_the_matrices(page: Page, app: str):
    page.goto(f"{app}/noise?task=reach-v3&arch=9-12&steps=3&seed=1")
    page.wait_for_selector(".noise[data-drawn=true]")
    noisy = page.locator(".noise canvas").first
    end = picture(noisy)
    page.locator(".noise input[type=range]").focus()
    page.keyboard.press("Home")
    page.wait_for_selector(".noise[data-step='0']")
    assert np.abs(picture(noisy) - end).mean() > 5
    assert "Step 1 of 3" in page.locator(".noise .said").inner_text()
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".noise[data-step='2']")
