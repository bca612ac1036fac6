"""The story of the first page in the real browser: two robots, one slider, and a page that reacts."""

import random
import re
from collections.abc import Callable

import pytest
from chromium import keep, needs_chromium, settle, stays
from playwright.sync_api import Locator, Page, expect
from slow import Network, has_finished, runs_finished, wait_until
from streamlit.proto.BackMsg_pb2 import BackMsg

pytestmark = needs_chromium

LINK = "?task=reach-v3&arch=9-12&seed=1&steps=2"
RESTS = (
    "(document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    " && !document.querySelector('[data-testid=stStatusWidget]'))"
)
# Looks at every picture of the browser: what is below the heading is of the network that the heading names, or the
# heading says whose it still is. The matrices may come a picture later, while the page is being drawn, as they name
# their network themselves. Parts have roots of their own.
WATCH = """() => {
  window.wrong = [];
  window.dimmed = 0;
  const inside = (selector) => {
    const found = [];
    const look = (root) => {
      found.push(...root.querySelectorAll(selector));
      for (const one of root.querySelectorAll('*'))
        // Streamlit keeps what was replaced, hidden, until the page's run ends.
        if (one.shadowRoot && !one.closest('[data-retained]')) look(one.shadowRoot);
    };
    look(document);
    return found;
  };
  let resting = 0;  // pictures of the browser in a row
  const look = () => {
    resting = REST ? resting + 1 : 0;
    const heading = document.querySelector('.shown');
    if (heading?.classList.contains('making')) {
      const there = document.querySelector('.st-key-result');
      if (heading.classList.contains('old')) {
        window.dimmed++;
        if (there && window.height && Math.abs(there.offsetTop - window.height) > 1)
          window.wrong.push(`what is dimmed moved from ${window.height} to ${there.offsetTop}`);
      }
      if (inside('.weights').length && !heading.classList.contains('old'))
        window.wrong.push('something is below that is not named');
    } else if (heading) {
      window.height = document.querySelector('.st-key-result')?.offsetTop;
      const of = heading.dataset.of;
      for (const one of inside('.weights'))
        if (one.dataset.of && one.dataset.of !== of) {
          const named = one.textContent.includes(`, ${one.dataset.of.split(' ')[1]}. `);
          // What is drawn comes a moment after the words: until then it must say itself what it is of.
          if (!named) window.wrong.push(`${one.dataset.of} under ${of}`);
          if (resting > 30) window.wrong.push(`${one.dataset.of} under ${of}, to stay`);
        }
      for (const one of inside('.replay'))
        if (one.dataset.task && one.dataset.task !== of.split(' ')[0])
          window.wrong.push(`a robot of ${one.dataset.task} under ${of}`);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture
def visit(visit_path: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the first page and waits until both robots and matrices are drawn."""

    def open_page(query: str = "", **how: object) -> Page:
        page = visit_path(query, **how)
        expect(page.locator(".replay canvas[data-drawn=true]")).to_have_count(2)
        expect(page.locator(".weights[data-drawn=true]")).to_be_visible()
        return page

    return open_page


def behind_network(page: Page) -> Network:
    """A network that takes as long as a test wants, between the page, opened again, and its server."""
    network = Network(page)
    page.reload()
    expect(page.locator(".weights[data-drawn=true]")).to_be_visible()
    stays(page, RESTS)
    return network


def pictures(page: Page) -> list[str]:
    return page.locator(".matrix canvas").evaluate_all("all => all.map(c => c.toDataURL())")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Shuffle the neurons")


