"""Sizes that the suite's parts share."""

OBSERVATION_SIZE = 48  # of StackCube-v1, the longest
ACTION_SIZE = 8
