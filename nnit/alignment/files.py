"""Files of networks given back with their neurons in another order, and that order for programs."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from nnit.alignment.correspondence import Factors
from nnit.alignment.examination import Examination, Question
from nnit.alignment.report import notebook, report_html
from nnit.alignment.symmetry import Permutations
from nnit.errors import one_line
from nnit.mlp.files import Change, permuted_files
from nnit.mlp.notes import notes_of, warnings_of
from nnit.mlp.readings import Reading

PERMUTATIONS_FILE = "permutations.json"
OTHER_FILES = (
    "metrics.csv",
    "neurons.csv",
    "distances.csv",
    "alignment.json",
    "report.html",
    "notebook.ipynb",
)
_OBSERVATIONS_FILE = "observations.npz"  # which a page may put beside these


def aligned_files(
    files: Sequence[tuple[str, bytes]],
    readings: Sequence[Reading],
    permutations: Sequence[Permutations],
    factors: Sequence[Factors] | None = None,
) -> dict[str, bytes]:
    """Every file with its neurons reordered, and `permutations.json`, by their names.

    Each keeps its name, without folders, its format, and the names of its tensors, so that it loads into what it
    came from. Files of one name are numbered.

    Args:
        files: name and content of each.
        readings: how each was read.
        permutations: of each, one a hidden layer.
        factors: of each network's reordered neurons, one a hidden layer, where signs or scales are undone as well.
    """
    names = own_names([name for name, _ in files])
    every = factors if factors is not None else [None] * len(names)
    changes = [
        Change(reading, order, own)
        for reading, order, own in zip(readings, permutations, every, strict=True)
    ]
    aligned = dict(zip(names, permuted_files(files, changes), strict=True))
    described = permutations_json([name for name, _ in files], readings, permutations, factors)
    return {**aligned, PERMUTATIONS_FILE: described}


def permutations_json(
    names: Sequence[str],
    readings: Sequence[Reading],
    permutations: Sequence[Permutations],
    factors: Sequence[Factors] | None = None,
) -> bytes:
    """What was done to each file: what it was read as, what is doubted of that, and one list of neurons a hidden layer.

    With factors, one list of them as well: -1 where a sign was turned, a scale where one was undone.
    """
    networks: list[dict[str, Any]] = [
        {
            "file": own,
            "layers": reading.title,
            "permutations": [[int(neuron) for neuron in layer] for layer in order],
            **(
                {"warnings": [one_line(doubt) for doubt in reading.doubts]}
                if reading.doubts
                else {}
            ),
        }
        for own, reading, order in zip(own_names(names), readings, permutations, strict=True)
    ]
    meaning = (
        "hidden neuron permutations[layer][i] of the file as it was is neuron i of the aligned one"
    )
    if factors is not None:
        meaning += "; its incoming weights and bias were then multiplied by factors[layer][i], "
        meaning += "its outgoing ones divided"
        for network, own_factors in zip(networks, factors, strict=True):
            network["factors"] = [[float(factor) for factor in layer] for layer in own_factors]
    return json.dumps({"meaning": meaning, "networks": networks}, ensure_ascii=False).encode()


def own_names(names: Sequence[str]) -> list[str]:
    """The files' own names without folders, safe on any system, and made different from each other."""
    taken = {PERMUTATIONS_FILE, _OBSERVATIONS_FILE, *OTHER_FILES}
    found = []
    for name in names:
        plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "_", re.split(r"[/\\]", name)[-1])[-120:]
        path = PurePath(plain.encode(errors="replace").decode())
        number, one = 2, str(path)
        while one.lower() in taken:
            one = f"{path.stem} ({number}){path.suffix}"
            number += 1
        taken.add(one.lower())
        found.append(one)
    return found


def examined_files(
    files: Sequence[tuple[str, bytes]],
    readings: Sequence[Reading],
    examination: Examination,
    names: Sequence[str] = (),
    run_on: tuple[str, str] | None = None,
) -> dict[str, bytes]:
    """Everything to take away: the files aligned, `permutations.json`, the numbers as CSV and JSON, and a report.

    Args:
        files: name and content of each.
        readings: how each was read.
        examination: of their networks, in this order, and of others behind them.
        names: of all these networks; by default those of the files.
        run_on: file of the observations, and the activation that networks were run with; None without.
    """
    names = own_names(names or [name for name, _ in files])
    notes, warnings = (say(names, readings) for say in (notes_of, warnings_of))
    orders, factors = examination.changes
    count = len(files)
    aligned = aligned_files(files, readings[:count], orders[:count], factors[:count])
    return {
        **aligned,
        "metrics.csv": csv_bytes(examination.rows(names)),
        "neurons.csv": csv_bytes(examination.neuron_rows(names)),
        "distances.csv": csv_bytes(examination.distance_rows(names)),
        "alignment.json": json.dumps(
            examination.as_json(names, warnings), allow_nan=False
        ).encode(),
        "report.html": report_html(examination, names, notes, warnings),
        **(
            {"notebook.ipynb": notebook(question, names[:count], readings, run_on)}
            if (question := question_of_files(examination.question, count))
            else {}
        ),
    }


def question_of_files(question: Question, count: int) -> Question | None:
    """What is asked of the first so many networks alone; None where they are compared with one behind them."""
    if question.reference >= count:
        return None
    second = tuple(place for place in question.second_group if place < count)
    return replace(question, second_group=second if 0 < len(second) < count > 2 else ())


def csv_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows of the same columns as a table with a line of names; numbers in full, nothing where there is none."""
    stream = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return stream.getvalue().encode()
