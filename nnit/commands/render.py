"""`python -m nnit render`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from nnit.commands.options import (
    JsonFile,
    check_between,
    check_json,
    check_seed,
    check_writable,
    display_path,
    write_json,
)
from nnit.errors import UserError
from nnit.writing import write_whole


@dataclass(frozen=True)
class Render:
    """Draw one episode of a policy as a video."""

    policy: Annotated[Path, tyro.conf.arg(metavar="FILE")]
    """A policy file, as `generate` writes them or the app offers for download."""

    out: Annotated[Path, tyro.conf.arg(metavar="FILE")]
    """The video to write, .mp4."""

    seed: int = 0
    """Which goal: the one of the first episode of `evaluate` with this seed."""

    width: Annotated[int, tyro.conf.arg(metavar="PIXELS")] = 480
    """Width of the video, even."""

    height: Annotated[int, tyro.conf.arg(metavar="PIXELS")] = 360
    """Height of the video, even."""

    json: JsonFile = None
    """Write success and number of steps as JSON to this file, "-" for standard output."""

    def run(self) -> None:
        """Run the episode and write the video."""
        if self.out.suffix.lower() != ".mp4":
            raise UserError(f"--out must end in .mp4, not {self.out.name}")
        for option, size in (("--width", self.width), ("--height", self.height)):
            check_between(option, size, 64, 1920)
            if size % 2:
                raise UserError(f"{option} must be even for the video format, not {size}")
        check_seed(self.seed)
        check_json(self.json)
        from nnit.mlp.policy import Policy
        from nnit.sim.suites import get_task

        policy = Policy.load(self.policy)
        task = get_task(policy.task)
        check_writable(self.out)
        from nnit.sim.render import render_policy
        from nnit.splits import evaluation_goal

        goal = evaluation_goal(self.seed, task.name, str(policy.architecture), 0, 0)
        clip = render_policy(policy, goal, width=self.width, height=self.height)
        write_whole(self.out, clip.video)
        if self.json is not None:
            result = {
                "task": task.name,
                "arch": str(policy.architecture),
                "seed": self.seed,
                "success": clip.success,
                "steps": clip.steps,
                "file": display_path(self.out),
            }
            write_json(result, self.json)
        else:
            outcome = f"success in {clip.steps}" if clip.success else f"failure after {clip.steps}"
            print(f"{self.out}: {task.name}, {policy.architecture}, {outcome} steps")
