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


def masked_mean(x: Features, mask: Mask) -> Float[Tensor, "B C 1"]:
    """The mean over the real steps."""
    return (x * mask).sum(-1, keepdim=True) / mask.sum(-1, keepdim=True).clamp(min=1)


def masked_max(x: Features, mask: Mask) -> Float[Tensor, "B C 1"]:
    """The maximum over the real steps; 0 where there is none."""
    highest = torch.where(mask, x, -torch.inf).amax(-1, keepdim=True)
    return torch.where(mask.any(-1, keepdim=True), highest, 0.0)


def window_mean(x: Features, mask: Mask, window: int) -> Features:
    """The mean over the real steps within `window` (odd) around each step."""
    total = _window_sum(x * mask, window)
    count = _window_sum(mask.to(x.dtype), window)
    return total / count.clamp(min=1) * mask


def window_max(x: Features, mask: Mask, window: int) -> Features:
    """The maximum over the real steps within `window` (odd) around each step; 0 at padding."""
    # Where the maxima of 1, 2, 4, ... steps lie: log(window) passes, where pooling looks at each step `window` times.
    around = F.pad(torch.where(mask, x, -torch.inf), (window // 2, window // 2), value=-torch.inf)
    with torch.no_grad():
        highest, seen = around, 1
        place = torch.arange(around.shape[-1], device=x.device).expand_as(around)
        while seen < window:
            more = min(seen, window - seen)
            here, there = highest[..., :-more], highest[..., more:]
            first = here >= there
            place = torch.where(first, place[..., :-more], place[..., more:])
            highest = torch.where(first, here, there)
            seen += more
    return torch.where(mask, around.gather(-1, place), 0.0)


def _window_sum(x: Tensor, window: int) -> Tensor:
    """Sums over a sliding window by differences of a running sum: the cost does not grow with the window."""
    if torch.compiler.is_exporting():
        return _window_sum_of_powers(x, window)
    running = F.pad(x.double().cumsum(-1), (window // 2 + 1, 0))
    running = torch.cat([running, running[..., -1:].expand(*running.shape[:-1], window // 2)], dim=-1)
    return (running[..., window:] - running[..., :-window]).to(x.dtype)


def _window_sum_of_powers(x: Tensor, window: int) -> Tensor:
    """The same from sums of 1, 2, 4, ... steps, which lose nothing where a runtime has no double, or computes in bf16.

    There the running sum of a long video swallows what is added to it: 42 mAP on SBHAR in bf16.
    """
    power, size = F.pad(x, (window // 2, window // 2)), 1  # sums of `size` steps that begin at each
    total, first = torch.zeros_like(x), 0
    while True:
        if window & size:
            total = total + power[..., first : first + x.shape[-1]]
            first += size
        if 2 * size > window:
            return total
        power, size = power[..., :-size] + power[..., size:], 2 * size


def halve_mask(mask: Mask) -> Bool[Tensor, "B 1 T2"]:
    """The mask of a level whose points are every second one of this level's."""
    return mask[..., ::2]


def max_pool(x: Features, mask: Mask) -> Float[Tensor, "B C T2"]:
    """Max-pooling of window 3 and stride 2 (Eq. 3) in which padding never wins.

    `max_pool2d` over a dummy axis: `max_pool1d` freezes T in torch.export (2.13). It also writes down where each
    maximum lay, which takes most of its time and memory: where no gradient is wanted, whole rows are compared.
    """
    lowest = torch.where(mask, x, -torch.inf)  # unlike masked_fill it keeps the layout
    if not only_answers():
        pooled = F.max_pool2d(lowest.unsqueeze(2), (1, 3), stride=(1, 2), padding=(0, 1)).squeeze(2)
    else:
        between = lowest[..., 1::2]
        pooled = time_major(lowest[..., ::2])
        for own, beside in ((pooled[..., : between.shape[-1]], between), (pooled[..., 1:], between)):
            torch.maximum(own, beside[..., : own.shape[-1]], out=own)
    return torch.where(halve_mask(mask), pooled, 0.0)


def avg_pool(x: Features, mask: Mask) -> Float[Tensor, "B C T2"]:
    """Average-pooling of window 3 and stride 2 over the real steps."""
    return window_mean(x, mask, 3)[..., ::2] * halve_mask(mask)


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
        # Over a dummy axis: the kernels for two dimensions read and write this layout, those for one transpose it.
        stride, padding = (1, self.stride[0]), (0, int(self.padding[0]))
        return F.conv2d(x.unsqueeze(2), self.weight.unsqueeze(2), self.bias, stride, padding, 1, self.groups).squeeze(2)


class MaskedConv(nn.Module):
    """A convolution along time that keeps the length (stride 1) or halves it (stride 2); zero at padding.

    Biases start at 0, as in ActionFormer and TriDet.
    """

    def __init__(
        self, channels: int, out: int, kernel: int = 3, *, stride: int = 1, groups: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.conv = Conv(channels, out, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=bias)
        self.stride = stride
        if self.conv.bias is not None:
            nn.init.zeros_(self.conv.bias)

    def forward(self, x: Features, mask: Mask) -> Tensor:
        """(B, C, T) -> (B, out, T), or (B, out, ceil(T / 2)) with stride 2."""
        result: Tensor = self.conv(x) * (mask if self.stride == 1 else halve_mask(mask))
        return result


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of each step; zero at padding."""

    def __init__(self, channels: int, *, bias: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, bias=bias)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        # The kernel for a contiguous last axis outruns a mean and variance over axis 1 threefold, transposes included.
        result: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2) * mask
        return result


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
        return (torch.addcmul(shift, x.float(), scale) * mask).to(x.dtype)


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


def conv_norm_relu(convs: nn.ModuleList, norms: nn.ModuleList, x: Tensor, mask: Tensor) -> Tensor:
    """Masked convolutions, each with its LayerNorm and a ReLU.

    The norm sees each step alone and masks it, so that the convolution need not: a pass over memory less.
    """
    for conv, norm in zip(convs, norms, strict=True):
        assert isinstance(conv, MaskedConv)
        x = F.relu(norm(conv.conv(x), mask), inplace=True)
    return x


class Trunk(nn.Module):
    """A head: convolutions with LayerNorm and ReLU on all but the last, shared by all pyramid levels.

    The levels go through it as one row, with gaps of padding between them that no convolution reaches across: the same
    numbers in a sixth of the calls. Long videos go level by level, and piece by piece.
    """

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
            return [piecewise(self._row, x, mask, reach=reach) for x, mask in zip(levels, masks, strict=True)]
        gap = self.last.conv.padding[0]
        assert isinstance(gap, int)
        gaps = [gap] * (len(levels) - 1) + [0]
        rows = [F.pad(level.transpose(1, 2), (0, 0, 0, behind)) for level, behind in zip(levels, gaps, strict=True)]
        x = torch.cat(rows, dim=1).transpose(1, 2)
        mask = torch.cat([F.pad(real, (0, behind)) for real, behind in zip(masks, gaps, strict=True)], dim=-1)
        sizes = [level.shape[-1] + behind for level, behind in zip(levels, gaps, strict=True)]
        answers = torch.split(self._row(x, mask), sizes, dim=-1)
        return [row[..., : level.shape[-1]] for row, level in zip(answers, levels, strict=True)]

    def _row(self, x: Tensor, mask: Tensor) -> Tensor:
        x = conv_norm_relu(self.convs, self.norms, x, mask)
        result: Tensor = self.last(x, mask)
        return result
