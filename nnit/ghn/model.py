"""The GHN: a gated graph network over the MLP's matrices, and a CNN that writes each as a field.

After Zhang, Ren, Urtasun 2019 ("Graph HyperNetworks") and the NNiT paper's CNN decoder. A matrix is a
crop, from the top left, of a field of cells as wide as the widest layer; so neuron i keeps its identity at every
width, which is what makes patches of different networks comparable. Upsampling is bilinear and
followed by convolutions at full resolution, so that fields are smooth rather than a checkerboard.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch_geometric.nn import GatedGraphConv

from nnit.errors import UserError
from nnit.ghn.cnn_decoder import EdgeDecoder, PlaneDecoder
from nnit.ghn.graph import (
    HIDDEN,
    INPUT,
    KINDS,
    NODE_FEATURES,
    OUTPUT,
    batch_features,
    chain_edges,
    matrix_kind,
)
from nnit.mlp.batch import MLPBatch, width_masks
from nnit.mlp.spec import (
    ACTION_SIZE,
    ACTIVATION,
    OBSERVATION_SIZE,
    MLPArchitecture,
    check_interface,
)

FIELD = 64
_WIDEST = (64, 128, 256, 512)
_DOUBLINGS = 3  # of the decoder's resolution, from its seed to the field
_TOP_OCTAVE = 4  # the shortest wave along neurons is a sixteenth of the field: four neurons
_NORM_GROUPS = 4
# The last two are for comparison: `cnn` without neighbours, and `cnn+atlas` without its CNN.
DECODERS = ("cnn", "cnn+atlas", "axes+atlas", "cnn-1x1", "atlas")
_OF_FIELDS = ("cnn+atlas", "atlas")
_LARGEST_SIZE = 1024  # no real configuration is larger; a hostile one would ask for all the memory


@dataclass(frozen=True)
class GHNConfig:
    """Sizes of the GHN.

    Attributes:
        tasks: names of the tasks it knows, in the order of its task embedding.
        sizes: numbers of components of each task's observation and action; those of `MLPArchitecture`
            where there are none.
        conditions: names of the conditions that it reads, in order.
        ranges: least and largest value of each, which it reads as 0 and 1; none: it reads values as they are.
        latent: length of the latent.
        node: width of the embedding of a matrix.
        rounds: of messages along the graph, there and back.
        decoder: one of `DECODERS`.
        basis: fields of each task and kind of matrix in the atlas, of the decoders that have one.
        blur: whether fields of `cnn+atlas` and `atlas` are blurred along neurons, see `smooth`.
        channels: from the seed to full resolution, of `cnn+atlas`.
        axis: channels along an axis of neurons, of `cnn` and `axes+atlas`, which is `cnn` with an atlas: for
            inputs of many components, along which convolutions would cost much.
        planes: channels of hidden matrices, likewise.
        rank: of each such channel before its first convolution, likewise.
        widest: hidden layer that it can write; of `cnn` a power of two, of `cnn+atlas` 64.
    """

    tasks: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...] = ()
    conditions: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    latent: int = 8
    node: int = 192
    rounds: int = 2
    basis: int = 12
    blur: bool = True
    channels: tuple[int, int, int, int] = (48, 32, 16, 8)
    decoder: str = "cnn+atlas"
    axis: int = 48
    planes: int = 8
    rank: int = 4
    widest: int = FIELD

    def __post_init__(self) -> None:
        common = (self.latent, self.node, self.rounds)
        cnn = (self.axis, self.planes, self.rank, self.widest)
        sizes = (*common, self.basis, *self.channels, *cnn)
        if self.decoder not in DECODERS:
            raise UserError(f"a GHN's decoder must be one of {', '.join(DECODERS)}")
        if not all(type(size) is int and 1 <= size <= _LARGEST_SIZE for size in sizes):
            raise UserError("a GHN's sizes must be whole numbers in range")
        if type(self.blur) is not bool:
            raise UserError("a GHN's fields are blurred or are not: true or false")
        usual = self.widest == FIELD
        if not usual and (self.decoder != "cnn" or self.widest not in _WIDEST):
            raise UserError(f"a GHN with the decoder {self.decoder} cannot be {self.widest} wide")
        if len(self.channels) != 4 or any(count % _NORM_GROUPS for count in self.channels):
            raise UserError(f"a GHN needs four numbers of channels, multiples of {_NORM_GROUPS}")
        if not self.tasks or not all(isinstance(name, str) for name in self.tasks):
            raise UserError("a GHN's tasks must be names")
        if not all(isinstance(name, str) for name in self.conditions):
            raise UserError("a GHN's conditions must be names")
        if self.ranges and len(self.ranges) != len(self.conditions):
            raise UserError("a GHN needs the range of each of its conditions")
        for low, high in self.ranges:
            if not low < high:
                raise UserError("a range of a GHN's conditions must not be empty")
        if self.sizes and len(self.sizes) != len(self.tasks):
            raise UserError("a GHN needs the sizes of each of its tasks")
        for observation, action in self.sizes:
            check_interface(observation, action, ACTIVATION)

    @property
    def interfaces(self) -> tuple[tuple[int, int], ...]:
        """Sizes of observation and action of every task."""
        return self.sizes or ((OBSERVATION_SIZE, ACTION_SIZE),) * len(self.tasks)

    def seed_shape(self, kind: int) -> tuple[int, int]:
        """Rows and columns of a decoder's seed; with its doublings they cover every matrix of the kind."""
        observation, action = (max(sizes) for sizes in zip(*self.interfaces, strict=True))
        rows = action if kind == OUTPUT else FIELD
        columns = observation if kind == INPUT else FIELD
        return -(-rows // 2**_DOUBLINGS), -(-columns // 2**_DOUBLINGS)

    def field_scale(self, kind: int) -> list[float]:
        """Standard deviation of a field's cells that keeps hidden units in range, for each task."""
        return [
            (observation if kind == INPUT else FIELD) ** -0.5 for observation, _ in self.interfaces
        ]


class FiLMBlock(nn.Module):
    """Two 3x3 convolutions, the first modulated by the node's embedding, with a skip connection."""

    def __init__(self, inputs: int, outputs: int, node: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1)
        self.norm = nn.GroupNorm(_NORM_GROUPS, outputs)
        self.film = nn.Linear(node, 2 * outputs)

    def forward(self, x: Float[Tensor, "n c h w"], node: Float[Tensor, "n node"]) -> Tensor:
        """(n, outputs, h, w)."""
        gain, shift = self.film(node)[:, :, None, None].chunk(2, 1)
        hidden = F.silu(self.norm(self.first(x)) * (1 + gain) + shift)
        return self.skip(x) + self.second(hidden)


class AxisMarks(nn.Module):
    """What tells the places along one side of a matrix apart, as channels that a node may gate.

    Neurons lie on a smooth axis and get waves of several lengths; components of observations and
    actions have no order, so each has an embedding of its own.
    """

    def __init__(self, places: int, channels: int, node: int, *, ordered: bool) -> None:
        super().__init__()
        if ordered:
            at = torch.arange(places)[:, None] / places
            angles = 2 * torch.pi * at * 2 ** torch.linspace(-1, _TOP_OCTAVE, channels // 2)
            self.register_buffer("marks", torch.cat([angles.sin(), angles.cos()], 1).T)
        else:
            self.marks = nn.Parameter(torch.randn(channels, places))
        self.gate = nn.Linear(node, channels)
        self.mix = nn.Parameter(torch.randn(channels, channels) * channels**-0.5)

    def forward(self, node: Float[Tensor, "n node"]) -> Float[Tensor, "n channels places"]:
        """Gated marks."""
        return self.gate(node)[:, :, None] * (self.mix @ self.marks)


class Atlas(nn.Module):
    """Each task's embedding in space: basis fields for one kind of matrix, mixed by the node.

    The CNN learns slowly to make a matrix from a vector alone; basis fields hold what belongs to the task,
    and leave to the CNN what depends on the rest of the network.
    """

    def __init__(self, config: GHNConfig, shape: tuple[int, int]) -> None:
        super().__init__()
        count, basis = len(config.tasks), config.basis
        self.fields = nn.Parameter(torch.randn(count, basis, *shape))
        self.biases = nn.Parameter(torch.zeros(count, basis, shape[0]))
        self.gains = nn.Linear(config.node, basis)
        nn.init.normal_(self.gains.bias, std=basis**-0.5)

    def forward(self, node: Tensor, task: Tensor) -> tuple[Tensor, Tensor]:
        """Matrices (n, rows, columns) and biases (n, rows)."""
        gains = self.gains(node).float()
        if len(self.fields) == 1:  # nothing need be copied
            matrix = torch.einsum("nb,brc->nrc", gains, self.fields[0])
        else:
            matrix = torch.einsum("nb,nbrc->nrc", gains, self.fields[task])
        return matrix, torch.einsum("nb,nbr->nr", gains, self.biases[task])


class FieldDecoder(nn.Module):
    """From node embeddings to fields: seed, three smooth doublings, a matrix and a bias channel."""

    scale: Tensor

    def __init__(self, config: GHNConfig, kind: int) -> None:
        super().__init__()
        self.seed_shape = config.seed_shape(kind)
        rows, columns = (2**_DOUBLINGS * size for size in self.seed_shape)
        self.has_cnn, self.blur = config.decoder != "atlas", config.blur
        if self.has_cnn:
            self._add_cnn(config, kind, (rows, columns))
        self.atlas = Atlas(config, (rows, columns))
        self.kind = kind
        scale = torch.tensor(config.field_scale(kind))
        self.register_buffer("scale", scale, persistent=False)  # follows from the configuration

    def _add_cnn(self, config: GHNConfig, kind: int, shape: tuple[int, int]) -> None:
        c0, last = config.channels[0], config.channels[-1]
        self.seed = nn.Linear(config.node, c0 * self.seed_shape[0] * self.seed_shape[1])
        pairs = zip((c0, *config.channels[:-1]), config.channels, strict=True)
        self.blocks = nn.ModuleList(FiLMBlock(a, b, config.node) for a, b in pairs)
        self.rows = AxisMarks(shape[0], last, config.node, ordered=kind != OUTPUT)
        self.columns = AxisMarks(shape[1], last, config.node, ordered=kind != INPUT)
        self.out = nn.Conv2d(last, 2, 3, padding=1)

    def forward(
        self, node: Float[Tensor, "n node"], task: Int[Tensor, " n"], length: int
    ) -> tuple[Tensor, Tensor]:
        """Fields: matrices (n, rows, columns) and biases (n, rows), as long as they are for any `length`."""
        x = self._features(node) if self.has_cnn else None
        # Weights are written in full precision: half a bfloat16 digit is visible in a heatmap.
        with torch.autocast(node.device.type, enabled=False):
            matrix, bias = self.atlas(node.float(), task)
            if x is not None:
                drawn = self.out(x.float())
                matrix, bias = matrix + drawn[:, 0], bias + drawn[:, 1].mean(2)
            field = smooth(matrix, self.kind) if self.blur else matrix
            scale = self.scale[task]
            return scale[:, None, None] * field, scale[:, None] * bias

    def _features(self, node: Float[Tensor, "n node"]) -> Float[Tensor, "n c rows columns"]:
        """What the CNN's last convolution reads."""
        height, width = self.seed_shape
        x = rearrange(self.seed(node), "n (c h w) -> n c h w", h=height, w=width)
        x = x.contiguous(memory_format=torch.channels_last)
        for index, block in enumerate(self.blocks):
            if index > 0:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = block(x, node)
        rows, columns = self.rows(node)[:, :, :, None], self.columns(node)[:, :, None, :]
        return F.silu(x * (1 + rows) * (1 + columns) + rows + columns)


def smooth(field: Float[Tensor, "n rows columns"], kind: int) -> Tensor:
    """Blur a field along the axes that are made of neurons, so that neighbours resemble each other.

    The binomial filter 1-2-1, scaled to keep the size of uncorrelated cells. Observation and action
    components have no order and are not blurred.
    """
    taps = torch.tensor([1.0, 2.0, 1.0], device=field.device) / 6.0**0.5
    if kind != OUTPUT:
        padded = F.pad(field, (0, 0, 1, 1), mode="replicate")
        field = sum(t * padded[:, i : i + field.shape[1]] for i, t in enumerate(taps))
    if kind != INPUT:
        padded = F.pad(field, (1, 1, 0, 0), mode="replicate")
        field = sum(t * padded[:, :, i : i + field.shape[2]] for i, t in enumerate(taps))
    return field


class ScaledDecoder(nn.Module):
    """A decoder of `nnit.ghn.cnn_decoder`, its fields of unit size brought to each task's scale.

    With an atlas, its fields are added.
    """

    scale: Tensor
    fading: Tensor
    atlas: Atlas | None

    def __init__(self, config: GHNConfig, kind: int) -> None:
        super().__init__()
        kernel = 1 if config.decoder == "cnn-1x1" else 3
        sizes = (len(config.tasks), config.node, config.axis, config.widest, kernel)
        observation, action = (max(sizes) for sizes in zip(*config.interfaces, strict=True))
        self.decoder: nn.Module
        if kind == HIDDEN:
            self.decoder = PlaneDecoder(*sizes, planes=config.planes, rank=config.rank)
        else:
            self.decoder = EdgeDecoder(
                *sizes, kind=kind, size=observation if kind == INPUT else action
            )
        self.kind, self.atlas = kind, None
        if config.decoder == "axes+atlas":
            sides = (
                action if kind == OUTPUT else config.widest,
                observation if kind == INPUT else config.widest,
            )
            self.atlas = Atlas(config, sides)
        scale = torch.tensor(config.field_scale(kind))
        self.register_buffer("scale", scale, persistent=False)  # follows from the configuration
        # What neurons beyond the first `FIELD` send on fades, so that sums stay in range at any width.
        fading = FIELD / (torch.arange(config.widest) + 1.0).clamp_min(FIELD)
        if kind == INPUT:
            fading = torch.ones(observation)
        self.register_buffer("fading", fading, persistent=False)

    def forward(
        self, node: Float[Tensor, "n node"], task: Int[Tensor, " n"], length: int
    ) -> tuple[Tensor, Tensor]:
        """Fields of `length` neurons: matrices (n, rows, columns) and biases (n, rows)."""
        matrix, bias = self.decoder(node, task, length)
        if self.atlas is not None:
            with torch.autocast(matrix.device.type, enabled=False):
                more, offset = self.atlas(node.float(), task)
                field = smooth(more, self.kind)[:, : matrix.shape[1], : matrix.shape[2]]
                matrix, bias = matrix + field, bias + offset[:, : bias.shape[1]]
        scale = self.scale[task]
        fading = self.fading[: matrix.shape[2]]
        return scale[:, None, None] * fading * matrix, scale[:, None] * bias


def _decoder(config: GHNConfig, kind: int) -> nn.Module:
    """What turns the nodes of one kind into fields: called with embeddings (n, node), tasks (n,) and a width."""
    return (
        FieldDecoder(config, kind) if config.decoder in _OF_FIELDS else ScaledDecoder(config, kind)
    )


def _round(config: "GHNConfig") -> GatedGraphConv:
    """One round of messages along the edges.

    torch_geometric writes code for it to a temporary file, once a process, imports that and leaves it there.
    """
    made = GatedGraphConv(config.node, 1)
    code = Path(made.propagate.__code__.co_filename)
    if code.parent == Path(tempfile.gettempdir()):
        code.unlink(missing_ok=True)
    return made


class GHN(nn.Module):
    """Writes the weights of MLPs of any depth and any widths up to its configuration's widest."""

    ranges: Tensor

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.config = config
        self.task = nn.Embedding(len(config.tasks), config.node)
        self.encode = nn.Sequential(
            nn.Linear(NODE_FEATURES, config.node), nn.SiLU(), nn.Linear(config.node, config.node)
        )
        self.latent = nn.Linear(config.latent, config.node)
        if config.conditions:
            self.conditions = nn.Sequential(
                nn.Linear(len(config.conditions), config.node),
                nn.SiLU(),
                nn.Linear(config.node, config.node),
            )
        # They follow from the configuration.
        self.register_buffer("ranges", torch.tensor(config.ranges), persistent=False)
        # The latent's influence starts small; the training asks for as much of it as it wants.
        nn.init.normal_(self.latent.weight, std=0.05)
        self.forward_rounds = nn.ModuleList(_round(config) for _ in range(config.rounds))
        self.backward_rounds = nn.ModuleList(_round(config) for _ in range(config.rounds))
        self.mix = nn.Sequential(
            nn.Linear(3 * config.node, 2 * config.node),
            nn.SiLU(),
            nn.Linear(2 * config.node, config.node),
            nn.SiLU(),
        )
        self.decoders = nn.ModuleList(_decoder(config, kind) for kind in KINDS)

    def table_parameters(self) -> list[nn.Parameter]:
        """Each task's basis fields or constants, which learn at the pace of weights themselves."""
        tables = (".atlas.fields", ".atlas.biases", ".constants.")
        return [p for name, p in self.named_parameters() if any(part in name for part in tables)]

    def embed(
        self,
        features: Float[Tensor, "nodes features"],
        depth: int,
        tasks: Int[Tensor, " N"],
        conditions: Float[Tensor, "N conditions"],
        latents: Float[Tensor, "N latent"],
    ) -> Float[Tensor, "nodes node"]:
        """Embeddings of all matrices, network by network.

        Args:
            features: of the nodes of N graphs of MLPs, from `nnit.ghn.graph`.
            depth: number of hidden layers of all of them.
            tasks: index of each network's task.
            conditions: in their own units, NaN where a task does not know one.
            latents: of the networks.
        """
        edges = chain_edges(len(tasks), depth, features.device)
        conditioning = self.task(tasks)
        if self.config.conditions:
            conditioning = conditioning + self.conditions(self._scaled(conditions).nan_to_num(0.0))
        context, z = (
            each.repeat_interleave(depth + 1, 0) for each in (conditioning, self.latent(latents))
        )
        h = self.encode(features) + context + z
        for forward_round, backward_round in zip(
            self.forward_rounds, self.backward_rounds, strict=True
        ):
            h = forward_round(h, edges)
            h = backward_round(h, edges.flip(0))
        embedded: Tensor = self.mix(torch.cat([h, context, z], -1))
        return embedded

    def _scaled(self, conditions: Float[Tensor, "N conditions"]) -> Float[Tensor, "N conditions"]:
        """Conditions brought from their ranges to [0, 1]."""
        if not self.config.ranges:
            return conditions
        low, high = self.ranges.unbind(1)
        return (conditions - low) / (high - low)

    def forward(
        self,
        architectures: Sequence[MLPArchitecture],
        tasks: Int[Tensor, " N"],
        conditions: Float[Tensor, "N conditions"],
        latents: Float[Tensor, "N latent"],
    ) -> MLPBatch:
        """Networks of one depth, padded to the widest layer, or to `FIELD` by decoders that write whole fields.

        Raises:
            UserError: a hidden layer is wider than the field.
        """
        for architecture in architectures:
            if max(architecture.hidden) > self.config.widest:
                raise UserError(
                    f"the GHN writes widths up to {self.config.widest}, not {architecture}"
                )
        widest = max(max(architecture.hidden) for architecture in architectures)
        features = batch_features(architectures).to(tasks.device)
        side = self.side(widest)
        masks = width_masks(architectures, side, tasks.device)
        return MLPBatch(
            architectures, *self.write(features, masks, tasks, conditions, latents, side)
        )

    def side(self, widest: int) -> int:
        """Number of neurons that layers are padded to where the widest has `widest`."""
        return FIELD if self.config.decoder in _OF_FIELDS else widest

    def write(
        self,
        features: Float[Tensor, "nodes features"],
        masks: Sequence[Tensor],
        tasks: Int[Tensor, " N"],
        conditions: Float[Tensor, "N conditions"],
        latents: Float[Tensor, "N latent"],
        side: int,
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Weights and biases of networks of one depth, as `MLPBatch` has them; of tensors alone.

        Args:
            features: of the matrices, network by network.
            masks: which neurons of each layer exist, from `width_masks`.
            tasks: index of each network's task.
            conditions: in their own units.
            latents: of the networks.
            side: number of neurons that hidden layers are padded to.
        """
        depth = len(masks) - 2
        nodes = self.embed(features, depth, tasks, conditions, latents)
        nodes = rearrange(nodes, "(n l) d -> n l d", l=depth + 1)
        layers = {INPUT: slice(0, 1), HIDDEN: slice(1, depth), OUTPUT: slice(depth, depth + 1)}
        fields: dict[int, tuple[Tensor, Tensor]] = {}
        for kind in KINDS:
            own = nodes[:, layers[kind]]
            if own.shape[1] > 0:
                own_tasks = tasks.repeat_interleave(own.shape[1])
                fields[kind] = self.decoders[kind](own.flatten(0, 1), own_tasks, side)
        weights, biases = [], []
        for layer in range(depth + 1):
            kind = matrix_kind(layer, depth)
            matrix, bias = fields[kind]
            if kind == HIDDEN:  # nodes of one network follow one another
                matrix = rearrange(matrix, "(n l) r c -> n l r c", l=depth - 1)[:, layer - 1]
                bias = rearrange(bias, "(n l) r -> n l r", l=depth - 1)[:, layer - 1]
            before, after = masks[layer], masks[layer + 1]
            matrix = matrix[:, : after.shape[1], : before.shape[1]]
            weights.append(matrix * after[:, :, None] * before[:, None, :])
            biases.append(bias[:, : after.shape[1]] * after)
        return weights, biases
