"""`python -m nnit match`: bring networks in files into the order of the first."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import tyro

from nnit.commands.network_files import (
    check_no_other,
    content_of,
    print_notes,
    print_warnings,
    readings_of,
    write_files,
)
from nnit.commands.options import (
    NO_DEFAULT,
    JsonFile,
    check_json,
    check_writable,
    print_table,
    write_json,
)
from nnit.errors import UserError
from nnit.mlp.formats import format_words

if TYPE_CHECKING:
    from nnit.alignment.symmetry import Permutations
    from nnit.mlp.readings import Reading


@dataclass(frozen=True)
class Match:
    """Bring networks of your own into the order of the first, by weight matching.

    The files are written anew with the same names, formats and tensors, so that they load into what they came
    from, with permutations.json beside them. The networks compute what they did.
    """

    files: tyro.conf.Positional[
        Annotated[
            tuple[Path, ...],
            tyro.conf.arg(
                metavar="FILE FILE ...",
                help_behavior_hint=NO_DEFAULT,
                help="Two or more networks of the same depth, inputs and outputs, as "
                f"{format_words('or')}.",
            ),
        ]
    ]

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
        check_writable(self.out / "probe.json")
        from nnit.alignment.files import aligned_files, own_names
        from nnit.alignment.matching import weight_matching
        from nnit.alignment.metrics import distance
        from nnit.mlp.network import check_comparable, hidden_widths

        contents = [(str(path), content_of(path)) for path in self.files]
        readings = readings_of(contents, self.network)
        print_warnings([str(path) for path in self.files], readings)
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
        files = aligned_files(contents, readings, orders)
        check_no_other(self.out, files)
        self._report(readings, rows)
        write_files(self.out, files)

    def _report(self, readings: "list[Reading]", rows: list[dict[str, Any]]) -> None:
        """The results as JSON, or as a table and what there is to say of the files."""
        from nnit.mlp.notes import warnings_of

        names = [str(path) for path in self.files]
        if self.json is not None:
            warnings = warnings_of(names, readings)
            write_json({"warnings": warnings, "reference": names[0], "results": rows}, self.json)
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
        print_notes(names, readings)
