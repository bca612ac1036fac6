"""The figure of a sequence of tokens, from what is asked to finished weights."""
