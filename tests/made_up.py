"""A made-up suite where a test needs a second one: other sizes, ReLU, one condition; no simulator."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnit.sim.suites import Condition, Suite, Task, TaskDescription

if TYPE_CHECKING:
    import gymnasium
    from torch import Tensor

GRIP = Condition(
    name="grip",
    title="Grip, loose to firm",
    help="How firmly the fingers close.",
    default=2.0,
    quantity="mean force of the fingers, N",
    key="grip_force",
    low=1.0,
    high=5.0,
    step=0.5,
)
TOY = Suite(
    name="toy",
    title="Toy suite",
    observation_size=6,
    action_size=2,
    observation_groups=(("place", 0, 4), ("goal", 4, 6)),
    action_names=("left", "right"),
    steps_per_second=10,
    horizon=20,
    tasks=(
        TaskDescription("toy-push", "Push the toy", "The toy is at its goal."),
        TaskDescription("toy-lift", "Lift the toy", "The toy is above the table."),
    ),
    activation="relu",
    labels=2,
    conditions=(GRIP,),
    collections=(("toys", ("toy-push", "toy-lift")),),
)


class ToyMotion:
    """The first label at the loosest grip, the second at the firmest."""

    def action(self, labels: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        share = np.float32((values["grip"] - GRIP.low) / (GRIP.high - GRIP.low))
        return np.asarray(labels[0] + share * (labels[1] - labels[0]))

    def actions(self, labels: "Tensor", values: "Tensor") -> "Tensor":
        share = (values[:, 0, None, None] - GRIP.low) / (GRIP.high - GRIP.low)
        return labels[:, :, 0] + share * (labels[:, :, 1] - labels[:, :, 0])

    def measure(
        self, observations: Sequence[np.ndarray], steps_per_second: float
    ) -> dict[str, float]:
        return {"grip": float(np.mean([one[0] for one in observations]))}


def no_simulator() -> "gymnasium.Env":
    raise NotImplementedError("the made-up suite has no simulator")


def toy_tasks() -> list[Task]:
    """The tasks of the suite, to be registered."""

    def expert(observation: np.ndarray) -> np.ndarray:
        return np.zeros(TOY.action_size, np.float32)

    return [
        Task(one, TOY, no_simulator, lambda: (expert, expert), ToyMotion()) for one in TOY.tasks
    ]
