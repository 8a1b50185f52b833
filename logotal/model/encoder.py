"""The multi-scale encoder: features -> pyramid (the paper's Fig. 1, Eq. 1-3)."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from logotal.model.layers import (
    ChannelNorm,
    Conv,
    Features,
    Mask,
    MaskedConv,
    MaskedGroupNorm,
    ResidualScale,
    conv_norm_relu,
    halve_mask,
    is_all_real,
    piecewise,
    time_major,
    zeroed,
)
from logotal.model.pooling import max_pool
from logotal.model.standard import Standard


@dataclass(frozen=True)
class Pyramid:
    """Features of all levels, after one norm per level: level l is (B, C, ceil(T / 2^l))."""

    levels: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]


class Block(nn.Module):
    """Eq. 1 and 2: z + s1 * mixer(LN(z)), then z + s2 * MLP(GN(z)); z is halved in between if the mixer halves.

    Args:
        width: channels.
        mixer: `(x, mask) -> x`.
        mlp_width: hidden channels of the MLP.
        groups: of the GroupNorm before the MLP; a LayerNorm if absent.
        layer_scale: where s1 and s2 start; 0 leaves them out.
        drop_path: chance that a sample skips a branch in training.
    """

    def __init__(
        self,
        width: int,
        mixer: nn.Module,
        *,
        mlp_width: int,
        groups: int | None,
        layer_scale: float,
        drop_path: float,
    ) -> None:
        super().__init__()
        self.norm = ChannelNorm(width)
        self.mixer = mixer
        self.mixer_scale = ResidualScale(width, init=layer_scale, drop_path=drop_path)
        self.mlp_norm = ChannelNorm(width) if groups is None else MaskedGroupNorm(groups, width)
        self.mlp = MLP(width, mlp_width)
        self.mlp_scale = ResidualScale(width, init=layer_scale, drop_path=drop_path)

    def forward(self, x: Features, mask: Mask, real: Bool[Tensor, "B 1 _"] | None = None) -> Float[Tensor, "B C _"]:
        """(B, C, T) -> (B, C, T), or (B, C, ceil(T / 2)).

        Args:
            x: features.
            mask: the steps that the mixer takes for real.
            real: those of the steps that it gives which are real, where norms and pooling see all (`compat`).
        """
        seen = mask if real is None else torch.ones_like(mask)
        mixed = self.mixer_scale(self.mixer(self.norm(x, seen), mask))
        if mixed.shape[-1] != x.shape[-1]:
            x, mask = max_pool(x, seen), halve_mask(mask)
        x = (x if real is None else x * real) + mixed
        return zeroed(x + self.mlp_scale(self.mlp(self.mlp_norm(x, mask), mask)), mask)


class NoBlock(nn.Module):
    """A mixer in the place of a block, with nothing around it."""

    def __init__(self, mixer: nn.Module) -> None:
        super().__init__()
        self.mixer = mixer

    def forward(self, x: Features, mask: Mask, real: Mask | None = None) -> Features:
        """(B, C, T) -> (B, C, T)."""
        result: Tensor = self.mixer(x, mask)
        return result if real is None else result * real


class MLP(nn.Module):
    """Two pointwise convolutions with a GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.widen = MaskedConv(width, hidden, 1)
        self.narrow = MaskedConv(hidden, width, 1)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        return piecewise(self._steps, x, mask)

    def _steps(self, x: Tensor, mask: Tensor) -> Tensor:
        # Pointwise: what it makes of padding stays there, and is masked once.
        result: Tensor = self.narrow(F.gelu(self.widen.conv(x)), mask)
        return result


