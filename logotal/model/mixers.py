"""Mixers: what looks along time in a block. Each is `(x, mask) -> x` on normalized (B, C, T) features."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from logotal.config import AttentionConfig, LoGoConfig, ModelConfig, SGPConfig
from logotal.model.attention import LocalAttentionMixer
from logotal.model.layers import ChannelNorm, Conv, Features, Mask, MaskedConv, piecewise, zeroed
from logotal.model.pooling import masked_max, masked_mean, window_max, window_mean

GATES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
}


class LoGoMixer(nn.Module):
    """Local-global context (Eq. 4-6): f = w_avg * DWConv(x) + w_max * FC(x) + x.

    w_avg = ReLU(FC(AvgPool(x))) (the paper's phi) weighs the local branch, w_max = ReLU(FC(MaxPool(x))) (psi) the
    linear one; both pool over all real steps, or over `pool_window` of them around each step. Ours, beyond the paper:
    the local branch may be local self-attention, or the sum of that and the convolution.
    """

    def __init__(
        self,
        width: int,
        config: LoGoConfig,
        attention: AttentionConfig,
        *,
        kernel: int,
        pool_window: int | None = None,
        level: int = 0,
    ) -> None:
        super().__init__()
        self.pool_window = pool_window
        self.inner_residual = config.inner_residual
        self.gate = GATES[config.gate]
        convolves, attends = config.local != "attention", config.local != "convolution"
        self.local = MaskedConv(width, width, kernel, groups=width) if convolves else None
        self.linear = _fully_connected(width, config.fc)
        self.attention = LocalAttentionMixer(width, attention, level=level) if attends else None
        self.average_gate = _fully_connected(width, config.fc)
        self.maximum_gate = _fully_connected(width, config.fc)
        if config.init == "zeros":
            for parameter in self.parameters():
                nn.init.zeros_(parameter)

    def forward(self, x: Features, mask: Mask) -> Features:
        """(B, C, T) -> (B, C, T)."""
        if self.pool_window is None:
            average, maximum = masked_mean(x, mask), masked_max(x, mask)
        else:
            average, maximum = window_mean(x, mask, self.pool_window), window_max(x, mask, self.pool_window)
        local = self.gate(self.average_gate(average)) * self._local(x, mask)
        mixed = torch.addcmul(local, self.gate(self.maximum_gate(maximum)), self.linear(x))
        return zeroed(mixed + x if self.inner_residual else mixed, mask)

    def _local(self, x: Tensor, mask: Tensor) -> Tensor:
        branches = []
        if self.local is not None:
            branches.append(piecewise(self.local, x, mask, reach=self.local.conv.kernel_size[0]))
        if self.attention is not None:
            branches.append(self.attention(x, mask))
        return branches[0] if len(branches) == 1 else branches[0] + branches[1]


def _fully_connected(width: int, kind: str) -> Conv:
    layer = Conv(width, width, 1, groups=width if kind == "per_channel" else 1)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


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
        return zeroed(instant + around + x, mask)


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
        config.attention,
        kernel=_kernel(config.logo, index),
        pool_window=_window(config.logo, stride),
        level=_level(stride),
    ),
    "conv": lambda config, index, stride: ConvMixer(config.width),
    "attention": lambda config, index, stride: LocalAttentionMixer(
        config.width,
        config.attention,
        level=_level(stride),
        stride=2 if config.layout == "actionformer" and stride > 1 else 1,
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


def _level(stride: int) -> int:
    return stride.bit_length() - 1


def _window(config: LoGoConfig, stride: int) -> int | None:
    return None if config.pool_window is None else max(config.pool_window // stride // 2, 1) * 2 + 1
