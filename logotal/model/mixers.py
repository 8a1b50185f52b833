"""Mixers: what looks along time in a block. Each is `(x, mask) -> x` on normalized (B, C, T) features."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from logotal.config import AttentionConfig, LoGoConfig, ModelConfig, SGPConfig
from logotal.model.layers import ChannelNorm, Conv, Features, Mask, MaskedConv, halve_mask, piecewise
from logotal.model.pooling import masked_max, masked_mean, window_max, window_mean

GATES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
}


class LoGoMixer(nn.Module):
    """Local-global context (Eq. 4-6): f = w_avg * DWConv(x) + w_max * FC(x) + x.

    w_avg = ReLU(FC(AvgPool(x))) (the paper's phi) weighs the local branch, w_max = ReLU(FC(MaxPool(x))) (psi) the
    linear one; both pool over all real steps, or over `pool_window` of them around each step.
    """

    def __init__(self, width: int, config: LoGoConfig, *, kernel: int, pool_window: int | None) -> None:
        super().__init__()
        self.pool_window = pool_window
        self.inner_residual = config.inner_residual
        self.gate = GATES[config.gate]
        self.local = MaskedConv(width, width, kernel, groups=width)
        self.pointwise = MaskedConv(width, width, 1) if config.separable else None
        self.linear = _fully_connected(width, config.fc)
        self.average_gate = _gate(width, config)
        self.maximum_gate = _gate(width, config)
        if config.init == "zeros":
            for parameter in self.parameters():
                nn.init.zeros_(parameter)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        if self.pool_window is None:
            average, maximum = masked_mean(x, mask), masked_max(x, mask)
        else:
            average, maximum = window_mean(x, mask, self.pool_window), window_max(x, mask, self.pool_window)
        local = piecewise(self._around, x, mask, reach=self.local.conv.kernel_size[0])
        local = self.gate(self.average_gate(average)) * local
        mixed = torch.addcmul(local, self.gate(self.maximum_gate(maximum)), self.linear(x))
        result: Tensor = (mixed + x if self.inner_residual else mixed) * mask
        return result

    def _around(self, x: Tensor, mask: Tensor) -> Tensor:
        local: Tensor = self.local(x, mask)
        return local if self.pointwise is None else self.pointwise(local, mask)


def _fully_connected(width: int, kind: str) -> Conv:
    layer = Conv(width, width, 1, groups=width if kind == "per_channel" else 1)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _gate(width: int, config: LoGoConfig) -> nn.Module:
    if config.se_ratio == 1:
        return _fully_connected(width, config.fc)
    squeeze, excite = (
        Conv(width, width // config.se_ratio, 1),
        Conv(width // config.se_ratio, width, 1),
    )
    return nn.Sequential(squeeze, nn.ReLU(), excite)


class ConvMixer(nn.Module):
    """The convolutional baseline of the paper's Table 3: two convolutions of width 3 (the block adds the shortcut)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = MaskedConv(width, width, 3, bias=False)
        self.norm = ChannelNorm(width)
        self.second = MaskedConv(width, width, 3)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        result: Tensor = self.second(F.relu(self.norm(self.first(x, mask), mask)), mask)
        return result


class SGPMixer(nn.Module):
    """Scalable-granularity perception (TriDet, Shi et al., CVPR 2023).

    f = phi * FC(x) + psi * (Conv_w(x) + Conv_kw(x)) + x with phi = ReLU(FC(AvgPool(x))) and psi a convolution of x;
    all of them work on each channel alone.
    """

    def __init__(self, width: int, config: SGPConfig, *, window: int) -> None:
        super().__init__()
        wide = round((window + 1) * config.factor)
        self.linear = _fully_connected(width, "per_channel")
        self.average_gate = _fully_connected(width, "per_channel")
        self.narrow = MaskedConv(width, width, window, groups=width)
        self.wide = MaskedConv(width, width, wide + (wide % 2 == 0), groups=width)
        self.window_gate = MaskedConv(width, width, window, groups=width)
        if config.init == "zeros":
            for parameter in self.parameters():
                nn.init.zeros_(parameter)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        instant = F.relu(self.average_gate(masked_mean(x, mask))) * self.linear(x)
        around = self.window_gate(x, mask) * (self.narrow(x, mask) + self.wide(x, mask))
        result: Tensor = (instant + around + x) * mask
        return result


class LocalAttentionMixer(nn.Module):
    """Self-attention over `window` steps, 0 for all (ActionFormer, Zhang et al., ECCV 2022).

    Queries, keys and values pass through a depthwise convolution and a LayerNorm first. Time is cut into blocks of
    half a window, so that a query's window lies within its own block and the two beside it: memory and work are
    linear in T and nothing is strided by hand. With stride 2 those convolutions halve the length.
    """

    def __init__(self, width: int, *, heads: int, window: int, stride: int = 1, key_bias: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.stride = stride
        self.reach = window // 2 if window else None
        self.convs = nn.ModuleList(
            MaskedConv(width, width, 3, stride=stride, groups=width, bias=False) for _ in range(3)
        )
        # Query, key, value. What is added to all keys alike cancels in the softmax: a bias there could never learn.
        biases = (True, key_bias, True)
        self.norms = nn.ModuleList(ChannelNorm(width, bias=bias) for bias in biases)
        self.projections = nn.ModuleList(Conv(width, width, 1, bias=bias) for bias in biases)
        self.out = Conv(width, width, 1)

    def forward(self, x: Features, mask: Mask) -> Float[Tensor, "B C _"]:
        """(B, C, T) -> (B, C, T), or (B, C, ceil(T / 2)) with stride 2."""
        real = mask if self.stride == 1 else halve_mask(mask)
        query, key, value = (
            projection(norm(conv(x, mask), real))
            for conv, norm, projection in zip(self.convs, self.norms, self.projections, strict=True)
        )
        if self.reach is None:
            mixed = full_attention(query, key, value, real, heads=self.heads)
        else:
            mixed = local_attention(query, key, value, real, heads=self.heads, reach=self.reach)
        result: Tensor = self.out(mixed * real) * real
        return result


def local_attention(query: Features, key: Features, value: Features, mask: Mask, *, heads: int, reach: int) -> Features:
    """Softmax attention of every step over the real steps at most `reach` away, for `heads` groups of channels.

    Shapes (B, C, T) throughout; heads split the channels. The result at padding is arbitrary.
    """
    B, C, T = query.shape
    block = max(reach, 1)
    blocks = T // block + 1  # one step of padding at least: what an export cannot tell apart has one form
    extra = blocks * block - T

    def cut(x: Tensor) -> Tensor:  # (B, C, T) -> (B, blocks, heads, block, C / heads)
        x = F.pad(x, (0, extra)).reshape(B, heads, C // heads, -1, block)
        return x.permute(0, 3, 1, 4, 2)

    def with_neighbors(x: Tensor) -> Tensor:  # -> three blocks long along axis 3
        empty = torch.zeros_like(x[:, :1])
        return torch.cat([torch.cat([empty, x[:, :-1]], dim=1), x, torch.cat([x[:, 1:], empty], dim=1)], dim=3)

    queries = torch.arange(block, device=query.device)[:, None] + block
    keys = torch.arange(3 * block, device=query.device)[None]
    near = (queries - keys).abs() <= reach
    real = with_neighbors(F.pad(mask, (0, extra)).reshape(B, -1, 1, 1, block).transpose(3, 4)).transpose(3, 4)
    # A finite penalty: a query in padding may have no key at all, and a softmax over -inf alone is not a number.
    penalty = (~(near & real)).to(query.dtype) * torch.finfo(query.dtype).min
    queried, keyed, valued = cut(query), with_neighbors(cut(key)), with_neighbors(cut(value))
    mixed = F.scaled_dot_product_attention(
        queried.flatten(0, 1), keyed.flatten(0, 1), valued.flatten(0, 1), attn_mask=penalty.flatten(0, 1)
    )
    # An axis of one behind the batch: OpenVINO 2026.4 cannot load a network that has the number of blocks there.
    joined = mixed.reshape(B, 1, -1, heads, block, C // heads).permute(0, 3, 5, 1, 2, 4)
    return joined.reshape(B, C, -1)[..., :T]


def full_attention(query: Features, key: Features, value: Features, mask: Mask, *, heads: int) -> Features:
    """`local_attention` of unlimited reach: every step sees every real one. Shapes as there."""
    B, C, T = query.shape

    def cut(x: Tensor) -> Tensor:  # (B, C, T) -> (B, heads, T, C / heads)
        return x.reshape(B, heads, C // heads, T).transpose(2, 3)

    penalty = (~mask.unsqueeze(1)).to(query.dtype) * torch.finfo(query.dtype).min  # (B, 1, 1, T)
    mixed = F.scaled_dot_product_attention(cut(query), cut(key), cut(value), attn_mask=penalty)
    return mixed.transpose(2, 3).reshape(B, C, T)


class PoolingMixer(nn.Module):
    """Nothing: the pooling between levels is all that looks along time (TemporalMaxer, Tang et al., 2023)."""

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> the same."""
        del mask
        return x


MIXERS: dict[str, Callable[[ModelConfig, int, int], nn.Module]] = {
    "logo": lambda config, index, stride: LoGoMixer(
        config.width,
        config.logo,
        kernel=_kernel(config.logo, index),
        pool_window=_window(config.logo, stride),
    ),
    "conv": lambda config, index, stride: ConvMixer(config.width),
    "attention": lambda config, index, stride: LocalAttentionMixer(
        config.width,
        heads=config.attention.heads,
        window=_attention_window(config.attention, stride),
        stride=2 if config.layout == "actionformer" and stride > 1 else 1,
        key_bias=config.attention.key_bias,
    ),
    "sgp": lambda config, index, stride: SGPMixer(
        config.width, config.sgp, window=1 if stride == 1 else config.sgp.window
    ),
    "maxpool": lambda config, index, stride: PoolingMixer(),
}
"""The mixer of block `index`, which works at `stride` grid steps."""


def _kernel(config: LoGoConfig, index: int) -> int:
    if isinstance(config.kernel, int):
        return config.kernel
    return config.kernel[min(index, len(config.kernel) - 1)]


def _attention_window(config: AttentionConfig, stride: int) -> int:
    if isinstance(config.window, int):
        return config.window
    return config.window[min(stride.bit_length() - 1, len(config.window) - 1)]


def _window(config: LoGoConfig, stride: int) -> int | None:
    return None if config.pool_window is None else max(config.pool_window // stride // 2, 1) * 2 + 1
