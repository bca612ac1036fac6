"""`python -m nnit match`: bring networks in files into the order of the first."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import tyro

from nnit.commands.options import NO_DEFAULT, JsonFile, check_json, print_table, write_json
from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.alignment.symmetry import Permutations
    from nnit.mlp.readings import Reading


@dataclass(frozen=True)
class Match:
    """Bring networks of your own (safetensors, npz, ONNX) into the order of the first, by weight matching.

    The files are written anew with the same names, formats and tensors, so that they load into what they came
    from, with permutations.json beside them. The networks compute what they did.
    """

    files: tyro.conf.Positional[
        Annotated[
            tuple[Path, ...], tyro.conf.arg(metavar="FILE FILE ...", help_behavior_hint=NO_DEFAULT)
        ]
    ]
    """Two or more networks of the same depth, inputs and outputs."""

    out: Annotated[Path, tyro.conf.arg(metavar="DIR")]
    """Folder for the aligned files."""

    network: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint=NO_DEFAULT)] = (
        None
    )
    """Which network is meant where a file holds several, such as actor."""

    json: JsonFile = None
    """Write the results as JSON to this file, "-" for standard output, in place of a table."""

    def run(self) -> None:
        """Read, match, write and report."""
        if len(self.files) < 2:
            raise UserError(
                "match needs two files or more: the first, and those to bring into its order"
            )
        check_json(self.json)
        from nnit.alignment.files import aligned_files, own_names
        from nnit.alignment.matching import weight_matching
        from nnit.alignment.metrics import distance
        from nnit.mlp.network import check_comparable, hidden_widths

        contents = [(str(path), _content(path)) for path in self.files]
        readings = [self._reading(name, content) for name, content in contents]
        networks = [reading.network for reading in readings]
        first = networks[0]
        orders: list[Permutations] = [[np.arange(width) for width in hidden_widths(first)]]
        rows: list[dict[str, Any]] = []
        for name, (path, _), network in zip(
            own_names([n for n, _ in contents])[1:], contents[1:], networks[1:], strict=True
        ):
            try:
                check_comparable([first, network])
            except UserError as error:
                raise UserError(
                    f"{path} cannot be compared with {self.files[0]}: {error}"
                ) from error
            matching = weight_matching(first, network)
            orders.append(matching.permutations)
            rows.append(
                {
                    "file": path,
                    "aligned": str(self.out / name),
                    "distance": distance(first, network),
                    "distance_matched": distance(first, matching.apply(network), matching.partners),
                    "moved": matching.moved,
                }
            )
        self._write(aligned_files(contents, readings, orders))
        if self.json is not None:
            write_json({"reference": str(self.files[0]), "results": rows}, self.json)
            return
        header = ("file", "distance to the first", "after matching", "neurons moved")
        print_table(
            header,
            [
                (
                    r["file"],
                    f"{r['distance']:.3f}",
                    f"{r['distance_matched']:.3f}",
                    f"{r['moved']:.0%}",
                )
                for r in rows
            ],
        )

    def _reading(self, name: str, content: bytes) -> "Reading":
        """The one way to read a file, or the one that `--network` names.

        Raises:
            UserError: there is none, or several remain.
        """
        from nnit.mlp.chains import ADVICE
        from nnit.mlp.files import read_file
        from nnit.mlp.readings import refuse_choice

        readings = read_file(name, content)
        if len(readings) == 1:
            return readings[0]
        names = [one.title.split(":")[0] for one in readings]
        if names.count(self.network or "") == 1:
            return readings[names.index(self.network or "")]
        advice = "say which with --network NAME" if len(set(names)) == len(names) else ADVICE
        raise UserError(f"{refuse_choice(name[-60:], readings)}; {advice}")

    def _write(self, files: dict[str, bytes]) -> None:
        """Write the aligned files, over none that is there and another.

        Raises:
            UserError: one is there, or cannot be written.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                target = self.out / name
                if target.exists() and (not target.is_file() or target.read_bytes() != content):
                    raise UserError(
                        f"{target} is there already and is another file; choose another --out"
                    )
            for name, content in files.items():
                (self.out / name).write_bytes(content)
        except OSError as error:
            raise UserError(f"cannot write to {self.out} ({error.strerror})") from error


def _content(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        UserError: it is not there, cannot be read, or is too large.
    """
    from nnit.mlp.files import MAX_FILE_BYTES

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror})") from error
