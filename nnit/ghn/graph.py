"""An MLP as a graph: one node a weight matrix, edges along the flow of activations and against it."""

import functools
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int

from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture

INPUT, HIDDEN, OUTPUT = 0, 1, 2
KINDS = (INPUT, HIDDEN, OUTPUT)
_USUAL_WIDTH = 64  # sizes are given in units of it
NODE_FEATURES = 4 + len(KINDS) + 4


def matrix_kind(layer: int, depth: int) -> int:
    """Whether matrix `layer` of an MLP with `depth` hidden layers reads observations, writes actions, or neither."""
    if layer == 0:
        return INPUT
    return OUTPUT if layer == depth else HIDDEN


@functools.lru_cache(maxsize=20_000)
def _node_features(architecture: MLPArchitecture) -> torch.Tensor:
    """(matrices, NODE_FEATURES): sizes, kind, and place in the chain as continuous numbers."""
    depth = architecture.depth
    rows = []
    for layer, (outputs, inputs) in enumerate(architecture.shapes):
        kind = [float(matrix_kind(layer, depth) == k) for k in KINDS]
        size = torch.tensor([outputs, inputs], dtype=torch.float32) / _USUAL_WIDTH
        place = [layer / depth, layer / MAX_DEPTH, (depth - layer) / MAX_DEPTH, depth / MAX_DEPTH]
        rows.append(torch.tensor([*size, *torch.log2(size), *kind, *place]))
    return torch.stack(rows)


def batch_features(
    architectures: Sequence[MLPArchitecture],
) -> Float[torch.Tensor, "nodes features"]:
    """Features of the nodes of several MLPs, one MLP after the other."""
    return torch.cat([_node_features(architecture) for architecture in architectures])


def chain_edges(count: int, depth: int, device: torch.device) -> Int[torch.Tensor, "2 edges"]:
    """Edges along the flow of activations in the graphs of `count` MLPs with `depth` hidden layers each."""
    nodes = torch.arange(count * (depth + 1), device=device).view(count, depth + 1)
    return torch.stack([nodes[:, :-1].flatten(), nodes[:, 1:].flatten()])
