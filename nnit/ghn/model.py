"""The GHN: a gated graph network over the MLP's matrices, and a CNN that writes each as a field.

After Zhang, Ren, Urtasun 2019 ("Graph HyperNetworks") and the NNiT paper's CNN decoder. A matrix is a
crop, from the top left, of a field of `FIELD` x `FIELD` cells; so neuron i keeps its identity at every
width, which is what makes patches of different networks comparable. Upsampling is bilinear and
followed by convolutions at full resolution, so that fields are smooth rather than a checkerboard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch_geometric.nn import GatedGraphConv

from nnit.architecture import MAX_TRAINED_WIDTH, OBSERVATION_SIZE, MLPArchitecture
from nnit.errors import UserError
from nnit.ghn.graph import HIDDEN, INPUT, KINDS, NODE_FEATURES, OUTPUT, batch_graphs
from nnit.networks import PaddedNetworks, width_masks

FIELD = MAX_TRAINED_WIDTH
_SEED = 8  # side of the field's seed; three doublings make FIELD
# Rows and columns of the seed that each kind of matrix needs: 64x40, 64x64 and 8x64 cells.
_SEED_SHAPE = {INPUT: (8, 5), HIDDEN: (8, 8), OUTPUT: (1, 8)}
# Standard deviation of a field's cells that keeps tanh units in range, by kind of matrix.
_FIELD_SCALE = {INPUT: OBSERVATION_SIZE**-0.5, HIDDEN: FIELD**-0.5, OUTPUT: FIELD**-0.5}
_OUT_GAIN = 4.0  # starts the fields at a size where tanh units carry a signal


@dataclass(frozen=True)
class GHNConfig:
    """Sizes of the GHN."""

    tasks: tuple[str, ...]
    latent: int = 8
    node: int = 192
    rounds: int = 2
    channels: tuple[int, int, int, int] = (96, 64, 48, 32)


class FiLMBlock(nn.Module):
    """Two 3x3 convolutions, the first modulated by the node's embedding, with a skip connection."""

    def __init__(self, inputs: int, outputs: int, node: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1)
        self.norm = nn.GroupNorm(4, outputs)
        self.film = nn.Linear(node, 2 * outputs)

    def forward(self, x: Float[Tensor, "n c h w"], node: Float[Tensor, "n node"]) -> Tensor:
        """(n, outputs, h, w)."""
        gain, shift = self.film(node)[:, :, None, None].chunk(2, 1)
        hidden = F.silu(self.norm(self.first(x)) * (1 + gain) + shift)
        return self.skip(x) + self.second(hidden)


