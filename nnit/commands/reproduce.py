"""`python -m nnit reproduce`: every experiment, then docs/results.md from what they found."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    NO_DEFAULT,
    Folder,
    OptionalCount,
    check_seed,
    check_workers,
    check_writable,
    checkpoint_folder,
    display_path,
)
from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.evaluation.experiments.base import Experiment

# Not under version control, so that a try does not take the place of real results.
_QUICK_OUT = Path("runs/reproduce-quick")
_QUICK_TASKS = 2


@dataclass(frozen=True)
class Reproduce:
    """Run the experiments and write docs/results.md with their tables and figures.

    Each experiment writes JSON files into results/NAME. Those that are there already, of the same
    checkpoint version and settings, are kept, so that a stopped run goes on where it stopped.
    """

    only: Annotated[str | None, tyro.conf.arg(metavar="NAMES", help_behavior_hint=NO_DEFAULT)] = (
        None
    )
    """Experiments, comma-separated: splits, bands, steps, budget, tempo, diversity, novelty, grid, test, ablations;
    "report" measures nothing and writes the report from what is there. By default all but the test, which is
    measured once for each checkpoint, and the ablations, which take hours."""

    quick: bool = False
    """Tiny versions of all experiments, to see that they run; written to runs/reproduce-quick."""

    again: bool = False
    """Measure anew what is there already."""

    seed: int = 0
    """Which networks and which goals."""

    workers: OptionalCount = None
    """Processes that run episodes; by default one a processor."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    out: Folder = None
    """Folder in which results/ and docs/ are written; by default this one."""

    def run(self) -> None:
        """Measure and report."""
        check_seed(self.seed)
        check_workers(self.workers)
        out = self.out or (_QUICK_OUT if self.quick else Path())
        from nnit.evaluation.experiments.base import open_bench
        from nnit.evaluation.experiments.registry import EXPERIMENTS
        from nnit.evaluation.experiments.report import write_report

        experiments = [self._experiment(name) for name in self._names(tuple(EXPERIMENTS))]
        check_writable(out / "docs" / "results.md")
        check_writable(out / "results" / "any.json")
        folder = checkpoint_folder(self.checkpoint)
        bars = _Bars()
        bench = open_bench(
            folder,
            display_path(folder),
            seed=self.seed,
            workers=self.workers,
            most_tasks=_QUICK_TASKS if self.quick else None,
            progress=bars,
        )
        try:
            for experiment in experiments:
                experiment.run(bench, out / "results", again=self.again)
        finally:
            bars.close()
        write_report(out / "results", out / "docs")
        print(f"wrote {display_path(out / 'docs' / 'results.md')}")

    def _names(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """The experiments that are asked for, each once."""
        from nnit.evaluation.experiments.registry import EXPERIMENTS

        if self.only is None:
            return tuple(name for name in known if not EXPERIMENTS[name].when_named)
        asked = [word.strip() for word in self.only.split(",")]
        for word in asked:
            if word not in (*known, "report"):
                raise UserError(
                    f'unknown experiment "{word[:40]}"; there are {", ".join(known)}, report'
                )
        return tuple(name for name in known if name in asked)

    def _experiment(self, name: str) -> "Experiment":
        from nnit.evaluation.experiments.registry import EXPERIMENTS

        kind = EXPERIMENTS[name]
        return kind.quick() if self.quick else kind()


class _Bars:
    """One progress bar after another, a new one whenever something else is being done."""

    def __init__(self) -> None:
        self._what: str | None = None
        self._bar: tqdm[NoReturn] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._bar is None or what != self._what:
            self.close()
            self._what = what
            self._bar = tqdm(desc=what, total=total, dynamic_ncols=True, disable=None)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the last bar."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
