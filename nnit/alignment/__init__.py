"""Permutation symmetry of MLPs: shuffling neurons, matching them, and measuring alignment."""
