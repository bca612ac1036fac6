"""A picture that the visitor draws, and what networks read in it."""
