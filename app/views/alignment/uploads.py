"""Networks that visitors bring: read, checked, and given back aligned. A file's name is only ever shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.alignment.symmetry import Permutations
    from nnit.mlp.files import FileFormat
    from nnit.mlp.network import MLP, Network

MAX_FILES = 6
MAX_FILE_MIB = 8
# What can be matched and drawn in a reasonable time; the library itself takes larger ones.
MAX_WIDTH = 256
MAX_CELLS = 10**6
FORMATS: "tuple[FileFormat, ...]" = ("safetensors", "npz")


@dataclass(frozen=True, eq=False)
class Uploads:
    """What became of a visitor's files.

    Attributes:
        networks: those that can be compared, in the order of their files.
        names: of their files, as the visitor's machine gave them: to be shown, never to be opened.
        problems: one sentence for each file that cannot be used.
    """

    networks: "tuple[MLP, ...]"
    names: tuple[str, ...]
    problems: tuple[str, ...]


def read_uploads(files: Sequence[tuple[str, bytes]]) -> Uploads:
    """Networks from (name, content) of each file; whatever is wrong with one is said, and it is left out.

    Networks are compared with the first that can be read: others must have its depth, inputs and outputs.
    """
    from nnit.mlp.files import read_network
    from nnit.mlp.network import check_comparable

    networks: list[MLP] = []
    names: list[str] = []
    problems: list[str] = []
    if len(files) > MAX_FILES:
        problems.append(
            f"{len(files)} files are more than this page compares; it takes the first {MAX_FILES}"
        )
    for name, content in files[:MAX_FILES]:
        try:
            network = read_network(name, content)
            _check_size(name[-60:], network, networks)
        except UserError as error:
            problems.append(str(error))
            continue
        try:
            check_comparable([*networks[:1], network])
        except UserError as error:
            problems.append(f"{name[-60:]} cannot be compared with {names[0][-60:]}: {error}")
            continue
        networks.append(network)
        names.append(name)
    return Uploads(tuple(networks), tuple(names), tuple(problems))


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
    networks: "Sequence[Network]",
    permutations: "Sequence[Permutations]",
    file_format: "FileFormat",
) -> bytes:
    """A zip of the networks in the order that matching found: `network-1`, `network-2`, and so on."""
    from nnit.alignment.symmetry import permute
    from nnit.mlp.files import archive_bytes

    aligned = {
        f"network-{number}": permute(network, order)
        for number, (network, order) in enumerate(zip(networks, permutations, strict=True), 1)
    }
    return archive_bytes(aligned, file_format)
