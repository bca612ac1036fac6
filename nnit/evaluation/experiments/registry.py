"""All experiments by name, in the order in which they run and are reported."""

from nnit.evaluation.experiments.ablations import Ablations
from nnit.evaluation.experiments.bands import Bands
from nnit.evaluation.experiments.base import Experiment
from nnit.evaluation.experiments.budget import Budget
from nnit.evaluation.experiments.diversity import Diversity
from nnit.evaluation.experiments.frozen import FrozenTest
from nnit.evaluation.experiments.grid import Grid
from nnit.evaluation.experiments.novelty import Novelty
from nnit.evaluation.experiments.splits import Splits
from nnit.evaluation.experiments.steps import Steps
from nnit.evaluation.experiments.tempo import Tempo

EXPERIMENTS: dict[str, type[Experiment]] = {
    kind.name: kind
    for kind in (
        Splits,
        Bands,
        Steps,
        Budget,
        Tempo,
        Diversity,
        Novelty,
        Grid,
        FrozenTest,
        Ablations,
    )
}
