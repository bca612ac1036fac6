"""The experiments behind docs/results.md, one file each; `python -m nnit reproduce` runs them."""
