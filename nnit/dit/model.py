"""The patch diffusion transformer: architecture tokens and weight patches in one sequence.

Blocks after Peebles and Xie 2023 (DiT, adaLN-Zero). The sequence of one network is
[task, conditions..., z, depth, one token a hidden layer, weight tokens...]; time, task, conditions and
latent z also modulate every block. All positions are continuous, so any architecture has a sequence. Depth and widths
may be masked; the DiT then says how likely each one is (NNiT: discrete architecture tokens and
continuous patches in one sequence).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from nnit.dit.base import BASES
from nnit.dit.tokens import MASKED, TokenBatch, TrainedRange
from nnit.errors import UserError
from nnit.mlp.patches import KIND_COUNT, MAX_PATCH, POSITION_FEATURES, POSITION_UNIT
from nnit.mlp.spec import MAX_DEPTH, MAX_WIDTH
from nnit.splits import get_protocol

_POSITION_OCTAVES = 6  # wavelengths from two fields down to a sixteenth of one: half a patch
_TIME_FREQUENCIES = 64
# Which of the nine features of a patch's place the model is shown; those that are not are zero.
_POSITIONS = {
    "both": (1, 1, 1, 1, 1, 1, 1, 1, 1),
    "absolute": (1, 1, 0, 0, 1, 1, 1, 1, 1),
    "relative": (0, 0, 1, 1, 1, 1, 1, 1, 1),
}
# No real configuration is larger; a hostile one would ask for all the memory.
_LARGEST_SIZE = 4096
_LARGEST_MODEL = 2**27  # layers times the square of the width: a model of some 2 GB


@dataclass(frozen=True)
class DiTConfig:
    """Sizes of the DiT.

    Attributes:
        tasks: names of the tasks it knows, in the order of its task embedding.
        conditions: names of the continuous conditions, each in [0, 1], each may be left open.
        patch: side of a weight patch, in cells.
        scales: typical size of the weights of each kind of token, by which tokens are divided.
        depths: numbers of hidden layers that it can choose.
        widths: hidden widths that it can choose.
        latent: length of the latent; 0 where networks have none.
        protocol: of `nnit.splits`: which architectures training had.
        base: what tokens are added to, of `nnit.dit.base.BASES`: nothing, or the GHN's network.
        skip: the noisy tokens reach the output by themselves too, each times a number that its token makes.
            A patch does not pass unharmed through a width below its number of cells; with little noise
            left, most of it is right already (c_skip of Karras et al. 2022, learned).
        positions: whether the place of a patch in its matrix is given in neurons, "absolute", as a share of the
            matrix's sides, "relative", or as "both".
    """

    tasks: tuple[str, ...]
    conditions: tuple[str, ...]
    patch: int
    width: int
    layers: int
    heads: int
    scales: tuple[float, ...]
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    latent: int = 0
    protocol: str = "dense"
    base: str = ""
    skip: bool = False
    positions: str = "both"

    def __post_init__(self) -> None:
        for name in ("patch", "width", "layers", "heads"):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= _LARGEST_SIZE:
                raise UserError(f"a DiT's {name} cannot be {value!r}")
        if type(self.latent) is not int or not 0 <= self.latent <= _LARGEST_SIZE:
            raise UserError(f"a DiT's latent cannot be {self.latent!r}")
        get_protocol(self.protocol)
        if self.patch > MAX_PATCH:
            raise UserError(f"a DiT's patches cannot have {self.patch} cells along a side")
        if self.layers * self.width**2 > _LARGEST_MODEL:
            raise UserError("a DiT of this many layers of this width is too large")
        if type(self.skip) is not bool:
            raise UserError("a DiT has a skip or has none: true or false")
        if self.positions not in _POSITIONS:
            raise UserError(f"a DiT's positions cannot be {str(self.positions)[:20]!r}")
        if self.base not in BASES:
            raise UserError(f"a DiT's base cannot be {str(self.base)[:20]!r}")
        names = (*self.tasks, *self.conditions)
        if not self.tasks or not all(isinstance(name, str) for name in names):
            raise UserError("a DiT's tasks and conditions must be names")
        if not all(isinstance(scale, float) and 0 < scale < 1e6 for scale in self.scales):
            raise UserError("a DiT's scales must be positive numbers")
        choices = [(self.depths, MAX_DEPTH), (self.widths, MAX_WIDTH)]
        if not all(type(c) is int and 1 <= c <= most for values, most in choices for c in values):
            raise UserError("a DiT's depths and widths must be those of architectures")
        if not self.depths or not self.widths:
            raise UserError("a DiT needs depths and widths to choose from")
        if self.width % self.heads or len(self.scales) != KIND_COUNT:
            raise UserError("a DiT's heads must divide its width, and each kind needs its scale")

    @property
    def trained(self) -> TrainedRange:
        """The range of its training, by what it can choose."""
        return TrainedRange(min(self.widths), max(self.widths), tuple(sorted(self.depths)))


def fourier(x: Float[Tensor, "*n k"], octaves: int) -> Float[Tensor, "*n f"]:
    """x, and sines and cosines of it with wavelengths 2, 1, 1/2, ..."""
    angles = x[..., None] * (math.pi * 2.0 ** torch.arange(octaves, device=x.device))
    return torch.cat([x, angles.sin().flatten(-2), angles.cos().flatten(-2)], -1)


def mlp(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Two linear layers with SiLU between."""
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, outputs))


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Softmax attention, (N, H, S, d), over the places that `mask` (N, 1, 1, S) allows.

    PyTorch's fused kernel needs least memory, but its backward pass on the CPU takes six times as long
    as the three products written out.
    """
    if q.is_cuda or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)  # (N, H, S, S)
    weights = scores.float().masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.to(v.dtype) @ v


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Shift and scale each feature: x (N, S, D), shift and scale (N, 1, D)."""
    return x * (1 + scale) + shift


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """X (N, S, D), mask (N, 1, 1, S) of the tokens that exist."""
        q, k, v = rearrange(self.qkv(x), "n s (z h d) -> z n h s d", z=3, h=self.heads)
        x = attention(q, k, v, mask)  # (N, H, S, d)
        projected: Tensor = self.proj(rearrange(x, "n h s d -> n s (h d)"))  # (N, S, D)
        return projected


