"""The figure that the page Alignment shows before anything is computed."""

import base64
import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import open_page
from patience import SECONDS
from streamlit.testing.v1 import AppTest

from app.engine.checkpoint import checkpoint_version
from app.engine.jobs import Job
from app.views.alignment import services as services_module
from app.views.alignment.measurements import Drawn
from app.views.alignment.request import Comparison
from app.views.alignment.services import AlignmentServices, alignment_services
from app.views.alignment.shipped import FILE, save_figure, shipped_figure
from nnit.dit.generator import Generator
from nnit.mlp.files import network_bytes
from nnit.mlp.network import MLP
from nnit.request import SampleRequest

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked for never comes."""
    monkeypatch.setattr(AlignmentServices, "networks", lambda *_: Job(kept=True))
    alignment_services.clear()


def test_it_is_what_the_shipped_checkpoint_writes() -> None:
    comparison = Comparison()
    figure = shipped_figure(comparison, checkpoint_version())
    assert figure is not None, "a new checkpoint needs `python -m app.make.alignment`"
    assert [kind["kind"] for kind in figure["kinds"]] == list(comparison.kinds)
    assert all(kind["measured"] for kind in figure["kinds"])
    request = SampleRequest(comparison.task, comparison.architectures[0])
    (policy,) = Generator.load().sample(request)
    layer = figure["kinds"][0]["networks"][0]["layers"][1]
    cells = np.frombuffer(base64.b64decode(layer["cells"]), "<i2") * layer["scale"]
    shown = cells.reshape(layer["rows"], layer["columns"])
    np.testing.assert_allclose(shown, policy.weights[1], atol=2 * layer["scale"])


def test_the_page_shows_it_while_it_computes(endless: None) -> None:
    page = open_page("alignment")
    assert not page.exception
    (part,) = page.get("bidi_component")
    figure = shipped_figure(Comparison(), checkpoint_version())
    assert figure is not None
    assert json.loads(part.proto.json)[0]["key"] == figure["key"]


def test_another_comparison_has_to_wait(endless: None) -> None:
    page = open_page("alignment", arch="9-12")
    assert not page.exception
    assert not page.get("bidi_component")


def test_nothing_is_computed_that_nobody_asked_for() -> None:
    page = open_page("alignment")
    assert not page.exception
    assert not alignment_services()._jobs._jobs


def parts(page: AppTest) -> dict[str, dict[str, Any]]:
    """What the page's drawn parts have been sent, by their names."""
    return {p.proto.component_name: json.loads(p.proto.json)[0] for p in page.get("bidi_component")}


def bring(page: AppTest) -> dict[str, dict[str, Any]]:
    """Upload two networks, and wait until they are compared and measured; the parts that show them."""
    rng = np.random.default_rng(0)
    sizes = [(7, 5), (2, 7)]
    files = []
    for name in ("first.npz", "second.npz"):
        weights = tuple(rng.normal(size=size).astype(np.float32) for size in sizes)
        biases = tuple(np.zeros(rows, np.float32) for rows, _ in sizes)
        files.append((name, network_bytes(MLP(weights, biases), "npz"), "application/octet-stream"))
    page.file_uploader(key="align_files").set_value(files)
    page.run()
    for _ in range(10 * SECONDS):
        shown = parts(page)
        kinds = shown.get("nnit_alignment", {}).get("kinds", [])
        own = any(kind["kind"] == "uploaded" and kind["measured"] for kind in kinds)
        if own and "nnit_examination" in shown:
            return shown
        time.sleep(0.1)
        page.run()
    pytest.fail("uploads wait for what never comes")


def test_uploads_do_not_wait_behind_what_is_measured(endless: None) -> None:
    page = open_page("alignment", arch="9-12")
    kinds = bring(page)["nnit_alignment"]["kinds"]
    assert [kind["kind"] for kind in kinds] == ["uploaded"]


def test_uploads_do_not_wait_behind_what_others_have_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ending = threading.Event()
    monkeypatch.setattr(services_module, "measure_all", lambda *_: ending.wait(SECONDS))
    work = AlignmentServices()
    measured = work.measured_uploads(("a",), Drawn(()))
    sizes = [(7, 5), (2, 7)]
    weights = tuple(np.ones(size, np.float32) for size in sizes)
    content = network_bytes(MLP(weights, tuple(w[:, 0] for w in weights)), "npz")
    read = work.uploads([("b", "one.npz", content), ("c", "two.npz", content)])
    assert len(read.future.result(SECONDS).names) == 2
    assert not measured.future.done()
    ending.set()
    work.close()


def test_shipped_networks_stay_beside_uploads() -> None:
    page = open_page("alignment")
    kinds = bring(page)["nnit_alignment"]["kinds"]
    assert [kind["kind"] for kind in kinds] == ["uploaded", *Comparison().kinds]
    asked = {key[0] for key in alignment_services()._jobs._jobs}
    assert asked == {"uploads", "examined", "distances", "measured uploads"}


def test_other_checkpoints_and_damaged_files_have_none(tmp_path: Path) -> None:
    assert shipped_figure(Comparison(), "another") is None
    assert shipped_figure(None, checkpoint_version()) is None
    file = tmp_path / "figure.gz"
    save_figure(Comparison(), "v", {"key": "k"}, file)
    assert shipped_figure(Comparison(), "v", file) == {"key": "k"}
    for number, content in enumerate((b"", b"nothing", FILE.read_bytes()[:5000])):
        damaged = tmp_path / f"damaged-{number}"
        damaged.write_bytes(content)
        assert shipped_figure(Comparison(), "v", damaged) is None
    assert shipped_figure(Comparison(), "v", tmp_path / "missing") is None
