"""The Alignment page in headless Chromium: slider, matching, a patch, uploads and what is given back."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from chromium import keep, needs_chromium
from playwright.sync_api import Page, expect

from nnit.alignment.symmetry import permute, random_permutations
from nnit.mlp.files import network_bytes, read_network
from nnit.mlp.network import MLP

pytestmark = needs_chromium

# The tiny checkpoint covers this task; two small networks are measured quickly.
QUERY = "?task=reach-v3&arch=17-12,9-12&kinds=nnit&networks=2"
CANVASES = ".alignment .grid canvas"


@pytest.fixture
def visit(visit_path: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the page."""
    return lambda query=QUERY, **how: visit_path(f"alignment{query}", **how)


def ready(page: Page) -> None:
    """Wait until pictures and charts are there."""
    expect(page.locator(".alignment[data-measured=true]")).to_be_visible()


def pictures(page: Page) -> list[str]:
    return page.locator(CANVASES).evaluate_all("all => all.map(c => c.toDataURL())")


def drawn(page: Page, what: str) -> None:
    expect(page.locator(".alignment")).to_have_attribute("data-drawn", re.compile(what))


# Widths do not depend on colours: each is looked at once.
@pytest.mark.parametrize(
    ("size", "scheme"),
    [((1440, 900), "light"), ((390, 844), "dark")],
    ids=["desktop-light", "phone-dark"],
)
def test_the_page_fits(visit, size, scheme):
    page = visit(size=size, scheme=scheme)
    ready(page)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert page.locator(CANVASES).count() == 6
    keep(page, f"alignment-{'phone' if size[0] < 500 else 'desktop'}-{scheme}")


def test_the_slider_shuffles_and_matching_undoes_it(visit):
    page = visit()
    ready(page)
    as_it_is = pictures(page)
    slider = page.get_by_role("slider", name="Neurons shuffled")
    value = page.locator("[data-chart=total_variation] .value")
    before = value.inner_text()
    slider.focus()
    slider.press("End")
    drawn(page, "nnit 20 shuffled")
    shuffled = pictures(page)
    assert all(old != new for old, new in zip(as_it_is, shuffled, strict=True))
    assert value.inner_text() != before
    assert "noise 1.13" in value.inner_text()
    slider.press("ArrowLeft")
    drawn(page, "nnit 19 shuffled")
    expect(page.locator(".slide output")).to_have_text("95 %")
    page.get_by_role("switch", name="Align by matching").check()
    drawn(page, "nnit 19 matched")
    # The reference is as it was.
    assert pictures(page)[:3] == as_it_is[:3]
    slider.press("Home")
    page.get_by_role("switch", name="Align by matching").uncheck()
    drawn(page, "nnit 0 shuffled")
    assert pictures(page) == as_it_is
    keep(page, "alignment-shuffled")


def test_a_patch_is_shown_in_all_networks(visit):
    page = visit()
    ready(page)
    heading = page.locator(".patches h4")
    expect(heading).to_have_text("Patch (0, 0) of W2 in every network")
    page.locator(CANVASES).first.click(position={"x": 3, "y": 3})
    expect(heading).to_have_text("Patch (0, 0) of W1 in every network")
    assert page.locator(".patches canvas").count() == 2
    # Its neuron stays named beside the matrix, also when neurons are shuffled.
    card = page.locator(".alignment .pinned")
    expect(card).to_contain_text("Network 1, W1, row 0")
    for name in ("value", "reads most of", "is read most by", "norm of what reads it"):
        expect(card.locator("dt", has_text=re.compile(f"^{name}$"))).to_have_count(1)
    keep(page, "alignment-pinned")
    page.locator(".alignment .grid").focus()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("Patch (1, 0) of W1 in every network")
    page.locator(CANVASES).first.hover(position={"x": 3, "y": 3})
    said = r"Network 1, W1, row 0, column 0: .\d+\.\d+, patch \(0, 0\), from .*"
    expect(page.locator(".alignment .readout")).to_have_text(re.compile(said))


def test_one_layer_is_seen_alone_and_larger(visit):
    page = visit(size=(390, 844))
    ready(page)
    matrices = page.locator(CANVASES)
    seen = matrices.and_(page.locator(":visible"))
    count = matrices.count()
    head = page.get_by_role("button", name="W2")
    before = page.get_by_role("img", name="Network 1, W2").first.bounding_box()["width"]
    head.click()
    expect(head).to_have_attribute("aria-pressed", "true")
    expect(seen).to_have_count(count // 3)
    assert (
        page.get_by_role("img", name="Network 1, W2").first.bounding_box()["width"] > 1.5 * before
    )
    keep(page, "alignment-one-layer-phone")
    # The keys go on to the next layer.
    page.locator(".alignment .grid").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="W3")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="W3").click()
    expect(seen).to_have_count(count)


