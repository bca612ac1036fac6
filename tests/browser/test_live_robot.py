"""The live robot in a real browser: it reaches its goal, is taken over with mouse and keyboard, and lets go."""

import base64
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import ROOT, keep, needs_chromium, open_tab, stays
from playwright.sync_api import Browser, Locator, Page, expect

from app.make.parity import networks
from app.widgets.live.take_home import take_home
from nnit.mlp.policy import Policy

pytestmark = needs_chromium
# The shipped example, and what the other model wrote for it, need nothing of the server.
EXAMPLE = "?robot=live"


def robots(page: Page) -> Locator:
    """The live robots of a page, once they run."""
    live = page.locator(".live[data-ready=true]")
    live.first.wait_for()
    return live


def number(robot: Locator, name: str) -> int:
    return int(robot.get_attribute(f"data-{name}"))


def test_the_network_succeeds_here_and_its_rival_gets_the_same(visit_path):
    page = visit_path(EXAMPLE, motion="no-preference")
    first, second = (robots(page).nth(i) for i in range(2))
    expect(first).to_have_attribute("data-successes", "1")
    expect(first.locator(".counted")).to_contain_text(
        "1 of 1 try succeeded, counted in this browser"
    )
    assert number(second, "successes") == 0
    # As in the recording of the same episode.
    recorded = json.loads((ROOT / "assets/example/result.json").read_text())["trial"]["steps"]
    expect(first.locator(".transport output")).to_contain_text(f"success after {recorded} steps")
    keep(page, "live")
    first.get_by_role("button", name="Pause").click()
    expect(second.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_timeout(300)
    steps = number(second, "steps")
    second.get_by_role("button", name="Step").click()
    expect(second).to_have_attribute("data-steps", str(steps + 1))
    # Undone by hand, and done again.
    first.get_by_role("button", name="Put the puck back").click()
    first.get_by_label("Speed").select_option("2")
    first.get_by_role("button", name="Play").click()
    expect(first).to_have_attribute("data-successes", "2")
    axe = Axe().run(page)
    assert not axe.response["violations"], axe.generate_report()


def test_things_are_moved_with_the_mouse_and_with_the_keyboard(visit_path):
    page = visit_path(EXAMPLE)  # at rest, since less motion is preferred
    robot = robots(page).first
    expect(robot.get_by_role("button", name="Play")).to_be_visible()
    ring = robot.get_by_role("button", name="Move the puck")
    start = ring.bounding_box()
    page.mouse.move(start["x"] + 14, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "([ring, x]) => Math.abs(ring.getBoundingClientRect().x - x) > 3",
        arg=[ring.element_handle(), start["x"]],
    )
    moved = ring.bounding_box()
    ring.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "([ring, x]) => Math.abs(ring.getBoundingClientRect().x - x) > 1",
        arg=[ring.element_handle(), moved["x"]],
    )
    assert number(robot, "steps") == 0
    robot.get_by_text("Look inside the network").click()
    robot.locator(".inside [role=application]").press("ArrowRight")
    expect(robot.locator(".said")).to_contain_text("hidden layer 1, neuron 0")
    robot.get_by_role("button", name="Silence it").click()
    expect(robot.locator(".said")).to_contain_text("neuron 0: silent")
    robot.get_by_role("button", name="Shuffle the neurons").click()
    expect(robot.locator(".said")).to_contain_text("the robot does the same")


def test_another_network_takes_over_where_the_robot_stands(browser: Browser, app: str):
    page = open_tab(browser, reduced_motion="reduce")
    page.goto(f"{app}/?task=reach-v3&arch=12&steps=2&robot=live")
    robot = robots(page).first
    robot.get_by_text("Look inside the network").click()
    robot.get_by_role("button", name="Step").click()
    matrix = "e => e.querySelector('.matrices canvas[role=img]').toDataURL()"
    page.wait_for_function(
        "e => e.querySelector('.matrices canvas[role=img]').width === 39",
        arg=robot.element_handle(),
    )
    before = robot.evaluate(matrix)
    robot.get_by_label("Network").select_option("seed")
    expect(robot.locator(".said")).to_contain_text("Another network has taken over")
    page.wait_for_function(
        f"([robot, was]) => ({matrix})(robot) !== was", arg=[robot.element_handle(), before]
    )
    assert number(robot, "steps") == 1
    page.context.close()