def test_the_slider_shuffles_the_left_network_and_nothing_else(visit):
    page = visit()
    before, robots = pictures(page), page.locator(".replay canvas")
    seen = robots.evaluate_all("all => all.map(c => c.toDataURL())")
    half = len(before) // 2
    slider(page).focus()
    slider(page).press("End")
    expect(page.locator(".weights[data-shuffled='100']")).to_be_visible()
    said = page.locator(".shuffle p")
    expect(said).to_contain_text("neurons stand elsewhere")
    change = re.search(r"more than (\d)\u00d710\^(-\d+)", said.inner_text())
    assert change is None or float(f"{change[1]}e{change[2]}") < 1e-12
    after = pictures(page)
    assert all(old != new for old, new in zip(before[:half], after[:half], strict=True))
    assert before[half:] == after[half:]
    assert robots.evaluate_all("all => all.map(c => c.toDataURL())") == seen
    keep(page, "first-screen-shuffled")
    slider(page).press("Home")
    expect(page.locator(".weights[data-shuffled='0']")).to_be_visible()
    assert pictures(page) == before


def test_a_desktop_shows_robots_slider_and_generate_at_once(visit):
    page = visit()
    for part in (
        page.locator(".replay canvas").last,
        slider(page),
        page.get_by_role("button", name="Generate").last,
    ):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= 900


def test_choosing_a_task_or_a_width_is_enough(visit):
    page = visit()
    page.locator("label", has_text="Close the drawer").click()
    expect(page.get_by_role("heading", name="Close the drawer, with a network of")).to_be_visible()
    expect(page.locator(".weights[data-of='drawer-close-v3 27-45']")).to_be_visible()
    handle = page.locator(".st-key-width_scale").get_by_role("slider")
    handle.focus()
    handle.press("ArrowRight")
    expect(page.locator(".weights[data-of='drawer-close-v3 28-46']")).to_be_visible()
    expect(page.get_by_role("heading", name="with a network of 28-46")).to_be_visible()
    page.wait_for_url(re.compile("arch=28-46"))


def test_each_goal_can_be_seen_in_both_robots(visit):
    page = visit(LINK)
    expect(page.locator(".goals button")).to_have_count(4)
    names = page.locator(".goals button").evaluate_all("all => all.map(b => b.ariaLabel)")
    assert all(
        re.match(r"Goal \d: (not )?reached in \d+ steps, at x, y, z of ", name) for name in names
    )
    page.locator(".goals button").nth(3).click()
    page.wait_for_url(re.compile("goal=2"))
    expect(page.locator(".robot-head .outcome").filter(has_text="Goal 2: ")).to_have_count(2)
    expect(page.locator(".goals button[aria-pressed=true]")).to_have_count(2)
    # From above as well, where a click does the same.
    page.locator(".goals svg g:not(.chosen) circle").first.click()
    expect(page.locator(".robot-head .outcome").filter(has_text="Goal 2: ")).to_have_count(0)


def test_back_goes_back_once_and_restores(visit):
    page = visit()
    entries = page.evaluate("history.length")
    page.locator("label", has_text="Close the drawer").click()
    expect(page.locator(".weights[data-of='drawer-close-v3 27-45']")).to_be_visible()
    widths = page.get_by_role("textbox", name="Hidden widths")
    for arch in ("9-12", "10-14"):
        widths.fill(arch)
        widths.press("Enter")
        page.wait_for_url(re.compile(f"task=drawer-close-v3&arch={arch}"))
    assert page.evaluate("history.length") == entries
    page.get_by_role("link", name="Widths").first.click()
    page.wait_for_url(re.compile(r"/widths\?task=drawer-close-v3"))
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    page.wait_for_url(re.compile(r"/\?task=drawer-close-v3&arch=10-14"))
    expect(page.locator(".weights[data-of='drawer-close-v3 10-14']")).to_be_visible()
    expect(page.get_by_role("textbox", name="Hidden widths")).to_have_value("10-14")
    expect(page.get_by_role("radio", name="Close the drawer")).to_be_checked()
    page.go_forward()
    page.wait_for_url(re.compile("/widths"))
    expect(page.get_by_role("radio", name="Close the drawer")).to_be_checked()


