"""Measuring what is generated: sources to compare, success, alignment, novelty, speed, reports."""
