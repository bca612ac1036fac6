"""`python -m nnit benchmark`."""

from dataclasses import dataclass

from nnit.commands.options import (
    Folder,
    JsonFile,
    OptionalCount,
    check_json,
    check_workers,
    checkpoint_folder,
    print_table,
    write_json,
)


@dataclass(frozen=True)
class Benchmark:
    """Measure speed, each figure beside a limit measured in the same run.

    sample_peak_fraction compares sampling with the measured rate of a large matrix product.
    alignment_seconds (four 64-64-64 networks shuffled and measured, what a slider waits for) compares with
    bare_assignment_seconds: the assignment problems of their matching, each solved once; about 25 times that
    is what to expect.
    env_steps_per_second (all workers, real policies) compares with workers times
    bare_env_steps_per_second: one process that runs the same episodes, resets included, with a constant
    action and no policy; 0.8 or more of it is what to expect on idle processors.
    All figures are medians of warm runs. Without a GL library render_fps and click_to_video_seconds
    are null.
    """

    workers: OptionalCount = None
    """Processes that run episodes; by default one a processor."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write the figures as JSON to this file, "-" for standard output, in place of a table."""

    def run(self) -> None:
        """Measure and report."""
        check_workers(self.workers)
        check_json(self.json)
        from nnit.evaluation.benchmark import run_benchmark

        figures = run_benchmark(checkpoint_folder(self.checkpoint), workers=self.workers)
        if self.json is not None:
            write_json(figures, self.json)
            return
        rows: list[tuple[str, str]] = []
        for name, value in figures.items():
            entries = value.items() if isinstance(value, dict) else [("", value)]
            for key, figure in entries:
                text = f"{figure:.4g}" if isinstance(figure, float) else str(figure)
                rows.append((f"{name} {key}".strip(), text))
        print_table(("figure", "value"), rows)