class FieldDecoder(nn.Module):
    """From node embeddings to fields: seed, three smooth doublings, a matrix and a bias channel."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        c0, *_ = config.channels
        last = config.channels[-1]
        self.seed = nn.Linear(config.node, c0 * _SEED * _SEED)
        pairs = zip((c0, *config.channels[:-1]), config.channels, strict=True)
        self.blocks = nn.ModuleList(FiLMBlock(a, b, config.node) for a, b in pairs)
        # Observation components and action components are not ordered like neurons: they have no
        # smooth axis, so each gets an embedding of its own that the node may gate.
        self.row_marks = nn.Parameter(0.1 * torch.randn(len(KINDS), last, FIELD))
        self.column_marks = nn.Parameter(0.1 * torch.randn(len(KINDS), last, FIELD))
        self.gate = nn.Linear(config.node, 2 * last)
        self.head = FiLMBlock(last, last, config.node)
        self.out = nn.Conv2d(last, 2, 3, padding=1)

    def forward(self, node: Float[Tensor, "n node"], kind: int) -> tuple[Tensor, Tensor]:
        """Fields of one kind: matrices (n, rows, columns) and biases (n, rows)."""
        seed_rows, seed_columns = _SEED_SHAPE[kind]
        seed = rearrange(self.seed(node), "n (c h w) -> n c h w", h=_SEED, w=_SEED)
        x = seed[:, :, :seed_rows, :seed_columns].contiguous(memory_format=torch.channels_last)
        for index, block in enumerate(self.blocks):
            if index > 0:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = block(x, node)
        rows, columns = x.shape[2:]
        row_gate, column_gate = self.gate(node)[:, :, None].chunk(2, 1)
        row_marks = row_gate * self.row_marks[kind, :, :rows]
        column_marks = column_gate * self.column_marks[kind, :, :columns]
        x = x * (1 + row_marks[:, :, :, None] + column_marks[:, :, None, :]) + (
            row_marks[:, :, :, None] + column_marks[:, :, None, :]
        )
        x = F.silu(self.head(x, node))
        # Weights are written in full precision: half a bfloat16 digit is visible in a heatmap.
        with torch.autocast(x.device.type, enabled=False):
            field = _OUT_GAIN * self.out(x.float())
        return field[:, 0] * _FIELD_SCALE[kind], field[:, 1].mean(2) * _FIELD_SCALE[kind]


class GHN(nn.Module):
    """Writes the weights of MLPs of any depth and any widths up to `FIELD`."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.config = config
        self.task = nn.Embedding(len(config.tasks), config.node)
        self.encode = nn.Sequential(
            nn.Linear(NODE_FEATURES, config.node), nn.SiLU(), nn.Linear(config.node, config.node)
        )
        self.latent = nn.Linear(config.latent, config.node)
        self.forward_rounds = nn.ModuleList(
            GatedGraphConv(config.node, 1) for _ in range(config.rounds)
        )
        self.backward_rounds = nn.ModuleList(
            GatedGraphConv(config.node, 1) for _ in range(config.rounds)
        )
        self.mix = nn.Sequential(
            nn.Linear(3 * config.node, 2 * config.node),
            nn.SiLU(),
            nn.Linear(2 * config.node, config.node),
            nn.SiLU(),
        )
        self.decoders = nn.ModuleList(FieldDecoder(config) for _ in KINDS)

    def embed(
        self,
        architectures: Sequence[MLPArchitecture],
        tasks: Int[Tensor, " N"],
        latents: Float[Tensor, "N latent"],
    ) -> tuple[Float[Tensor, "nodes node"], Tensor]:
        """Embeddings of all matrices, network by network, and their kinds (nodes,)."""
        graph = batch_graphs(architectures).to(tasks.device)
        context = self.task(tasks)[graph.batch]
        style = self.latent(latents)[graph.batch]
        h = self.encode(graph.x) + context + style
        for forward_round, backward_round in zip(
            self.forward_rounds, self.backward_rounds, strict=True
        ):
            h = forward_round(h, graph.edge_index)
            h = backward_round(h, graph.reverse_edge_index)
        return self.mix(torch.cat([h, context, style], -1)), graph.kind

    def forward(
        self,
        architectures: Sequence[MLPArchitecture],
        tasks: Int[Tensor, " N"],
        latents: Float[Tensor, "N latent"],
    ) -> PaddedNetworks:
        """Networks of one depth, padded to `FIELD`.

        Raises:
            UserError: a hidden layer is wider than the field.
        """
        for architecture in architectures:
            if max(architecture.hidden) > FIELD:
                raise UserError(
                    f"the GHN writes widths up to {FIELD}; {architecture} has {max(architecture.hidden)}"
                )
        depth = architectures[0].depth
        nodes, kinds = self.embed(architectures, tasks, latents)
        fields: dict[int, tuple[Tensor, Tensor]] = {}
        for kind in KINDS:
            if (kinds == kind).any():
                fields[kind] = self.decoders[kind](nodes[kinds == kind], kind)
        masks = width_masks(architectures, FIELD, tasks.device)
        weights, biases = [], []
        for layer in range(depth + 1):
            kind = INPUT if layer == 0 else OUTPUT if layer == depth else HIDDEN
            matrix, bias = fields[kind]
            if kind == HIDDEN:  # nodes of one network follow one another
                matrix = rearrange(matrix, "(n l) r c -> n l r c", l=depth - 1)[:, layer - 1]
                bias = rearrange(bias, "(n l) r -> n l r", l=depth - 1)[:, layer - 1]
            before, after = masks[layer], masks[layer + 1]
            matrix = matrix[:, : after.shape[1], : before.shape[1]]
            weights.append(matrix * after[:, :, None] * before[:, None, :])
            biases.append(bias[:, : after.shape[1]] * after)
        return PaddedNetworks(architectures, weights, biases)
