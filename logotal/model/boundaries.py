"""Lazy boundaries: what a regression head returns.

Offsets are decoded only for the (point, class) pairs asked for: the positives in training, the best candidates at
inference. Nobody materializes B x P x classes x bins.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

Indices = Int[Tensor, " N"]
Offsets = Float[Tensor, "N 2"]


class Boundaries(ABC):
    """Predicted boundaries of a batch, decoded on demand.

    `tensors` names the fields that an exported network gives; `logotal.inference.offsets` decodes them without torch.
    """

    tensors: ClassVar[tuple[str, ...]]

    @abstractmethod
    def offsets(self, batch: Indices, point: Indices, label: Indices) -> Offsets:
        """Distances from point to start and to end, in strides of the point's level, >= 0, fp32."""


@dataclass(frozen=True)
class DirectBoundaries(Boundaries):
    """Two numbers per point, the same for all classes (ActionFormer)."""

    tensors: ClassVar[tuple[str, ...]] = ("distances",)

    distances: Float[Tensor, "B 2 P"]

    def offsets(self, batch: Indices, point: Indices, label: Indices) -> Offsets:
        """See `Boundaries`; `label` does not matter."""
        del label
        return self.distances[batch, :, point].float()


@dataclass(frozen=True)
class TridentBoundaries(Boundaries):
    """Expected distances over bins (TriDet, Shi et al., CVPR 2023, relative boundary modeling).

    The distance to the start is sum_b (B - b) p_b with p = softmax_b(start[t - B + b] + center[t, 0, b]), to the end
    sum_b b p_b with p = softmax_b(end[t + b] + center[t, 1, b]), b = 0..B.

    `start` and `end` hold all levels in one row, `bins` values of padding before, between and behind them, so that
    one gather serves every level; `base` is the place of each point in that row.
    """

    tensors: ClassVar[tuple[str, ...]] = ("start", "end", "center")

    start: Float[Tensor, "B K S"]
    end: Float[Tensor, "B K S"]
    center: Float[Tensor, "B P 2 distances"]  # 0, 1, ..., bins
    base: Int[Tensor, " P"]

    def offsets(self, batch: Indices, point: Indices, label: Indices) -> Offsets:
        """See `Boundaries`."""
        _, K, S = self.start.shape
        P, bins = self.center.shape[1], self.center.shape[3] - 1
        steps = torch.arange(bins + 1, device=batch.device)
        row = (batch * K + label) * S + self.base[point]
        centers = self.center.reshape(-1, 2, bins + 1).index_select(0, batch * P + point)

        def responses(of: Tensor, first: Tensor) -> Tensor:  # (N, bins + 1)
            places = first[:, None] + steps
            return of.reshape(-1).index_select(0, places.reshape(-1)).reshape(places.shape)

        to_start = (responses(self.start, row - bins) + centers[:, 0]).float().softmax(-1)
        to_end = (responses(self.end, row) + centers[:, 1]).float().softmax(-1)
        distances = steps.to(torch.float32)
        return torch.stack([to_start @ distances.flip(0), to_end @ distances], dim=-1)


def averaged(boundaries: Sequence[Boundaries]) -> Boundaries:
    """The mean of what several networks of one kind decode boundaries from."""
    first: Any = boundaries[0]
    means = {name: torch.stack([getattr(each, name) for each in boundaries]).mean(0) for name in first.tensors}
    mean: Boundaries = replace(first, **means)
    return mean


def trident_boundaries(start: Sequence[Tensor], end: Sequence[Tensor], center: Sequence[Tensor]) -> TridentBoundaries:
    """Joins the branches of all levels; responses before and behind the video are 0, as in TriDet's code.

    Args:
        start: levels of (B, K, T_l) start responses; zero at padding.
        end: the same for ends.
        center: levels of (B, 2 * (bins + 1), T_l) center-offset responses.
    """
    bins = center[0].shape[1] // 2 - 1
    sizes = [level.shape[-1] for level in start]
    device = start[0].device
    firsts = [bins + sum(sizes[:level]) + bins * level for level in range(len(sizes))]

    def join(levels: Sequence[Tensor]) -> Tensor:
        gap = torch.zeros_like(levels[0][..., :1]).expand(-1, -1, bins)
        return torch.cat([gap, *(part for level in levels for part in (level, gap))], dim=-1)

    return TridentBoundaries(
        start=join(start),
        end=join(end),
        center=torch.cat(list(center), dim=-1).transpose(1, 2).reshape(len(start[0]), -1, 2, bins + 1),
        base=torch.cat([first + torch.arange(size, device=device) for first, size in zip(firsts, sizes, strict=True)]),
    )
