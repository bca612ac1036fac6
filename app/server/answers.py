"""Answers of the server, changed as a whole before they are sent."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# They name the file as it lies on the disk, of which a part could be asked for.
_OF_THE_FILE = ("etag", "last-modified", "accept-ranges")


async def change_answer(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    is_wanted: Callable[[int, MutableHeaders], bool],
    change: Callable[[MutableHeaders, bytes], Awaitable[bytes]],
) -> None:
    """Ask an ASGI app, and change its answer, all of it at once.

    Args:
        app: that answers.
        scope: of the request, with `receive` and `send`, as ASGI has them.
        is_wanted: whether an answer of this status with these headers is to be changed; others are passed on.
        change: gets headers, which it may change, and the body; gives the body to send.
    """
    start: Message | None = None
    parts: list[bytes] = []

    async def answer(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if "content-encoding" not in headers and is_wanted(message["status"], headers):
                start = message
                return
        if start is None or message["type"] != "http.response.body":
            await send(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        headers = MutableHeaders(raw=start["headers"])
        body = await change(headers, b"".join(parts))
        headers["content-length"] = str(len(body))
        for name in _OF_THE_FILE:
            del headers[name]
        await send(start)
        await send({"type": "http.response.body", "body": body})

    await app(scope, receive, answer)
