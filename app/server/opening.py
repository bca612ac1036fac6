"""What a visitor sees until the page's scripts have come, which takes half a minute on a slow line.

Streamlit's own first file is an empty page: its scripts write all of it. Here it gets a title and a few words in the
place that they write to, so that the first picture they draw takes the words away.
"""

import re
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from app.engine.folders import ASSETS
from app.server.answers import change_answer

_TITLE = (b"<title>Streamlit</title>", b"<title>NNiT Explorer</title>")
# Streamlit's own font, 170 kB that come before the scripts; `config.toml` names fonts that every system has.
_FONT = re.compile(rb'<link\s+rel="preload"[^>]*as="font"[^>]*>')
_ROOT = b'<div id="root"></div>'
_LARGEST = 2**20  # a page's first file has some ten thousand bytes


def _words() -> bytes:
    logo = (ASSETS / "logo.svg").read_text()
    return (Path(__file__).parent / "opening.html").read_text().replace("{logo}", logo).encode()


def with_opening(page: bytes, words: bytes) -> bytes:
    """A page's first file, with something to read in it.

    Args:
        page: HTML as Streamlit has it. Where it is not as expected, it stays as it is.
        words: HTML to be seen until the scripts run.
    """
    page = _FONT.sub(b"", page.replace(*_TITLE))
    return page.replace(_ROOT, _ROOT[: -len(b"</div>")] + words + b"</div>")


class Opening:
    """ASGI middleware that puts words into the first file of each page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._words = _words()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the answer back; a page's with the words."""
        if scope["type"] == "http" and scope["method"] == "GET":
            await change_answer(self._app, scope, receive, send, _is_page, self._change)
        else:
            await self._app(scope, receive, send)

    async def _change(self, _headers: MutableHeaders, page: bytes) -> bytes:
        return with_opening(page, self._words)


def _is_page(status: int, headers: MutableHeaders) -> bool:
    return (
        status == 200
        and headers.get("content-type", "").startswith("text/html")
        and int(headers.get("content-length", _LARGEST + 1)) <= _LARGEST
    )
