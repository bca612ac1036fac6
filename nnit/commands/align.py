"""`python -m nnit align`: how aligned each kind of weights is, beside noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    NO_DEFAULT,
    Count,
    Folder,
    JsonFile,
    OptionalCount,
    OptionalFile,
    Widths,
    check_between,
    check_json,
    check_seed,
    check_workers,
    check_writable,
    checkpoint_folder,
    display_path,
    parse_architectures,
    print_table,
    write_json,
)
from nnit.errors import UserError
from nnit.evaluation.alignment import STATES
from nnit.mlp.formats import format_words
from nnit.request import PARAMETERS
from nnit.writing import write_whole

if TYPE_CHECKING:
    from nnit.evaluation.alignment.kinds import Kind

Row = dict[str, Any]

_MAX_NETWORKS = 64


@dataclass(frozen=True)
class Align:
    """Measure how aligned weights are: of each kind as they are, shuffled, and realigned; or compare your own files.

    With --files, networks of your own are compared neuron by neuron with the first: the order, and where the activation
    allows it the signs or scales, that bring them together, and which neurons have no partner; the page Alignment gives
    the same numbers. Without, kinds of networks of --task and --arch are measured:

    Shuffled: every network's hidden neurons in an order of its own. Realigned: the first network as it is,
    the others, shuffled, matched to it by their weights. Metrics of pairs compare with the first network.
    Each value stands beside what independent noise of the same shapes has. docs/alignment.md explains
    the metrics.
    """

    task: Annotated[str, tyro.conf.arg(help_behavior_hint=NO_DEFAULT)] = ""
    """Tasks, comma-separated; mt10 stands for the ten of MT10."""

    arch: Annotated[Widths, tyro.conf.arg(help_behavior_hint=NO_DEFAULT)] = ""
    """Architectures, comma-separated, such as 64-32. The shipped zoo is small: the networks with the
    nearest widths stand for an architecture, and the results say which."""

    networks: Count = 4
    """Networks of each kind."""

    kinds: str = "ghn,zoo,nnit,scratch"
    """Kinds, comma-separated: ghn (written by the hypernetwork), zoo (those the transformer learned from),
    nnit (sampled by the transformer), scratch (trained from random starts; slow)."""

    shuffle: Annotated[float, tyro.conf.arg(metavar="FRACTION")] = 1.0
    """Share of each layer's neurons that the shuffle moves, 0 to 1."""

    episodes: Count = 0
    """Episodes at each of five points of the straight line between the first network and every other; 0
    runs none. Losses along the line are measured in any case."""

    seed: int = 0
    """Which networks, which shuffles, which goals."""

    steps: OptionalCount = None
    """Steps of the flow; by default what the checkpoint works best with."""

    workers: OptionalCount = None
    """Processes that run episodes; by default one a processor."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write the results as JSON to this file, "-" for standard output, in place of a table."""

    markdown: OptionalFile = None
    """Also write the table of docs/alignment.md, over all tasks and architectures, to this file."""

    figure: OptionalFile = None
    """Also draw that table as an SVG figure."""

    files: Annotated[
        tuple[Path, ...],
        tyro.conf.arg(
            metavar="FILE FILE ...",
            help_behavior_hint=NO_DEFAULT,
            help=f"Networks of your own, as {format_words('or')}: compare these, and nothing of the options above but "
            "--seed and --json applies.",
        ),
    ] = ()

    reference: Count = 1
    """Number of the file that the others are compared with."""

    activation: Annotated[
        Literal["auto", "tanh", "relu", "other"] | None,
        tyro.conf.arg(help_behavior_hint=NO_DEFAULT),
    ] = None
    """Activation of your networks: tanh undoes signs as well, relu scales, other neither; auto what the weights
    themselves speak for. By default what the files say (ONNX does), or auto."""

    signs: Annotated[bool | None, tyro.conf.arg(help_behavior_hint=NO_DEFAULT)] = None
    """Undo signs, whatever the activation."""

    scales: Annotated[bool | None, tyro.conf.arg(help_behavior_hint=NO_DEFAULT)] = None
    """Undo scales, whatever the activation."""

    observations: OptionalFile = None
    """Inputs to run your networks on (npz or csv), with targets if you have them."""

    run_with: Annotated[
        Literal["tanh", "relu"] | None, tyro.conf.arg(help_behavior_hint=NO_DEFAULT)
    ] = None
    """Activation to run your networks with on --observations; by default that of --activation."""

    by_activations: bool = False
    """Match by activations on these observations, not by weights."""

    second_group: Annotated[
        tuple[int, ...], tyro.conf.arg(metavar="N N ...", help_behavior_hint=NO_DEFAULT)
    ] = ()
    """Numbers of the files that make a second group, to test whether it differs from the others."""

    network: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint=NO_DEFAULT)] = (
        None
    )
    """Which network is meant where a file holds several, such as actor."""

    out: Folder = None
    """Folder for your networks aligned, in their own formats, for the numbers as CSV, and a report."""

    def run(self) -> None:
        """Measure and report."""
        if self.files:
            from nnit.commands.align_files import align_files

            align_files(self)
            return
        if not self.task or not self.arch:
            raise UserError("align needs --task and --arch, or --files")
        architectures = parse_architectures(self.arch)
        check_between("--networks", self.networks, 2, _MAX_NETWORKS)
        check_between("--episodes", self.episodes, 0)
        check_seed(self.seed)
        if not 0 <= self.shuffle <= 1:
            raise UserError(f"--shuffle must be from 0 to 1, not {self.shuffle:g}")
        check_workers(self.workers)
        check_json(self.json)
        for path in (self.markdown, self.figure):
            if path is not None:
                check_writable(path)
        from nnit.evaluation.alignment.kinds import sample_of
        from nnit.evaluation.alignment.rows import Measuring, measured_row
        from nnit.evaluation.alignment.treatments import TREATMENTS
        from nnit.sim.suites import parse_tasks

        if self.steps is not None:
            PARAMETERS["steps"].check(self.steps, "--steps")
        kinds = self._kinds()
        tasks = [task.name for task in parse_tasks(self.task)]
        folder = checkpoint_folder(self.checkpoint, *tasks)
        settings = self._settings(folder)
        measuring = Measuring(
            folder, settings["patch"], self.shuffle, self.seed, self.episodes, self.workers
        )
        rows: list[Row] = []
        cells = [(t, a, k) for t in tasks for a in architectures for k in kinds]
        for task, architecture, kind in tqdm(cells, desc="kinds", disable=None):
            sample = sample_of(
                kind,
                task,
                architecture,
                count=self.networks,
                seed=self.seed,
                steps=self.steps,
                checkpoint=folder,
            )
            rows += [
                measured_row(sample, task, architecture, treatment, measuring)
                for treatment in TREATMENTS
            ]
        self._report({"results": rows, **settings})

    def _kinds(self) -> "list[Kind]":
        from nnit.evaluation.alignment.kinds import KINDS, Kind

        known: tuple[Kind, ...] = get_args(Kind)
        asked = [word.strip() for word in self.kinds.split(",")]
        for word in asked:
            if word not in known:
                raise UserError(f'unknown kind "{word[:40]}"; there are {", ".join(KINDS)}')
        return [kind for kind in known if kind in asked]

    def _settings(self, folder: Path) -> dict[str, Any]:
        """What the results were made with, for the JSON."""
        from nnit.description import describe

        described = describe(folder)
        return {
            "seed": self.seed,
            "shuffle": self.shuffle,
            "states": STATES,
            "patch": described.patch,
            "checkpoint": display_path(folder),
            "version": described.version,
        }

    def _report(self, results: dict[str, Any]) -> None:
        from nnit.evaluation.alignment.contrast import contrast_table

        # First what nothing can keep from being seen.
        if self.json is not None:
            write_json(results, self.json)
        else:
            _print_rows(results["results"])
        if self.markdown is not None:
            write_whole(self.markdown, contrast_table(results["results"]))
        if self.figure is not None:
            from nnit.evaluation.alignment.figure import contrast_figure

            contrast_figure(results["results"], self.figure)


def _print_rows(rows: Sequence[Row]) -> None:
    """A line for each metric of each row, then what the rows have to say."""
    from nnit.evaluation.alignment.report import METRICS
    from nnit.evaluation.statistics import success_text

    table = []
    for row in rows:
        labels = (row["task"], row["arch"], row["kind"], row["treatment"])
        for name, figures in row["metrics"].items():
            interval = "-"
            if figures["ci95"] is not None:
                interval = f"{figures['ci95'][0]:.3f} to {figures['ci95'][1]:.3f}"
            mean, noise = f"{figures['mean']:.3f}", f"{figures['noise']:.3f}"
            table.append((*labels, METRICS[name].title, mean, interval, noise))
        for point in row["line"] or []:
            title = f"success at {point['position']:g} of the line"
            text = success_text(point["successes"], point["episodes"])
            table.append((*labels, title, text, "", ""))
    header = ("task", "arch", "kind", "treatment", "metric", "mean", "95 % CI", "noise")
    print_table(header, table)
    for note in dict.fromkeys(
        f"{row['task']} {row['arch']} {row['kind']}: {row['note']}" for row in rows if row["note"]
    ):
        print(f"note: {note}")
