"""`python -m app.make_example`: make the example that the page shows first, from the checkpoint.

Run it after a new checkpoint, so that the example is what the checkpoint writes.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from app.components.example import FOLDER, Example, save_example
from app.components.request import DEFAULT_STEPS, Request, parse_architecture, parse_task
from app.components.results import Film
from app.components.services import Network, checkpoint_folder, goal, run_trial
from nnit.alignment.permute import shuffle


@dataclass(frozen=True)
class MakeExample:
    """Make the example that the page shows first."""

    task: str = "door-open-v3"
    """One of MT10."""

    arch: str = "27-45"
    """Hidden widths."""

    seed: int = 0
    """Of the network and of the goals."""

    steps: int = DEFAULT_STEPS
    """Steps of the flow."""

    out: Path = FOLDER
    """Folder to write to."""

    def run(self) -> None:
        """Sample, film, try, and write the files."""
        from nnit.generate import Generator
        from nnit.render import render_policy

        request = Request(
            parse_task(self.task), parse_architecture(self.arch), self.seed, self.steps
        )
        generator = Generator.load(checkpoint_folder())

        def sample() -> tuple[float, Network]:
            start = time.perf_counter()
            (policy,) = generator.sample(
                request.task, request.architecture, seed=request.seed, steps=request.steps
            )
            seconds = time.perf_counter() - start
            return seconds, Network(
                policy=policy,
                shuffled=shuffle(policy, request.seed),
                seconds=seconds,
                version=generator.version,
                device=generator.device,
                patch=generator.patch,
            )

        sample()  # The first is slow: it is not what a visitor waits for.
        _, network = sample()
        film = Film.of(render_policy(network.policy, goal(request, 0)))
        save_example(Example(request, network, film, run_trial(request, network)), self.out)


if __name__ == "__main__":
    tyro.cli(MakeExample).run()
