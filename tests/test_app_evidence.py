"""The results page: it says what docs/results.md says."""

import base64
import json
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import SECONDS
from streamlit.testing.v1 import AppTest

from app.views.evidence import document
from app.views.evidence.document import Claim, parse_results
from nnit.evaluation.experiments.claims import all_claims
from nnit.evaluation.experiments.report import load_parts
from nnit.evaluation.experiments.sections import SECTIONS

ROOT = Path(__file__).resolve().parents[1]
PAGE = """# Results

Written by a command, see [`results/`](../results).

## Claims

Each with its number.

### Unseen architectures

On the same goals, see [`results/`](../results).

- `zoo`: made as the training networks were

| claim | measured | baseline | what would refute it | command |
| --- | --- | --- | --- | --- |
| New widths work | 1772/1800 (98 %, CI 98-99) | `zoo` 1799/1800 | Fails <elsewhere> | `nnit evaluate --task mt10` |
| Narrow networks fail more | 3/10 (30 %) | none measured | Overlapping intervals | `nnit evaluate --arch 12` |

### By construction

| claim | measured | baseline | what would refute it | command |
| --- | --- | --- | --- | --- |
| Budgets are kept | 10/10 (100 %) | none possible | A defect | `python -m nnit reproduce` |

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


def run(**query: str) -> AppTest:
    page = AppTest.from_file(
        str(ROOT / "app" / "views" / "evidence" / "page.py"), default_timeout=SECONDS
    )
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def test_a_report_is_taken_apart() -> None:
    results = parse_results(PAGE)
    assert results.about_claims == "Each with its number."
    assert [group.title for group in results.claims] == ["Unseen architectures", "By construction"]
    assert [len(group.claims) for group in results.claims] == [2, 1]
    assert results.claims[0].text.startswith("On the same goals, see `results/`.")
    assert results.claims[0].claims[0] == Claim(
        "New widths work",
        "1772/1800 (98 %, CI 98-99)",
        "`zoo` 1799/1800",
        "Fails <elsewhere>",
        "nnit evaluate --task mt10",
    )
    (section,) = results.sections
    assert section.command == "python -m nnit reproduce --only steps"
    assert section.figure == "steps.svg"
    assert section.text[-1] == "Numbers: `results/steps` (seed: 0)."
    assert section.tables.startswith("| steps")
    assert section.tables.endswith("| reach-v3 | 10/10 |")
    assert results.text == ("Written by a command, see `results/`.",)


def test_the_report_in_the_repository_can_be_taken_apart() -> None:
    results = parse_results((ROOT / "docs" / "results.md").read_text())
    assert sum(len(group.claims) for group in results.claims) > 20
    for group in results.claims:
        assert group.claims
        assert all(all(vars(claim).values()) for claim in group.claims)
    assert all(s.command.startswith("python -m nnit reproduce --only") for s in results.sections)
    for section in results.sections:
        if section.figure is not None:
            assert (ROOT / "docs" / "figures" / section.figure).is_file()


@given(st.text(alphabet="#|`![]()\n -ab*", max_size=300))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        parse_results(text)
    except ValueError:
        assert "## Claims" in text


def html_of(page: AppTest) -> str:
    return " ".join(piece.proto.body for piece in page.get("html"))


def test_every_claim_has_its_number_baseline_refutation_and_command(docs: Path) -> None:
    page = run(claims="All")
    assert page.subheader[0].value == "Claims"
    html = html_of(page)
    for text in ("1772/1800 (98 %, CI 98-99)", "1799/1800", "none measured"):
        assert text in html
    assert html.count("<li>") == html.count(">what would refute it<") == 3
    assert "<code>zoo</code>" in html
    assert "<code>nnit evaluate --arch 12</code>" in html
    assert "&lt;elsewhere&gt;" in html


def test_one_group_of_claims_is_shown_at_a_time_or_all(docs: Path) -> None:
    page = run()
    groups = page.get("button_group")[1]
    assert groups.options == ["Unseen architectures", "By construction", "All"]
    assert html_of(page).count("<li>") == 2
    assert html_of(run(claims="By construction")).count("<li>") == 1
    groups.set_value("All").run()
    assert html_of(page).count("<li>") == 3


def test_one_part_and_one_experiment_are_shown_at_a_time(docs: Path) -> None:
    (docs / "digits.md").write_text("## Digits\n\nMNIST.")
    second = PAGE[PAGE.index("## Success") :].replace("Success by steps", "Success by other steps")
    (docs / "results.md").write_text(f"{PAGE}\n{second}")
    page = run()
    part = page.get("button_group")[0]
    assert part.options == ["Claims", "Experiments", "Digits"]
    assert 'class="claims"' in html_of(page)
    assert not page.code
    part.set_value("Digits").run()
    assert "MNIST." in page.markdown[-1].value
    assert 'class="claims"' not in html_of(page)
    page.get("button_group")[0].set_value("Experiments").run()
    assert [heading.value for heading in page.subheader] == ["Success by steps"]
    page.get("button_group")[1].set_value("Success by other steps").run()
    assert not page.exception
    assert [heading.value for heading in page.subheader] == ["Success by other steps"]


def test_the_address_names_the_part_and_the_experiment(docs: Path) -> None:
    page = run(part="Experiments", experiment="Success by steps")
    assert [heading.value for heading in page.subheader] == ["Success by steps"]
    assert run(part="nonsense").subheader[0].value == "Claims"


def test_without_claims_there_is_no_heading_for_them(docs: Path) -> None:
    (docs / "results.md").write_text("# Results\n\n## Success" + PAGE.split("## Success")[1])
    page = run()
    assert [heading.value for heading in page.subheader] == ["Success by steps"]
    assert 'class="claims"' not in html_of(page)
    assert page.get("button_group")[0].options == ["Experiments"]


def test_numbers_on_the_page_are_those_of_the_result_files() -> None:
    found = {name: load_parts(ROOT / "results" / name) for name in SECTIONS}
    html = html_of(run(claims="All"))
    for claim in all_claims(found):
        for text in vars(claim).values():
            pieces = escape(text).split("`")
            assert all(piece in html for piece in pieces), text


def test_a_section_has_its_figure_command_and_numbers(docs: Path) -> None:
    page = run(part="Experiments")
    (figure,) = page.get("bidi_component")
    drawn = json.loads(figure.proto.json)[0]
    assert drawn["alt"].startswith("Success by steps")
    assert base64.b64decode(drawn["svg"]) == (docs / "figures" / "steps.svg").read_bytes()
    assert page.code[0].value == "python -m nnit reproduce --only steps"
    assert "reach-v3" in page.expander[0].markdown[0].value


def test_without_results_the_page_says_what_to_run(docs: Path) -> None:
    (docs / "results.md").unlink()
    assert "python -m nnit reproduce" in run().info[0].value


def test_a_missing_figure_leaves_the_rest(docs: Path) -> None:
    (docs / "figures" / "steps.svg").unlink()
    page = run(part="Experiments")
    assert "missing" in page.info[0].value
    assert page.code


def test_a_damaged_report_is_no_traceback(docs: Path) -> None:
    (docs / "results.md").write_text("## Claims\n### a\n| a |\n| --- |\n| b |\n")
    assert run().info
    (docs / "results.md").write_bytes(b"\xff\xfe## Claims\n| a |")
    assert run().info
