"""`python -m nnit distribution`: two-sample tests of generated against fresh zoo networks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    Count,
    Folder,
    JsonFile,
    SamplingOptions,
    Widths,
    check_between,
    check_json,
    checkpoint_folder,
    display_path,
    parse_architectures,
    print_table,
    write_json,
)
from nnit.evaluation.source_words import SOURCE_WORDS

Row = dict[str, Any]

if TYPE_CHECKING:
    _Source = str
else:
    _Source = Literal[tuple(SOURCE_WORDS)]
_SOURCE_HELP = "Where the networks come from, as for evaluate."
_LEAST, _MOST = 10, 1000  # networks


@dataclass(frozen=True)
class Distribution:
    """Test whether networks are distributed as fresh networks of the zoo are.

    Those are made by the zoo's recipe (written by the GHN, each fine-tuned on data of its own) for the same task,
    architecture and conditions, in two independent sets; a cell of 64 networks takes some seconds to a minute.
    Compared are weights, and actions on 256 states of the checkpoint's sample.

    classifier_accuracy: how often a cross-validated logistic regression tells generated from zoo networks, 0.5
    is chance; control_accuracy the same for both sets of the zoo.
    energy: energy distance over the zoo's mean distance; below energy_null95 are 95 % of what chance gives.
    precision, recall: shares of each set within the nearest neighbours of the other.
    mean_offset: distance of the means over the zoo's mean distance, less what chance gives.
    variance_ratio: total variance over the zoo's.
    unexplained_ratio: share of variance that is not linear in the latents, over the zoo's share; null for
    sources without latents.
    What --source zoo gives is the best that can be reached.
    """

    task: str
    """Tasks, comma-separated; mt10 stands for the ten of MT10."""

    arch: Widths
    """Architectures, comma-separated, such as 27-45,61."""

    networks: Count = 64
    """Networks in each set."""

    source: Annotated[_Source, tyro.conf.arg(help=_SOURCE_HELP)] = "nnit"

    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    """What is asked of the generator."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write the results as JSON to this file, "-" for standard output, in place of a table."""

    def run(self) -> None:
        """Measure and report."""
        architectures = parse_architectures(self.arch)
        self.sampling.check()
        check_between("--networks", self.networks, _LEAST, _MOST)
        check_json(self.json)
        from nnit.description import describe
        from nnit.evaluation.distribution import compared_with_zoo
        from nnit.sim.suites import parse_tasks

        tasks = [task.name for task in parse_tasks(self.task)]
        folder = checkpoint_folder(self.checkpoint, *tasks)
        cells = [(task, arch) for task in tasks for arch in architectures]
        rows: list[Row] = []
        with tqdm(desc="sets of networks", dynamic_ncols=True, disable=None) as bar:
            for index, (task, architecture) in enumerate(cells):

                def progress(done: int, total: int, index: int = index) -> None:
                    bar.total = total * len(cells)
                    bar.update(index * total + done - bar.n)

                request = self.sampling.request(task, architecture, 1)
                found = compared_with_zoo(self.source, request, self.networks, folder, progress)
                rows += [
                    {"task": task, "arch": str(architecture), "space": space, **asdict(numbers)}
                    for space, numbers in found.items()
                ]
        version = describe(folder).version
        if self.json is not None:
            results = {"results": rows, "checkpoint": display_path(folder), "version": version}
            write_json(results, self.json)
        else:
            _print_rows(rows)


def _print_rows(rows: Sequence[Row]) -> None:
    """A line for each task, architecture and space."""
    table = [[_text(value) for value in row.values()] for row in rows]
    print_table([name.replace("_", " ") for name in rows[0]], table)


def _text(value: str | float | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.3f}"
