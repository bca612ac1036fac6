"""The results page: it says what docs/results.md says."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.views.evidence import document
from app.views.evidence.document import parse_results

ROOT = Path(__file__).resolve().parents[1]
PAGE = """# Results

Written by a command, see [`results/`](../results).

## Asked and reached

| asked | reached | met |
| --- | --- | --- |
| success at least 0.95 | 1772/1800 (98 %, 95 % CI 98-99) | yes |
| at least 40 points above `flat` | 3.0 points above | **no** |
| every sampled architecture valid | not measured | - |

## Success by steps

Heun's method evaluates twice.

Numbers: [`results/steps`](../results/steps) (seed: 0).

```
python -m nnit reproduce --only steps
```

![Success by steps](figures/steps.svg)

| steps | euler |
| --- | --- |
| 8 | 10/10 |

By task:

| task | euler |
| --- | --- |
| reach-v3 | 10/10 |
"""


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of docs/."""
    monkeypatch.setattr(document, "DOCS", tmp_path)
    monkeypatch.setattr("app.views.evidence.view.DOCS", tmp_path)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "steps.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "results.md").write_text(PAGE)
    return tmp_path


def run() -> AppTest:
    page = AppTest.from_file(
        str(ROOT / "app" / "views" / "evidence" / "page.py"), default_timeout=60
    )
    page.run()
    assert not page.exception
    return page


def test_a_report_is_taken_apart() -> None:
    results = parse_results(PAGE)
    assert [met for _, _, met in results.goals] == [True, False, None]
    assert results.goals[0][:2] == ("success at least 0.95", "1772/1800 (98 %, 95 % CI 98-99)")
    (section,) = results.sections
    assert section.command == "python -m nnit reproduce --only steps"
    assert section.figure == "steps.svg"
    assert section.text[-1] == "Numbers: `results/steps` (seed: 0)."
    assert section.tables.startswith("| steps")
    assert section.tables.endswith("| reach-v3 | 10/10 |")
    assert results.text == ("Written by a command, see `results/`.",)


def test_the_report_in_the_repository_can_be_taken_apart() -> None:
    results = parse_results((ROOT / "docs" / "results.md").read_text())
    assert len(results.goals) > 10
    assert all(s.command.startswith("python -m nnit reproduce --only") for s in results.sections)
    for section in results.sections:
        if section.figure is not None:
            assert (ROOT / "docs" / "figures" / section.figure).is_file()


@given(st.text(alphabet="#|`![]()\n -ab*", max_size=300))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        parse_results(text)
    except ValueError:
        assert "## Asked and reached" in text


def test_what_is_reached_and_what_is_not_are_both_shown(docs: Path) -> None:
    page = run()
    assert page.subheader[0].value == "1 of 3 goals reached"
    html = " ".join(piece.proto.body for piece in page.get("html"))
    assert html.count("not reached") == html.count("not measured") == 1
    assert "<code>flat</code>" in html
    (figure,) = page.get("bidi_component")
    drawn = json.loads(figure.proto.json)
    assert drawn["alt"].startswith("Success by steps")
    assert base64.b64decode(drawn["svg"]) == (docs / "figures" / "steps.svg").read_bytes()
    assert page.code[0].value == "python -m nnit reproduce --only steps"
    assert "reach-v3" in page.expander[0].markdown[0].value


def test_without_results_the_page_says_what_to_run(docs: Path) -> None:
    (docs / "results.md").unlink()
    assert "python -m nnit reproduce" in run().info[0].value


def test_a_missing_figure_leaves_the_rest(docs: Path) -> None:
    (docs / "figures" / "steps.svg").unlink()
    page = run()
    assert "missing" in page.info[0].value
    assert page.code


def test_a_damaged_report_is_no_traceback(docs: Path) -> None:
    (docs / "results.md").write_bytes(b"\xff\xfe## Asked and reached\n| a |")
    assert run().info
