"""Networks that visitors bring: read, checked, and given back aligned. A file's name is never opened here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.alignment.symmetry import Permutations
    from nnit.mlp.network import MLP
    from nnit.mlp.readings import Reading

MAX_FILES = 6
MAX_FILE_MIB = 8
# What can be matched and drawn in a reasonable time; the library itself takes larger ones.
MAX_WIDTH = 256
MAX_CELLS = 10**6


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
class Uploads:
    """What became of a visitor's files.

    Attributes:
        networks: those that can be compared, in the order of their files.
        names: of their files, as the visitor's machine gave them: to be shown, never to be opened.
        problems: one sentence for each file that cannot be used.
        files: place of each network's file in the visitor's list.
        readings: what each network was read from.
        questions: files that can be read in several ways, answered or not; those that are not are no networks.
    """

    networks: "tuple[MLP, ...]"
    names: tuple[str, ...]
    problems: tuple[str, ...]
    files: tuple[int, ...] = ()
    readings: "tuple[Reading, ...]" = ()
    questions: tuple[Question, ...] = ()


def read_uploads(files: Sequence[tuple[str, bytes]], choices: Sequence[int | None] = ()) -> Uploads:
    """Networks from (name, content) of each file; whatever is wrong with one is said, and it is left out.

    Networks are compared with the first that can be read: others must have its depth, inputs and outputs.
    Only the first `MAX_FILES` are looked at.

    Args:
        files: in the visitor's order.
        choices: for each file which of its readings is meant; None where nothing was chosen, which
            suffices where there is one.
    """
    from nnit.mlp.files import read_file
    from nnit.mlp.network import check_comparable

    used: list[tuple[int, Reading]] = []
    problems: list[str] = []
    questions: list[Question] = []
    if len(files) > MAX_FILES:
        rest = " and ".join(name[-40:] for name, _ in files[MAX_FILES:][:2])
        more = f" and {len(files) - MAX_FILES - 2} more" if len(files) > MAX_FILES + 2 else ""
        problems.append(
            f"{len(files)} files were uploaded and this page compares up to {MAX_FILES}: "
            f"it uses the first {MAX_FILES} and leaves out {rest}{more}"
        )
    for place, (name, content) in enumerate(files[:MAX_FILES]):
        chosen = choices[place] if place < len(choices) else None
        try:
            readings = read_file(name, content)
            if len(readings) > 1:
                questions.append(Question(place, name, tuple(one.title for one in readings)))
                if chosen is None or not 0 <= chosen < len(readings):
                    continue
            reading = readings[chosen or 0] if len(readings) > 1 else readings[0]
            _check_size(name[-60:], reading.network, [one.network for _, one in used])
        except UserError as error:
            problems.append(str(error))
            continue
        try:
            check_comparable([*(one.network for _, one in used[:1]), reading.network])
        except UserError as error:
            first = files[used[0][0]][0]
            problems.append(f"{name[-60:]} cannot be compared with {first[-60:]}: {error}")
            continue
        used.append((place, reading))
    return Uploads(
        networks=tuple(reading.network for _, reading in used),
        names=tuple(files[place][0] for place, _ in used),
        problems=tuple(problems),
        files=tuple(place for place, _ in used),
        readings=tuple(reading for _, reading in used),
        questions=tuple(questions),
    )


def _check_size(name: str, network: "MLP", others: "Sequence[MLP]") -> None:
    widest = max(len(weight) for weight in network.weights[:-1])
    if widest > MAX_WIDTH:
        raise UserError(
            f"{name} has a hidden layer of {widest} neurons; this page draws and matches up to {MAX_WIDTH}"
        )
    cells = sum(weight.size for one in (*others, network) for weight in one.weights)
    if cells > MAX_CELLS:
        raise UserError(
            f"with {name} there would be {cells:,} weights; this page takes {MAX_CELLS:,} in all"
        )


def aligned_archive(
    files: Sequence[tuple[str, bytes]],
    readings: "Sequence[Reading]",
    permutations: "Sequence[Permutations]",
) -> bytes:
    """A zip of the visitor's own files with their neurons in the order that matching found.

    Args:
        files: name and content of each.
        readings: how each was read.
        permutations: of each, one a hidden layer.
    """
    from nnit.alignment.files import aligned_files
    from nnit.mlp.files import archive_bytes

    return archive_bytes(aligned_files(files, readings, permutations))
