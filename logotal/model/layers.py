"""Layers that padding cannot change (law 1).

Contract of every layer and module of the model: `x` is (B, C, T) and zero where `mask` (B, 1, T) is false, and so
is what comes back. Padding then equals the zeros that a convolution sees beyond a clip's ends.
"""

import itertools
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

Features = Float[Tensor, "B C T"]
Mask = Bool[Tensor, "B 1 T"]


def halve_mask(mask: Mask) -> Bool[Tensor, "B 1 T2"]:
    """The mask of a level whose points are every second one of this level's."""
    return mask[..., ::2]


def time_major(x: Tensor) -> Tensor:
    """The same features, in memory as (B, T, C): what every layer works on."""
    return x.transpose(1, 2).contiguous().transpose(1, 2)


PIECE = 8192
"""Steps that a layer without context takes at a time where no gradient is wanted."""


def only_answers() -> bool:
    """Whether nothing but the answer is wanted: no gradient, and no trace of how it comes about."""
    return not torch.is_grad_enabled() and not torch.compiler.is_compiling()


def goes_in_pieces(length: int) -> bool:
    """Whether `piecewise` cuts a video of so many steps."""
    return only_answers() and length > PIECE


def is_on_cpu(x: Tensor) -> bool:
    """Whether looking at a value costs nothing; an accelerator would have to be waited for."""
    return x.device.type == "cpu"


def is_all_real(mask: Mask) -> bool:
    """Whether nothing is padding; false where asking would cost more than the answer saves, or leave a trace."""
    return only_answers() and is_on_cpu(mask) and bool(mask.all())


def zeroed(x: Features, mask: Mask) -> Features:
    """`x` with zeros at padding. `x` must be the caller's own: where only the answer is wanted, it is overwritten."""
    if not only_answers() or not is_on_cpu(x):
        return x * mask
    row, step = (~mask[:, 0]).nonzero(as_tuple=True)
    x.transpose(1, 2)[row, step] = 0.0  # nothing but padding is touched
    return x


def piecewise(layer: Callable[[Tensor, Tensor], Tensor], x: Features, mask: Mask, *, reach: int = 0) -> Tensor:
    """`layer(x, mask)` of a video piece by piece, so that what it needs on the way does not grow with T.

    The layer must keep the length and see at most `reach` steps to each side.
    """
    T = x.shape[-1]
    if not goes_in_pieces(T):
        return layer(x, mask)
    whole: Tensor | None = None
    for start in range(0, T, PIECE):
        first, behind = max(start - reach, 0), min(start + PIECE + reach, T)
        piece = layer(x[..., first:behind], mask[..., first:behind])[..., start - first : start - first + PIECE]
        if whole is None:
            whole = piece.new_empty(len(x), T, piece.shape[1]).transpose(1, 2)
        whole[..., start : start + PIECE] = piece
    assert whole is not None
    return whole


CHANNELS = 512
"""Input channels that a convolution on a CPU takes at a time where only the answer is wanted."""


class Conv(nn.Conv1d):
    """A convolution along time that keeps features in memory as (B, T, C)."""

    def forward(self, x: Features) -> Tensor:
        """(B, C, T) -> (B, out, T')."""
        if self.kernel_size == (1,) and self.stride == (1,):
            if self.groups == 1:
                return F.linear(x.transpose(1, 2), self.weight[..., 0], self.bias).transpose(1, 2)
            if self.groups == self.in_channels == self.out_channels:
                assert self.bias is not None
                return x * self.weight[:, 0] + self.bias[:, None]
        if only_answers() and is_on_cpu(x) and self.groups == 1 and self.in_channels >= 2 * CHANNELS:
            # Weights of so many channels stay in the processor's cache.
            parts = zip(torch.split(x, CHANNELS, dim=1), torch.split(self.weight, CHANNELS, dim=1), strict=True)
            first, *others = (self._convolved(time_major(x), weight, None) for x, weight in parts)
            for part in others:
                first += part
            return first if self.bias is None else first.add_(self.bias[:, None])
        return self._convolved(x, self.weight, self.bias)

    def _convolved(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        # Over a dummy axis: the kernels for two dimensions read and write this layout, those for one transpose it.
        stride, padding, dilation = (1, self.stride[0]), (0, int(self.padding[0])), (1, self.dilation[0])
        return F.conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, stride, padding, dilation, self.groups).squeeze(2)


class MaskedConv(nn.Module):
    """A convolution along time that keeps the length (stride 1) or halves it (stride 2); zero at padding.

    Biases start at 0, as in ActionFormer and TriDet.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        groups: int = 1,
        bias: bool = True,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = Conv(
            channels, out, kernel, stride=stride, padding=padding, groups=groups, bias=bias, dilation=dilation
        )
        self.stride = stride
        if self.conv.bias is not None:
            nn.init.zeros_(self.conv.bias)

    def forward(self, x: Features, mask: Mask) -> Tensor:
        """(B, C, T) -> (B, out, T), or (B, out, ceil(T / 2)) with stride 2."""
        return zeroed(self.conv(x), mask if self.stride == 1 else halve_mask(mask))


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of each step; zero at padding."""

    def __init__(self, channels: int, *, bias: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, bias=bias)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        # The kernel for a contiguous last axis outruns a mean and variance over axis 1 threefold, transposes included.
        return zeroed(self.norm(x.transpose(1, 2)).transpose(1, 2), mask)


