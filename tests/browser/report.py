"""What pages look like when a test fails on them.

A test that waits in vain says only what it waited for. Most often the page is somewhere else than the test believes,
and that is seen at once from its address and its text.
"""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Page, Request

_TEXT, _LINES, _PATIENCE = 1500, 15, 10_000  # characters, lines, and milliseconds
# Parts of the page have roots of their own.
_LOOKS = """text => {
  const app = document.querySelector('[data-testid=stApp]');
  const parts = [...document.querySelectorAll('.stBidiComponent')].map((one) => {
    const root = [...one.querySelectorAll('*')].find((part) => part.shadowRoot)?.shadowRoot ?? one;
    const drawn = root.querySelector('div[class]');
    return drawn ? `${drawn.className} ${JSON.stringify(drawn.dataset)}` : 'empty';
  });
  const focus = document.activeElement?.outerHTML.slice(0, 100);
  return [
    `script: ${app?.dataset.testScriptState}, connection: ${app?.dataset.testConnectionState}`,
    `focus: ${focus}`,
    ...parts.map((part) => `part: ${part}`),
    `text: ${(document.querySelector('[data-testid=stMain]') ?? document.body).innerText.slice(0, text)}`,
  ];
}"""


@dataclass
class _Seen:
    """What happened in a page.

    Attributes:
        waits: requests without an answer.
        console: warnings and errors.
    """

    waits: list[Request] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


_PAGES: dict[Page, _Seen] = {}
_LOGS: dict[str, Path] = {}


def watch_page(page: Page) -> None:
    """From now on until it is closed, a page is in the report."""
    seen = _PAGES[page] = _Seen()

    def answered(request: Request) -> None:
        if request in seen.waits:
            seen.waits.remove(request)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            seen.console.append(f"{message.type}: {message.text}")

    page.on("request", lambda request: seen.waits.append(request))
    page.on("requestfinished", answered)
    page.on("requestfailed", answered)
    page.on("console", said)
    page.on("close", lambda page: _PAGES.pop(page, None))


def watch_log(address: str, log: Path) -> None:
    """Where the server of an address writes what it says."""
    _LOGS[address] = log


def looks_of(page: Page) -> str:
    """What a page shows, what it waits for, and what was said in it and by its server."""
    seen = _PAGES.get(page, _Seen())
    lines = [f"address: {page.url}"]
    try:
        # Unlike `evaluate` it gives up on a page whose script never ends.
        lines += page.wait_for_function(_LOOKS, arg=_TEXT, timeout=_PATIENCE).json_value()
    except Error as error:
        lines.append(f"it does not say what it shows: {error}")
    lines += [f"waits for: {request.method} {request.url[:200]}" for request in seen.waits]
    lines += [f"console, {text[:300]}" for text in seen.console[-_LINES:]]
    for address, log in _LOGS.items():
        if page.url.startswith(address):
            said = log.read_text(encoding="utf-8").splitlines()[-_LINES:]
            lines += [f"server: {line}" for line in said if line.strip()]
    return "\n".join(lines)


def looks_of_all() -> list[str]:
    """The same of every page that is open."""
    return [looks_of(page) for page in list(_PAGES)]
