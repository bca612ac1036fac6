"""The Graph HyperNetwork: from the graph of an MLP, a task and a latent to its aligned weights."""