class MaskedGroupNorm(nn.Module):
    """GroupNorm whose statistics are over the real steps only; zero at padding."""

    def __init__(self, groups: int, channels: int, *, affine: bool = True, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups = groups
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels, 1)) if affine else 1.0
        self.bias = nn.Parameter(torch.zeros(channels, 1)) if affine else 0.0

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        B, C, _ = x.shape
        grouped = x.float().reshape(B, self.groups, C // self.groups, -1)
        real = mask.unsqueeze(1)
        count = (real.sum((2, 3), keepdim=True) * (C // self.groups)).clamp(min=1)
        mean = (grouped * real).sum((2, 3), keepdim=True) / count
        # Two passes: the difference of squares loses too many digits when the mean is far from zero.
        variance = ((grouped - mean).square() * real).sum((2, 3), keepdim=True) / count
        scale = torch.rsqrt(variance + self.eps).expand(-1, -1, C // self.groups, -1).reshape(B, C, 1) * self.weight
        shift = self.bias - mean.expand(-1, -1, C // self.groups, -1).reshape(B, C, 1) * scale
        return zeroed(torch.addcmul(shift, x.float(), scale), mask).to(x.dtype)


class ResidualScale(nn.Module):
    """What a residual branch passes through: LayerScale (one learned factor per channel), then drop path.

    The small initial factor keeps the block near the identity without a zero that would stop its gradient.
    """

    def __init__(self, channels: int, *, init: float, drop_path: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((channels, 1), init)) if init else None
        self.drop_path = drop_path

    def forward(self, x: Features) -> Features:
        """(B, C, T) -> (B, C, T)."""
        if self.scale is not None:
            x = x * self.scale
        if self.training and self.drop_path:
            keep = 1 - self.drop_path
            x = x * (torch.rand(len(x), 1, 1, device=x.device) < keep).to(x.dtype) / keep
        return x


def conv_norm_relu(
    convs: nn.ModuleList, norms: nn.ModuleList, x: Tensor, mask: Tensor, seen: Tensor | None = None
) -> Tensor:
    """Masked convolutions, each with its LayerNorm and a ReLU.

    The norm sees each step alone and masks it, so that the convolution need not: a pass over memory less. As published,
    only the convolution masks, and the norm leaves its bias in what is `seen` of the padding.
    """
    for conv, norm in zip(convs, norms, strict=True):
        assert isinstance(conv, MaskedConv)
        x = norm(conv.conv(x), mask) if seen is None else norm(conv(x, mask), seen)
        x = F.relu(x, inplace=True)
    return x


class Trunk(nn.Module):
    """A head: convolutions with LayerNorm and ReLU on all but the last, shared by all pyramid levels.

    The levels go through it as one row, with gaps of padding between them that no convolution reaches across: the same
    numbers in a sixth of the calls. Long videos go level by level, and piece by piece.

    Attributes:
        sees_padding: norms leave their biases in the padding of a level, as published (`ModelConfig.compat`).
    """

    sees_padding = False

    def __init__(self, channels: int, width: int, out: int, *, layers: int = 3, kernel: int = 3) -> None:
        super().__init__()
        widths = [channels] + [width] * (layers - 1)
        self.convs = nn.ModuleList(
            MaskedConv(inner, outer, kernel, bias=False) for inner, outer in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(ChannelNorm(width) for _ in widths[1:])
        self.last = MaskedConv(widths[-1], out, kernel)

    def forward(self, levels: Sequence[Tensor], masks: Sequence[Tensor]) -> list[Tensor]:
        """Levels of (B, C, T_l) -> levels of (B, out, T_l)."""
        if goes_in_pieces(levels[0].shape[-1]):
            reach = sum(conv.conv.kernel_size[0] // 2 for conv in (*self.convs, self.last))
            return [piecewise(self._level, x, mask, reach=reach) for x, mask in zip(levels, masks, strict=True)]
        gap = self.last.conv.padding[0]
        assert isinstance(gap, int)
        B, C, _ = levels[0].shape
        nothing, padding = levels[0].new_zeros(B, gap, C), masks[0].new_zeros(B, 1, gap)
        rows, real, sizes = [], [], []
        for level, mask in zip(levels, masks, strict=True):
            rows += [level.transpose(1, 2), nothing]
            real += [mask, padding]
            sizes += [level.shape[-1], gap]
        row, whole = torch.cat(rows[:-1], dim=1).transpose(1, 2), torch.cat(real[:-1], dim=-1)
        seen = None
        if self.sees_padding:
            parts = [part for mask in masks for part in (torch.ones_like(mask), padding)]
            seen = torch.cat(parts[:-1], dim=-1)
        answers = self._row(row, whole, seen)
        return list(torch.split(answers, sizes[:-1], dim=-1)[::2])

    def _level(self, x: Tensor, mask: Tensor) -> Tensor:
        return self._row(x, mask, torch.ones_like(mask) if self.sees_padding else None)

    def _row(self, x: Tensor, mask: Tensor, seen: Tensor | None = None) -> Tensor:
        x = conv_norm_relu(self.convs, self.norms, x, mask, seen)
        result: Tensor = self.last(x, mask)
        return result
