"""NNiT: neural networks whose weights are generated, for any width (arXiv 2603.00180)."""

__version__ = "0.1.0"
