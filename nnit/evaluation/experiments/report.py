"""docs/results.md and its figures, made from the JSON files of the experiments and nothing else."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nnit.checkpoint import load_json
from nnit.errors import UserError
from nnit.evaluation.experiments.base import Row
from nnit.evaluation.experiments.claims import GROUPS
from nnit.evaluation.experiments.sections import SECTIONS, Parts, table
from nnit.evaluation.experiments.terms import definitions, definitions_of
from nnit.writing import write_whole

_SHAPES_NAMED = 6  # of those that a source cannot make
_COMMAND = "python -m nnit reproduce"
_CLAIMS = (
    'Each with its number, a baseline, what would refute it and the command that measures it. "About as '
    'often" means that the two 95 % intervals overlap. The paper (arXiv 2603.00180) reports more than 85 % '
    "success at architectures that training did not have, on tasks of ManiSkill3; these are other tasks."
)


def write_report(results: Path, docs: Path) -> None:
    """Write `docs`/results.md and `docs`/figures from what lies under `results`.

    Experiments that have not been measured are named as such.

    Raises:
        UserError: a file of results is damaged.
    """
    found = {name: load_parts(results / name) for name in SECTIONS}
    known: set[str] = set()  # words that the text has explained so far
    try:
        text = [_head(found), *_claims(found, known)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UserError(
            f"the files in {results} are not those of this version ({error})"
        ) from error
    for name, (title, explanation, section) in SECTIONS.items():
        parts = found[name]
        command = f"```\n{_COMMAND} --only {name}\n```"
        if not parts:
            text.append(f"## {title}\n\nNot measured yet.\n\n{command}")
            continue
        figure = docs / "figures" / f"{name}.svg"
        figure.unlink(missing_ok=True)  # a section without numbers draws none
        try:
            body = section(parts, figure)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UserError(
                f"the files in {results / name} are not those of this version ({error})"
            ) from error
        picture = f"![{title}](figures/{figure.name})" if figure.exists() else ""
        # os.path, since pathlib cannot walk up on Python 3.11.
        data = Path(os.path.relpath(results / name, docs)).as_posix()
        made = f"Numbers: [`results/{name}`]({data}) {_made(parts)}."
        pieces = [
            f"## {title}",
            explanation,
            definitions_of(parts, known),
            made,
            command,
            picture,
            body,
            not_defined(parts),
        ]
        text.append("\n\n".join(piece for piece in pieces if piece))
    write_whole(docs / "results.md", "\n\n".join(text) + "\n")


def _claims(found: Mapping[str, Parts], known: set[str]) -> list[str]:
    """The claims as one table a group, with the words that are new in each; nothing without results."""
    text = []
    for group in GROUPS:
        claims = group.claims(found)
        if not claims:
            continue
        rows = [
            [c.sentence, c.measured, c.baseline, c.refuted_by, f"`{c.command}`"] for c in claims
        ]
        body = table(["claim", "measured", "baseline", "what would refute it", "command"], rows)
        said = group.text + group.note(found)
        pieces = [f"### {group.title}", said, definitions(said + body, known), body]
        text.append("\n\n".join(piece for piece in pieces if piece))
    return [f"## Claims\n\n{_CLAIMS}", *text] if text else []


def load_parts(folder: Path) -> dict[str, Row]:
    """What the files of one experiment hold, in the order in which they are measured.

    Raises:
        UserError: one of them is damaged.
    """
    parts = {}
    for path in sorted(folder.glob("*.json")):
        body = load_json(path)
        if not isinstance(body, dict) or not {"part", "version", "results", "skipped"} <= set(body):
            raise UserError(f"{path} holds no results of an experiment")
        parts[path.stem] = body
    # The generator first, the others by name.
    return dict(sorted(parts.items(), key=lambda item: not item[0].startswith("nnit")))


def _head(found: Mapping[str, Parts]) -> str:
    """The title, and what all numbers have in common."""
    bodies = [body for parts in found.values() for body in parts.values()]
    versions = sorted({body["version"] for body in bodies})
    packages = sorted(
        {f"{name} {number}" for body in bodies for name, number in body["made_with"].items()}
    )
    lines = [
        "# Results",
        f"Written by `{_COMMAND}` from the files in `results/`; not edited by hand. It measures what is "
        "not there yet for the checkpoint at hand; `--only report` writes this page alone.",
        "Success is the suite's own, at any step within the horizon of 500, on goals that no training used. "
        "Every network counts, nothing is selected. Intervals are Wilson's, at 95 %; episodes of one "
        "network are counted as if independent.",
    ]
    if versions:
        lines.append(f"Checkpoint: {_list(versions)}. Made with {_list(packages)}.")
    if len(versions) > 1:
        experiments: dict[str, list[str]] = {version: [] for version in versions}
        for name, parts in found.items():
            for version in sorted({body["version"] for body in parts.values()}):
                experiments[version].append(name)
        of = "; ".join(f"`{version}` {', '.join(n)}" for version, n in experiments.items())
        lines.append(f"**These results come from more than one checkpoint**: {of}.")
    return "\n\n".join(lines)


def _list(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _made(parts: Parts) -> str:
    """What the settings say about numbers of networks and episodes."""
    first = next(iter(parts.values()))
    settings, said = first["settings"], []
    if "networks" in settings:
        said.append(f"networks in each cell: {settings['networks']}")
    if "episodes" in settings:
        said.append(f"episodes of each network: {settings['episodes']}")
    said.append(f"tasks: {len(first['tasks'])}")
    versions = sorted({body["version"] for body in parts.values()})
    said += [f"seed: {first['seed']}", f"checkpoint: {_list(versions)}"]
    return f"({'; '.join(said)})"


def not_defined(parts: Parts) -> str:
    """What could not be measured and why, each reason once with the architectures that it holds for."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for name, body in parts.items():
        for row in body["skipped"]:
            arch = row.get("arch", "")
            # The shape alone, not a 4 within "64".
            own = rf"(?<![\w-]){re.escape(arch)}(?![\w-])"
            reason = re.sub(own, "these", row["reason"]) if arch else row["reason"]
            reasons.setdefault((name, reason), []).append(arch)
    lines = []
    for (name, reason), architectures in reasons.items():
        shapes = list(dict.fromkeys(a for a in architectures if a))
        named = ", ".join(shapes[:_SHAPES_NAMED])
        if len(shapes) > _SHAPES_NAMED:
            named = f"{len(shapes)} shapes, such as {named}"
        lines.append(f"- `{name}`{f' at {named}' if named else ''}: {reason}")
    return "Not defined:\n\n" + "\n".join(lines) if lines else ""
