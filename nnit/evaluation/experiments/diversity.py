"""How far apart networks for one task and architecture are: sampled ones against the zoo's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch

from nnit.baselines.shipped import drawn_states
from nnit.errors import UserError
from nnit.evaluation.experiments.base import FEW_HELD_OUT, Bench, Experiment, Row
from nnit.evaluation.novelty import spread
from nnit.evaluation.sources import sample_from
from nnit.imitation.fitting import Conditions
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.seeds import seed_of
from nnit.sim.suites import get_task


@dataclass(frozen=True)
class Diversity(Experiment):
    """Mean distance of all pairs, in actions on shared states and in weights after matching neurons.

    Each set of networks is made twice: each network in a style of its own, drawn as the zoo's are; and all
    in the default style, where only the latent and noise tell them apart.

    Attributes:
        sources: what is compared, each a part; "zoo" makes networks by the zoo's recipe.
        architectures: unseen ones.
        networks: for each task and architecture.
        states: on which actions are compared.
    """

    name: ClassVar[str] = "diversity"
    by_part: ClassVar[tuple[str, ...]] = ("sources",)

    sources: tuple[str, ...] = ("nnit", "zoo", "ghn")
    architectures: tuple[str, ...] = FEW_HELD_OUT
    networks: int = 8
    states: int = 512

    @classmethod
    def quick(cls) -> "Diversity":
        """A few seconds of it."""
        return cls(architectures=("12-20",), networks=2, states=32)

    def parts(self) -> tuple[str, ...]:
        """The sources."""
        return self.sources

    def measure(self, part: str, bench: Bench) -> Row:
        """The spread of one source, by task and architecture."""
        rows, skipped = [], []
        cells = [(task, text) for task in bench.tasks for text in self.architectures]
        for index, (task, text) in enumerate(cells):
            states, _ = drawn_states(task, bench.checkpoint, self.states, bench.seed)
            for styles, order in _ORDERS.items():
                labels = {"task": task, "arch": text, "source": part, "styles": styles}
                try:
                    policies = order(part, task, text, self.networks, bench)
                except UserError as error:
                    skipped.append({**labels, "reason": str(error)})
                    continue
                actions, weights = spread(policies, states.observations)
                rows.append(
                    {
                        **labels,
                        "networks": len(policies),
                        "actions": actions,
                        "weights": weights,
                    }
                )
            bench.progress(f"diversity, {part}", index + 1, len(cells))
        return {"results": rows, "skipped": skipped}


def _in_styles_of_their_own(
    source: str, task: str, text: str, count: int, bench: Bench
) -> list[Policy]:
    """Networks in styles drawn as those of the zoo, the same for all sources."""
    generator = torch.Generator().manual_seed(seed_of(task, text, bench.seed))
    names = [condition.name for condition in get_task(task).conditions]
    drawn = Conditions.draw(names, [task] * count, generator).values.tolist()
    policies = []
    for number, row in enumerate(drawn):
        request = SampleRequest(
            task,
            MLPArchitecture.parse(text),
            bench.seed + number,
            conditions=dict(zip(names, row, strict=True)),
        )
        policies += sample_from(source, request, bench.checkpoint)
    return policies


def _in_one_style(source: str, task: str, text: str, count: int, bench: Bench) -> list[Policy]:
    """Networks in the default style."""
    request = SampleRequest(task, MLPArchitecture.parse(text), bench.seed, count)
    return sample_from(source, request, bench.checkpoint)


STYLE_KINDS = {"all": "styles drawn as the zoo's are", "one": "one style for all"}
# Each of these: (source, task, architecture, networks, bench) -> networks
_ORDERS: dict[str, Callable[[str, str, str, int, Bench], list[Policy]]] = {
    "all": _in_styles_of_their_own,
    "one": _in_one_style,
}
