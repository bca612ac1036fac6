"""docs/results.md taken apart: the page in the app shows what the file says, and nothing else."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
GOALS = "Asked and reached"

_PICTURE = re.compile(r"^!\[([^\]]*)\]\(figures/([\w-]+\.svg)\)$")
_RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]*\)")


@dataclass(frozen=True)
class Section:
    """One experiment of the results.

    Attributes:
        title: its heading.
        text: paragraphs before the first table.
        command: what measures it; empty where the file names none.
        figure: name of the SVG file in docs/figures, if there is one.
        tables: everything from the first table on, as Markdown; rather long.
    """

    title: str
    text: tuple[str, ...]
    command: str
    figure: str | None
    tables: str


@dataclass(frozen=True)
class Results:
    """All of docs/results.md.

    Attributes:
        text: paragraphs before the first section.
        goals: what was asked, what was reached, and whether that meets it.
        sections: the experiments.
    """

    text: tuple[str, ...]
    goals: tuple[tuple[str, str, bool | None], ...]
    sections: tuple[Section, ...]


def parse_results(markdown: str) -> Results:
    """Take the file apart.

    Raises:
        ValueError: a row of the table of goals is not one.
    """
    head, *parts = re.split(r"^## ", markdown, flags=re.MULTILINE)
    sections: list[Section] = []
    goals: list[tuple[str, str, bool | None]] = []
    for part in parts:
        title, _, body = part.partition("\n")
        if title.strip() == GOALS:
            goals = [_goal(row) for row in _table_rows(body)]
        else:
            sections.append(_section(title.strip(), body))
    text = [_unlinked(piece) for piece in _pieces(head) if not piece.startswith("# ")]
    return Results(tuple(text), tuple(goals), tuple(sections))


def _pieces(text: str) -> list[str]:
    """What stands between empty lines."""
    return [piece.strip() for piece in text.split("\n\n") if piece.strip()]


def _unlinked(text: str) -> str:
    """Without links to files of the repository, which the app does not serve."""
    return _RELATIVE_LINK.sub(r"\1", text)


def _table_rows(body: str) -> list[list[str]]:
    """Cells of the rows of a table, without its head."""
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def _goal(cells: list[str]) -> tuple[str, str, bool | None]:
    asked, reached, met = cells
    return asked, reached, {"yes": True, "**no**": False}.get(met)


def _section(title: str, body: str) -> Section:
    text: list[str] = []
    tables: list[str] = []
    command, figure = "", None
    for piece in _pieces(body):
        if piece.startswith("```"):
            command = piece.strip("`\n")
        elif match := _PICTURE.match(piece):
            figure = match[2]
        elif tables or piece.startswith("|"):
            tables.append(_unlinked(piece))
        else:
            text.append(_unlinked(piece))
    return Section(title, tuple(text), command, figure, "\n\n".join(tables))