# The tab as the browser has it when another one is in front of it; headless browsers have none in front.
BEHIND = """behind => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => behind });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_nothing_is_computed_where_nobody_looks(visit_path):
    page = visit_path(EXAMPLE, motion="no-preference")
    robot = robots(page).first
    expect(robot).not_to_have_attribute("data-steps", "0")
    page.evaluate(
        "window.stepsOf = () => [...document.querySelectorAll('*')].map((e) => e.shadowRoot"
        "?.querySelector('.live')?.dataset.steps).filter(Boolean).join()"
    )

    def rests() -> None:
        page.evaluate("window.was = ''")
        page.wait_for_function(
            "() => { const now = window.stepsOf(), same = now === window.was; window.was = now; return same; }",
            polling=500,
        )
        stays(page, "(window.stepsOf() === window.was)")

    page.evaluate(BEHIND, True)
    rests()
    page.evaluate(BEHIND, False)
    page.wait_for_function("window.stepsOf() !== window.was")
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 9999)")
    rests()


def test_without_webassembly_the_recording_is_shown_and_one_line_says_why(visit_path, browser, app):
    page = open_tab(browser, reduced_motion="reduce")
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(f"{app}/{EXAMPLE}")
    page.locator(".replay canvas[data-drawn=true]").first.wait_for()
    expect(page.get_by_text("it has no WebAssembly. The recording shows the same")).to_have_count(2)
    page.context.close()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return networks("27-45")[0]


@pytest.fixture(scope="module")
def another() -> Policy:
    return networks("27-45", seed=1)[0]


def test_the_file_to_take_home_runs_from_disk_without_a_network(
    tmp_path: Path, policy: Policy, another: Policy, browser: Browser
):
    path = tmp_path / "robot.html"
    address = "http://127.0.0.1:9/?robot=live"
    path.write_bytes(take_home(policy, others={"Seed 1": another}, patch=4, address=address))
    assert path.stat().st_size < 4.3e6
    size = {"width": 390, "height": 844}
    page = open_tab(browser, viewport=size, offline=True, color_scheme="dark", has_touch=True)
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.goto(path.as_uri())
    robot = robots(page).first
    expect(robot).to_have_attribute("data-successes", "1")
    drag_the_goal(page, robot)
    expect(robot).to_have_attribute("data-successes", "2")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Another network takes over where the robot stands, and does the same.
    robot.get_by_text("Look inside the network").click()
    robot.get_by_label("Network").select_option(label="Seed 1")
    expect(robot.locator(".said")).to_contain_text("Another network has taken over")
    robot.get_by_role("button", name="Reset").click()
    expect(robot).to_have_attribute("data-successes", "3")
    expect(page.get_by_role("link", name="Make another one")).to_be_visible()
    keep(page, "live_taken_home")
    page.context.close()
    assert not wrong
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == [path.as_uri()]


def drag_the_goal(page: Page, robot: Locator) -> None:
    """As far up as it goes: further than success allows from fingers that are on their way or rest at the goal."""
    robot.get_by_role("button", name="Pause").click()  # it would follow at once
    expect(robot.get_by_role("button", name="Play")).to_be_visible()
    goal = robot.get_by_role("button", name="Move the goal")
    goal.hover()  # waits until it stands still and nothing is above it
    box = goal.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.down()
    page.mouse.move(x, y - 160, steps=8)
    page.mouse.up()
    robot.get_by_role("button", name="Play").click()


def test_starts_and_stops_leave_no_worker_behind(browser: Browser, app: str):
    page = open_tab(browser, reduced_motion="reduce")
    page.goto(f"{app}/{EXAMPLE}")
    heading = page.locator(".st-key-heading")
    for _ in range(3):
        robots(page).nth(1).wait_for()
        assert len(page.workers) == 2
        heading.get_by_text("3D", exact=True).click()
        page.locator(".replay canvas[data-drawn=true]").nth(1).wait_for()
        heading.get_by_text("Live", exact=True).click()
    robots(page).nth(1).wait_for()
    assert len(page.workers) == 2
    page.context.close()


# What a script gets of anywidget: a model that has values and messages, and a place.
NOTEBOOK = """<!doctype html><body style="color: #eee; background: #111"><div id="cell" style="width: 700px"></div>
<script type="module">
const state = STATE;
document.head.append(Object.assign(document.createElement("style"), { textContent: state._css }));
const address = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
const { default: part } = await import(address);
const heard = [];
const model = {
  get: (name) => state[name],
  on: (name, hear) => heard.push(hear),
  send: async (message) => {
    const bytes = Uint8Array.from(atob(await answer(message)), (c) => c.charCodeAt(0));
    for (const hear of heard) hear(message, [new DataView(bytes.buffer)]);
  },
};
window.ends = part.render({ model, el: document.getElementById("cell") });
</script>"""


def test_in_a_notebook_the_robot_runs_and_its_weights_are_drawn(
    tmp_path: Path, policy: Policy, browser: Browser
):
    widget = policy.show()
    state = widget.get_state()
    page = open_tab(browser, offline=True, color_scheme="light")
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)

    def answer(asked: dict[str, str]) -> str:
        sent = []
        widget.send = lambda _content, buffers: sent.extend(buffers)
        widget._handle_custom_msg(asked, [])
        return base64.b64encode(sent[0]).decode()

    page.expose_function("answer", answer)
    path = tmp_path / "notebook.html"
    shown = {name: state[name] for name in ("_esm", "_css", "data")}
    path.write_text(NOTEBOOK.replace("STATE", json.dumps(shown).replace("<", "\\u003c")))
    page.goto(path.as_uri())
    robot = robots(page).first
    expect(robot).to_have_attribute("data-successes", "1")
    expect(page.locator(".weights canvas")).to_have_count(3)
    expect(page.locator(".nnit-robot.dark")).to_have_count(1)  # as the notebook's text is light
    keep(page, "notebook")
    page.evaluate("window.ends()")
    page.wait_for_function("!document.querySelector('.stage canvas')")
    assert not page.workers
    page.context.close()
    assert not wrong
