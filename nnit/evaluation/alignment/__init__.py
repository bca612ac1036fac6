"""Measuring alignment: kinds of networks, what to do to them, metrics with their noise, reports."""
