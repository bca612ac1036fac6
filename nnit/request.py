"""What is asked of the generator, with the one default of each field."""

from dataclasses import dataclass

from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.sim.suites.metaworld.style import Style

DEFAULT_STEPS = 8
DEFAULT_SOLVER = "euler"
MAX_STEPS = 100
MAX_COUNT = 64


Architecture = MLPArchitecture | PartialArchitecture


@dataclass(frozen=True)
class Wanted:
    """What one caller wants sampled; `Generator.sample` says what the fields mean."""

    task: str
    architecture: Architecture
    count: int = 1
    seed: int = 0
    steps: int = DEFAULT_STEPS
    style: Style | None = None
    max_parameters: int | None = None
    solver: str = DEFAULT_SOLVER
