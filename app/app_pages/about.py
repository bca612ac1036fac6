"""About: what this is, in the order in which one asks."""

import streamlit as st

_TEXT = """
## How it works

A policy here is a small tanh network: 39 numbers that describe the scene go in, four that move the
gripper come out, 80 times a second. Its weights are a few matrices, and a matrix is a picture.

1. **Shuffling hidden neurons changes nothing.** Swap two rows of one matrix and the same two columns
   of the next, and every action stays what it was. So two networks that were trained apart look
   unrelated, even if they do the same.
2. **A graph hypernetwork draws all of them in one order.** It writes each weight matrix as one spatial
   field, cropped to the matrix. Neuron 5 then means much the same at every width, and neighbours resemble
   each other.
3. **Cut into square patches, a network of any width is a sequence.** Partial patches at the edges are
   padded; biases are tokens of their own.
4. **A diffusion transformer writes the sequence.** It starts from noise and follows a flow to weights,
   given the task and the widths. It never sees a robot.
5. **The network runs as it is.** No fine-tuning after sampling.

## What the numbers mean

Success is Meta-World's own: its flag is 1 at some step within the horizon of 500. The ten goals are
drawn from seeds that no part of training used. The first of the ten is the one in the film. The interval
is Wilson's, at 95 %. Ten episodes say little about a rate: `python -m nnit evaluate` runs as many as you
like, over several networks.

Some widths, one depth and a tenth of all other combinations are kept out of training. For each network
the page says which of these it is.

## Sources

Kim, Mehta, Hsu, Ryu, Liu, Pajic, "NNiT: Width-Agnostic Neural Network Generation with Structurally Aligned
Weight Spaces", [arXiv 2603.00180](https://arxiv.org/abs/2603.00180). This is an independent
implementation. Tasks: [Meta-World](https://meta-world.github.io), ten of its fifty, simulated in
[MuJoCo](https://mujoco.org).
"""

with st.container(key="about"):
    st.markdown(_TEXT)