def adaptive_modulation(width: int, chunks: int) -> nn.Sequential:
    """The layer that makes shifts, scales and gates out of the conditioning (adaLN-Zero)."""
    return nn.Sequential(nn.SiLU(), nn.Linear(width, chunks * width))


class DiTBlock(nn.Module):
    """Self-attention and an MLP, both modulated and gated by the conditioning vector (adaLN-Zero)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)
        self.attn = Attention(width, heads)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )
        self.adaLN_modulation = adaptive_modulation(width, 6)

    def forward(self, x: Tensor, c: Tensor, mask: Tensor) -> Tensor:
        """X (N, S, D), conditioning c (N, D), mask (N, 1, 1, S) of the tokens that exist."""
        shift_msa, scale_msa, gate_msa, shift_mlp, scale_mlp, gate_mlp = self.adaLN_modulation(c)[
            :, None
        ].chunk(6, -1)  # 6 x (N, 1, D)
        x = x + gate_msa * self.attn(modulate(self.norm1(x), shift_msa, scale_msa), mask)
        return x + gate_mlp * self.mlp(modulate(self.norm2(x), shift_mlp, scale_mlp))


class FinalLayer(nn.Module):
    """The last modulation, then from tokens to the cells of their patches."""

    def __init__(self, width: int, cells: int) -> None:
        super().__init__()
        self.norm_final = nn.LayerNorm(width, elementwise_affine=False)
        self.adaLN_modulation = adaptive_modulation(width, 2)
        self.linear = nn.Linear(width, cells)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        """X (N, S, D), conditioning c (N, D) -> modulated (N, S, D); `linear` is for the patches alone."""
        shift, scale = self.adaLN_modulation(c)[:, None].chunk(2, -1)  # 2 x (N, 1, D)
        return modulate(self.norm_final(x), shift, scale)


class Prediction(NamedTuple):
    """What the DiT predicts of N networks.

    Attributes:
        clean: the weight tokens without noise, divided by the scales, (N, T, cells).
        depth: logits of the config's depths, (N, depths).
        widths: logits of the config's widths for each hidden layer, (N, MAX_DEPTH, widths).
    """

    clean: Tensor
    depth: Tensor
    widths: Tensor


class PatchDiT(nn.Module):
    """Predicts clean weight tokens from noisy ones, and what a masked depth or width may be."""

    shown: Tensor

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.config = config
        width, cells = config.width, config.patch**2
        place = POSITION_FEATURES * (1 + 2 * _POSITION_OCTAVES)
        self.x_embedder = nn.Linear(cells, width)
        self.kind_embedder = nn.Embedding(KIND_COUNT, width)
        self.pos_embedder = mlp(place, width, width)
        shown = torch.tensor(_POSITIONS[config.positions], dtype=torch.float32)
        self.register_buffer("shown", shown, persistent=False)  # follows from the configuration
        self.layer_embedder = mlp(4 + 4 * 2 * _POSITION_OCTAVES, width, width)
        self.depth_embedder = nn.Embedding(1 + MAX_DEPTH, width)  # 0: masked
        self.masked_layer = nn.Parameter(torch.zeros(width))
        self.depth_head = nn.Linear(width, len(config.depths))
        self.width_head = nn.Linear(width, len(config.widths))
        self.task_embedder = nn.Embedding(len(config.tasks), width)
        self.task_token = nn.Linear(width, width)
        self.condition_embedders = nn.ModuleList(mlp(1, width, width) for _ in config.conditions)
        self.open_condition = nn.Parameter(torch.zeros(len(config.conditions), width))
        if config.latent:
            self.z_embedder = mlp(config.latent, width, width)
            self.open_z = nn.Parameter(torch.zeros(width))
        self.t_embedder = mlp(2 * _TIME_FREQUENCIES, width, width)
        self.blocks = nn.ModuleList(DiTBlock(width, config.heads) for _ in range(config.layers))
        self.final_layer = FinalLayer(width, cells)
        if config.skip:
            self.skip = nn.Linear(width, 1)
        self.initialize_weights()

    def initialize_weights(self) -> None:
        """Xavier for linear layers; modulations and the last layer start at zero (adaLN-Zero)."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.5)
        for name, parameter in self.named_parameters():
            if name.endswith("adaLN_modulation.1.weight"):
                nn.init.zeros_(parameter)
        nn.init.zeros_(self.final_layer.linear.weight)
        if self.config.skip:
            nn.init.zeros_(self.skip.weight)

    def forward(
        self, noisy: Float[Tensor, "N T cells"], time: Float[Tensor, " N"], batch: TokenBatch
    ) -> Prediction:
        """What noisy tokens, divided by the scales, are at flow time `time`, and masked architectures."""
        task = self.task_embedder(batch.task)  # (N, D)
        conditions = self._embed_conditions(batch.condition)  # (N, C, D)
        z = self._embed_z(batch.latent)  # (N, 1, D), or (N, 0, D) where there is none
        depth = self.depth_embedder(batch.depth)[:, None]  # (N, 1, D)
        tokens = [self.task_token(task)[:, None], conditions, z, depth, self._embed_layers(batch)]
        context = torch.cat(tokens, 1)  # (N, C + 3 + depth, D)
        patches = self.x_embedder(noisy) + self.kind_embedder(batch.kind)  # (N, T, D)
        position = fourier(batch.position * self.shown, _POSITION_OCTAVES)
        patches = patches + self.pos_embedder(position)
        x = torch.cat([context, patches], 1)  # (N, S, D)
        mask = torch.cat([self._context_mask(batch), batch.valid.any(-1)], 1)  # (N, S)
        y = task + conditions.sum(1) + z.sum(1)  # (N, D)
        c = self._embed_time(time) + y  # (N, D)
        for block in self.blocks:
            x = block(x, c, mask[:, None, None])  # (N, S, D)
        x = self.final_layer(x, c)  # (N, S, D)
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            ends = x[:, context.shape[1] :]  # (N, T, D)
            clean = self.final_layer.linear(ends)  # (N, T, cells)
            if self.config.skip:
                clean = clean + self.skip(ends) * noisy
            depths = self.depth_head(x[:, context.shape[1] - MAX_DEPTH - 1])  # (N, depths)
            widths = self.width_head(x[:, context.shape[1] - MAX_DEPTH : context.shape[1]])
        return Prediction(clean * batch.valid, depths, widths)

    def _embed_time(self, time: Tensor) -> Tensor:
        """(N,) -> (N, D)."""
        exponents = torch.linspace(0, 1, _TIME_FREQUENCIES, device=time.device)
        angles = 1000.0 * time[:, None] * torch.exp(-math.log(10_000.0) * exponents)
        return self.t_embedder(torch.cat([angles.sin(), angles.cos()], -1))

    def _embed_conditions(self, values: Tensor) -> Tensor:
        """(N, C) -> (N, C, D); an open condition has an embedding of its own."""
        embedded = [torch.zeros(len(values), 0, self.config.width, device=values.device)]
        for index, embed in enumerate(self.condition_embedders):
            value = values[:, index, None]
            known = embed(value.nan_to_num(0.0))
            embedded.append(torch.where(value.isnan(), self.open_condition[index], known)[:, None])
        return torch.cat(embedded, 1)

    def _embed_z(self, values: Tensor) -> Tensor:
        """(N, L) -> (N, 1, D); an open latent has an embedding of its own."""
        if not self.config.latent:
            return torch.zeros(len(values), 0, self.config.width, device=values.device)
        is_open = values.isnan().any(1, keepdim=True)
        return torch.where(is_open, self.open_z, self.z_embedder(values.nan_to_num(0.0)))[:, None]

    def _embed_layers(self, batch: TokenBatch) -> Tensor:
        """One token a hidden layer, (N, MAX_DEPTH, D): its width and its place."""
        hidden, depth = batch.hidden.clamp_min(0), batch.depth[:, None]
        index = torch.arange(hidden.shape[1], device=hidden.device).expand_as(hidden)
        # Layers beyond the depth that is told are described as its last one; where no depth is told, all are.
        index = torch.where(depth > 0, index.minimum(depth - 1), index)
        features = torch.stack(
            [
                hidden / POSITION_UNIT,
                index / MAX_DEPTH,
                (depth - 1 - index) / MAX_DEPTH,
                depth.expand_as(hidden) / MAX_DEPTH,
            ],
            -1,
        )
        tokens = self.layer_embedder(fourier(features, _POSITION_OCTAVES))
        return tokens + (batch.hidden == MASKED)[..., None] * self.masked_layer

    def _context_mask(self, batch: TokenBatch) -> Tensor:
        """Which of the tokens before the weights exist: all but the layers that are not there."""
        count = 2 + len(self.condition_embedders) + bool(self.config.latent)
        always = torch.ones(len(batch.task), count, dtype=torch.bool, device=batch.task.device)
        return torch.cat([always, batch.hidden != 0], 1)
