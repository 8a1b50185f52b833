"""Points: the anchor-free candidates, one per step of every level, made for any length on demand."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Points:
    """All points of a pyramid, finest level first: P of them.

    `time` is on the feature grid, `stride` in grid steps, `low` and `high` the distances to the farther boundary, in
    grid steps, that the point answers for; `sizes` is the number of points of each level.
    """

    time: Float[Tensor, " P"]
    stride: Float[Tensor, " P"]
    low: Float[Tensor, " P"]
    high: Float[Tensor, " P"]
    sizes: tuple[int, ...]


def make_points(
    sizes: Sequence[int], ranges: Sequence[tuple[float, float]], *, device: torch.device | str = "cpu"
) -> Points:
    """The points of a pyramid whose level l has `sizes[l]` points at stride 2^l and answers for `ranges[l]`.

    Points lie at 0, s, 2s, ..., without a shift of half a stride (ActionFormer, loc_generators.py).
    """
    time = [torch.arange(size, device=device) * float(2**level) for level, size in enumerate(sizes)]

    def per_level(values: Sequence[float]) -> Tensor:
        return torch.cat([torch.full((size,), float(v), device=device) for size, v in zip(sizes, values, strict=True)])

    return Points(
        time=torch.cat(time),
        stride=per_level([2**level for level in range(len(sizes))]),
        low=per_level([low for low, _ in ranges]),
        high=per_level([high for _, high in ranges]),
        sizes=tuple(sizes),
    )
