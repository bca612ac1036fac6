"""What the server adds to Streamlit's own files: words until the scripts have come, and packed scripts."""

import asyncio
import gzip
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import Message

from app.server.browser import address
from app.server.opening import Opening, with_opening
from app.server.packing import Packing

_FILES = Path(streamlit.__file__).parent / "static"
_SCRIPT = next(_FILES.glob("static/js/index.*.js"))
_PACKED = {"accept-encoding": "gzip, deflate, br"}


@pytest.fixture
def server() -> Starlette:
    """Streamlit's own files, served by its own handler."""
    from streamlit.web.server.starlette.starlette_static_routes import (
        create_streamlit_static_handler,
    )

    files = create_streamlit_static_handler(str(_FILES), None)
    return Starlette(
        routes=[Mount("/", files)], middleware=[Middleware(Opening), Middleware(Packing)]
    )


def ask(
    server: Starlette, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """One request: status, headers and body of the answer."""
    answer: list[Message] = []

    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in asked:
            return message
        return await asyncio.Future()  # the visitor stays

    async def send(message: Message) -> None:
        answer.append(message)

    given = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": given}
    whole = {**scope, "query_string": b"", "root_path": "", "raw_path": path.encode()}
    asyncio.run(server(whole, receive, send))
    start, *bodies = answer
    found = {k.decode(): v.decode() for k, v in start["headers"]}
    return start["status"], found, b"".join(one.get("body", b"") for one in bodies)


def script(server: Starlette, headers: dict[str, str] | None = None):
    return ask(server, f"/static/js/{_SCRIPT.name}", headers)


@pytest.mark.parametrize("path", ["/", "/noise", "/a/page/that/is/not/there"])
def test_first_file_of_a_page_has_words_where_the_scripts_write(server: Starlette, path: str):
    status, headers, page = ask(server, path, _PACKED)
    assert status == 200
    assert page.count(b'<div id="root">\n') + page.count(b'<div id="root"><style>') == 1
    assert b"<title>NNiT Explorer</title>" in page
    assert b"writes the weights of a robot" in page
    assert b"{logo}" not in page
    assert b'as="font"' not in page
    assert headers["content-length"] == str(len(page))
    assert "etag" not in headers
    # Nothing else of Streamlit's file is missing.
    own = (_FILES / "index.html").read_text()
    assert all(line in page.decode() for line in own.splitlines() if "<script" in line)


def test_a_first_file_of_another_kind_stays_as_it_is():
    page = b"<html><body><div id='app'></div></body></html>"
    assert with_opening(page, b"words") == page


def test_scripts_are_packed_once_and_unpack_to_the_same(server: Starlette):
    plain = _SCRIPT.read_bytes()
    first, second = script(server, _PACKED), script(server, _PACKED)
    assert first == second
    status, headers, body = first
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["content-length"] == str(len(body))
    assert "immutable" in headers["cache-control"]
    assert gzip.decompress(body) == plain
    assert len(body) < len(plain) / 2


def test_who_does_not_take_packed_scripts_gets_them_as_they_are(server: Starlette):
    script(server, _PACKED)
    status, headers, body = script(server)
    assert (status, body) == (200, _SCRIPT.read_bytes())
    assert "content-encoding" not in headers


def test_parts_and_what_is_known_already_are_left_to_the_server_of_files(server: Starlette):
    _, headers, _ = script(server)
    status, _, body = script(server, {**_PACKED, "range": "bytes=0-9"})
    assert (status, body) == (206, _SCRIPT.read_bytes()[:10])
    assert script(server, {**_PACKED, "if-none-match": headers["etag"]})[0] == 304


@pytest.mark.parametrize(
    "path", ["/static/js/nothing.js", "/static/js/../../index.html.js", "/static/js/x/.js"]
)
def test_only_files_that_are_there_are_kept(server: Starlette, path: str):
    status, headers, _ = ask(server, path, _PACKED)
    assert status in {200, 400, 404}
    assert "content-encoding" not in headers  # a page's first file, or a refusal


def test_other_methods_are_passed_on(server: Starlette):
    assert ask(server, "/", method="HEAD")[2] == b""
    assert ask(server, "/", method="POST")[0] == 405


def test_the_browser_is_led_to_where_the_server_listens(monkeypatch: pytest.MonkeyPatch):
    said = {"server.port": 8600, "server.baseUrlPath": "/nnit/", "server.address": "0.0.0.0"}
    monkeypatch.setattr("streamlit.get_option", said.get)
    assert address() == "http://localhost:8600/nnit"
    said.update({"server.address": "192.168.1.7", "server.baseUrlPath": ""})
    assert address() == "http://192.168.1.7:8600/"
    said.update({"server.address": None, "browser.serverAddress": "robots.example"})
    assert address() == "http://robots.example:8600/"
