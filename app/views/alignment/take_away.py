"""What a visitor takes along: their networks aligned, numbers, a report, a notebook, and the command that does it."""

import json
import shlex
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.views.alignment.kept import observations_file
from app.views.alignment.uploads import STATES_FILE, Own, Uploads, examined_archive
from nnit.mlp.notes import notes_of, warnings_of
from nnit.mlp.readings import activation_said

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from nnit.alignment.examination import Examination
    from nnit.alignment.examination import Question as Asked
    from nnit.alignment.neurons import Observations


def take_away(own: Own, examination: "Examination", observations: "Observations | None") -> None:
    """Downloads, and the command that gives the same numbers.

    Args:
        own: what the visitor brought, followed by networks of the task.
        examination: of these.
        observations: that the networks were run on, if any.
    """
    from nnit.alignment.files import question_of_files

    run_on = _run_on(observations)
    states = observations if _is_of_task(run_on) else None
    uploads, count = own.uploads, len(own.files)
    question = question_of_files(examination.question, count)
    contents = partial(_contents, own.files)
    parts = (
        ("Permutations (.json)", _orders, "permutations.json", "application/json", "permutations"),
        ("Numbers (.csv)", _csv, "metrics.csv", "text/csv", "csv"),
        ("Neurons (.csv)", _neurons_csv, "neurons.csv", "text/csv", "neurons"),
        ("Distances (.csv)", _distances_csv, "distances.csv", "text/csv", "distances"),
        ("Numbers (.json)", _json, "alignment.json", "application/json", "json"),
        ("Report (.html)", _report, "report.html", "text/html", "report"),
    )
    with st.container(horizontal=True, gap="small", key="align_take"):
        st.download_button(
            "Everything (.zip)",
            data=partial(_everything, contents, uploads, examination, run_on, states),
            file_name="aligned.zip",
            mime="application/zip",
            key="align_download",
            on_click="ignore",
            help="Your networks aligned, in their own formats and names; permutations and signs; numbers as CSV and "
            "JSON; a report; a notebook.",
        )
        for label, make, name, mime, key in parts:
            st.download_button(
                label,
                data=partial(make, uploads, examination),
                file_name=name,
                mime=mime,
                key=f"align_{key}",
                on_click="ignore",
            )
        if question is not None:
            st.download_button(
                "Notebook (.ipynb)",
                data=partial(_notebook, question, uploads, count, run_on),
                file_name="notebook.ipynb",
                mime="application/x-ipynb+json",
                key="align_notebook",
                on_click="ignore",
            )
    _command(uploads, question, count, run_on)


def _command(
    uploads: Uploads, question: "Asked | None", count: int, run_on: tuple[str, str] | None
) -> None:
    """The command that gives the same numbers, or why there is none."""
    if question is None:
        st.caption(
            "The command line and a notebook compare files alone: choose one of your files under "
            "\u201cCompare with\u201d."
        )
        return
    asked = {reading.name for reading in uploads.readings[:count] if reading.among > 1}
    if len(asked) > 1:
        st.caption(
            "The command line takes the network of one name from all files; where they differ, the notebook gives the "
            "same numbers."
        )
        return
    among = "" if count == len(uploads.names) else ", without the networks of the task"
    states = f", with {STATES_FILE} of Everything (.zip)" if _is_of_task(run_on) else ""
    st.caption(
        f"The same numbers from the command line, in the folder of your files{states}{among}:"
    )
    st.code(command_of(uploads, question, run_on, count), language="bash", wrap_lines=True)


def _run_on(observations: "Observations | None") -> tuple[str, str] | None:
    """File of the observations, and the activation that networks are run with; None without observations."""
    if observations is None:
        return None
    file = observations_file()
    return (STATES_FILE if file is None else file.name, observations.activation)


def _is_of_task(run_on: tuple[str, str] | None) -> bool:
    """Whether the observations are in no file of the visitor's."""
    return run_on is not None and observations_file() is None


def command_of(
    uploads: Uploads,
    question: "Asked",
    run_on: tuple[str, str] | None = None,
    count: int | None = None,
) -> str:
    """The command that gives the numbers of the page.

    Args:
        uploads: whose files are named.
        question: that was asked.
        run_on: file of observations, and the activation that networks are run with.
        count: of the visitor's files among these; the networks behind them are in none.
    """
    words = ["python", "-m", "nnit", "align", "--files", *uploads.names[:count]]
    asked = [reading.name for reading in uploads.readings[:count] if reading.among > 1]
    if asked:
        words += ["--network", asked[0]]
    if question.reference:
        words += ["--reference", str(question.reference + 1)]
    if question.activation != activation_said(uploads.readings[:count]):
        words += ["--activation", question.activation]
    for name in ("signs", "scales"):
        if getattr(question, name) is not None:
            words += [f"--{name}", str(getattr(question, name))]
    if run_on is not None:
        words += ["--observations", run_on[0], "--run-with", run_on[1]]
    if question.by_activations:
        words.append("--by-activations")
    if question.second_group:
        words += ["--second-group", *(str(place + 1) for place in question.second_group)]
    return " ".join(map(shlex.quote, [*words, "--out", "aligned"]))


def _contents(files: Sequence["UploadedFile"]) -> list[tuple[str, bytes]]:
    return [(file.name, file.getvalue()) for file in files]


def _everything(
    contents: Any,
    uploads: Uploads,
    examination: "Examination",
    run_on: tuple[str, str] | None,
    states: "Observations | None",
) -> bytes:
    return examined_archive(
        contents(), uploads.readings, examination, uploads.names, run_on, states
    )


def _orders(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import permutations_json

    orders, factors = examination.changes
    return permutations_json(uploads.names, uploads.readings, orders, factors)


def _csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.rows(own_names(uploads.names)))


def _neurons_csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.neuron_rows(own_names(uploads.names)))


def _distances_csv(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import csv_bytes, own_names

    return csv_bytes(examination.distance_rows(own_names(uploads.names)))


def _json(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import own_names

    names = own_names(uploads.names)
    warnings = warnings_of(names, uploads.readings)
    return json.dumps(examination.as_json(names, warnings), allow_nan=False).encode()


def _report(uploads: Uploads, examination: "Examination") -> bytes:
    from nnit.alignment.files import own_names
    from nnit.alignment.report import report_html

    return report_html(
        examination,
        own_names(uploads.names),
        notes_of(uploads.names, uploads.readings),
        warnings_of(uploads.names, uploads.readings),
    )


def _notebook(
    question: "Asked", uploads: Uploads, count: int, run_on: tuple[str, str] | None
) -> bytes:
    from nnit.alignment.files import own_names
    from nnit.alignment.report import notebook

    return notebook(question, own_names(uploads.names)[:count], uploads.readings, run_on)
