"""The running app in headless Chromium: what a visitor sees, from the first view to a robot that moves."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from chromium import keep, needs_chromium
from playwright.sync_api import Page, expect

pytestmark = needs_chromium


@pytest.fixture
def visit(visit_path: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the first page and waits until a result is there."""

    def open_page(query: str = "", **how: object) -> Page:
        page = visit_path(query, **how)
        robot = page.locator(".st-key-result, .st-key-pair").locator("video, .replay canvas")
        expect(robot.first).to_be_visible()
        expect(page.locator(".weights[data-drawn]")).to_be_visible()
        return page

    return open_page


def film_plays(page: Page) -> None:
    """Wait until the browser has decoded the film."""
    page.wait_for_function(
        "() => { const v = document.querySelector('video');"
        " return v && v.readyState >= 2 && v.videoWidth === 480 && v.videoHeight === 360; }"
    )


def generate(page: Page, task: str, architecture: str) -> None:
    """What a visitor does: choose a task, write widths, press Generate."""
    page.locator("label", has_text=task).click()
    widths = page.get_by_role("textbox", name="Hidden widths")
    widths.fill(architecture)
    widths.press("Enter")
    first = page.get_by_role("spinbutton", name="Layer 1")
    expect(first).to_have_value(architecture.split("-")[0])
    page.get_by_role("button", name="Generate").click()


# Widths do not depend on colours: each is looked at once.
@pytest.mark.parametrize(
    ("size", "scheme"),
    [((1440, 900), "light"), ((390, 844), "dark")],
    ids=["desktop-light", "phone-dark"],
)
def test_the_first_view_fits_and_plays(visit, size, scheme):
    page = visit(size=size, scheme=scheme)
    expect(page.get_by_text("example, made earlier")).to_be_visible()
    expect(page.locator(".replay canvas[data-drawn=true]")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    # Zero is the page's background: the middle of the colour bar.
    bar = page.locator(".scale canvas").evaluate(
        "c => Array.from(c.getContext('2d').getImageData(255, 0, 1, 1).data.slice(0, 3))"
    )
    background = page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == f"rgb({bar[0]}, {bar[1]}, {bar[2]})"
    keep(page, f"first-view-{'phone' if size[0] < 500 else 'desktop'}-{scheme}")


def test_from_click_to_robot(visit):
    page = visit()
    generate(page, "Reach a point", "13-21")
    expect(page.get_by_role("heading", name="Reach a point")).to_be_visible()
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)
    expect(page.get_by_text("the same function")).to_be_visible()
    page.locator(".st-key-heading").get_by_text("Film", exact=True).click()
    expect(page.locator(".st-key-result video")).to_have_count(2)
    film_plays(page)
    assert "task=reach-v3&arch=13-21" in page.url
    seed = page.get_by_role("spinbutton", name="Seed").input_value()
    assert page.locator(".matrix figcaption b").all_inner_texts()[:3] == [
        "W1 13\u00d739",
        "W2 21\u00d713",
        "W3 4\u00d721",
    ]
    keep(page, "generated")
    page.get_by_role("button", name="Download").click()
    for label, file, start in (
        ("Weights (.safetensors)", f"reach-v3_13-21_seed{seed}_0.safetensors", b""),
        ("ONNX (.onnx)", f"reach-v3_13-21_seed{seed}_0.onnx", b"\x08"),
        ("Python to run it (.py)", f"reach-v3_13-21_seed{seed}_0.py", b'"""Let reach-v3'),
        ("Film (.mp4)", f"reach-v3_13-21_seed{seed}_0.mp4", b"\x00\x00"),
        ("Film (.gif)", f"reach-v3_13-21_seed{seed}_0.gif", b"GIF89a"),
    ):
        button = page.get_by_role("button", name=label)
        expect(button).to_be_visible()
        with page.expect_download() as download:
            button.click()
        assert download.value.suggested_filename == file
        assert download.value.path().read_bytes().startswith(start)
    keep(page, "downloads")
    page.keyboard.press("Escape")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(".weights").get_by_role("button", name=kind).click()
        assert download.value.suggested_filename == f"weights_reach-v3_13-21.{kind.lower()}"
        content = download.value.path().read_bytes()
        assert content.startswith(start)
        if kind == "SVG":
            drawing = ElementTree.fromstring(content)
            name = "{http://www.w3.org/2000/svg}"
            assert len(drawing.findall(f"{name}image")) == 7  # six matrices and the scale
            said = " ".join(text.text or "" for text in drawing.findall(f"{name}text"))
            assert "Reach a point, 13-21" in said
            assert "W2 21\u00d713" in said


