"""Parts of the results page: a group of claims, and one experiment."""

import base64
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from app.views.evidence.document import DOCS, Claim, Group, Results, Section
from app.widgets.parts import drawn_part

_figure = drawn_part(
    "figure",
    styles=(
        "views/evidence/figure.css",
        "widgets/matrix/inspector.css",
        "widgets/save_figure/save_figure.css",
    ),
)
_ALL = "All"
_CSS = """
.stHtml .claims { margin: 0; padding: 0; list-style: none; }
.stHtml .claims li { margin: 0; padding: 14px 0; border-top: 1px solid var(--edge); display: grid;
  grid-template-columns: minmax(0, 5fr) minmax(0, 3fr) minmax(0, 3fr); gap: 8px 32px;
  font-size: 0.92rem; line-height: 1.45; }
.stHtml .claims p { margin: 0; overflow-wrap: anywhere; }
.stHtml .claims .sentence { font-weight: 600; font-size: 0.98rem; }
.stHtml .claims .what { display: block; color: var(--quiet-text); font-size: 0.8rem; font-weight: 400; }
.stHtml .claims details { grid-column: 1 / -1; font-size: 0.85rem; }
.stHtml .claims summary { color: var(--quiet-text); cursor: pointer; width: fit-content; padding: 4px 0; }
.stHtml .claims details p + p { margin-top: 8px; }
.stHtml .claims details code { user-select: all; font-size: 0.78rem; }
.stMarkdown p code { overflow-wrap: anywhere; }
.stMarkdown table { display: block; max-width: 100%; overflow-x: auto; }
@media (max-width: 640px) {
  .stHtml .claims li { grid-template-columns: minmax(0, 1fr); gap: 10px; } }
"""


def apply_evidence_style() -> None:
    """Add the CSS of this page."""
    st.html(f"<style>{_CSS}</style>")


def chosen(control: Callable[..., Any], label: str, choices: Sequence[str], **how: Any) -> str:
    """One of the choices, the first at the beginning, which the page's address names.

    Args:
        control: `st.pills` or `st.segmented_control`.
        label: of the control.
        choices: at least one.
        how: else, such as the key, which is the name in the address.
    """
    first = choices[0]
    return (
        control(label, choices, default=first, required=True, bind="query-params", **how) or first
    )


def show_all_claims(results: Results) -> None:
    """What all claims have in common, and one group of them, which the visitor chooses, or all."""
    st.subheader("Claims", anchor="claims")
    st.markdown(results.about_claims)
    groups = {group.title: group for group in results.claims}
    asked = chosen(st.pills, "Claims about", [*groups, _ALL], key="claims")
    for group in results.claims if asked == _ALL else (groups[asked],):
        show_claims(group)


def show_experiments(results: Results) -> None:
    """One experiment, which the visitor chooses, and what all of them have in common."""
    sections = {section.title: section for section in results.sections}
    show_section(sections[chosen(st.pills, "Experiment", list(sections), key="experiment")])
    with st.expander("What all experiments have in common"):
        st.markdown("\n\n".join(results.text))


def _anchor(title: str) -> str:
    """The name of a heading in the page's address, as Streamlit makes it of a Markdown heading."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def show_claims(group: Group) -> None:
    """What is claimed, each sentence with its number and a baseline; to open, what would refute it and the command."""
    st.markdown(f"#### {group.title}")
    if group.text:
        st.markdown(group.text)
    st.html(f'<ul class="claims">{"".join(map(_claim, group.claims))}</ul>')


def _claim(claim: Claim) -> str:
    measured = _labelled("measured", claim.measured) + _labelled("baseline", claim.baseline)
    check = _labelled("what would refute it", claim.refuted_by) + _labelled(
        "command", f"`{claim.command}`"
    )
    return (
        f'<li><p class="sentence">{_code(claim.sentence)}</p>{measured}'
        f"<details><summary>How to check it</summary>{check}</details></li>"
    )


def _labelled(label: str, text: str) -> str:
    return f'<p><span class="what">{label}</span>{_code(text)}</p>'


def _code(text: str) -> str:
    """Escaped text with `names` of sources in code type."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def show_section(section: Section) -> None:
    """Figure, what it shows, the command that makes it, and its numbers for those who ask."""
    st.subheader(section.title, anchor=_anchor(section.title))
    if section.text:
        st.markdown("\n\n".join(section.text))
    figure = _figure_of(section)
    if figure is not None:
        _figure(
            key=f"figure_{section.figure}",
            data={
                "svg": base64.b64encode(figure).decode(),
                "alt": f"{section.title}; the numbers are in the table below",
                "name": Path(section.figure or "").stem,
                "dark": st.context.theme.type == "dark",
            },
        )
    elif section.figure is not None:
        st.info("The figure is missing; the command below draws it.")
    st.code(section.command, language="bash")
    if section.tables:
        with st.expander("The numbers"):
            st.markdown(section.tables)


def _figure_of(section: Section) -> bytes | None:
    """The SVG of a section, if it has one."""
    if section.figure is None:
        return None
    path = DOCS / "figures" / section.figure
    return path.read_bytes() if path.is_file() else None
