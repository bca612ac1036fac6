"""Pages that need a model that works: the shipped checkpoint in the real browser."""

import re
from collections.abc import Iterator

import pytest
from chromium import keep, needs_chromium, point_at, whole_and_readable
from playwright.sync_api import expect
from serving import serve

pytestmark = needs_chromium

# Pages of the suites that have a checkpoint of their own: address, and what is there when the page is whole.
PAGES = {
    "digits": ("?task=mnist", ".reading[data-drawn=true]"),
    "digits-alignment": ("alignment?task=mnist", ".alignment[data-measured=true]"),
    "digits-widths": ("widths?task=mnist", ".js-plotly-plot"),
    "how-digits": ("how?screen=7&shown=1", ".reading[data-drawn=true]"),
    "maniskill": ("?task=PickCube-v1", ".weights[data-drawn=true]"),
    "maniskill-alignment": ("alignment?task=StackCube-v1", ".alignment[data-measured=true]"),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served as it ships."""
    with serve(None, tmp_path_factory.mktemp("shipped") / "log") as address:
        yield address


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_the_model_writes_a_sequence_before_ones_eyes(visit_path, size):
    page = visit_path("how?screen=6", size=size)
    page.locator(".deck[data-screen='6']").wait_for(state="attached")
    assert page.locator(".sequence").count() == 0  # the question comes first
    page.get_by_role("button", name="Show the answer").click()
    figure = page.locator(".sequence[data-drawn=true]")
    figure.wait_for()
    expect(figure.locator(".said")).to_contain_text("Only the task is known")
    expect(figure.locator(".word")).to_have_count(2)
    assert figure.locator(".tiles canvas").count() == 0
    figure.locator("input[type=range]").focus()
    page.keyboard.press("End")
    expect(figure.locator(".said")).to_contain_text("none of them trained")
    drawn = figure.locator(".tiles canvas").evaluate_all(
        "all => all.map(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size)"
    )
    assert len(drawn) > 8
    assert min(drawn) > 2
    page.locator(".replay canvas[data-drawn=true]").wait_for()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    keep(page, f"sequence-{'phone' if size[0] < 500 else 'desktop'}")


def test_a_result_leads_to_the_flow_that_wrote_it(visit_path):
    page = visit_path("")
    expect(page.locator(".small-map i.here")).to_be_visible()
    page.get_by_role("link", name="Watch it form out of noise").click()
    page.locator(".noise[data-drawn=true]").wait_for()
    page.wait_for_url(re.compile(r"/noise\?task=pick-place-v3&arch=27-45&seed=0&steps=8$"))
    expect(page.locator(".noise .said")).to_contain_text("10/10")


def test_a_pair_of_widths_leads_to_its_network(visit_path):
    page = visit_path("widths?task=push-v3")
    expect(page.get_by_text("361 of 361 pairs measured")).to_be_visible()
    page.get_by_role("button", name="Open in Generate").click()
    page.wait_for_url(re.compile(r"task=push-v3&arch=27-45"))
    expect(page.get_by_role("heading", name="with a network of 27-45")).to_be_visible()


def test_a_click_on_the_map_opens_its_network(visit_path):
    page = visit_path("widths?task=push-v3")
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    said = page.locator(".js-plotly-plot .hovertext").first
    point_at(plot, said)
    expect(said).to_contain_text("parameters")
    plot.click()
    page.wait_for_url(re.compile(r"/\?task=push-v3&arch=\d+-\d+&seed=0"))


def test_a_map_is_refined_while_one_watches(visit_path):
    page = visit_path("widths?task=reach-v3")
    expect(page.get_by_text("361 of 361 pairs measured, 3,249 episodes.")).to_be_visible()
    page.get_by_role("button", name="Refine").click()
    expect(page.get_by_text(re.compile("of them here"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Refine")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_every_suite_are_whole_and_readable(visit_path, name):
    path, ready = PAGES[name]
    scheme = "dark" if len(name) % 2 else "light"
    whole_and_readable(visit_path(path, scheme=scheme), ready, f"{name}-{scheme}")


def test_a_digit_is_drawn_and_read(visit_path):
    page = visit_path("?task=mnist")
    reading = page.locator(".reading[data-drawn=true]")
    reading.wait_for()
    reading.get_by_role("button", name="Clear").click()
    expect(reading).to_have_attribute("data-read", "")
    # A one: a straight line from above to below.
    box = reading.locator(".pad").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"]
    page.mouse.move(x, y + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(x, y + 0.8 * box["height"], steps=12)
    page.mouse.up()
    expect(reading).to_have_attribute("data-read", re.compile("^1 "))
    expect(page.locator(".corner")).to_contain_text("model mnist-")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_a_network_is_written_for_a_goal_on_the_table(visit_path, size):
    page = visit_path("?task=push-hidden-v3&arch=27-45&seed=1", size=size)
    expect(page.locator(".weights[data-drawn=true]")).to_be_visible()
    expect(page.locator(".corner")).to_contain_text("model hidden-goals-")
    card = page.locator("label", has_text="Push the puck to a hidden point").bounding_box()
    assert 0 <= card["x"] <= card["x"] + card["width"] <= size[0]
    before = page.locator(".matrix canvas").first.evaluate("canvas => canvas.toDataURL()")
    goal = page.get_by_role("button", name=re.compile("^Goal at x, y of"))
    goal.scroll_into_view_if_needed()
    said = goal.get_attribute("aria-label")
    field = page.locator(".goal_pad .field").bounding_box()
    x, y = field["x"] + 0.85 * field["width"], field["y"] + 0.3 * field["height"]
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"goal_x=0\.2"))
    assert goal.get_attribute("aria-label") != said
    # Another network, which is tried with this goal alone.
    expect(page.locator(".shown.making")).to_have_count(0)
    expect(
        page.get_by_text(re.compile(r"\d+/10 .*all with the goal that was asked for"))
    ).to_be_visible()
    assert page.locator(".matrix canvas").first.evaluate("canvas => canvas.toDataURL()") != before
    asked = page.url
    goal.focus()

    def goal_x() -> float:
        return float(re.search(r"goal_x=([-0-9.]+)", page.url)[1])

    # Faster than the page follows: answers to the first presses undo none of the later ones.
    start = goal_x()
    for _ in range(5):
        goal.press("ArrowLeft")
    page.wait_for_url(lambda url: url != asked and abs(goal_x() - (start - 5 * 0.02)) < 1e-6)
    keep(page, f"hidden-goal-{'phone' if size[0] < 500 else 'desktop'}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_robot_and_generate_at_once(visit_path, scheme):
    page = visit_path("", size=(390, 844), scheme=scheme)
    expect(page.locator(".replay canvas[data-drawn=true]")).to_have_count(2)
    expect(page.locator(".weights[data-drawn=true]")).to_be_visible()
    button = page.get_by_role("button", name="Generate", exact=False).last.bounding_box()
    assert button["y"] >= 0
    assert button["y"] + button["height"] <= 844
    robot = page.locator(".replay canvas").first.bounding_box()
    assert robot["x"] >= 0
    assert robot["x"] + robot["width"] <= 390
    bar = page.locator(".st-key-generate_bar").bounding_box()
    assert robot["y"] + robot["height"] <= bar["y"]  # nothing covers it
    keep(page, f"first-screen-phone-{scheme}")
