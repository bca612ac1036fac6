"""Whether a change of structure left every number as it was: `python -m tests.same_numbers`."""
