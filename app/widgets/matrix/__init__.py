"""Matrices cell by cell, as figures of several steps or orders draw them."""
