"""The figure that the page Alignment shows before anything is computed."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from pages import open_page

from app.engine.checkpoint import checkpoint_version
from app.engine.jobs import Job
from app.views.alignment.request import Comparison
from app.views.alignment.services import AlignmentServices, alignment_services
from app.views.alignment.shipped import FILE, save_figure, shipped_figure
from nnit.dit.generator import Generator
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
    assert json.loads(part.proto.json)["key"] == figure["key"]


def test_another_comparison_has_to_wait(endless: None) -> None:
    page = open_page("alignment", arch="9-12")
    assert not page.exception
    assert not page.get("bidi_component")


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
