"""The map of success over the two widths of a network, and the frontier against its parameters."""
