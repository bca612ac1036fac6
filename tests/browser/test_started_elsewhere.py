"""The app started from another folder, as a service without a working directory is: nothing is missing."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import DRAWS_IN_3D, ROOT, keep, launch, needs_chromium, open_tab
from playwright.sync_api import Page, expect
from serving import serve

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def elsewhere(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started from the root of the file system."""
    log = tmp_path_factory.mktemp("elsewhere") / "log"
    with serve(tiny_checkpoint, log, folder=Path("/")) as address:
        yield address
    assert "Collecting usage statistics" not in log.read_text()


@pytest.fixture
def page(elsewhere: str) -> Iterator[Page]:
    """A page that asks no other host and is refused nothing."""
    failures: list[str] = []
    hosts = (elsewhere, elsewhere.replace("http", "ws"), "data:", "blob:")
    with launch(*DRAWS_IN_3D) as browser:
        page = open_tab(browser, color_scheme="light", reduced_motion="reduce")
        page.on(
            "request",
            lambda one: None if one.url.startswith(hosts) else failures.append(f"asked {one.url}"),
        )
        page.on(
            "response",
            lambda one: failures.append(f"{one.status} {one.url}") if one.status >= 400 else None,
        )
        page.goto(elsewhere)
        yield page
        page.context.close()
    assert not failures


def test_theme_and_static_files_are_there_and_no_other_host_is_asked(page: Page):
    wanted = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text())
    colour = wanted["theme"]["light"]["backgroundColor"].removeprefix("#")
    channels = ", ".join(str(int(colour[i : i + 2], 16)) for i in (0, 2, 4))
    expect(page.locator(".stApp")).to_have_css("background-color", f"rgb({channels})")
    page.get_by_text("3D", exact=True).click()
    page.wait_for_selector(".replay canvas[data-drawn=true]")
    expect(page.get_by_text("Deploy")).to_have_count(0)  # the toolbar is the small one


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_there_is_something_to_read_until_the_scripts_have_come(elsewhere: str, theme: str):
    with launch() as browser:
        page = open_tab(browser, color_scheme=theme, viewport={"width": 1440, "height": 900})
        page.route("**/static/js/**", lambda route: route.abort())
        page.goto(elsewhere)
        expect(page.get_by_role("heading")).to_contain_text("writes the weights of a robot")
        expect(page).to_have_title("NNiT Explorer")
        keep(page, f"opening-{theme}")
        found = Axe().run(page).response["violations"]
        assert not [one["nodes"] for one in found]
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        keep(page, f"opening-{theme}-phone")
        page.unroute("**/static/js/**")
        page.reload()
        page.locator(".story").wait_for()
        expect(page.locator("#opening")).to_have_count(0)
        expect(page).to_have_title("NNiT Explorer")
        expect(page.locator("link[rel='shortcut icon']")).to_have_attribute(
            "href", re.compile("svg")
        )
