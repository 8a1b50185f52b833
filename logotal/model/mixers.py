"""Mixers: what looks along time in a block. Each is `(x, mask) -> x` on normalized (B, C, T) features."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.errors import InputError, did_you_mean
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

    Args:
        width: channels.
        kernel: of the convolution in the local branch, which is left out if absent.
        attention: makes the attention of the local branch, which is left out if absent.
        fc: `dense` or `per_channel`.
        gate: one of `GATES`.
        inner_residual: adds x.
        pool_window: steps that the pooling sees.
        starts_at_zero: every weight does, as in the published SGP.
    """

    def __init__(
        self,
        width: int,
        *,
        kernel: int | None = 3,
        attention: Callable[[], nn.Module] | None = None,
        fc: str = "dense",
        gate: str = "relu",
        inner_residual: bool = True,
        pool_window: int | None = None,
        starts_at_zero: bool = False,
    ) -> None:
        super().__init__()
        self.pool_window = pool_window
        self.inner_residual = inner_residual
        self.gate = GATES[gate]
        self.local = MaskedConv(width, width, kernel, groups=width) if kernel is not None else None
        self.linear = _fully_connected(width, fc)
        self.attention = attention() if attention is not None else None  # made in the order that seeds are drawn in
        self.average_gate = _fully_connected(width, fc)
        self.maximum_gate = _fully_connected(width, fc)
        if starts_at_zero:
            _fill_with_zeros(self)

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
    all of them work on each channel alone. The wide convolution is about (window + 1) * factor steps wide.
    """

    def __init__(self, width: int, *, window: int = 1, factor: float = 5.0, starts_at_zero: bool = False) -> None:
        super().__init__()
        wide = round((window + 1) * factor)
        self.linear = _fully_connected(width, "per_channel")
        self.average_gate = _fully_connected(width, "per_channel")
        self.narrow = MaskedConv(width, width, window, groups=width)
        self.wide = MaskedConv(width, width, wide + (wide % 2 == 0), groups=width)
        self.window_gate = MaskedConv(width, width, window, groups=width)
        if starts_at_zero:
            _fill_with_zeros(self)

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


def _fill_with_zeros(mixer: nn.Module) -> None:
    for parameter in mixer.parameters():
        nn.init.zeros_(parameter)


@dataclass(frozen=True)
class Place:
    """Where a mixer works: in block `index`, at `stride` grid steps; `halves` where it is to halve the length."""

    index: int
    stride: int
    halves: bool = False

    @property
    def level(self) -> int:
        """The level whose stride this is."""
        return self.stride.bit_length() - 1


@dataclass(frozen=True)
class Mixer:
    """How a mixer is made, and what follows from it.

    Attributes:
        build: the mixer of a place, from the settings that are its own.
        settings: these, by their names in the section `model`.
        in_block: whether a block is around it, with norms, MLP and shortcuts.
        can_halve: whether it can halve the length, as it must in the layout `actionformer`.
        published_sees_padding: whether the published one takes padding for real (`ModelConfig.compat`).
        published_divisor: the multiple of strides of a level to which the published code pads long videos.
        reach: the steps of its own stride that an answer of it sees to each side; a text says which setting makes it
            see the whole video.
    """

    build: Callable[[ModelConfig, Place], nn.Module]
    settings: tuple[str, ...] = ()
    in_block: bool = True
    can_halve: bool = False
    published_sees_padding: bool = False
    published_divisor: Callable[[ModelConfig, int], int] = lambda config, level: 1
    reach: Callable[[ModelConfig, Place], int | str] = lambda config, place: 0


def _logo(config: ModelConfig, place: Place) -> nn.Module:
    logo = config.logo
    return LoGoMixer(
        config.width,
        kernel=_at(logo.kernel, place.index) if logo.local != "attention" else None,
        attention=(lambda: _attention(config, place)) if logo.local != "convolution" else None,
        fc=logo.fc,
        gate=logo.gate,
        inner_residual=logo.inner_residual,
        pool_window=_pool_window(config, place),
        starts_at_zero=logo.init == "zeros",
    )


def _pool_window(config: ModelConfig, place: Place) -> int | None:
    window = config.logo.pool_window
    return None if window is None else max(window // place.stride // 2, 1) * 2 + 1


def _logo_reach(config: ModelConfig, place: Place) -> int | str:
    window = _pool_window(config, place)
    if window is None:
        return "model.logo.pool_window is not set"
    local = _at(config.logo.kernel, place.index) // 2 if config.logo.local != "attention" else 0
    attention = _attention_reach(config, place) if config.logo.local != "convolution" else 0
    return attention if isinstance(attention, str) else max(window // 2, local, attention)


def _attention_reach(config: ModelConfig, place: Place) -> int | str:
    window = _at(config.attention.window, place.level)
    return window // 2 + 1 if window else "model.attention.window is 0"  # 1: the convolutions before it


def _attention(config: ModelConfig, place: Place) -> nn.Module:
    return LocalAttentionMixer(
        config.width,
        window=_at(config.attention.window, place.level),
        heads=config.attention.heads,
        key_bias=config.attention.key_bias,
        stride=2 if place.halves else 1,
    )


def _sgp(config: ModelConfig, place: Place) -> nn.Module:
    return SGPMixer(
        config.width,
        window=1 if place.stride == 1 else config.sgp.window,
        factor=config.sgp.factor,
        starts_at_zero=config.sgp.init == "zeros",
    )


def _dilated(config: ModelConfig, place: Place) -> nn.Module:
    """A convolution of width 3 whose steps lie apart, twice as far in each block (WaveNet, van den Oord et al., 2016).

    A few of them see far around at full resolution, as in networks for action segmentation (MS-TCN, CVPR 2019).
    """
    return MaskedConv(config.width, config.width, 3, dilation=_dilation(place))


def _dilation(place: Place) -> int:
    """1, 2, 4, 8, 16, and that from there on."""
    return 1 << min(place.index, 4)


def _at(sizes: int | tuple[int, ...], index: int) -> int:
    """The size at an index; the last one stays."""
    return sizes if isinstance(sizes, int) else sizes[min(index, len(sizes) - 1)]


MIXERS: dict[str, Mixer] = {
    "logo": Mixer(_logo, settings=("logo", "attention"), reach=_logo_reach),
    "conv": Mixer(lambda config, place: ConvMixer(config.width), reach=lambda config, place: 2),
    "dilated": Mixer(_dilated, reach=lambda config, place: _dilation(place)),
    "attention": Mixer(
        _attention,
        settings=("attention",),
        can_halve=True,
        published_divisor=lambda config, level: max(_at(config.attention.window, level) // 2 * 2, 1),
        reach=_attention_reach,
    ),
    "sgp": Mixer(
        _sgp,
        settings=("sgp",),
        published_sees_padding=True,
        published_divisor=lambda config, level: config.sgp.window,
        reach=lambda config, place: "model.mixer is sgp, which takes means over the whole video",
    ),
    "maxpool": Mixer(lambda config, place: PoolingMixer(), in_block=False),
}


def find_mixer(name: str) -> Mixer:
    """The description of a mixer.

    Raises:
        InputError: there is none of that name.
    """
    if name not in MIXERS:
        raise InputError(f"model.mixer: no {name!r}; {did_you_mean(name, MIXERS)}")
    return MIXERS[name]
