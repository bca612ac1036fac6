"""A visitor who is faster than the network."""

from collections.abc import Callable

from chromium import needs_chromium, settle
from playwright.sync_api import Page, expect
from slow import Network, has_finished, wait_until
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.views.how.screens import SCREENS

pytestmark = needs_chromium


def at(page: Page, screen: int) -> None:
    """Wait until this screen is whole."""
    page.locator(f".deck[data-screen='{screen}']").wait_for(state="attached")
    expect(page.get_by_role("heading", name=SCREENS[screen - 1].title)).to_be_visible()
    settle(page, ".weights[data-drawn=true]")


def turned_to_screen_3(visit_path: Callable[[str], Page]) -> tuple[Page, Network]:
    """Screen 3, which was turned to from screen 2, and the network that everything since came through."""
    page = visit_path("how?screen=1")
    network = Network(page)
    page.goto(page.url.replace("screen=1", "screen=2"))
    at(page, 2)
    page.keyboard.press("PageDown")
    at(page, 3)
    return page, network


def test_who_turns_back_before_the_last_turn_is_answered_gets_there(visit_path):
    page, network = turned_to_screen_3(visit_path)
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


def test_no_answer_refers_to_an_earlier_one(visit_path):
    page, network = turned_to_screen_3(visit_path)
    network.to_page.hold()
    page.keyboard.press("PageUp")
    wait_until(page, lambda: has_finished(network.to_page.waiting), "screen 2 is sent again")
    messages = [ForwardMsg.FromString(message) for message in network.to_page.waiting]
    network.to_page.release()
    at(page, 2)
    assert sum(message.ByteSize() for message in messages) > 10_000
    assert "ref_hash" not in {message.WhichOneof("type") for message in messages}
