"""`python -m nnit generate`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    Count,
    Folder,
    JsonFile,
    OptionalCount,
    Share,
    check_between,
    check_json,
    check_seed,
    check_writable,
    checkpoint_folder,
    display_path,
    parse_partial_architectures,
    parse_style,
    write_json,
)
from nnit.errors import UserError


@dataclass(frozen=True)
class Generate:
    """Generate policies for a task, one file each.

    The same task, architecture, seed and options give the same networks.
    """

    task: str
    """A task that the checkpoint covers, such as door-open-v3."""

    out: Annotated[Path, tyro.conf.arg(metavar="DIR")]
    """Folder to write TASK_ARCH_seedSEED_NUMBER.safetensors to; made where it is missing."""

    arch: str = "?"
    """Hidden widths, such as 64-32: one to five layers of 4 to 128 neurons. A question mark leaves a
    width to the model (64-?), one alone the whole architecture."""

    max_params: OptionalCount = None
    """Weights and biases that a network may have at most, for widths that the model chooses."""

    tempo: Share = None
    """How brisk the motion is, from 0 (calm) to 1 (brisk); by default 1."""

    height: Share = None
    """How high the hand approaches, from 0 (low) to 1 (high); by default 0.5."""

    count: Count = 1
    """How many networks."""

    seed: int = 0
    """Which networks: another seed, other networks."""

    steps: OptionalCount = None
    """Steps of the flow; by default what the checkpoint works best with."""

    solver: Literal["euler", "heun", "adams-bashforth"] = "euler"
    """How the flow is followed; heun evaluates the transformer twice a step."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write what was made as JSON to this file, "-" for standard output."""

    def run(self) -> None:
        """Sample, and write the files."""
        architectures = parse_partial_architectures(self.arch)
        if len(architectures) != 1:
            raise UserError("--arch takes one architecture here, such as 64-32")
        architecture = architectures[0]
        style = parse_style(self.tempo, self.height)
        check_between("--max-params", self.max_params, 1)
        check_seed(self.seed)
        check_json(self.json)
        from nnit.sim.suites import get_task

        task = get_task(self.task)
        from nnit.dit.generator import Generator
        from nnit.request import DEFAULT_STEPS, MAX_COUNT, MAX_STEPS

        steps = DEFAULT_STEPS if self.steps is None else self.steps
        check_between("--steps", steps, 1, MAX_STEPS)
        check_between("--count", self.count, 1, MAX_COUNT)
        check_writable(self.out / "probe.safetensors")
        generator = Generator.load(checkpoint_folder(self.checkpoint))
        policies = generator.sample(
            task.name,
            architecture,
            count=self.count,
            seed=self.seed,
            steps=steps,
            solver=self.solver,
            style=style,
            max_parameters=self.max_params,
        )
        files = [
            self.out / f"{task.name}_{policy.architecture}_seed{self.seed}_{i}.safetensors"
            for i, policy in enumerate(policies)
        ]
        for file in files:
            check_writable(file)
        for policy, file in zip(tqdm(policies, desc="saving", disable=None), files, strict=True):
            policy.save(file)
            if self.json is None:
                print(file)
        if self.json is not None:
            made = {
                "task": task.name,
                "arch": str(architecture),
                "networks": [
                    {
                        "arch": str(policy.architecture),
                        "parameters": policy.architecture.parameter_count,
                    }
                    for policy in policies
                ],
                "seed": self.seed,
                "steps": steps,
                "version": generator.version,
                "files": [display_path(file) for file in files],
            }
            write_json(made, self.json)