# What the page that is drawn is about: its path, and the title of its task, wherever a page lets it be chosen.
ABOUT = """() => {
  const page = document.querySelector('[data-testid*=Nav][aria-current=page]');
  const chosen = [...document.querySelectorAll('input[type=radio]:checked')].map(e => e.closest('label').innerText);
  const picked = [...document.querySelectorAll('[data-testid=stSelectbox]')].map(e =>
    `${e.innerText} ${e.querySelector('input')?.value}`);
  return [new URL(page.href).pathname, [...chosen, ...picked].join()];
}"""
TITLES = {"drawer-close-v3": "Close the drawer", "reach-v3": "Reach a point"}


def test_quick_backs_and_forwards_end_at_what_the_address_says(visit):
    page = visit()
    network = behind_network(page)
    page.locator("label", has_text="Close the drawer").click()
    expect(page.locator(".weights[data-of='drawer-close-v3 27-45']")).to_be_visible()
    widths = page.get_by_role("textbox", name="Hidden widths")
    widths.fill("9-12")
    widths.press("Enter")
    page.wait_for_url(re.compile("task=drawer-close-v3&arch=9-12"))
    expect(page.locator(".weights[data-of='drawer-close-v3 9-12']")).to_be_visible()
    entries = [page.url]
    for name, path, task in (
        ("Widths", "widths", "reach-v3"),
        ("Generate", "", "reach-v3"),
        ("Alignment", "alignment", "reach-v3"),
        ("Noise to robot", "noise", "drawer-close-v3"),
    ):
        page.get_by_role("link", name=name).first.click()
        page.wait_for_url(re.compile(rf"/{path}\?task="))
        if f"task={task}" not in page.url:
            page.locator("label", has_text=TITLES[task]).click()
            page.wait_for_url(re.compile(f"task={task}"))
        stays(page, RESTS)
        entries.append(page.url)
    assert len(set(entries)) == 5
    # From here on: what choices show meanwhile is the matter of the random clicks below.
    page.evaluate(WATCH.replace("REST", RESTS))
    at = len(entries) - 1
    for steps in ((-1, -1, -1, -1), (1, 1, 1), (-1, 1, -1, -1), (1, -1, 1, 1), (-1, -1, -1)):
        # The answer to the first step comes after the last one.
        network.to_page.hold()
        for count, step in enumerate(steps):
            at += step
            page.evaluate("step => { setTimeout(() => history.go(step)); }", step)
            page.wait_for_url(entries[at])
            if count == 0:
                wait_until(page, lambda: has_finished(network.to_page.waiting), "an answer")
        network.to_page.release()
        stays(page, RESTS)
        assert page.url == entries[at]
        path, query = re.match(r"http://[^/]*(/\w*)\?(.*)", page.url).groups()
        task = re.search("task=([^&]*)", query)[1]
        drawn, chosen = page.evaluate(ABOUT)
        assert drawn == path
        assert TITLES[task] in chosen
        if path == "/":
            arch = re.search("arch=([^&]*)", query)[1]
            expect(widths).to_have_value(arch)
            expect(page.locator(f".shown[data-of='{task} {arch}']")).to_be_visible()
            expect(page.locator(f".weights[data-of='{task} {arch}']")).to_be_visible()
    assert page.evaluate("window.wrong") == []


def steps_of(network: Network) -> list[bytes]:
    """What is on its way to the server and asks for a run because of a step through the browser's history."""
    return [
        message
        for message in network.to_server.waiting or ()
        if BackMsg.FromString(message).rerun_script.is_history_navigation
    ]


def choose_task(page: Page, path: str, task: str) -> None:
    """Choose a task on a page that offers it as a card, or in a list."""
    if path == "alignment":
        page.get_by_role("combobox", name="Task").click()
        page.get_by_role("option", name=TITLES[task]).click()
    else:
        page.locator("label", has_text=TITLES[task]).click()
    page.wait_for_url(re.compile(rf"/{path}\?task={task}"))
    stays(page, RESTS)


