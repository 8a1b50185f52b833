"""Layers along time that padding must not touch, one position at a time.

`x` is (C, T) of one video, `mask` (T,) true where a position is real. What a masked position holds is never
read, and every result is 0 there. A video without a real position gives zeros.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Linear = tuple[Floats, Floats]  # weight (C_out, C_in), bias (C_out,)


def local_attention(query: Floats, key: Floats, value: Floats, mask: Mask, window: int) -> Floats:
    """One attention head (T, D) in which a position sees the real ones at most `window` // 2 steps away.

    The logits are the dot products over sqrt(D). Note the layout: (T, D), unlike the other layers here.
    """
    length, width = query.shape
    attended = np.zeros(value.shape)
    for t in range(length):
        if not mask[t]:
            continue
        seen = [s for s in range(length) if abs(t - s) <= window // 2 and mask[s]]
        logits = [float(np.dot(query[t], key[s])) / math.sqrt(width) for s in seen]
        powers = [math.exp(logit - max(logits)) for logit in logits]
        for s, power in zip(seen, powers, strict=True):
            attended[t] += power / sum(powers) * value[s]
    return attended


def masked_mean(x: Floats, mask: Mask) -> Floats:
    """Mean over the real positions, per channel (C,)."""
    return np.array([np.mean(_real(row, mask)) if any(mask) else 0.0 for row in x])


def masked_max(x: Floats, mask: Mask) -> Floats:
    """Maximum over the real positions, per channel (C,)."""
    return np.array([max(_real(row, mask)) if any(mask) else 0.0 for row in x])


def masked_group_norm(x: Floats, mask: Mask, groups: int, weight: Floats, bias: Floats, *, eps: float = 1e-5) -> Floats:
    """GroupNorm (C, T): mean and biased variance over the channels of a group and the real positions."""
    channels, length = x.shape
    size = channels // groups
    normalized = np.zeros(x.shape)
    for group in range(groups):
        members = range(group * size, (group + 1) * size)
        values = [value for channel in members for value in _real(x[channel], mask)]
        if not values:
            continue
        mean = sum(values) / len(values)
        variance = sum((value - mean) ** 2 for value in values) / len(values)
        for channel in members:
            for t in range(length):
                if mask[t]:
                    standard = (x[channel, t] - mean) / math.sqrt(variance + eps)
                    normalized[channel, t] = standard * weight[channel] + bias[channel]
    return normalized


def max_pool(x: Floats, mask: Mask) -> tuple[Floats, Mask]:
    """Max-pooling with window 3 and stride 2 (C, ceil(T / 2)), and the mask of the result, `mask[::2]`.

    Position t of the result is the maximum over the real ones among 2t - 1, 2t and 2t + 1, so padding never
    wins over negative values.
    """
    channels, length = x.shape
    pooled_mask = np.asarray(mask, dtype=bool)[::2]
    pooled = np.zeros((channels, len(pooled_mask)))
    for t, real in enumerate(pooled_mask):
        if real:
            window = [s for s in (2 * t - 1, 2 * t, 2 * t + 1) if 0 <= s < length and mask[s]]
            for channel in range(channels):
                pooled[channel, t] = max(x[channel, s] for s in window)
    return pooled, pooled_mask


def gated_mixer(
    x: Floats,
    mask: Mask,
    *,
    convolution: Linear,
    linear: Linear,
    average_gate: Linear,
    maximum_gate: Linear,
) -> Floats:
    """The LoGo mixer (C, T): w_avg * DWConv(x) + w_max * FC(x) + x (Eq. 4).

    w_avg = ReLU(FC(mean over time of x)) (Eq. 5) and w_max = ReLU(FC(maximum over time of x)) (Eq. 6), one
    number per channel each. The convolution sees zeros beyond the border and at masked positions.

    Args:
        x: (C, T).
        mask: (T,).
        convolution: depthwise weight (C, 3) for t - 1, t, t + 1, and bias (C,).
        linear: weight (C, C) and bias (C,) of the FC that w_max scales.
        average_gate: weight and bias of the FC behind w_avg.
        maximum_gate: weight and bias of the FC behind w_max.
    """
    channels, length = x.shape
    average_weights = _relu(_fully_connected(masked_mean(x, mask), average_gate))
    maximum_weights = _relu(_fully_connected(masked_max(x, mask), maximum_gate))
    kernel, kernel_bias = convolution
    mixed = np.zeros(x.shape)
    for t in range(length):
        if not mask[t]:
            continue
        salient = _fully_connected(x[:, t], linear)
        for channel in range(channels):
            local = float(kernel_bias[channel])
            for tap, s in enumerate((t - 1, t, t + 1)):
                if 0 <= s < length and mask[s]:
                    local += kernel[channel, tap] * x[channel, s]
            gated = average_weights[channel] * local + maximum_weights[channel] * salient[channel]
            mixed[channel, t] = gated + x[channel, t]
    return mixed


def _real(row: Floats, mask: Mask) -> list[float]:
    return [float(value) for value, real in zip(row, mask, strict=True) if real]


def _fully_connected(vector: Floats, layer: Linear) -> list[float]:
    weight, bias = layer
    return [
        sum(float(w) * float(v) for w, v in zip(row, vector, strict=True)) + float(offset)
        for row, offset in zip(weight, bias, strict=True)
    ]


def _relu(vector: list[float]) -> list[float]:
    return [max(0.0, value) for value in vector]
