"""Networks that visitors bring: read, checked, and given back aligned. A file's name is never opened here."""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from nnit.errors import UserError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from nnit.alignment.examination import Examination
    from nnit.alignment.neurons import Observations
    from nnit.mlp.network import MLP
    from nnit.mlp.readings import Reading

MAX_FILES = 64
MAX_WIDTH = 4096
MAX_FILE_MIB = 80
# Of all files together; what is compared is held as float32.
MAX_MIB = 192
MAX_WEIGHTS = 45_000_000
# States of a task among what is taken away.
STATES_FILE = "observations.npz"
# Seconds of a search, for each layer of these widths, and for one of 4,096 neurons in networks that are searched less;
# an assignment of 256 by 256 took this long on that machine.
_WIDTHS, _SECONDS = (16, 64, 256, 1024), (0.002, 0.006, 0.035, 1.35)
_OF_THE_WIDEST = 4.0
_ASSIGNMENT_SECONDS = 0.0025
# The figure with the slider takes a few small networks of one depth.
_FEW, _NARROW, _FEW_WEIGHTS = 6, 256, 10**6


@dataclass(frozen=True)
class Question:
    """A file that can be read as several networks.

    Attributes:
        file: its place in the visitor's list.
        name: of the file.
        titles: of its readings.
    """

    file: int
    name: str
    titles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Readable:
    """A visitor's network, compared or not.

    Attributes:
        file: its place in the visitor's list.
        name: of the file.
        reading: what it was read from.
    """

    file: int
    name: str
    reading: "Reading"

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return self.reading.network.weights[0].shape[1]


@dataclass(frozen=True, eq=False)
class Uploads:
    """What became of a visitor's files.

    Attributes:
        networks: those that can be compared, in the order of their files.
        names: of their files, as the visitor's machine gave them: to be shown, never to be opened.
        problems: one sentence for each file that cannot be used.
        files: place of each network's file in the visitor's list.
        readings: what each network was read from.
        questions: files that can be read in several ways, answered or not; those that are not are no networks.
        elsewhere: networks that take other inputs than those that are compared.
    """

    networks: "tuple[MLP, ...]"
    names: tuple[str, ...]
    problems: tuple[str, ...]
    files: tuple[int, ...] = ()
    readings: "tuple[Reading, ...]" = ()
    questions: tuple[Question, ...] = ()
    elsewhere: tuple[Readable, ...] = ()

    @property
    def inputs(self) -> int:
        """How many numbers the networks that are compared take; 0 where there are none."""
        return self.networks[0].weights[0].shape[1] if self.networks else 0


@dataclass(frozen=True, eq=False)
class Own:
    """What the visitor brought.

    Attributes:
        uploads: what became of the files.
        ids: what identifies the networks, their readings included.
        files: of the networks, in their order.
        elsewhere: of the networks that take other inputs, and are not compared.
    """

    uploads: Uploads
    ids: list[str]
    files: list["UploadedFile"]
    elsewhere: Sequence["UploadedFile"] = ()


NO_UPLOADS = Uploads((), (), ())


def read_uploads(files: Sequence[tuple[str, bytes]], choices: Sequence[int | None] = ()) -> Uploads:
    """Networks from (name, content) of each file; whatever is wrong with one is said, and it is left out.

    Networks are compared that take the same inputs: the largest group of them, see `compared_with`. Only the first
    `MAX_FILES` are looked at, and no more than `MAX_MIB` in all.

    Args:
        files: in the visitor's order.
        choices: for each file which of its readings is meant; None where nothing was chosen, which
            suffices where there is one.
    """
    from nnit.mlp.files import read_files

    found: list[Readable] = []
    problems: list[str] = []
    questions: list[Question] = []
    if len(files) > MAX_FILES:
        rest = " and ".join(name[-40:] for name, _ in files[MAX_FILES:][:2])
        more = f" and {len(files) - MAX_FILES - 2} more" if len(files) > MAX_FILES + 2 else ""
        problems.append(
            f"{len(files)} files were uploaded and this page compares up to {MAX_FILES}: "
            f"it uses the first {MAX_FILES} and leaves out {rest}{more}"
        )
    room = MAX_MIB * 2**20
    taken: list[int] = []
    for place, (name, content) in enumerate(files[:MAX_FILES]):
        room -= len(content)
        if room < 0:
            problems.append(
                f"{name[-60:]} is left out: your files have more than {MAX_MIB} MiB together"
            )
            continue
        taken.append(place)
    answers = read_files([files[place] for place in taken])
    for place, readings in zip(taken, answers, strict=True):
        name = files[place][0]
        chosen = choices[place] if place < len(choices) else None
        if isinstance(readings, UserError):
            problems.append(str(readings))
            continue
        try:
            if len(readings) > 1:
                questions.append(Question(place, name, tuple(one.title for one in readings)))
                if chosen is None or not 0 <= chosen < len(readings):
                    continue
            reading = readings[chosen or 0] if len(readings) > 1 else readings[0]
            _check_size(name[-60:], reading.network, [one.reading.network for one in found])
        except UserError as error:
            problems.append(str(error))
            continue
        found.append(Readable(place, name, reading))
    every = Uploads((), (), tuple(problems), questions=tuple(questions), elsewhere=tuple(found))
    return compared_with(every)


