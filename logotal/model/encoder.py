"""The multi-scale encoder: features -> pyramid (the paper's Fig. 1, Eq. 1-3)."""

import itertools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.model.layers import (
    ChannelNorm,
    Features,
    Mask,
    MaskedConv,
    MaskedGroupNorm,
    ResidualScale,
    halve_mask,
    max_pool,
)
from logotal.model.mixers import MIXERS


@dataclass(frozen=True)
class Pyramid:
    """Features of all levels: level l is (B, C, ceil(T / 2^l)).

    `raw` is what the encoder gives, `levels` the same after one LayerNorm per level, `embedding` (B, C, T) the
    projection that it started from.
    """

    levels: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]
    raw: tuple[Tensor, ...]
    embedding: Tensor


class Block(nn.Module):
    """Eq. 1 and 2: z + s1 * mixer(LN(z)), then z + s2 * MLP(GN(z))."""

    def __init__(self, config: ModelConfig, mixer: nn.Module) -> None:
        super().__init__()
        self.norm = ChannelNorm(config.width)
        self.mixer = mixer
        self.mixer_scale = ResidualScale(config.width, init=config.layer_scale, drop_path=config.drop_path)
        self.group_norm = MaskedGroupNorm(config.groups, config.width)
        self.mlp = MLP(config.width, config.mlp_width)
        self.mlp_scale = ResidualScale(config.width, init=config.layer_scale, drop_path=config.drop_path)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        x = x + self.mixer_scale(self.mixer(self.norm(x, mask), mask))
        result: Tensor = (x + self.mlp_scale(self.mlp(self.group_norm(x, mask), mask))) * mask
        return result


class MLP(nn.Module):
    """Two pointwise convolutions with a GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.widen = MaskedConv(width, hidden, 1)
        self.narrow = MaskedConv(hidden, width, 1)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        result: Tensor = self.narrow(F.gelu(self.widen(x, mask)), mask)
        return result


class Embedding(nn.Module):
    """The projection: convolutions with LayerNorm and ReLU, and sinusoids of the position where asked for."""

    def __init__(self, config: ModelConfig, input_channels: int) -> None:
        super().__init__()
        widths = [input_channels] + [config.width] * config.embedding_layers
        self.convs = nn.ModuleList(
            MaskedConv(inner, outer, 3, bias=False) for inner, outer in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(ChannelNorm(config.width) for _ in self.convs)
        self.position_length = config.position_length
        if config.position_length is not None:
            table = sinusoids(config.position_length, config.width) / math.sqrt(config.width)
            self.register_buffer("positions", table, persistent=False)

    def forward(self, features: Features, mask: Mask) -> Float[Tensor, "B width T"]:
        """(B, C_in, T) -> (B, C, T)."""
        x = features * mask
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.relu(norm(conv(x, mask), mask))
        if self.position_length is None:
            return x
        return (x + self._positions(mask)) * mask

    def _positions(self, mask: Mask) -> Tensor:
        """The table's beginning, or the table stretched where a video is longer: by its own length, not the batch's."""
        lengths = mask.sum(-1, keepdim=True).clamp(min=1)  # (B, 1, 1)
        assert self.position_length is not None
        assert isinstance(self.positions, Tensor)
        index = torch.arange(mask.shape[-1], device=mask.device) + 0.5
        stretched = (index * (self.position_length / lengths).clamp(max=1) - 0.5).clamp(0, self.position_length - 1)
        below = stretched.long()
        above = (below + 1).clamp(max=self.position_length - 1)
        table = self.positions.to(torch.float32)  # (C, length)
        weight = stretched - below
        looked_up = table[:, below[:, 0]] * (1 - weight[:, 0]) + table[:, above[:, 0]] * weight[:, 0]
        return looked_up.transpose(0, 1)


def sinusoids(length: int, width: int) -> Tensor:
    """The position encoding of Vaswani et al. (2017), (width, length): even channels sines, odd ones cosines."""
    channel = torch.arange(width)
    angle = torch.arange(length)[None] / 10000 ** (2 * (channel[:, None] // 2) / width)
    return torch.where(channel[:, None] % 2 == 0, angle.sin(), angle.cos())


class Encoder(nn.Module):
    """Embedding and blocks in one of two layouts.

    `paper`: Z^1 is the embedding and Z^{l+1} = pool(block(Z^l)): L - 1 blocks, Eq. 1-3 with the "L - 1 blocks" and
    T / 2^{l-1} of the text. `tridet`: stem blocks at full resolution give the first level, block(pool(Z^l)) the next.
    """

    def __init__(self, config: ModelConfig, input_channels: int) -> None:
        super().__init__()
        self.layout = config.layout
        self.unmasked = config.unmasked
        self.embedding = Embedding(config, input_channels)
        stem = config.stem_blocks if config.layout == "tridet" else 0
        shift = 1 if config.layout == "tridet" else 0  # a block after the pool works at the next level's stride
        strides = [1] * stem + [2 ** (level + shift) for level in range(config.levels - 1)]
        blocks = [Block(config, MIXERS[config.mixer](config, i, stride)) for i, stride in enumerate(strides)]
        self.stem = nn.ModuleList(blocks[:stem])
        self.blocks = nn.ModuleList(blocks[stem:])
        self.norms = nn.ModuleList(ChannelNorm(config.width) for _ in range(config.levels if config.neck_norm else 0))

    def forward(self, features: Features, mask: Mask) -> Pyramid:
        """(B, C_in, T) and (B, 1, T) -> pyramid."""
        embedding = x = self.embedding(features, mask)
        seen = torch.ones_like(mask) if self.unmasked else mask  # what pooling and statistics take as real
        for block in self.stem:
            x = block(x, seen)
        raw, masks = [x], [mask]
        for block in self.blocks:
            halved = halve_mask(seen)
            x = max_pool(block(x, seen), seen) if self.layout == "paper" else block(max_pool(x, seen), halved)
            seen, mask = halved, halve_mask(mask)
            raw.append(x)
            masks.append(mask)
        levels = [norm(x, m) for norm, x, m in zip(self.norms, raw, masks, strict=True)] if self.norms else raw
        return Pyramid(levels=tuple(levels), masks=tuple(masks), raw=tuple(raw), embedding=embedding)
