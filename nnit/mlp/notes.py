"""What became of a file's tensors that are no layers, in words for who brought it."""

from collections.abc import Sequence

from nnit.mlp.names import is_statistic
from nnit.mlp.network import runs
from nnit.mlp.readings import Reading


def notes_of(name: str, reading: Reading) -> list[str]:
    """One note for each kind of things that were folded, kept beside, or left out.

    Args:
        name: of the file.
        reading: how it was read.
    """
    found = []
    if reading.folded:
        found.append(_folded(name, reading.folded))
    if reading.observations:
        found.append(_observations(name, reading.observations))
    if reading.normed:
        found.append(_normed(name, reading))
    if reading.left_out:
        found.append(_beside(name, reading.left_out))
    return found


def _beside(name: str, left_out: Sequence[str]) -> str:
    shown = ", ".join(key[:40] for key in left_out[:4])
    more = f" and {len(left_out) - 4} more" if len(left_out) > 4 else ""
    said = f"{name[-60:]}: not compared, and kept in the aligned file: {shown}{more}."
    statistics = [key[:40] for key in left_out if is_statistic(key)]
    if statistics:
        said += (
            f" Observations are normalised by {', '.join(statistics[:2])} before the first layer. That is not folded "
            "into it, since most libraries clip what comes out: the networks that are compared take normalised "
            "observations."
        )
    return said


def _observations(name: str, statistics: str) -> str:
    return (
        f"{name[-60:]}: the mean and deviation of observations ({statistics[:40]}) are folded into the first layer, "
        "with rsl_rl's epsilon of 0.01, since the file does not hold it. The network that is compared takes "
        "observations as they are."
    )


def _folded(name: str, folded: Sequence[str]) -> str:
    shown = ", ".join(one[:40] for one in folded[:4])
    return (
        f"{name[-60:]}: batch normalisation ({shown}) is folded into the layers, with PyTorch's epsilon of 0.00001, "
        "since the file does not hold it."
    )


def _normed(name: str, reading: Reading) -> str:
    shown = ", ".join(one[:40] for one in reading.normed[:4])
    more = f" and {len(reading.normed) - 4} more" if len(reading.normed) > 4 else ""
    start = (
        f"{name[-60:]}: layer normalisation ({shown}{more}) is no part of a layer: its gains and shifts are compared "
        "and reordered with the neurons that they belong to"
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
