"""A visitor who is faster than the network."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from chromium import needs_chromium, settle
from patience import SECONDS
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.views.how.screens import SCREENS

pytestmark = needs_chromium


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


@dataclass
class Network:
    """Between a page and the server."""

    to_page: Way = field(default_factory=Way)
    to_server: Way = field(default_factory=Way)

    def connect(self, page_side: WebSocketRoute) -> None:
        """The page has opened its connection."""
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


def has_finished(messages: list[bytes] | None) -> bool:
    """Whether a run of the page was finished in what the server sent."""
    kinds = [ForwardMsg.FromString(message) for message in messages or ()]
    return any(
        one.WhichOneof("type") == "script_finished"
        and one.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        for one in kinds
    )


def at(page: Page, screen: int) -> None:
    """Wait until this screen is whole."""
    page.locator(f".deck[data-screen='{screen}']").wait_for(state="attached")
    expect(page.get_by_role("heading", name=SCREENS[screen - 1].title)).to_be_visible()
    settle(page, ".weights[data-drawn=true]")


def test_who_turns_back_before_the_last_turn_is_answered_gets_there(visit_path):
    page = visit_path("how?screen=1")
    network = Network()
    page.route_web_socket("**/_stcore/stream", network.connect)
    page.goto(page.url.replace("screen=1", "screen=2"))
    at(page, 2)
    page.keyboard.press("PageDown")
    at(page, 3)
    network.to_page.hold()
    page.keyboard.press("PageDown")
    wait_until(page, lambda: has_finished(network.to_page.waiting), "screen 4 is sent")
    network.to_server.hold()
    for _ in range(2):
        page.keyboard.press("PageUp")
    wait_until(page, lambda: len(network.to_server.waiting or ()) == 2, "both are asked for")
    network.to_page.release()
    network.to_server.release()
    at(page, 2)
    expect(page.get_by_role("dialog")).to_have_count(0)
