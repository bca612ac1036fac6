"""The live robot: physics and network in the visitor's browser."""
