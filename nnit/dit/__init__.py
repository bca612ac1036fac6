"""The generator: tokens, the diffusion transformer, its training, and sampling from it."""