def three_entries(page: Page, path: str, name: str) -> list[str]:
    """Give the history the page that is shown with one task, another page, and the first page with another task.

    Args:
        page: the window.
        path: of the page that is shown.
        name: of that page in the navigation.

    Returns:
        The addresses of the entries.
    """
    settle(page, "[data-testid=stRadio], [data-testid=stSelectbox]")
    choose_task(page, path, "drawer-close-v3")
    entries = [page.url]
    for to, link in (("how", "How it works"), (path, name)):
        page.get_by_role("link", name=link).first.click()
        page.wait_for_url(re.compile(rf"/{to}(\?.*)?$"))
        stays(page, RESTS)
        entries.append(page.url)
    choose_task(page, path, "reach-v3")
    return [*entries[:-1], page.url]


def is_drawn(page: Page, entry: str, path: str, task: str) -> None:
    """What an entry of the history says is drawn, and the entry says what it said."""
    stays(page, RESTS)
    assert page.url == entry
    drawn, chosen = page.evaluate(ABOUT)
    assert drawn == f"/{path}"
    assert TITLES[task] in chosen


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "Generate"),
        ("noise", "Noise to robot"),
        ("widths", "Widths"),
        ("alignment", "Alignment"),
    ],
)
def test_one_step_from_a_page_to_itself_opens_it_anew(visit_path, path, name):
    page = visit_path(f"{path}?task=reach-v3")
    network = Network(page)
    page.reload()
    entries = three_entries(page, path, name)
    for step, to, task in ((-2, 0, "drawer-close-v3"), (2, 2, "reach-v3")):
        network.to_page.hold()
        page.evaluate("step => { setTimeout(() => history.go(step)); }", step)
        page.wait_for_url(entries[to])
        wait_until(page, lambda: has_finished(network.to_page.waiting), "an answer")
        # All at once: the browser draws the page that was left and the one that is opened without a pause.
        network.to_page.release()
        is_drawn(page, entries[to], path, task)
    # What is set afterwards is kept.
    choose_task(page, path, "drawer-close-v3")
    is_drawn(page, page.url, path, "drawer-close-v3")


@pytest.fixture
def fourth(visit_path) -> tuple[Page, Network, list[str]]:
    """Alignment, opened after the three entries of Generate; its network; their addresses, the last one first."""
    page = visit_path("?task=reach-v3")
    network = Network(page)
    page.reload()
    entries = three_entries(page, "", "Generate")
    page.get_by_role("link", name="Alignment").first.click()
    page.wait_for_url(re.compile(r"/alignment(\?.*)?$"))
    stays(page, RESTS)
    return page, network, entries[::-1]


def go_back_to(page: Page, entry: str) -> None:
    """Go back to the address of the entry before."""
    page.evaluate("() => { setTimeout(() => history.back()); }")
    page.wait_for_url(entry)


def test_quick_backs_past_a_page_that_never_runs_end_at_what_the_address_says(fourth):
    page, network, entries = fourth
    network.to_server.hold()
    for entry in entries:
        go_back_to(page, entry)
    wait_until(page, lambda: len(steps_of(network)) == len(entries), "three requests")
    first, _, last = steps_of(network)
    # The server gives a run up that has not begun when the next is asked for. Whether it has begun is a matter of less
    # than a millisecond; here it never does.
    network.to_page.hold()
    network.to_server.send(first)
    wait_until(page, lambda: has_finished(network.to_page.waiting), "an answer")
    network.to_server.waiting = [last]
    network.to_server.release()
    network.to_page.release()
    expect(page.locator(".shown[data-of='drawer-close-v3 27-45']")).to_be_visible()
    is_drawn(page, entries[-1], "", "drawer-close-v3")


