"""Kinds of weights to compare for one task and architecture, and states to run them on."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from nnit.baselines.shipped import drawn_states, shipped_zoo
from nnit.description import describe
from nnit.errors import UserError
from nnit.evaluation.alignment.line import States
from nnit.evaluation.sources import sample_from
from nnit.imitation.fitting import Conditions
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import get_task

Kind = Literal["ghn", "zoo", "nnit", "scratch"]
KINDS: dict[Kind, str] = {
    "ghn": "written by the hypernetwork",
    "zoo": "of the zoo that the transformer learned from",
    "nnit": "sampled by the transformer",
    "scratch": "trained from scratch, each from a random start of its own",
}


@dataclass(frozen=True, eq=False)
class Sample:
    """Networks of one kind.

    Attributes:
        kind: where they come from.
        policies: as they are; fewer than asked for, even none, where there are no more.
        note: what a reader should know, such as other widths than asked for; empty if nothing.
    """

    kind: Kind
    policies: tuple[Policy, ...]
    note: str = ""


def sample_of(
    kind: Kind,
    task: str,
    architecture: MLPArchitecture,
    *,
    count: int,
    seed: int,
    checkpoint: Path,
    steps: int | None = None,
) -> Sample:
    """`count` networks of a kind.

    The shipped zoo holds some thirty networks a task, so the exact architecture is rarely among them: the
    nearest of the same depth stand for it, and the note says which.

    Args:
        kind: one of `KINDS`.
        task: registry name.
        architecture: hidden widths.
        count: number of networks.
        seed: of everything random about them.
        checkpoint: folder of the trained models.
        steps: of the flow, for nnit; the default where None.

    Raises:
        UserError: an unknown kind, a task the checkpoint does not cover, or a broken checkpoint.
    """
    if kind not in KINDS:
        raise UserError(f'unknown kind "{str(kind)[:40]}"; there are {", ".join(KINDS)}')
    if kind == "zoo":
        return _nearest_of_zoo(task, architecture, count, checkpoint)
    request = SampleRequest(task, architecture, seed, count)
    if steps is not None:
        request = replace(request, steps=steps)
    policies = sample_from("bc" if kind == "scratch" else kind, request, checkpoint)
    return Sample(kind, tuple(policies))


def _nearest_of_zoo(
    task: str, architecture: MLPArchitecture, count: int, checkpoint: Path
) -> Sample:
    """Those of the shipped zoo with the nearest widths, by the sum of the logarithms of their ratios."""
    zoo, found, normaliser = shipped_zoo(task, checkpoint)

    def apart(index: int) -> float:
        ratios = np.divide(zoo.architecture(index).hidden, architecture.hidden)
        return float(np.abs(np.log(ratios)).sum())

    fitting = [
        int(index) for index in found if zoo.architecture(int(index)).depth == architecture.depth
    ]
    nearest = sorted(fitting, key=apart)[:count]
    policies = tuple(zoo.policy(index, normaliser) for index in nearest)
    note = ""
    if len(policies) < count:
        note = f"the shipped zoo has only {len(policies)} of this task and depth; "
    if any(policy.architecture.hidden != architecture.hidden for policy in policies):
        note += "nearest widths in the shipped zoo: "
        note += ", ".join(str(policy.architecture) for policy in policies)
    return Sample("zoo", policies, note.removesuffix("; "))


def shared_states(task: str, checkpoint: Path, count: int, seed: int = 0) -> States:
    """States of a task from the checkpoint's sample, the same for all networks, with expert actions.

    Where the goal is hidden, the expert's are those for the default values of all conditions.

    Raises:
        UserError: the checkpoint has no states of `task`, or is broken.
    """
    drawn, normaliser = drawn_states(task, checkpoint, count, seed)
    inputs = (drawn.observations - normaliser.mean) / normaliser.scale
    suite = describe(checkpoint).suite_of(task)
    return States(
        inputs.astype(np.float32),
        _expert_actions(task, drawn.labels),
        suite.activation,
        suite.output,
    )


def _expert_actions(name: str, labels: np.ndarray) -> np.ndarray:
    """The expert's actions (n, action) from the labels of n states."""
    task = get_task(name)
    if not task.goal_conditions:
        return labels[:, 0].astype(np.float32)
    values = {condition.name: condition.default for condition in task.conditions}
    row = Conditions.same(tuple(values), values, 1).of([0], task.suite)
    return task.motion.actions(torch.from_numpy(labels)[None], row)[0].numpy()
