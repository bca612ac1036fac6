"""The one colour scale of weights."""
