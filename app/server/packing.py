"""Streamlit's scripts packed by gzip, once for all visitors.

They are four times as small then: half a megabyte until the first view instead of two. Streamlit sends them as they
are, since packing them anew for every visitor would cost more than it saves; so they are kept here.
"""

import gzip
from functools import partial
from pathlib import PurePosixPath

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDER = "/static/"
_KINDS = frozenset({".js", ".css"})
_LEVEL = 6
_SMALLEST = 500  # bytes; below, a packet carries it anyway


class Packing:
    """ASGI middleware that answers with packed scripts and style sheets where a browser takes them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # By path: only files that are there, so that nobody can fill it.
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or pass the request on and keep the answer."""
        if not _may_be_packed(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if (kept := self._kept.get(path)) is not None:
            await _send(send, *kept)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_whole_script(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            pack = partial(gzip.compress, b"".join(parts), compresslevel=_LEVEL, mtime=0)
            body = await to_thread.run_sync(pack)
            headers = MutableHeaders(raw=start["headers"])
            headers["content-length"] = str(len(body))
            headers["content-encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
            # They name the file as it lies on the disk, of which a part could be asked for.
            for name in ("etag", "accept-ranges"):
                del headers[name]
            self._kept[path] = (start["headers"], body)
            await _send(send, *self._kept[path])

        await self._app(scope, receive, answer)


async def _send(send: Send, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _may_be_packed(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    return (
        _FOLDER in scope["path"]
        and PurePosixPath(scope["path"]).suffix in _KINDS
        and "gzip" in headers.get("accept-encoding", "")
        # What a browser has already, or a part of it, is left to the server of files.
        and not {"range", "if-none-match", "if-modified-since"} & set(headers)
    )


def _is_whole_script(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    return (
        start["status"] == 200
        and ("javascript" in kind or kind.startswith("text/css"))
        and "content-encoding" not in headers
        and int(headers.get("content-length", 0)) >= _SMALLEST
    )
