"""The suites of digits and their tasks; importing this registers them."""

from nnit.sim.suites import register
from nnit.sim.suites.base import Suite, Task, TaskDescription
from nnit.sim.suites.digits.data import mnist, small_digits

_DIGITS = tuple("0123456789")

MNIST = Suite(
    name="mnist",
    title="MNIST digits",
    observation_size=28 * 28,
    action_size=len(_DIGITS),
    observation_groups=(("pixels", 0, 28 * 28),),
    action_names=_DIGITS,
    steps_per_second=1,
    horizon=1,
    tasks=(
        TaskDescription(
            "mnist",
            "Read a digit",
            "The likeliest of the ten classes is the digit that was written.",
        ),
    ),
    activation="relu",
    output="classes",
    picture=(28, 28),
)
SMALL = Suite(
    name="digits-8x8",
    title="Digits of 8 x 8 pixels",
    observation_size=8 * 8,
    action_size=len(_DIGITS),
    observation_groups=(("pixels", 0, 8 * 8),),
    action_names=_DIGITS,
    steps_per_second=1,
    horizon=1,
    tasks=(
        TaskDescription(
            "digits-8x8",
            "Read a small digit",
            "The likeliest of the ten classes is the digit that was written.",
        ),
    ),
    activation="relu",
    output="classes",
    picture=(8, 8),
)

register([Task(MNIST.tasks[0], MNIST, examples=mnist)])
register([Task(SMALL.tasks[0], SMALL, examples=small_digits)])
