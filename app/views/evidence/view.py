"""Parts of the results page: a group of claims, and one experiment."""

import base64
from html import escape
from pathlib import Path

import streamlit as st

from app.views.evidence.document import DOCS, Claim, Group, Section
from app.widgets.parts import drawn_part

_figure = drawn_part(
    "figure",
    styles=(
        "views/evidence/figure.css",
        "widgets/matrix/inspector.css",
        "widgets/save_figure/save_figure.css",
    ),
)
_CSS = """
.stHtml .claims { margin: 0; padding: 0; list-style: none; }
.stHtml .claims li { margin: 0; padding: 14px 0; border-top: 1px solid var(--edge); display: grid;
  grid-template-columns: minmax(0, 5fr) minmax(0, 3fr) minmax(0, 3fr); gap: 8px 32px;
  font-size: 0.92rem; line-height: 1.45; }
.stHtml .claims p { margin: 0; overflow-wrap: anywhere; }
.stHtml .claims .sentence { font-weight: 600; font-size: 0.98rem; }
.stHtml .claims .what { display: block; color: var(--quiet-text); font-size: 0.8rem; font-weight: 400; }
.stHtml .claims .command { grid-column: 2 / -1; align-self: end; }
.stHtml .claims .command code { user-select: all; font-size: 0.78rem; }
.stMarkdown p code { overflow-wrap: anywhere; }
.stMarkdown table { display: block; max-width: 100%; overflow-x: auto; }
@media (max-width: 640px) {
  .stHtml .claims li { grid-template-columns: minmax(0, 1fr); gap: 10px; }
  .stHtml .claims .command { grid-column: auto; } }
"""


def apply_evidence_style() -> None:
    """Add the CSS of this page."""
    st.html(f"<style>{_CSS}</style>")


def show_claims(group: Group) -> None:
    """What is claimed, each sentence with its number, a baseline, what would refute it and the command."""
    st.markdown(f"#### {group.title}")
    if group.text:
        st.markdown(group.text)
    st.html(f'<ul class="claims">{"".join(map(_claim, group.claims))}</ul>')


def _claim(claim: Claim) -> str:
    labelled = (
        ("measured", "measured", claim.measured),
        ("baseline", "baseline", claim.baseline),
        ("refuted", "what would refute it", claim.refuted_by),
        ("command", "command", f"`{claim.command}`"),
    )
    return f'<li><p class="sentence">{_code(claim.sentence)}</p>' + "".join(
        f'<p class="{kind}"><span class="what">{label}</span>{_code(text)}</p>'
        for kind, label, text in labelled
    )


def _code(text: str) -> str:
    """Escaped text with `names` of sources in code type."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def show_section(section: Section) -> None:
    """Figure, what it shows, the command that makes it, and its numbers for those who ask."""
    st.subheader(section.title, anchor=section.title.lower().replace(" ", "-"))
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
