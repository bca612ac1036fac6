"""`python -m nnit compare`: what `evaluate --json` measured for several sources, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from nnit.commands.options import NO_DEFAULT
from nnit.errors import UserError

Row = dict[str, Any]


@dataclass(frozen=True)
class Compare:
    """Put results of `evaluate --json` side by side: one table by task, one by architecture, as Markdown.

    A mean weighs every task and architecture alike. Its interval is a bootstrap over these (95 %), since
    episodes of one network are not independent of one another.
    """

    files: tyro.conf.Positional[
        Annotated[
            tuple[Path, ...],
            tyro.conf.arg(
                metavar="FILE [FILE ...]",
                help_behavior_hint=NO_DEFAULT,
                help="What `evaluate --json` wrote, in the order of the tables.",
            ),
        ]
    ]

    def run(self) -> None:
        """Read and print."""
        if not self.files:
            raise UserError("name at least one file that `evaluate --json` wrote")
        found = [_read(path) for path in self.files]
        names = _names([rows[0]["source"] for rows, _ in found], self.files)
        measured = {name: rows for name, (rows, _) in zip(names, found, strict=True)}
        print(_by_task(measured))
        print()
        print(_by_architecture(measured))
        versions = dict.fromkeys(version for _, version in found if version is not None)
        if versions:
            print(f"\nCheckpoint: {', '.join(versions)}.")


def _read(path: Path) -> tuple[list[Row], str | None]:
    """The rows of a file, and the version of its checkpoint.

    Raises:
        UserError: it is missing, or not what `evaluate --json` writes.
    """
    from nnit.checkpoint import load_json

    if not path.is_file():
        raise UserError(f"there is no file {path}")
    content = load_json(path)
    try:
        rows, version = content["results"], content["version"]
        for row in rows:
            for key in ("task", "arch", "split", "source"):
                if not isinstance(row[key], str):
                    raise TypeError(f"{key} is no text")
            if not (0 <= row["successes"] <= row["episodes"] and row["episodes"] > 0):
                raise ValueError(f"{row['successes']} successes in {row['episodes']} episodes")
            if not 0 <= row.get("successes_at_end", 0) <= row["episodes"]:
                raise ValueError(f"{row['successes_at_end']} successes at the end")
        if not rows or not isinstance(version, str | None):
            raise ValueError("there are no results")
    except KeyError as error:
        raise UserError(
            f"{path} is not what `evaluate --json` writes (it lacks {error})"
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"{path} is not what `evaluate --json` writes ({error})") from error
    return rows, version


def _names(sources: Sequence[str], files: Sequence[Path]) -> list[str]:
    """What each file's results are called: their source, and the file where one source is in several."""
    return [
        source if sources.count(source) == 1 else f"{source} ({file.stem})"
        for source, file in zip(sources, files, strict=True)
    ]


def _by_task(measured: dict[str, list[Row]]) -> str:
    from nnit.evaluation.experiments.sections import table, unique, where
    from nnit.evaluation.statistics import bootstrap_interval

    every = [row for rows in measured.values() for row in rows]
    tasks, digits = unique(every, "task"), _digits(every)
    to_end = any("successes_at_end" in row for row in every)
    lines = []
    for name, rows in measured.items():
        low, high = bootstrap_interval([row["successes"] / row["episodes"] for row in rows])
        line = [f"`{name}`", *(_mean(where(rows, task=task), digits) for task in tasks)]
        line += [f"**{_mean(rows, digits)}**", f"{100 * low:.{digits}f}-{100 * high:.{digits}f}"]
        if to_end:
            ended = [row for row in rows if "successes_at_end" in row]
            line.append(_mean(ended, digits, "successes_at_end"))
        lines.append([*line, f"{sum(row['episodes'] for row in rows):,}"])
    end = ["at the end"] if to_end else []
    counted = "answers" if "accuracy" in every[0] else "episodes"
    return table(["source, %", *tasks, "mean", "95 % CI", *end, counted], lines)


def _by_architecture(measured: dict[str, list[Row]]) -> str:
    from nnit.evaluation.experiments.sections import table, where

    every = [row for rows in measured.values() for row in rows]
    splits = {row["arch"]: row["split"] for row in every if row["arch"] != "-"}
    shown = {n: rows for n, rows in measured.items() if any(row["arch"] != "-" for row in rows)}
    lines = [
        [
            arch,
            split,
            *(_mean(where(rows, arch=arch), _digits(every)) for rows in shown.values()),
        ]
        for arch, split in splits.items()
    ]
    return table(["architecture", "split", *(f"`{name}`" for name in shown)], lines)


def _mean(rows: Sequence[Row], digits: int, key: str = "successes") -> str:
    """Per cent, each row weighing the same; a dash where there are none."""
    if not rows:
        return "-"
    return f"{100 * sum(row[key] / row['episodes'] for row in rows) / len(rows):.{digits}f}"


def _digits(rows: Sequence[Row]) -> int:
    """Decimals of per cents: two for accuracies on thousands of examples, one for episodes."""
    return 2 if all("accuracy" in row for row in rows) else 1