def test_the_robot_is_driven_on_request(visit):
    page = visit()
    ready(page)
    page.get_by_role("button", name="Drive the robot at five points").click()
    expect(page.locator(".results span")).to_have_count(5)
    assert re.fullmatch(r"[0-3]/3", page.locator(".results b").first.inner_text())


def test_uploads_are_aligned_and_given_back(visit, tmp_path: Path):
    rng = np.random.default_rng(0)
    sizes = [(14, 6), (11, 14), (3, 11)]
    network = MLP(
        tuple(rng.normal(size=size).astype(np.float32) for size in sizes),
        tuple(rng.normal(size=size[0]).astype(np.float32) for size in sizes),
    )
    shuffled = permute(network, random_permutations((14, 11), 1.0, rng))
    files = []
    for name, one in (("first.npz", network), ("second.npz", shuffled)):
        (tmp_path / name).write_bytes(network_bytes(one, "npz"))
        files.append(tmp_path / name)
    (tmp_path / "broken.npz").write_bytes(b"nonsense")
    page = visit()
    ready(page)
    page.get_by_text("Bring your own networks").click()
    page.locator("input[type=file]").first.set_input_files([*files, tmp_path / "broken.npz"])
    expect(page.get_by_role("alert").filter(has_text="broken.npz")).to_be_visible()
    verdict = page.get_by_role(
        "button", name="2 is a permutation of 1: 25 neurons in another place"
    )
    expect(verdict).to_be_visible()
    expect(page.locator(".verdict .number")).to_have_text(
        re.compile(r"distance 0\.000, noise 0\.\d+")
    )
    drawn(page, "uploaded")  # without a click: who brings networks wants to see them
    # A click on a neuron marks it, and its partner, everywhere.
    figure, card = page.locator(".examination"), page.locator(".examination .card")
    clean = figure.locator(".layers canvas").evaluate_all("all => all.map(c => c.toDataURL())")
    figure.locator(".ribbons canvas").click(position={"x": 8, "y": 2})
    expect(card).to_contain_text("Neuron 0 of layer 1")
    partner = re.search(r"neuron (\d+)", card.inner_text()).group(1)
    marked = figure.locator(".layers canvas").evaluate_all("all => all.map(c => c.toDataURL())")
    assert sum(a != b for a, b in zip(clean, marked, strict=True)) >= 8
    figure.get_by_text("The permutation as a table").click()
    row = figure.locator("tr.marked td")
    expect(row.nth(0)).to_have_text("0")
    expect(row.nth(1)).to_have_text(partner)
    figure.locator(".bars canvas").press("ArrowRight")
    expect(card).to_contain_text("Neuron 1 of layer 1")
    keep(page, "alignment-examination")
    page.keyboard.press("Escape")
    expect(card).to_contain_text("14 of 14 neurons have a partner")
    with page.expect_download() as download:
        page.get_by_role("button", name="Everything (.zip)").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert archive.namelist()[:3] == ["first.npz", "second.npz", "permutations.json"]
        aligned = read_network("second.npz", archive.read("second.npz"))
    assert all(np.array_equal(a, b) for a, b in zip(aligned.weights, network.weights, strict=True))
    keep(page, "alignment-uploaded")


def test_a_wrong_link_says_why(visit):
    page = visit("?task=nonsense&arch=64-x&kinds=magic&networks=99")
    for part in ("nonsense", "64-x", "magic", "99"):
        alert = page.get_by_role("alert").filter(has_text=part)
        expect(alert).to_be_visible()


def test_a_chart_tells_its_value_to_pointer_and_keys(visit):
    page = visit()
    ready(page)
    figure = page.locator("[data-chart=total_variation]")
    chart, told = figure.locator("svg"), figure.get_by_role("status")
    box = chart.bounding_box()
    chart.hover(position={"x": box["width"] - 2, "y": box["height"] / 2})
    expect(told).to_have_text(re.compile(r"^100 %: \d\.\d+$"))
    expect(figure.locator(".hover text")).to_have_text(told.inner_text())
    page.mouse.move(2, 2)
    expect(told).to_have_text("")
    chart.focus()
    expect(told).to_have_text(re.compile("^0 %"))
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(re.compile("^5 %"))
    keep(page, "alignment-chart-told")
    page.keyboard.press("Escape")
    expect(told).to_have_text("")
