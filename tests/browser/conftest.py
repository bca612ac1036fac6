"""The running app, and a browser that looks at it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import DRAWS_IN_3D, launch, open_tab
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from report import looks_of_all
from serving import serve

# Opened by its link, a page other than the first asks below its own path first, which Streamlit allows for.
_ASKED_IN_VAIN = re.compile(r"/(noise|widths|alignment|evidence|how)/_stcore/(health|host-config)$")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator:
    """A test that fails says what the pages look like that it has opened."""
    report = yield
    if report.when == "call" and report.failed:
        for number, looks in enumerate(looks_of_all(), 1):
            report.sections.append((f"page {number} when it failed", looks))
    return report


@pytest.fixture(scope="session")
def app(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served with the tiny checkpoint and short trials."""
    with serve(tiny_checkpoint, tmp_path_factory.mktemp("app") / "log", episodes=2) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium that keeps to itself, and draws in 3D without a GPU."""
    quiet = ("quic", "background-networking", "component-update", "sync")
    with launch(*DRAWS_IN_3D, "--no-first-run", *(f"--disable-{name}" for name in quiet)) as one:
        yield one


@pytest.fixture
def visit_path(app: str, browser: Browser) -> Iterator:
    """Opens a path of the app; afterwards checks that nothing failed in it and that it asked no other host."""
    contexts, failures = [], []

    def note_request(address: str) -> None:
        if not address.startswith((app, app.replace("http", "ws"), "data:", "blob:")):
            failures.append(f"request to {address}")

    def note_response(response: Response) -> None:
        if response.status >= 400 and not _ASKED_IN_VAIN.search(response.url):
            failures.append(f"{response.status} {response.url}")

    def note_console(message: ConsoleMessage) -> None:
        # Of a failed request the address is noted above.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            failures.append(message.text)

    def open_page(path: str, size=(1440, 900), scheme="light", motion="reduce") -> Page:
        viewport = {"width": size[0], "height": size[1]}
        # Two robots that moved by themselves would take most of a processor without a GPU.
        page = open_tab(browser, viewport=viewport, color_scheme=scheme, reduced_motion=motion)
        contexts.append(page.context)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("request", lambda request: note_request(request.url))
        page.on("response", note_response)
        page.on("console", note_console)
        page.goto(f"{app}/{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not failures
