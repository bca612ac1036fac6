"""Parts of the results page: the table of goals, and one experiment."""

import base64
from html import escape
from pathlib import Path

import streamlit as st

from app.views.evidence.document import DOCS, Section
from app.widgets.parts import drawn_part

_figure = drawn_part(
    "figure",
    styles=("views/evidence/figure.css", "widgets/save_figure/save_figure.css"),
)
_CSS = """
.goals { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
.goals td, .goals th { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--edge);
  vertical-align: top; font-weight: 400; }
.goals th { opacity: 0.62; font-size: 0.84rem; }
.goals td:last-child { white-space: nowrap; }
.goals .yes { color: var(--good); } .goals .no { color: var(--bad); }
@media (max-width: 640px) {
  .goals, .goals tbody, .goals tr { display: block; } .goals tr:first-child { display: none; }
  .goals tr { border-bottom: 1px solid var(--edge); padding: 8px 0; }
  .goals td { display: block; border: 0; padding: 1px 0; }
  .goals td:nth-child(2) { opacity: 0.8; } }
"""
_MARKS = {
    True: '<span class="yes">\u2713 reached</span>',
    False: '<span class="no">\u2717 not reached</span>',
    None: '<span class="quiet">not measured</span>',
}


def apply_evidence_style() -> None:
    """Add the CSS of this page."""
    st.html(f"<style>{_CSS}</style>")


def show_goals(goals: tuple[tuple[str, str, bool | None], ...]) -> None:
    """What was asked beside what was reached, the failures as plainly as the rest."""
    rows = "".join(
        f"<tr><td>{_code(asked)}</td><td>{'' if met is None else _code(reached)}</td>"
        f"<td>{_MARKS[met]}</td></tr>"
        for asked, reached, met in goals
    )
    st.html(
        '<table class="goals"><tr><th>asked</th><th>reached</th><th>met</th></tr>'
        + rows
        + "</table>"
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
