"""From what was asked for to what can be drawn: which jobs are done, which run, which failed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from app.engine.checkpoint import suite_of
from app.engine.failures import failure_of
from app.engine.jobs import HeldJobs, Job
from app.views.alignment.figure import Drive, View
from app.views.alignment.measurements import Drawn, Measured
from app.views.alignment.request import Comparison, Kind
from app.views.alignment.services import AlignmentServices
from app.views.alignment.uploads import Uploads
from app.views.alignment.words import KIND_WORDS

if TYPE_CHECKING:
    from nnit.mlp.policy import Policy


@dataclass(eq=False)
class Progress:
    """What is ready, what is not, and what went wrong.

    Attributes:
        views: of the kinds whose networks are there.
        pending: jobs under way, each with what it does.
        own: those of networks that the visitor brought.
        problems: one sentence for each kind that failed.
    """

    views: list[View] = field(default_factory=list)
    pending: list[tuple[str, Job[Any]]] = field(default_factory=list)
    own: list[tuple[str, Job[Any]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Held(HeldJobs):
    """A session's jobs, and the services that start them."""

    def __init__(self, services: AlignmentServices) -> None:
        super().__init__()
        self.services = services


def gather(
    held: Held, comparison: Comparison | None, uploads: Uploads, ids: Sequence[str]
) -> Progress:
    """Begin what has not begun, and see how far everything is.

    Args:
        held: jobs of the session.
        comparison: whose networks are needed; None where a figure that ships stands for them.
        uploads: what the visitor brought.
        ids: of the files.
    """
    progress = Progress()
    if uploads.networks:  # first: they were asked for
        drawn = Drawn(uploads.networks)
        job = held.get("uploads", lambda: held.services.measured_uploads(ids, drawn))
        labels = tuple(_upload_label(name) for name in uploads.names)
        measured = _measured("Your networks", job, progress, progress.own)
        progress.views.append(View("uploaded", drawn, measured, labels))
    for kind in comparison.kinds if comparison else ():
        assert comparison is not None
        _one_kind(held, kind, comparison, progress)
    return progress


def _one_kind(held: Held, kind: Kind, comparison: Comparison, progress: Progress) -> None:
    title = KIND_WORDS[kind].title
    job = held.get(("networks", kind), lambda: held.services.networks(kind, comparison))
    if not job.future.done():
        doing = "training" if kind == "scratch" else "getting"
        progress.pending.append((f"{title}: {doing} {comparison.networks} networks", job))
        return
    wrong = failure_of(job.future)
    if wrong is not None:
        progress.problems.append(f"{title}: there is nothing to show, because {wrong}.")
        return
    drawn = job.future.result()
    if not drawn.networks:
        progress.problems.append(
            f"{title}: the zoo that ships has no network of this task and depth."
        )
        return
    measuring = held.get(
        ("measured", kind), lambda: held.services.measured(kind, comparison, drawn)
    )
    measured = _measured(title, measuring, progress, progress.pending)
    suite = suite_of(comparison.task)
    labels = tuple("-".join(str(len(w)) for w in n.weights[:-1]) for n in drawn.networks)
    view = View(kind, drawn, measured, labels, suite.observation_groups, suite.action_names)
    progress.views.append(view)


def _measured(
    title: str,
    job: Job[Measured],
    progress: Progress,
    under_way: list[tuple[str, Job[Any]]],
) -> Measured | None:
    if not job.future.done():
        under_way.append((f"{title}: measuring", job))
        return None
    wrong = failure_of(job.future)
    if wrong is not None:
        progress.problems.append(f"{title}: could not be measured, because {wrong}.")
        return None
    return job.future.result()


def _upload_label(name: str) -> str:
    """The end of a file's name, without what could disturb a line of text."""
    plain = re.sub(r"[^\w .+()-]", "", name)
    return plain if len(plain) <= 24 else f"{plain[:10]}\u2026{plain[-12:]}"


def parse_drive(asked: object, views: Sequence[View]) -> Drive | None:
    """What the browser asked to drive, if it names a line that is there; `None` otherwise."""
    if not isinstance(asked, Mapping):
        return None
    view = next((v for v in views if v.kind == asked.get("kind")), None)
    step, pair = asked.get("step"), asked.get("pair")
    if view is None or view.measured is None or view.kind == "uploaded":
        return None
    if not isinstance(step, int) or not isinstance(pair, int):
        return None
    if not 0 <= step < len(view.measured.fractions) or not 1 <= pair < len(view.drawn.networks):
        return None
    return Drive(view.kind, step, asked.get("realigned") is True, pair)


def follow_drives(
    held: Held, comparison: Comparison, drives: Sequence[Drive], progress: Progress
) -> list[Drive]:
    """Drives with what they have come to; those under way or failed are noted in `progress`."""
    followed = []
    for drive in drives:
        view = next((v for v in progress.views if v.kind == drive.kind), None)
        if view is None or view.measured is None:
            continue
        policies: Sequence[Policy] = view.drawn.networks  # type: ignore[assignment]
        kind: Kind = drive.kind  # type: ignore[assignment]
        line = (view.measured.fractions[drive.step], drive.realigned, drive.pair)
        start = partial(held.services.drive, kind, comparison, policies, *line)
        job = held.get(("drive", kind, *line), start)
        solved = None
        if not job.future.done():
            what = f"Trying networks from network 1 to network {drive.pair + 1}, point by point"
            progress.pending.append((what, job))
        else:
            wrong = failure_of(job.future)
            if wrong is not None:
                progress.problems.append(
                    f"The networks between the two could not be tried, because {wrong}."
                )
                continue
            solved = job.future.result()
        followed.append(Drive(drive.kind, drive.step, drive.realigned, drive.pair, solved))
    return followed
