"""What became of a file's tensors that are no layers, in words for who brought it."""

from collections.abc import Sequence

from nnit.errors import one_line
from nnit.mlp.names import is_statistic
from nnit.mlp.network import runs
from nnit.mlp.readings import Reading


def notes_of(names: Sequence[str], readings: Sequence[Reading]) -> list[str]:
    """What was assumed of the files, and what was folded, kept beside, or left out: one note for all it holds of.

    Args:
        names: of the files.
        readings: how each was read.
    """
    return _together(names, [_notes_of_one(*one) for one in zip(names, readings, strict=False)])


def warnings_of(names: Sequence[str], readings: Sequence[Reading]) -> list[str]:
    """What makes it likely that files hold other networks than they were read as: one warning for all it holds of.

    Args:
        names: of the files.
        readings: how each was read.
    """
    return _together(names, [reading.doubts for reading in readings])


def _together(names: Sequence[str], notes: Sequence[Sequence[str]]) -> list[str]:
    """Every note once, behind the names of the files of which it holds."""
    said: dict[str, list[str]] = {}
    for name, own in zip(names, notes, strict=False):
        for note in own:
            said.setdefault(one_line(note), []).append(name[-60:])
    return [f"{_first_of(of, 3)}: {note}" for note, of in said.items()]


def _first_of(names: Sequence[str], most: int) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _notes_of_one(name: str, reading: Reading) -> list[str]:
    found = []
    if reading.dueling:
        found.append(
            "it has the heads of a dueling network, advantage and value, which the network adds. One of them is "
            "compared, with all layers that both share."
        )
    if reading.folded:
        found.append(_folded(reading.folded))
    if reading.observations:
        found.append(_observations(reading.observations))
    if reading.normed:
        found.append(_normed(name, reading))
    if reading.left_out:
        found.append(_beside(reading.left_out))
    if reading.wiring:
        found.append(
            f"a file of weights does not say how its layers are wired; they were read as a chain: {reading.wiring}."
        )
    return found


def _beside(left_out: Sequence[str]) -> str:
    said = f"not compared, and kept in the aligned file: {_first_of([key[:40] for key in left_out], 4)}."
    statistics = [key[:40] for key in left_out if is_statistic(key)]
    if statistics:
        said += (
            f" Observations are normalised by {', '.join(statistics[:2])} before the first layer. That is not folded "
            "into it, since most libraries clip what comes out: the networks that are compared take normalised "
            "observations."
        )
    return said


def _observations(statistics: str) -> str:
    return (
        f"the mean and deviation of observations ({statistics[:40]}) are folded into the first layer, "
        "with rsl_rl's epsilon of 0.01, since the file does not hold it. The network that is compared takes "
        "observations as they are."
    )


def _folded(folded: Sequence[str]) -> str:
    shown = ", ".join(one[:40] for one in folded[:4])
    return (
        f"batch normalisation ({shown}) is folded into the layers, with PyTorch's epsilon of 0.00001, "
        "since the file does not hold it."
    )


def _normed(name: str, reading: Reading) -> str:
    shown = _first_of([one[:40] for one in reading.normed], 4)
    start = (
        f"layer normalisation ({shown}) is no part of a layer: its gains and shifts are compared "
        "and reordered with the neurons that they belong to, and not drawn beside the matrices"
    )
    if name.lower().endswith(".onnx"):
        return f"{start}."
    if not runs(reading.network):
        return (
            f"{start}. Names do not say whether it stands before or behind the activation, so that the network is not "
            "run."
        )
    return (
        f"{start}. The file does not name its kind: were it group normalisation, another order would change what the "
        "network computes. Its epsilon is PyTorch's, 0.00001."
    )
