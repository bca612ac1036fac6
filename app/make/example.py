"""`python -m app.make.example`: make the example that the page shows first, or that of another suite.

For digits: `--task mnist --out assets/example-mnist`.

Run it after a new checkpoint, so that the example is what the checkpoint writes.
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from app.engine.checkpoint import checkpoint_folder, has_contrast, suite_of
from app.engine.example import Example, save_example
from app.engine.film import Film
from app.engine.folders import EXAMPLE
from app.engine.networks import goal, run_trial, sample
from app.engine.request import one_form, parse_architecture, parse_task
from nnit.request import SampleRequest


@dataclass(frozen=True)
class MakeExample:
    """Make the example that the page shows first."""

    task: str = "pick-place-v3"
    """A task that the checkpoint covers."""

    arch: str = "27-45"
    """Hidden widths."""

    seed: int = 0
    """Of the network and of the goals."""

    steps: int = SampleRequest.steps
    """Steps of the flow."""

    out: Path = EXAMPLE
    """Folder to write to."""

    def run(self) -> None:
        """Sample by both models, film, try, and write the files."""
        from nnit.dit.generator import Generator
        from nnit.sim.render import render_policy
        from nnit.sim.replay import record

        task, architecture = parse_task(self.task), parse_architecture(self.arch)
        request = one_form(SampleRequest(task, architecture, self.seed, steps=self.steps))
        folder = checkpoint_folder(task)
        generator = Generator.load(folder)
        sample(generator, request)  # The first is slow: it is not what a visitor waits for.
        (network,) = sample(generator, request)
        acts = not suite_of(task).classifies
        film = Film.of(render_policy(network.policy, goal(network.policy, 0))) if acts else None
        recording = record(network.policy, goal(network.policy, 0)) if acts else None
        trial = run_trial(network)
        if not has_contrast(task):
            save_example(Example(request, network, film, trial), recording, folder=self.out)
            return
        unaligned = Generator.load(folder, model="unaligned")
        (contrast,) = sample(unaligned, request, "unaligned")
        example = Example(request, network, film, trial, contrast, run_trial(contrast))
        other = record(contrast.policy, goal(contrast.policy, 0)) if acts else None
        save_example(example, recording, other, self.out)


if __name__ == "__main__":
    tyro.cli(MakeExample).run()
