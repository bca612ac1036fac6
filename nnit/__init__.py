"""NNiT: neural networks whose weights are generated, for any width (arXiv 2603.00180)."""

import os

# Read by OpenMP when torch is loaded. Threads that wait for each other give their processor to whoever needs it:
# those that spin, as is usual, make two threads on a busy machine many times slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
