"""How long tests wait.

No test is about speed, and none waits for a time to pass: each waits for what it has brought about, as long
as that takes on the slowest machine. What never comes ends with this patience, or with pytest's own timeout.
Speed is measured by `python -m nnit benchmark`.
"""

SECONDS = 600
