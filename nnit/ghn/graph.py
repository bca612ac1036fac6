"""An MLP as a graph: one node a weight matrix, edges along the flow of activations and against it."""

import functools
from collections.abc import Sequence

import torch
from torch_geometric.data import Data

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


@functools.lru_cache(maxsize=20_000)
def mlp_graph(architecture: MLPArchitecture) -> Data:
    """The graph of one MLP.

    `x` holds the node features, `kind` the matrix kinds, `edge_index` the edges along the flow;
    `reverse_edge_index` the same edges turned round.
    """
    count = architecture.depth + 1
    forward = torch.stack([torch.arange(count - 1), torch.arange(1, count)])
    return Data(
        x=_node_features(architecture),
        kind=torch.tensor([matrix_kind(i, architecture.depth) for i in range(count)]),
        layer=torch.arange(count),
        edge_index=forward,
        reverse_edge_index=forward.flip(0),
    )


def batch_graphs(architectures: Sequence[MLPArchitecture]) -> Data:
    """Graphs of many MLPs side by side; `batch` tells which MLP a node belongs to.

    The same as PyTorch Geometric's `Batch.from_data_list`, which takes tens of milliseconds for a hundred graphs.
    """
    graphs = [mlp_graph(architecture) for architecture in architectures]
    counts = torch.tensor([graph.num_nodes for graph in graphs])
    first = torch.cumsum(counts, 0) - counts
    shift = first.repeat_interleave(counts - 1)  # one edge less than nodes
    return Data(
        **{name: torch.cat([graph[name] for graph in graphs]) for name in ("x", "kind", "layer")},
        **{
            name: torch.cat([graph[name] for graph in graphs], 1) + shift
            for name in ("edge_index", "reverse_edge_index")
        },
        batch=torch.arange(len(graphs)).repeat_interleave(counts),
    )
