"""The suites of digits and their tasks; importing this registers them."""

from nnit.sim.suites import register
from nnit.sim.suites.base import Suite, Task, TaskDescription
from nnit.sim.suites.digits.data import mnist, small_digits

_DIGITS = tuple("0123456789")


def _suite(name: str, title: str, task_title: str, side: int) -> Suite:
    """A suite of one task, which reads digits in pictures of `side` x `side` pixels."""
    return Suite(
        name=name,
        title=title,
        observation_size=side * side,
        action_size=len(_DIGITS),
        observation_groups=(("pixels", 0, side * side),),
        action_names=_DIGITS,
        steps_per_second=1,
        horizon=1,
        tasks=(
            TaskDescription(
                name,
                task_title,
                "The likeliest of the ten classes is the digit that was written.",
            ),
        ),
        activation="relu",
        output="classes",
        picture=(side, side),
    )


MNIST = _suite("mnist", "MNIST digits", "Read a digit", 28)
SMALL = _suite("digits-8x8", "Digits of 8 x 8 pixels", "Read a small digit", 8)

register([Task(MNIST.tasks[0], MNIST, examples=mnist)])
register([Task(SMALL.tasks[0], SMALL, examples=small_digits)])
