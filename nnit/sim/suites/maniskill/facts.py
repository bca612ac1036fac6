"""Sizes that the suite's parts share."""

OBSERVATION_SIZE = 54  # of PokeCube-v1, the longest
ACTION_SIZE = 8
