"""`python -m nnit generate`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro
from tqdm import tqdm

from nnit.commands.options import (
    Count,
    Folder,
    JsonFile,
    SamplingOptions,
    Widths,
    check_json,
    check_writable,
    checkpoint_folder,
    display_path,
    write_json,
)
from nnit.errors import UserError
from nnit.mlp.spec import PartialArchitecture
from nnit.request import PARAMETERS


@dataclass(frozen=True)
class Generate:
    """Generate policies for a task, one file each.

    The same task, architecture, seed and options give the same networks in files of the same bytes; a file that
    holds its network already stays as it is.
    """

    task: str
    """A task that the checkpoint covers, such as door-open-v3."""

    out: Annotated[Path, tyro.conf.arg(metavar="DIR")]
    """Folder to write TASK_ARCH_seedSEED_NUMBER.safetensors to; made where it is missing. Options that are not the
    default are part of the name too, such as TASK_ARCH_seed0_tempo1_0."""

    arch: Widths = "?"
    """Hidden widths, such as 64-32: one to five layers of 4 to 256 neurons. A question mark leaves a
    width to the model (64-?), one alone the whole architecture."""

    count: Count = 1
    """How many networks."""

    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    """What is asked of the generator."""

    force: bool = False
    """Overwrite files of the same names that hold other networks."""

    checkpoint: Folder = None
    """Checkpoint folder; by default the one in the repository, or NNIT_CHECKPOINT."""

    json: JsonFile = None
    """Write what was made as JSON to this file, "-" for standard output."""

    def run(self) -> None:
        """Sample, and write the files."""
        architecture = PartialArchitecture.parse(self.arch)
        self.sampling.check()
        PARAMETERS["count"].check(self.count, "--count")
        check_json(self.json)
        from nnit.description import describe
        from nnit.sim.suites import get_task

        folder = checkpoint_folder(self.checkpoint, self.task)
        if self.task not in describe(folder).tasks:
            get_task(self.task)  # says how to list tasks, where there is none of this name
        from nnit.dit.generator import Generator

        check_writable(self.out / "probe.safetensors")
        generator = Generator.load(folder)
        request = self.sampling.request(self.task, architecture, self.count)
        policies = generator.sample(request)
        suite = describe(folder).suite_of(self.task)
        files = [
            self.out / f"{request.file_name(suite, policy.architecture, index)}.safetensors"
            for index, policy in enumerate(policies)
        ]
        for policy, file in zip(policies, files, strict=True):
            check_writable(file)
            if file.exists() and not policy.is_in(file) and not self.force:
                raise UserError(f"{file} is there and holds something else; --force overwrites it")
        for policy, file in zip(tqdm(policies, desc="saving", disable=None), files, strict=True):
            if not policy.is_in(file):
                policy.save(file)
            if self.json is None:
                print(file)
        if self.json is not None:
            made = {
                "task": self.task,
                "arch": str(architecture),
                "networks": [
                    {
                        "arch": str(policy.architecture),
                        "parameters": policy.architecture.parameter_count,
                    }
                    for policy in policies
                ],
                "seed": self.sampling.seed,
                "steps": self.sampling.steps,
                "version": generator.version,
                "files": [display_path(file) for file in files],
            }
            write_json(made, self.json)
