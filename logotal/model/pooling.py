"""Pooling that padding cannot change (law 1): over all real steps, over windows, and between levels."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from logotal.model.layers import Features, Mask, halve_mask, is_all_real, is_on_cpu, only_answers


def masked_mean(x: Features, mask: Mask) -> Float[Tensor, "B C 1"]:
    """The mean over the real steps."""
    x = x if is_all_real(mask) else x * mask
    return x.sum(-1, keepdim=True) / mask.sum(-1, keepdim=True).clamp(min=1)


def masked_max(x: Features, mask: Mask) -> Float[Tensor, "B C 1"]:
    """The maximum over the real steps; 0 where there is none."""
    highest = _real_or_lowest(x, mask).amax(-1, keepdim=True)
    return torch.where(mask.any(-1, keepdim=True), highest, 0.0)


def _real_or_lowest(x: Tensor, mask: Tensor) -> Tensor:
    return x if is_all_real(mask) else torch.where(mask, x, -torch.inf)  # unlike masked_fill it keeps the layout


def window_mean(x: Features, mask: Mask, window: int) -> Features:
    """The mean over the real steps within `window` (odd) around each step."""
    total = _window_sum(x * mask, window)
    count = _window_sum(mask.to(x.dtype), window)
    return total / count.clamp(min=1) * mask


def window_max(x: Features, mask: Mask, window: int) -> Features:
    """The maximum over the real steps within `window` (odd) around each step; 0 at padding."""
    # Where the maxima of 1, 2, 4, ... steps lie: log(window) passes, where pooling looks at each step `window` times.
    around = F.pad(_real_or_lowest(x, mask), (window // 2, window // 2), value=-torch.inf)
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
    if not is_on_cpu(x):  # some accelerators have no double
        return _window_sum_of_powers(x.float(), window).to(x.dtype)
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


def max_pool(x: Features, mask: Mask) -> Float[Tensor, "B C T2"]:
    """Max-pooling of window 3 and stride 2 (Eq. 3) in which padding never wins.

    `max_pool2d` over a dummy axis: `max_pool1d` freezes T in torch.export (2.13). It also writes down where each
    maximum lay, which takes most of its time and memory: where no gradient is wanted, whole rows are compared.
    """
    lowest = _real_or_lowest(x, mask)
    if not only_answers():
        pooled = F.max_pool2d(lowest.unsqueeze(2), (1, 3), stride=(1, 2), padding=(0, 1)).squeeze(2)
    else:
        between = lowest[..., 1::2]
        pooled = lowest[..., ::2].transpose(1, 2).clone(memory_format=torch.contiguous_format).transpose(1, 2)
        for own, beside in ((pooled[..., : between.shape[-1]], between), (pooled[..., 1:], between)):
            torch.maximum(own, beside[..., : own.shape[-1]], out=own)
    return torch.where(halve_mask(mask), pooled, 0.0)


def avg_pool(x: Features, mask: Mask) -> Float[Tensor, "B C T2"]:
    """Average-pooling of window 3 and stride 2 over the real steps."""
    return window_mean(x, mask, 3)[..., ::2] * halve_mask(mask)