class Streams(nn.Module):
    """The sum of projections of parts of the channels, each normalized: a short part counts as much as a long one."""

    def __init__(self, channels: Sequence[int], width: int, *, kernel: int) -> None:
        super().__init__()
        self.channels = list(channels)
        self.convs = nn.ModuleList(Conv(each, width, kernel, padding=kernel // 2, bias=False) for each in channels)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in channels)

    def forward(self, x: Features) -> Float[Tensor, "B width T"]:
        """(B, C, T) -> (B, width, T)."""
        total: Tensor | None = None
        for part, conv, norm in zip(torch.split(x, self.channels, dim=1), self.convs, self.norms, strict=True):
            made = norm(conv(time_major(part)).transpose(1, 2)).transpose(1, 2)
            total = made if total is None else total + made
        assert total is not None
        return total


class Embedding(nn.Module):
    """The projection: convolutions with LayerNorm and ReLU, and sinusoids of the position where asked for.

    `standardize` brings each channel of the features to mean 0 and deviation 1 before; `streams` are parts of them
    that the first convolution projects by themselves.

    Attributes:
        sees_padding: norms leave their biases in the padding, and sinusoids are stretched by the padded length, as
            published (`ModelConfig.compat`).
    """

    sees_padding = False

    def __init__(
        self,
        input_channels: int,
        width: int,
        *,
        layers: int = 2,
        kernel: int = 3,
        position_length: int | None = None,
        standardize: bool = False,
        streams: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.standard = Standard(input_channels) if standardize else None
        widths = [input_channels] + [width] * layers
        self.convs = nn.ModuleList(
            MaskedConv(inner, outer, 3 if index else kernel, bias=False)
            for index, (inner, outer) in enumerate(itertools.pairwise(widths))
        )
        if streams:
            self.convs[0].conv = Streams(streams, width, kernel=kernel)
        self.reach = embedding_reach(layers, kernel)
        self.norms = nn.ModuleList(ChannelNorm(width) for _ in self.convs)
        self.register_buffer("computes_in", torch.zeros(0), persistent=False)  # of no value but its type
        self.position_length = position_length
        if position_length is not None:
            table = sinusoids(position_length, width) / math.sqrt(width)
            self.register_buffer("positions", table, persistent=False)

    def forward(self, features: Features, mask: Mask) -> Float[Tensor, "B width T"]:
        """(B, C_in, T) -> (B, C, T)."""
        x = piecewise(self._project, features, mask, reach=self.reach)
        if self.position_length is None:
            return x
        if self.sees_padding:
            return x + self._positions(torch.ones_like(mask)) * mask
        return zeroed(x + self._positions(mask), mask)

    def _project(self, features: Tensor, mask: Tensor) -> Tensor:
        features = features if self.standard is None else self.standard(features)
        features = features if is_all_real(mask) else features * mask
        assert isinstance(self.computes_in, Tensor)
        x = time_major(features.to(self.computes_in.dtype))
        return conv_norm_relu(self.convs, self.norms, x, mask, torch.ones_like(mask) if self.sees_padding else None)

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


def embedding_reach(layers: int, kernel: int) -> int:
    """Steps to each side that an embedding sees.

    >>> embedding_reach(2, 3), embedding_reach(2, 1), embedding_reach(0, 3)
    (2, 1, 0)
    """
    return kernel // 2 + layers - 1 if layers else 0


def sinusoids(length: int, width: int) -> Tensor:
    """The position encoding of Vaswani et al. (2017), (width, length): even channels sines, odd ones cosines."""
    channel = torch.arange(width)
    angle = torch.arange(length)[None] / 10000 ** (2 * (channel[:, None] // 2) / width)
    return torch.where(channel[:, None] % 2 == 0, angle.sin(), angle.cos())


class Encoder(nn.Module):
    """Embedding and blocks in one of three layouts.

    `paper`: Z^1 is the embedding and Z^{l+1} = pool(block(Z^l)): L - 1 blocks, Eq. 1-3 with the "L - 1 blocks" and
    T / 2^{l-1} of the text. `tridet`: stem blocks at full resolution give the first level, block(pool(Z^l)) the next.
    `actionformer`: the same stem, then blocks whose mixer halves and whose shortcut is pooled.

    Args:
        embedding: makes the first features.
        stem: blocks at full resolution, `(x, mask, real) -> x`.
        blocks: one for each level but the first.
        norms: one for each level, or none.
        layout: as above.

    Attributes:
        sees_padding: norms and pooling see all steps, as published (`ModelConfig.compat`); breaks law 1.
        mixers_see_padding: mixers too.
    """

    sees_padding = mixers_see_padding = False

    def __init__(
        self,
        embedding: Embedding,
        stem: Sequence[nn.Module],
        blocks: Sequence[nn.Module],
        norms: Sequence[nn.Module],
        *,
        layout: str = "paper",
    ) -> None:
        super().__init__()
        self.layout = layout
        self.embedding = embedding
        self.stem = nn.ModuleList(stem)
        self.blocks = nn.ModuleList(blocks)
        self.norms = nn.ModuleList(norms)

    def forward(self, features: Features, mask: Mask) -> Pyramid:
        """(B, C_in, T) and (B, 1, T) -> pyramid."""
        raw = self.stages(features, mask)
        if not self.norms:
            return raw
        parts = zip(self.norms, raw.levels, raw.masks, strict=True)
        return Pyramid(tuple(norm(x, self._seen(real)) for norm, x, real in parts), raw.masks)

    def stages(self, features: Features, mask: Mask) -> Pyramid:
        """The pyramid before its norms."""
        x = self.embedding(features, mask)
        for block in self.stem:
            x = self._pass(block, x, mask, mask)
        levels, masks = [x], [mask]
        for block in self.blocks:
            halved = halve_mask(mask)
            if self.layout == "paper":
                x = max_pool(self._pass(block, x, mask, mask), self._seen(mask))
            elif self.layout == "tridet":
                x = self._pass(block, max_pool(x, self._seen(mask)), halved, halved)
            else:
                x = self._pass(block, x, mask, halved)
            mask = halved
            levels.append(x)
            masks.append(mask)
        return Pyramid(tuple(levels), tuple(masks))

    def _seen(self, mask: Tensor) -> Tensor:
        """What pooling and norms take for real."""
        return torch.ones_like(mask) if self.sees_padding else mask

    def _pass(self, block: nn.Module, x: Tensor, mask: Tensor, behind: Tensor) -> Tensor:
        """A block of features with their mask; `behind` is the mask of what it gives."""
        mixed = torch.ones_like(mask) if self.mixers_see_padding else mask
        result: Tensor = block(x, mixed, behind if self.sees_padding else None)
        return result
