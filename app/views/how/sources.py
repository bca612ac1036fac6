"""What the walk ends with: what the numbers of this app mean, and where it all comes from."""

SOURCES = """
### What the numbers mean

Success is Meta-World's own: its flag is 1 at some step within the horizon of 500. The ten goals are
drawn from seeds that no part of training used. The first of the ten is the one in the film. The interval
is Wilson's, at 95 %. Ten episodes say little about a rate: `python -m nnit evaluate` runs as many as you
like, over several networks.

Some widths, one depth and a tenth of all other combinations are kept out of training. For each network
the page says which of these it is.

### Sources

Kim, Mehta, Hsu, Ryu, Liu, Pajic, "NNiT: Width-Agnostic Neural Network Generation with Structurally Aligned
Weight Spaces", [arXiv 2603.00180](https://arxiv.org/abs/2603.00180). This is an independent
implementation. Tasks: [Meta-World](https://meta-world.github.io), ten of its fifty, simulated in
[MuJoCo](https://mujoco.org).
"""
