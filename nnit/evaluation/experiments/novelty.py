"""Distances to the nearest training network, beside success: is the generator more than a memory?

Everything is compared with the training networks that ship, and made for the styles of some of these: the
sampled networks, training networks themselves (each left out of what it is compared with), and training
networks with noise on their weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnit.baselines.memory import with_noise
from nnit.baselines.shipped import drawn_states, shipped_zoo
from nnit.errors import UserError
from nnit.evaluation.experiments.base import FEW_HELD_OUT, Bench, Experiment, Group, Row, roll_out
from nnit.evaluation.novelty import nearest
from nnit.evaluation.sources import sample_from
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import get_task

KINDS = {
    "nnit": "sampled, architectures of the training set",
    "nnit-unseen": "sampled, unseen architectures",
    "zoo": "training networks, each left out",
    "noise": "training networks with noise",
}


@dataclass(frozen=True)
class Novelty(Experiment):
    """One row a network: its two distances and its success.

    Attributes:
        kinds: keys of `KINDS`, each a part.
        networks: training networks of each task that stand as models of architecture and conditions.
        episodes: of each network.
        states: on which actions are compared.
        levels: of noise, as a share of each matrix's standard deviation.
        architectures: the unseen ones, in turn.
    """

    name: ClassVar[str] = "novelty"
    by_part: ClassVar[tuple[str, ...]] = ("kinds",)

    kinds: tuple[str, ...] = tuple(KINDS)
    networks: int = 12
    episodes: int = 5
    states: int = 512
    levels: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.5)
    architectures: tuple[str, ...] = FEW_HELD_OUT

    @classmethod
    def quick(cls) -> "Novelty":
        """A few seconds of it."""
        return cls(networks=1, episodes=1, states=32, levels=(0.1,), architectures=("12-20",))

    def parts(self) -> tuple[str, ...]:
        """The kinds of networks."""
        return self.kinds

    def measure(self, part: str, bench: Bench) -> Row:
        """All tasks with one kind of networks."""
        groups: list[Group] = []
        skipped = []
        for index, task in enumerate(bench.tasks):
            try:
                zoo, found, normaliser = shipped_zoo(task, bench.checkpoint)
                training = [zoo.policy(int(number), normaliser) for number in found]
                chosen = np.random.default_rng((bench.seed, index)).permutation(len(training))
                models = [training[i] for i in chosen[: self.networks]]
                groups += self._compared(part, task, models, training, bench)
            except UserError as error:
                skipped.append({"task": task, "kind": part, "reason": str(error)})
            bench.progress(f"novelty, {part}: distances", index + 1, len(bench.tasks))
        rows = roll_out(groups, self.episodes, bench, f"novelty, {part}")
        return {"results": rows, "skipped": skipped}

    def _compared(
        self,
        part: str,
        task: str,
        models: Sequence[Policy],
        training: Sequence[Policy],
        bench: Bench,
    ) -> list[Group]:
        """One group a network, with its distances."""
        made: list[tuple[Policy, float | None]] = []
        for number, model in enumerate(models):
            if part == "zoo":
                made.append((model, None))
            elif part == "noise":
                rng = np.random.default_rng((bench.seed, number))
                made += [(with_noise(model, rng, level), level) for level in self.levels]
            else:
                made.append((self._sampled(part, number, model, bench), None))
        policies = [policy for policy, _ in made]
        states, _ = drawn_states(task, bench.checkpoint, self.states, bench.seed)
        distances = nearest(policies, training, states.observations)
        return [
            Group(
                {
                    "task": task,
                    "arch": str(policy.architecture),
                    "kind": part,
                    "level": level,
                    "actions": found.actions,
                    "weights": found.weights if np.isfinite(found.weights) else None,
                },
                [policy],
                f"{policy.architecture}/novelty/{number}",
            )
            for number, ((policy, level), found) in enumerate(zip(made, distances, strict=True))
        ]

    def _sampled(self, part: str, number: int, model: Policy, bench: Bench) -> Policy:
        """A network with the conditions of a training network, of its architecture or of an unseen one."""
        architecture = model.architecture
        if part == "nnit-unseen":
            architecture = MLPArchitecture.parse(
                self.architectures[number % len(self.architectures)]
            )
        names = [condition.name for condition in get_task(model.task).conditions]
        request = SampleRequest(
            model.task,
            architecture,
            bench.seed + number,
            conditions={name: model.provenance[name] for name in names},
        )
        (policy,) = sample_from("nnit", request, bench.checkpoint)
        return policy