def test_one_key_generates_the_next_seed(visit):
    page = visit("?task=reach-v3&arch=9&seed=4&steps=2")
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)
    page.locator(".lead").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("5")
    page.wait_for_url(re.compile("seed=5"))
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)


def test_nothing_jumps_while_the_next_network_is_made(visit):
    page = visit("?task=reach-v3&arch=9&seed=4&steps=2")
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)
    page.evaluate(
        "() => { window.shifts = []; new PerformanceObserver(list =>"
        " window.shifts.push(...list.getEntries().map(e => e.value))).observe({type: 'layout-shift'}); }"
    )
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url(re.compile("seed=5"))
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_text("on goals it never saw")).to_have_count(2)
    # Web Vitals call a sum of 0.1 good; it was 0.14 when places were emptied before they were filled.
    assert page.evaluate("window.shifts.reduce((a, b) => a + b, 0)") < 0.1


def test_the_model_chooses_an_architecture(visit):
    page = visit()
    page.get_by_role("button", name="Surprise me").click()
    expect(page.get_by_role("textbox", name="Hidden widths")).to_have_value("?")
    drawn = page.get_by_role("img", name="any number of")
    expect(drawn).to_be_visible()
    # The tiny checkpoint does not cover this task; what it can choose is shown for another one.
    page.locator("label", has_text="Reach a point").click()
    page.get_by_role("button", name="Surprise me").click()
    expect(page.get_by_text("the model chose the architecture")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_several_networks_side_by_side(visit, size):
    page = visit(
        "?task=reach-v3&arch=%3F&count=3&seed=1&steps=2&max_params=2000&robot=film", size=size
    )
    expect(page.locator(".st-key-cards, .rate").get_by_text("95 % CI")).to_have_count(5)
    expect(page.locator("video")).to_have_count(5)
    cards = page.get_by_role("button", name=re.compile(r"Show \d: "))
    expect(cards).to_have_count(3)
    chosen = (cards.nth(1).inner_text()).split(": ")[1].strip()
    cards.nth(1).click()
    heading = page.get_by_role("heading", name=f"with a network of {chosen}")
    expect(heading).to_be_visible()
    page.get_by_role("button", name="Compare").first.click()
    expect(page.get_by_role("heading", name="two networks")).to_be_visible()
    expect(page.locator(".st-key-pair video")).to_have_count(2)
    expect(page.locator(".panel")).to_have_count(3)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    page.wait_for_selector(".weights[data-drawn]")
    keep(page, f"compared-{'phone' if size[0] < 500 else 'desktop'}")


def test_pointing_at_a_weight_reads_it_in_its_own_panel(visit):
    page = visit()
    canvas = page.locator(".matrix canvas").first
    canvas.scroll_into_view_if_needed()
    before = page.locator(".matrix canvas").evaluate_all("all => all.map(c => c.toDataURL())")
    canvas.hover(position={"x": 30, "y": 20})
    said = r"W1, row \d+, column \d+: .\d+\.\d+, patch \(\d+, \d+\), from observation \d+ .* to neuron \d+"
    expect(page.locator(".readout")).to_have_text(re.compile(said))
    after = page.locator(".matrix canvas").evaluate_all("all => all.map(c => c.toDataURL())")
    # The neuron is marked in the next matrix, which reads it; neuron i of the other network has nothing to do with it.
    assert [old != new for old, new in zip(before, after, strict=True)] == [True, True] + [
        False
    ] * (len(before) - 2)
    keep(page, "pointing")


def test_a_link_shows_its_network_and_a_wrong_one_says_why(visit):
    page = visit("?task=drawer-close-v3&arch=10&seed=1&steps=3")
    expect(page.get_by_role("heading", name="Close the drawer")).to_be_visible()
    page = visit("?task=nonsense&arch=64-x&seed=0&steps=0")
    for part in ("nonsense", "64-x", "steps"):
        expect(page.get_by_role("alert").filter(has_text=part)).to_be_visible()
    expect(page.get_by_text("example, made earlier")).to_be_visible()
    keep(page, "wrong-link")