def compared_with(uploads: Uploads, file: int | None = None) -> Uploads:
    """The same files, with those networks compared that take as many inputs as one of them does.

    Args:
        uploads: of a visitor.
        file: place of the file whose inputs count; without it those that most networks take, and of equally many
            those of the first.
    """
    here = map(Readable, uploads.files, uploads.names, uploads.readings)
    every = sorted([*here, *uploads.elsewhere], key=lambda one: one.file)
    takes = [one.inputs for one in every]
    inputs = next(
        (one.inputs for one in every if one.file == file), max(takes, key=takes.count, default=0)
    )
    used = [one for one in every if one.inputs == inputs]
    return replace(
        uploads,
        networks=tuple(one.reading.network for one in used),
        names=tuple(one.name for one in used),
        files=tuple(one.file for one in used),
        readings=tuple(one.reading for one in used),
        elsewhere=tuple(one for one in every if one.inputs != inputs),
    )


def _check_size(name: str, network: "MLP", others: "Sequence[MLP]") -> None:
    widest = max(len(weight) for weight in network.weights)
    if widest > MAX_WIDTH:
        raise UserError(
            f"{name} has a layer of {widest:,} neurons; this page compares up to {MAX_WIDTH:,}"
        )
    weights = sum(weight.size for one in (*others, network) for weight in one.weights)
    if weights > MAX_WEIGHTS:
        raise UserError(
            f"with {name} there would be {weights:,} weights; this page takes {MAX_WEIGHTS:,} in all"
        )


def seconds_for(networks: "Sequence[MLP]") -> float:
    """About how long a comparison takes on this machine when it does nothing else.

    Counted in searches: of each network, three more of each of the first, for symmetries, and those between noise.
    Their cost is what was measured at widths of 64, 256, 1,024 and 4,096, times how slow this machine is.
    """
    from nnit.alignment.diagnosis import SEARCHED, draws_of_noise

    rest = networks[1:]
    if not rest:
        return 0.1
    searches = [1.0 + 3.0 * (place < SEARCHED) for place in range(len(rest))]
    searches[0] += draws_of_noise(networks[0])
    seconds = sum(
        count * sum(_search_seconds(len(weight), network) for weight in network.weights[:-1])
        for count, network in zip(searches, rest, strict=True)
    )
    return 0.1 + slowness() * seconds


def _search_seconds(width: int, network: "MLP") -> float:
    """Of one layer, on the machine on which it was measured; the largest networks are searched less."""
    from nnit.alignment.correspondence import MANY_WEIGHTS

    if sum(weight.size for weight in network.weights) > MANY_WEIGHTS:
        return _OF_THE_WIDEST * (width / 4096) ** 3
    return float(np.exp(np.interp(np.log(width), np.log(_WIDTHS), np.log(_SECONDS))))


@cache
def slowness() -> float:
    """Processor time of an assignment here, over that on the machine on which searches were measured."""
    from scipy.optimize import linear_sum_assignment

    gains = np.random.default_rng(0).normal(size=(256, 256))
    times = []
    for _ in range(5):
        start = time.thread_time()
        linear_sum_assignment(gains)
        times.append(time.thread_time() - start)
    return max(min(times), 1e-4) / _ASSIGNMENT_SECONDS


def with_slider(uploads: Uploads) -> bool:
    """Whether networks are few, small and like enough for the figure that shuffles all of them."""
    networks = uploads.networks
    widths = [len(weight) for network in networks for weight in network.weights]
    weights = sum(weight.size for network in networks for weight in network.weights)
    ends = {(len(n.weights), len(n.weights[-1])) for n in networks}
    return (
        0 < len(networks) <= _FEW
        and max(widths) <= _NARROW
        and weights <= _FEW_WEIGHTS
        and len(ends) == 1
    )


def examined_archive(
    files: Sequence[tuple[str, bytes]],
    readings: "Sequence[Reading]",
    examination: "Examination",
    names: Sequence[str] = (),
    run_on: tuple[str, str] | None = None,
    states: "Observations | None" = None,
) -> bytes:
    """A zip of the visitor's own files aligned, with everything that was found.

    Args:
        files: name and content of each.
        readings: how each was read.
        examination: of their networks, and of others behind them.
        names: of all these networks; by default those of the files.
        run_on: file of the observations, and the activation that networks were run with; None without.
        states: observations that no file of the visitor's holds, to be put beside.
    """
    from nnit.alignment.files import examined_files
    from nnit.mlp.files import archive_bytes

    found = examined_files(files, readings, examination, names, run_on)
    if states is not None:
        arrays = {"observations": states.inputs, "targets": states.targets}
        stream = io.BytesIO()
        kept = {name: array for name, array in arrays.items() if array is not None}
        np.savez(stream, allow_pickle=False, **kept)
        found[STATES_FILE] = stream.getvalue()
    return archive_bytes(found)
