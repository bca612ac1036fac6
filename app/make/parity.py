"""Compare the physics in the browser with Python's simulator: `python -m app.make.parity`.

The same networks run from the same starts in both, in Node.js instead of a browser, undisturbed until success or the
end of the episode. Prints one row for each task.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.live import scene_facts
from nnit.checkpoint import DEFAULT_CHECKPOINT
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.live_scene import start_of
from nnit.sim.rollout import run_episode, worker_environment
from nnit.sim.suites import get_task
from nnit.sim.suites.metaworld.motion import HAND
from nnit.sim.suites.metaworld.tasks import MT10
from nnit.splits import evaluation_goal

_RUNNER = Path(__file__).with_name("episodes.js")


@dataclass(frozen=True)
class Parity:
    """How episodes of one network compare.

    Attributes:
        task: of the network.
        ours: for each episode, whether it succeeds in Python's simulator, and in how many steps.
        theirs: the same in the browser's physics.
        hand: for each episode, the largest distance between the hand in one and in the other at the same step, over
            the steps that both made, metres.
    """

    task: str
    ours: tuple[tuple[bool, int], ...]
    theirs: tuple[tuple[bool, int], ...]
    hand: tuple[float, ...]

    @property
    def same(self) -> int:
        """Episodes with the same outcome."""
        return sum(a[0] == b[0] for a, b in zip(self.ours, self.theirs, strict=True))


def run_in_node(policies: Sequence[Policy], starts: Sequence[Any]) -> list[list[dict[str, Any]]]:
    """Episodes of each policy from each of its starts in the browser's physics; see `episodes.js`."""
    with tempfile.TemporaryDirectory() as folder:
        asked = []
        for number, (policy, its) in enumerate(zip(policies, starts, strict=True)):
            path = Path(folder) / f"{number}.safetensors"
            policy.save(path)
            horizon = get_task(policy.task).suite.horizon
            asked.append(
                {"task": policy.task, "policy": str(path), "starts": its, "horizon": horizon}
            )
        said = subprocess.run(
            ["node", str(_RUNNER)], input=json.dumps(asked).encode(), stdout=-1, check=True
        )
    answers: list[list[dict[str, Any]]] = json.loads(said.stdout)
    return answers


def compare(policies: Sequence[Policy], goals: int) -> list[Parity]:
    """Run so many episodes of each policy in both; needs Node.js."""
    seeds = [
        [evaluation_goal(0, p.task, str(p.architecture), 0, goal) for goal in range(goals)]
        for p in policies
    ]
    starts = [
        [start_of(scene_facts(p.task)["space"], seed) for seed in its]
        for p, its in zip(policies, seeds, strict=True)
    ]
    rows = []
    for policy, its, theirs in zip(policies, seeds, run_in_node(policies, starts), strict=True):
        task, environment = get_task(policy.task), worker_environment(policy.task)
        ours = [run_episode(task, environment, policy.act, seed, record=True) for seed in its]
        hands = []
        for one, other in zip(ours, theirs, strict=True):
            pairs = zip(one.observations, other["observations"], strict=False)
            apart = [np.linalg.norm(a[HAND] - np.array(b)[HAND]) for a, b in pairs]
            hands.append(float(max(apart)))
        rows.append(
            Parity(
                policy.task,
                tuple((one.success, one.steps) for one in ours),
                tuple((other["success"], other["steps"]) for other in theirs),
                tuple(hands),
            )
        )
    return rows


def table(rows: Sequence[Parity]) -> str:
    """The rows as Markdown."""
    lines = [
        "| task | Python succeeds | browser succeeds | same outcome | same step | hand apart, median, largest (mm) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        count = len(row.ours)
        python, browser = (sum(s for s, _ in side) for side in (row.ours, row.theirs))
        step = sum(a == b for a, b in zip(row.ours, row.theirs, strict=True))
        apart = f"{1000 * float(np.median(row.hand)):.3f}, {1000 * max(row.hand):.3f}"
        lines.append(
            f"| {row.task} | {python}/{count} | {browser}/{count} | {row.same} | {step} | {apart} |"
        )
    every = [hand for row in rows for hand in row.hand]
    same, steps = sum(row.same for row in rows), len(every)
    lines.append(f"\nSame outcome: {same}/{steps}; median hand: {1000 * np.median(every):.3f} mm.")
    return "\n".join(lines)


def main() -> None:
    """Sample a network for each task, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goals", type=int, default=20, help="episodes of each task")
    parser.add_argument("--arch", default="27-45", help="hidden widths of the networks")
    parser.add_argument("--seed", type=int, default=0, help="of the networks")
    asked = parser.parse_args()
    print(table(compare(networks(asked.arch, asked.seed), asked.goals)))  # noqa: T201


def networks(arch: str, seed: int = 0) -> list[Policy]:
    """A network of the shipped model for each task of MT10."""
    from nnit.dit.generator import Generator

    generator = Generator.load(DEFAULT_CHECKPOINT)
    return [
        generator.sample(SampleRequest(task, MLPArchitecture.parse(arch), seed=seed))[0]
        for task in MT10
    ]


if __name__ == "__main__":
    main()
