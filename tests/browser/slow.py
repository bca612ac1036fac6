"""A network between a page and its server that takes as long as a test wants."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from patience import SECONDS
from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@dataclass
class Way:
    """One direction of the network.

    Attributes:
        send: passes a message on.
        waiting: messages that are on their way, None where they arrive at once.
    """

    send: Callable[[bytes], None] = lambda message: None
    waiting: list[bytes] | None = None

    def pass_on(self, message: str | bytes) -> None:
        """A message comes."""
        assert isinstance(message, bytes)
        if self.waiting is None:
            self.send(message)
        else:
            self.waiting.append(message)

    def hold(self) -> None:
        """From now on messages take long."""
        self.waiting = []

    def release(self) -> None:
        """They arrive, and the next ones do so at once."""
        waiting, self.waiting = self.waiting or [], None
        for message in waiting:
            self.send(message)


class Network:
    """Between a page and the server."""

    def __init__(self, page: Page) -> None:
        """Stand between them from the page's next visit on."""
        self.to_page, self.to_server = Way(), Way()
        page.route_web_socket("**/_stcore/stream", self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        self.to_page.send, self.to_server.send = page_side.send, server_side.send
        page_side.on_message(self.to_server.pass_on)
        server_side.on_message(self.to_page.pass_on)


def wait_until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait for something about messages, which arrive only while the page is waited for."""
    for _ in range(20 * SECONDS):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def runs_finished(messages: list[bytes] | None) -> int:
    """How many runs of the page were finished in what the server sent."""
    kinds = [ForwardMsg.FromString(message) for message in messages or ()]
    return sum(
        one.WhichOneof("type") == "script_finished"
        and one.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        for one in kinds
    )


def has_finished(messages: list[bytes] | None) -> bool:
    """Whether a run of the page was finished in what the server sent."""
    return runs_finished(messages) > 0
