"""Label assignment: which points answer for which action (ActionFormer, Zhang et al., ECCV 2022)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from logotal.model.points import Points


@dataclass(frozen=True)
class Targets:
    """What a batch should predict at P points.

    `classes` is multi-hot: twins of one length with two labels both count. `offsets` are the distances to start and
    end of the one segment that a positive point regresses, in strides; 0 elsewhere. `ignored` points say nothing about
    the classes that they are not positive for; None if there is no such point. `heat` is how near each point is to the
    middle of an action of each class, from 0 to 1, where scores are to follow that.
    """

    classes: Float[Tensor, "B P K"]
    offsets: Float[Tensor, "B P 2"]
    positive: Bool[Tensor, "B P"]
    ignored: Bool[Tensor, "B P"] | None = None
    heat: Float[Tensor, "B P K"] | None = None


def assign(
    points: Points,
    segments: Sequence[Tensor],
    labels: Sequence[Tensor],
    *,
    num_classes: int,
    radius: float,
    ignored: Sequence[Tensor] = (),
    heat: float = 0.0,
) -> Targets:
    """The targets of a batch.

    A point is positive for an action if it lies strictly inside it, within `radius` strides of its center (anywhere
    inside if `radius` is 0), and its farther boundary is at a distance within the point's range. The shortest such
    action wins; every one within 1e-3 of that length adds its class.

    Args:
        points: the points of the pyramid.
        segments: (N, 2) on the feature grid, for each video.
        labels: (N,) class indices, for each video.
        num_classes: K.
        radius: of center sampling, in strides.
        ignored: (M, 2) spans on the feature grid, for each video; points strictly inside one are ignored.
        heat: deviation of the heat map around each action, in its lengths; none if 0.
    """
    per_video = [
        _assign_video(points, s, k, num_classes=num_classes, radius=radius)
        for s, k in zip(segments, labels, strict=True)
    ]
    classes, offsets, positive = (torch.stack(parts) for parts in zip(*per_video, strict=True))
    maps = (_heat(points, s, k, num_classes, heat) for s, k in zip(segments, labels, strict=True))
    return Targets(classes, offsets, positive, _inside_any(points, ignored), torch.stack(tuple(maps)) if heat else None)


def _heat(points: Points, segments: Tensor, labels: Tensor, num_classes: int, deviation: float) -> Tensor:
    """The heat map of a video (P, K): a Gaussian around the middle of each action, the highest where several meet.

    As in CenterNet (Zhou et al., 2019). A level shows the actions whose longer half is in its range.
    """
    heat = points.time.new_zeros(len(points.time), num_classes)
    middle, length = segments.mean(dim=1), segments[:, 1] - segments[:, 0]
    in_range = (length / 2 >= points.low[:, None]) & (length / 2 <= points.high[:, None])
    deviations = (deviation * length).clamp(min=1e-6)  # one without length has its own point alone
    bells = torch.exp(-0.5 * ((points.time[:, None] - middle) / deviations) ** 2) * in_range
    return heat.scatter_reduce(1, labels.expand(len(heat), -1), bells.to(heat.dtype), "amax")


def _inside_any(points: Points, spans: Sequence[Tensor]) -> Tensor | None:
    """Whether each point lies strictly inside a span of its video (B, P); None if no video has one."""
    if not any(map(len, spans)):
        return None
    time = points.time[:, None]
    return torch.stack([((time > each[:, 0]) & (time < each[:, 1])).any(dim=1) for each in spans])


def _assign_video(
    points: Points, segments: Tensor, labels: Tensor, *, num_classes: int, radius: float
) -> tuple[Tensor, Tensor, Tensor]:
    P = len(points.time)
    if len(segments) == 0:
        zeros = points.time.new_zeros
        return zeros(P, num_classes), zeros(P, 2), torch.zeros(P, dtype=torch.bool, device=points.time.device)
    start, end = segments[:, 0], segments[:, 1]  # (N,)
    time = points.time[:, None]  # (P, 1)
    distances = torch.stack([time - start, end - time], dim=-1)  # (P, N, 2)
    if radius > 0:
        center, reach = (start + end) / 2, radius * points.stride[:, None]
        inside = (time > torch.maximum(center - reach, start)) & (time < torch.minimum(center + reach, end))
    else:
        inside = (distances > 0).all(-1)
    farther = distances.amax(-1)
    in_range = (farther >= points.low[:, None]) & (farther <= points.high[:, None])
    length = (end - start).expand(P, -1).masked_fill(~(inside & in_range), torch.inf)
    shortest, chosen = length.min(dim=1)
    positive = shortest.isfinite()
    # inf <= inf + 1e-3 holds too, so rows without a candidate are ruled out by `positive`.
    twins = (length <= shortest[:, None] + 1e-3) & positive[:, None]
    one_hot = torch.nn.functional.one_hot(labels, num_classes).to(time.dtype)  # (N, K)
    classes = (twins.to(time.dtype) @ one_hot).clamp(max=1)
    offsets = distances[torch.arange(P, device=time.device), chosen] / points.stride[:, None]
    return classes, offsets * positive[:, None], positive
