"""Measuring alignment: kinds of networks, what to do to them, metrics with their noise, reports.

What the command `align` and the page Alignment both measure with is written here, without torch.
"""

STATES = 256  # of a task, on which the outputs of networks are compared
POSITIONS = (
    0.0,
    0.25,
    0.5,
    0.75,
    1.0,
)  # of a straight line between networks, where episodes are run
