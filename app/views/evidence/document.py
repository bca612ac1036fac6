"""docs/results.md taken apart: the page in the app shows what the file says, and nothing else."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
CLAIMS = "Claims"

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
class Claim:
    """A sentence, and what a reader needs to check it, as text with `names` in code type."""

    sentence: str
    measured: str
    baseline: str
    refuted_by: str
    command: str


@dataclass(frozen=True)
class Group:
    """Claims that are read together.

    Attributes:
        title: its heading.
        text: paragraphs before the claims, and the words that they use, as Markdown.
        claims: in the order of the file.
    """

    title: str
    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Results:
    """All of docs/results.md.

    Attributes:
        text: paragraphs before the first section.
        about_claims: what stands above all claims.
        claims: by group.
        sections: the experiments.
    """

    text: tuple[str, ...]
    about_claims: str
    claims: tuple[Group, ...]
    sections: tuple[Section, ...]


def titled(markdown: str) -> tuple[str, str]:
    """The first heading of a document, or "More" where it has none, and the document."""
    heading = re.search(r"^#+ (.+)$", markdown, re.MULTILINE)
    return (heading[1] if heading else "More"), markdown


def parse_results(markdown: str) -> Results:
    """Take the file apart.

    Raises:
        ValueError: a row of a table of claims is not one.
    """
    head, *parts = re.split(r"^## ", markdown, flags=re.MULTILINE)
    sections: list[Section] = []
    about = ""
    groups: tuple[Group, ...] = ()
    for part in parts:
        title, _, body = part.partition("\n")
        if title.strip() == CLAIMS:
            intro, *tables = re.split(r"^### ", body, flags=re.MULTILINE)
            about, groups = _unlinked(intro.strip()), tuple(map(_group, tables))
        else:
            sections.append(_section(title.strip(), body))
    text = [_unlinked(piece) for piece in _pieces(head) if not piece.startswith("# ")]
    return Results(tuple(text), about, groups, tuple(sections))


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


def _group(part: str) -> Group:
    title, _, body = part.partition("\n")
    text = [_unlinked(piece) for piece in _pieces(body) if not piece.startswith("|")]
    return Group(title.strip(), "\n\n".join(text), tuple(map(_claim, _table_rows(body))))


def _claim(cells: list[str]) -> Claim:
    *words, command = cells
    sentence, measured, baseline, refuted_by = words
    return Claim(sentence, measured, baseline, refuted_by, command.strip("`"))


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
