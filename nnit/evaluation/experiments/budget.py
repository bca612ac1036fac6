"""Success within a budget of parameters: generated networks against the same shapes trained from scratch."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from nnit.baselines.scratch import STEPS, train_from_scratch
from nnit.checkpoint import load_json
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.evaluation.experiments.base import Bench, Experiment, Group, Row, roll_out
from nnit.evaluation.sources import sample_from
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import ZooSettings
from nnit.request import SampleRequest
from nnit.sim.suites import get_task
from nnit.splits import Protocol
from nnit.zoo.builder import architecture_pool


@dataclass(frozen=True)
class Budget(Experiment):
    """The model chooses architectures, within budgets and without one.

    Attributes:
        budgets: weights and biases that a network may have at most.
        networks: for each task and budget.
        episodes: of each network.
        free_networks: for each task without a budget.
        shape_networks: for each task and budget, of which only the shapes are looked at.
        scratch_steps: of training from scratch.
    """

    name: ClassVar[str] = "budget"

    budgets: tuple[int, ...] = (400, 600, 1000, 1500, 2500, 4000, 8000)
    networks: int = 2
    episodes: int = 10
    free_networks: int = 24
    shape_networks: int = 64
    scratch_steps: int = STEPS

    @classmethod
    def quick(cls) -> "Budget":
        """A few seconds of it."""
        return cls(
            (600, 4000),
            networks=1,
            episodes=1,
            free_networks=1,
            shape_networks=2,
            scratch_steps=20,
        )

    def parts(self) -> tuple[str, ...]:
        """Generated to budgets, from scratch at those shapes, without a budget, shapes alone, and without the mask."""
        return ("nnit", "bc", "free", "shapes", "unmasked")

    def measure(self, part: str, bench: Bench) -> Row:
        """One part; empty, with the reason, where the checkpoint cannot choose architectures."""
        try:
            if part == "shapes":
                return {"results": self._shapes(bench), "skipped": []}
            if part == "unmasked":
                return {"results": self._unmasked(bench), "skipped": []}
            if part == "free":
                groups = self._generated(bench, (None,), self.free_networks)
            else:
                groups = self._generated(bench, self.budgets, self.networks)
            if part == "bc":
                groups = self._from_scratch(groups, bench)
        except UserError as error:
            return {"results": [], "skipped": [{"source": part, "reason": str(error)}]}
        rows = roll_out(list(groups), self.episodes, bench, f"budget, {part}")
        return {"results": rows, "skipped": []}

    def _generated(self, bench: Bench, budgets: Iterable[int | None], networks: int) -> list[Group]:
        """One group a network, with the seconds that sampling took, shared out over its batch."""
        cells = [(budget, task) for budget in budgets for task in bench.tasks]
        groups = []
        for index, (budget, task) in enumerate(cells):
            start = time.perf_counter()
            policies = self._sample(task, budget, networks, bench)
            seconds = (time.perf_counter() - start) / networks
            groups += [
                Group(
                    {**_labels(policy, budget, number), "source": "nnit", "seconds": seconds},
                    [policy],
                    f"?/{budget}/{number}",
                )
                for number, policy in enumerate(policies)
            ]
            bench.progress("budget: networks", index + 1, len(cells))
        return groups

    def _sample(
        self,
        task: str,
        budget: int | None,
        networks: int,
        bench: Bench,
        *,
        steps: int | None = None,
    ) -> list[Policy]:
        request = SampleRequest(task, seed=bench.seed, count=networks, max_parameters=budget)
        if steps is not None:
            request = replace(request, steps=steps)
        return sample_from("nnit", request, bench.checkpoint)

    def _from_scratch(self, generated: list[Group], bench: Bench) -> list[Group]:
        """A network trained from scratch for each generated one: its task, its shape, its goals."""
        groups = []
        for index, group in enumerate(generated):
            (policy,) = group.policies
            values = SampleRequest(policy.task).values(get_task(policy.task).suite)
            start = time.perf_counter()
            trained = train_from_scratch(
                policy.task,
                policy.architecture,
                1,
                np.random.default_rng((bench.seed, index)),
                bench.checkpoint,
                values,
                self.scratch_steps,
            )
            seconds = time.perf_counter() - start
            labels = {**group.labels, "source": "bc", "seconds": seconds}
            made = [one.with_provenance(**values) for one in trained]
            groups.append(Group(labels, made, group.goals))
            bench.progress("budget: trained from scratch", index + 1, len(generated))
        return groups

    def _shapes(self, bench: Bench) -> list[Row]:
        """Whether sampled architectures are valid and keep to their budgets, without episodes."""
        rows = []
        for index, budget in enumerate(self.budgets):
            for task in bench.tasks:
                # One step: what the weights are does not matter here.
                policies = self._sample(task, budget, self.shape_networks, bench, steps=1)
                counts = [policy.architecture.parameter_count for policy in policies]
                rows.append(
                    {
                        "task": task,
                        "budget": budget,
                        "networks": len(policies),
                        "within_budget": sum(count <= budget for count in counts),
                        "valid": sum(_valid(policy, bench.protocol) for policy in policies),
                        "parameters": counts,
                        "distinct": len({policy.architecture for policy in policies}),
                    }
                )
            bench.progress("budget: shapes", index + 1, len(self.budgets))
        return rows

    def _unmasked(self, bench: Bench) -> list[Row]:
        """Shapes where nothing but the model keeps to the budget, and, without one, how they are distributed."""
        generator = Generator.load(bench.checkpoint)
        settings = load_json(bench.checkpoint / "config.json")["preset"]["zoo"]
        pool = architecture_pool(bench.protocol, ZooSettings(**settings))
        rng = np.random.default_rng((bench.seed, 8))
        rows = []
        budgets = (*self.budgets, None)
        for index, budget in enumerate(budgets):
            for task in bench.tasks:
                request = SampleRequest(
                    task, seed=bench.seed, count=self.shape_networks, max_parameters=budget
                )
                drawn = generator.architectures(request, mask=False)
                row: Row = {"task": task, "budget": budget, "networks": len(drawn)}
                if budget is None:
                    trained = [[pool.one(rng) for _ in drawn] for _ in range(2)]
                    row |= _apart(drawn, trained[0], bench.protocol, "sampled")
                    row |= _apart(trained[1], trained[0], bench.protocol, "training")
                else:
                    row["within_budget"] = sum(one.parameter_count <= budget for one in drawn)
                rows.append(row)
            bench.progress("budget: shapes without the mask", index + 1, len(budgets))
        return rows


WIDTH_BINS = 7  # of equal size, over the widths that training has


def _apart(
    one: Sequence[MLPArchitecture],
    other: Sequence[MLPArchitecture],
    protocol: Protocol,
    name: str,
) -> Row:
    """How far the depths and the widths of two sets are apart: total variation distance, from 0 to 1."""
    edges = np.linspace(protocol.narrowest, protocol.widest + 1, WIDTH_BINS + 1)
    depths = [
        np.array([sum(a.depth == depth for a in drawn) for depth in protocol.depths])
        for drawn in (one, other)
    ]
    widths = [
        np.histogram([width for a in drawn for width in a.hidden], edges)[0]
        for drawn in (one, other)
    ]
    return {
        f"{name}_depths_apart": _total_variation(*depths),
        f"{name}_widths_apart": _total_variation(*widths),
    }


def _total_variation(one: np.ndarray, other: np.ndarray) -> float:
    shares = [counts / counts.sum() for counts in (one, other)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _labels(policy: Policy, budget: int | None, number: int) -> Row:
    return {
        "task": policy.task,
        "budget": budget,
        "network": number,
        "arch": str(policy.architecture),
        "parameters": policy.architecture.parameter_count,
    }


def _valid(policy: Policy, protocol: Protocol) -> bool:
    """Whether an architecture is made of depths and widths that training has."""
    architecture = policy.architecture
    return architecture.depth in protocol.depths and set(architecture.hidden) <= set(
        protocol.widths
    )