def test_quick_backs_whose_answers_come_together_end_at_what_the_address_says(fourth):
    page, network, entries = fourth
    network.to_page.hold()
    for count, entry in enumerate(entries, 1):
        go_back_to(page, entry)
        wait_until(page, lambda: runs_finished(network.to_page.waiting) >= count, "an answer")  # noqa: B023
    # The browser draws only the last page of them, which has the controls of the first with other values.
    network.to_page.release()
    is_drawn(page, entries[-1], "", "drawer-close-v3")
    expect(page.locator(".weights[data-of='drawer-close-v3 27-45']")).to_be_visible()


def test_an_answer_that_comes_at_once_leaves_no_robot_of_another_task(visit):
    page = visit()
    network = behind_network(page)
    page.evaluate(WATCH.replace("REST", RESTS))
    for title, task in (
        ("Close the drawer", "drawer-close-v3"),
        ("Reach a point", "reach-v3"),
        ("Close the drawer", "drawer-close-v3"),
    ):
        network.to_page.hold()
        page.locator("label", has_text=title).click()
        wait_until(page, lambda: has_finished(network.to_page.waiting), "an answer")
        network.to_page.release()
        expect(page.locator(f".weights[data-of='{task} 27-45']")).to_be_visible()
        stays(page, RESTS)
    # That the matrices come at all is seen above; how many pictures of the browser that takes depends on the machine.
    assert [one for one in page.evaluate("window.wrong") if not one.endswith("to stay")] == []


@pytest.mark.parametrize("seed", range(3))
def test_nothing_belongs_to_another_request_in_any_order_of_clicks(visit, seed):
    page = visit(LINK)
    page.evaluate(WATCH.replace("REST", RESTS))
    chance = random.Random(seed)

    def widths() -> None:
        box = page.get_by_role("textbox", name="Hidden widths")
        box.fill(chance.choice(["9", "9-12", "10-14", "12-9-11", "nonsense"]))
        box.press("Enter")

    def narrower() -> None:
        handle = page.locator(".st-key-width_scale").get_by_role("slider")
        handle.focus()
        handle.press(chance.choice(["ArrowLeft", "ArrowRight"]))

    actions: list[Callable[[], object]] = [
        lambda: page.locator("label", has_text="Close the drawer").click(),
        lambda: page.locator("label", has_text="Reach a point").click(),
        widths,
        narrower,
        # It cannot be pressed while the widths are nonsense; who tries is not kept waiting.
        lambda: page.get_by_role("button", name="Generate").last.click(force=True),
        lambda: page.keyboard.press("Control+Enter"),
        lambda: page.get_by_role("spinbutton", name="Seed").press("ArrowUp"),
    ]
    for _ in range(12):
        chance.choice(actions)()
        page.wait_for_timeout(chance.choice([0, 0, 50, 400]))
    # In the end the page shows what is set. It comes to rest first: the server's answer to the slider may arrive
    # while `fill` is between selecting the old text and typing the new, and then "10-14" is added to the answer.
    stays(page, RESTS)
    box = page.get_by_role("textbox", name="Hidden widths")
    box.fill("10-14")
    box.press("Enter")
    page.locator("label", has_text="Close the drawer").click()
    expect(page.locator(".shown[data-of='drawer-close-v3 10-14']")).to_be_visible()
    expect(page.locator(".weights[data-of='drawer-close-v3 10-14']")).to_be_visible()
    stays(page, RESTS)
    assert page.evaluate("window.wrong") == []
    assert page.evaluate("window.dimmed") > 0


def test_a_network_is_downloaded_with_the_keyboard_alone(visit):
    page = visit()

    def tab_to(name: str) -> None:
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText || ''").strip().startswith(name):
                return
        pytest.fail(f"no way to {name}")

    tab_to("Generate\n")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("seed="))
    expect(page.locator(".shown:not(.making)")).to_be_visible()
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)
    stays(page, RESTS)
    tab_to("download")
    page.keyboard.press("Enter")
    tab_to("Weights")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".safetensors")
