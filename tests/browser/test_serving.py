"""What the log of the app under test may say."""

import asyncio
import traceback

import pytest
from serving import without_closed_windows
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnected

from app.server.answers import change_answer
from app.server.opening import Opening
from app.server.packing import Packing


async def _closes_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a visitor who is gone as Streamlit does."""
    websocket = WebSocket(scope, receive, send)
    await websocket.close()
    await websocket.close()


async def _says_nothing() -> Message:
    return {}


async def _hears_nothing(_message: Message) -> None:
    return


def _log_with(app: ASGIApp) -> str:
    """The log of a server whose app answers a visitor who is gone."""
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
    with pytest.raises(WebSocketDisconnected) as raised:
        asyncio.run(app(scope, _says_nothing, _hears_nothing))
    what = "".join(traceback.format_exception(raised.value))
    assert "Traceback" in what
    return f"URL: here\nException in ASGI application\n{what}said later\n"


def test_a_window_that_closes_early_is_no_failure_of_the_app():
    log = _log_with(Opening(Packing(_closes_twice)))
    assert "/app/server/opening.py" in log
    assert "/app/server/packing.py" in log
    assert without_closed_windows(log * 2) == "URL: here\n\nsaid later\n" * 2


def test_code_of_the_app_that_takes_part_is_a_failure():
    async def changes(scope: Scope, receive: Receive, send: Send) -> None:
        await change_answer(_closes_twice, scope, receive, send, lambda *_: False, None)

    log = _log_with(Opening(changes))
    assert without_closed_windows(log) == log
