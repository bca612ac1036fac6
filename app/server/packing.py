"""Streamlit's scripts packed by gzip, once for all visitors.

They are four times as small then: half a megabyte until the first view instead of two. Streamlit sends them as they
are, since packing them anew for every visitor would cost more than it saves; so they are kept here.
"""

import gzip
from functools import partial
from pathlib import PurePosixPath

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from app.server.answers import change_answer

_FOLDER = "/static/"
_KINDS = frozenset({".js", ".css"})
_LEVEL = 6
_SMALLEST = 500  # bytes; below, a packet carries it anyway


class Packing:
    """ASGI middleware that answers with packed scripts and style sheets where a browser takes them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # By path: only of files that are there, so that no number of requests fills it.
        self._packed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the answer back; a script's packed."""
        if not _may_be_packed(scope):
            await self._app(scope, receive, send)
            return

        async def pack(headers: MutableHeaders, script: bytes) -> bytes:
            headers["content-encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
            path = scope["path"]
            if path not in self._packed:
                packed = partial(gzip.compress, script, _LEVEL, mtime=0)
                self._packed[path] = await to_thread.run_sync(packed)
            return self._packed[path]

        await change_answer(self._app, scope, receive, send, _is_whole_script, pack)


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


def _is_whole_script(status: int, headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "")
    return (
        status == 200
        and ("javascript" in kind or kind.startswith("text/css"))
        and int(headers.get("content-length", 0)) >= _SMALLEST
    )
