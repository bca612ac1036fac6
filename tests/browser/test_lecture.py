"""How it works in a lecture room: the remote always turns, type is large, the slide has no frame."""

import pytest
from chromium import keep, needs_chromium, stays
from playwright.sync_api import Page, expect

from app.views.how.screens import SCREENS

pytestmark = needs_chromium
# What a lecturer touches on a screen once its answer is shown.
TOUCHED = {
    1: ".st-key-how_hand_x [role=slider], .st-key-how_hand_x input",
    2: ".st-key-how_order button",
    3: ".st-key-how_match label",
    5: ".st-key-how_width_0 [role=slider], .st-key-how_width_0 input",
    6: ".sequence input[type=range]",
}
SMALL = """() => {
  const small = [];
  const walk = (root) => {
    for (const part of root.querySelectorAll('*')) {
      if (part.shadowRoot) walk(part.shadowRoot);
      if (['STYLE', 'SCRIPT'].includes(part.tagName)) continue;
      for (const node of part.childNodes) {
        if (node.nodeType !== 3 || !node.data.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const { width, height } = range.getBoundingClientRect();
        const style = getComputedStyle(part);
        if (width < 2 || height < 2 || style.visibility === 'hidden') continue;
        if (parseFloat(style.fontSize) < 23.99) small.push(`${style.fontSize}: ${node.data.trim().slice(0, 60)}`);
      }
    }
  };
  walk(document);
  return small;
}"""


def at(page: Page, screen: int, *, shown: bool) -> None:
    """Wait until this is what is shown."""
    deck = page.locator(f".deck[data-screen='{screen}'][data-shown='{str(shown).lower()}']")
    deck.wait_for(state="attached")
    expect(page.get_by_role("heading", name=SCREENS[screen - 1].title)).to_be_visible()
    expect(page.locator(".stHtml .verdict")).to_have_count(int(shown))


def test_page_down_alone_turns_from_first_to_last_after_each_exercise_was_touched(visit_path):
    page = visit_path("how?present=1", size=(1920, 1080))
    for screen in range(1, len(SCREENS) + 1):
        at(page, screen, shown=False)
        # Beside the answers: at the middle of theirs, screen 6 has the button that shows the answer, and the key then
        # turned on whenever the answer came before it.
        page.get_by_role("heading", name=SCREENS[screen - 1].title).click()
        page.keyboard.press("PageDown")
        at(page, screen, shown=True)
        if screen in TOUCHED:
            touched = page.locator(TOUCHED[screen]).first
            touched.wait_for(state="attached")
            touched.click(force=True)
        page.keyboard.press("PageDown")
    at(page, len(SCREENS), shown=True)
    for _ in range(2 * len(SCREENS) - 1):
        before = page.url
        page.keyboard.press("PageUp")
        page.wait_for_function("before => location.href !== before", arg=before)
    at(page, 1, shown=False)


def test_who_clicked_for_the_answer_turns_on_with_the_next_key(visit_path):
    page = visit_path("how?screen=6&present=1", size=(1920, 1080))
    at(page, 6, shown=False)
    page.get_by_role("button", name="Show the answer").click()
    at(page, 6, shown=True)
    page.keyboard.press("PageDown")
    at(page, 7, shown=False)
    page.keyboard.press("PageUp")
    at(page, 6, shown=True)
    page.locator(TOUCHED[6]).wait_for()


@pytest.mark.parametrize("key", ["ArrowRight", "Space"])
def test_arrows_and_space_turn_after_a_slider_was_touched(visit_path, key):
    page = visit_path("how?screen=1&shown=1&present=1", size=(1920, 1080))
    at(page, 1, shown=True)
    page.locator(TOUCHED[1]).first.click(force=True)
    page.keyboard.press(key)
    at(page, 2, shown=False)


def test_who_came_with_tab_moves_the_slider(visit_path):
    page = visit_path("how?screen=1&shown=1&present=1", size=(1920, 1080))
    at(page, 1, shown=True)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.st-key-how_hand_x') !== null"):
            break
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-how_hand_x")).to_contain_text("1")
    at(page, 1, shown=True)
    page.keyboard.press("PageDown")
    at(page, 2, shown=False)


def test_page_keys_turn_for_a_reader_alone_too(visit_path):
    page = visit_path("how?screen=1&shown=1")
    at(page, 1, shown=True)
    page.locator(TOUCHED[1]).first.click(force=True)
    page.keyboard.press("PageDown")
    at(page, 2, shown=False)
    page.keyboard.press("ArrowRight")  # belongs to the reader
    page.keyboard.press("PageUp")
    at(page, 1, shown=False)


@pytest.mark.parametrize("screen", range(1, len(SCREENS) + 1))
def test_the_last_row_reads_everything_and_the_slide_has_no_frame(visit_path, screen):
    page = visit_path(f"how?screen={screen}&present=1", size=(1920, 1080))
    is_readable(page, screen, shown=False)
    page.keyboard.press("PageDown")
    is_readable(page, screen, shown=True)


def is_readable(page: Page, screen: int, *, shown: bool) -> None:
    """Wait until this is shown: in large type, without a frame, and as a whole, since no key of a remote scrolls."""
    at(page, screen, shown=shown)
    figure = (
        ".sequence"
        if screen == 6 and shown
        else ".cutting"
        if screen == 5 and shown
        else ".neurons"
        if screen == 7
        else ".weights"
    )
    page.locator(f"{figure}[data-drawn=true]").wait_for()
    stays(
        page,
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
    )
    page.keyboard.press("Shift")
    assert page.evaluate(SMALL) == []
    framed = page.evaluate(
        "[...document.querySelectorAll('.stApp, .stMain, section')]"
        ".filter(e => e.matches(':focus-visible') && getComputedStyle(e).outlineStyle !== 'none').length"
    )
    assert framed == 0
    room = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{room}.scrollWidth <= {room}.clientWidth")
    stays(page, f"({room}.scrollHeight <= {room}.clientHeight)")
    keep(page, f"lecture-{screen}-{'answer' if shown else 'question'}")


def test_the_matrix_is_cut_before_ones_eyes_unless_less_motion_is_preferred(visit_path):
    page = visit_path("how?screen=5&shown=1")
    cutting = page.locator(".cutting[data-drawn=true]")
    cutting.wait_for()
    expect(cutting).to_have_attribute("data-moment", "1.00")
    page.locator(".cutting input[type=range]").focus()
    page.keyboard.press("Home")
    expect(cutting).to_have_attribute("data-moment", "0.00")
    keep(page, "lecture-cutting")


def test_a_code_of_the_view_is_shown_on_request(visit_path):
    page = visit_path("how?screen=4&shown=1&present=1", size=(1920, 1080))
    at(page, 4, shown=True)
    page.keyboard.press("q")
    code = page.locator(".deck dialog[open]")
    expect(code).to_be_visible()
    expect(code.locator(".address")).to_have_text(page.url.replace("&present=1", ""))
    keep(page, "lecture-code")
    page.keyboard.press("Escape")
    expect(code).to_have_count(0)
    at(page, 4, shown=True)
