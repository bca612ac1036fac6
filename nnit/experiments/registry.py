"""All experiments by name, in the order in which they run and are reported."""

from nnit.experiments.base import Experiment
from nnit.experiments.budget import Budget
from nnit.experiments.diversity import Diversity
from nnit.experiments.grid import Grid
from nnit.experiments.novelty import Novelty
from nnit.experiments.splits import Splits
from nnit.experiments.steps import Steps
from nnit.experiments.tempo import Tempo

EXPERIMENTS: dict[str, type[Experiment]] = {
    kind.name: kind for kind in (Splits, Steps, Budget, Tempo, Diversity, Novelty, Grid)
}
