"""What a model can make of the actions: which levels answer for them, and which nothing can answer for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from logotal.check.finding import Finding, Place, found, named
from logotal.check.placing import PlacedVideo
from logotal.config import Config
from logotal.data.prepared import prepared_shape
from logotal.device import threads
from logotal.model.heads import RegressionHead, find_head
from logotal.model.points import Points, make_points
from logotal.training.assign import assign

PAIRS_AT_ONCE = 1 << 22
"""Pairs of point and action that are assigned together: bounds memory on videos of hours."""


@dataclass(frozen=True, eq=False)
class Reach:
    """What the model makes of N actions in a number of videos.

    `steps` (N,) are their lengths on the grid; `per_level` counts the actions that have a positive point in each
    level (an action can have some in two); `too_long` are those whose boundaries no point can express, `unanswered`
    those without a positive point, `never_whole` those of which no training window holds enough.
    """

    videos: int
    longer_than_window: int
    steps: NDArray[np.float64]
    per_level: tuple[int, ...]
    too_long: tuple[Place, ...]
    unanswered: tuple[Place, ...]
    never_whole: tuple[Place, ...]


def measure_reach(placed: Sequence[PlacedVideo], config: Config, advance: Callable[[int], object]) -> Reach:
    """What the model makes of the actions of some whole videos, by the assigner that trains it."""
    with threads(1):  # tensors are tiny: on a busy machine, more threads take 20 times as long
        return _measure_reach(placed, config, advance)


def _measure_reach(placed: Sequence[PlacedVideo], config: Config, advance: Callable[[int], object]) -> Reach:
    steps: list[NDArray[np.float64]] = []
    per_level = np.zeros(config.model.levels, np.int64)
    too_long: list[Place] = []
    unanswered: list[Place] = []
    never_whole: list[Place] = []
    longer, model, head = 0, config.model, find_head(config.model.head)
    longest, reached = _longest(head, config), head.farthest(model.bins)
    for each in placed:
        length, grid = prepared_shape(each.length, each.grid, config.data)
        longer += length > config.data.window
        seconds = np.array([(action.start, action.end) for action in each.actions], np.float64).reshape(-1, 2)
        segments = grid.steps(seconds)
        sizes = segments[:, 1] - segments[:, 0]
        answers = _farthest(torch.from_numpy(segments).float(), length, config)
        per_level += answers.isfinite().sum(dim=1).numpy()
        nearest = answers.amin(dim=0).tolist()
        steps.append(sizes)
        widest = config.data.window + grid.clip_frames / grid.clip_stride - 1  # a window reaches half a clip further
        for action, size, farthest, segment in zip(each.actions, sizes.tolist(), nearest, segments, strict=True):
            place = (each.video, f"{named(action)}, {size:,.1f} steps")
            if size > longest or reached < farthest < np.inf:
                too_long.append(place)
            elif farthest == np.inf:
                unanswered.append((each.video, f"{place[1]}, {_why(segment, length, config)}"))
            if length > config.data.window and size * config.data.crop_keep > widest:
                never_whole.append(place)
        advance(1)
    return Reach(
        videos=len(placed),
        longer_than_window=longer,
        steps=np.concatenate(steps) if steps else np.empty(0),
        per_level=tuple(per_level.tolist()),
        too_long=tuple(too_long),
        unanswered=tuple(unanswered),
        never_whole=tuple(never_whole),
    )


def reach_findings(training: Reach, evaluation: Reach | None, config: Config) -> list[Finding]:
    """What is odd about the reach in the two splits."""
    model, reaches = config.model, [training, *([evaluation] if evaluation is not None else [])]
    head = find_head(model.head)
    whole = _longest(head, config)
    total = sum(len(reach.steps) for reach in reaches)
    longest = (
        f"too long for the head, which expresses {whole / 2:,.0f} steps on either side of a point, "
        f"{whole:,.0f} steps in all; raise --model.levels"
        f"{' or --model.bins' if head.grows_with(model.bins) else ''}"
    )
    unanswered = "that no point answers for, so that nothing learns them; features of a smaller stride would help"
    never = (
        f"of which no training window of {config.data.window:,} steps holds {config.data.crop_keep:.0%}; raise "
        "--data.window"
    )
    findings = [
        *found("warning", "action", longest, [p for reach in reaches for p in reach.too_long], of=total),
        *found("warning", "action", unanswered, [p for reach in reaches for p in reach.unanswered], of=total),
        *found("warning", "action", never, training.never_whole, of=len(training.steps)),
    ]
    needed = max((level + 1 for level, count in enumerate(training.per_level) if count), default=model.levels)
    if needed < model.levels:
        sentence = f"{model.levels - needed} of {model.levels} levels answer for no action in training"
        findings.append(Finding("note", f"{sentence}; --model.levels {needed} would do"))
    return findings


def _longest(head: RegressionHead, config: Config) -> float:
    return head.longest_action(bins=config.model.bins, stride=config.model.strides[-1])


def _why(segment: NDArray[np.float64], length: int, config: Config) -> str:
    alone = _farthest(torch.from_numpy(segment[None]).float(), length, config)
    return "hidden by shorter actions" if alone.isfinite().any() else "between the points"


def _farthest(segments: Tensor, length: int, config: Config) -> Tensor:
    """Distance in strides to the farther boundary from the best positive point of each level (levels, N).

    Infinite where a level has none. The assigner is given a class for each action, so that it tells them apart.
    """
    points = _points(length, config.model.strides, config.model.regression_ranges)
    levels, count = len(points.sizes), len(segments)
    result = torch.full((levels, count), torch.inf)
    if not count:
        return result
    level = torch.from_numpy(np.repeat(np.arange(levels), points.sizes))
    size = max(PAIRS_AT_ONCE // count, 1)
    for begin in range(0, len(points.time), size):
        rows = slice(begin, begin + size)
        some = Points(points.time[rows], points.stride[rows], points.low[rows], points.high[rows], ())
        radius = config.training.center_radius
        targets = assign(some, [segments], [torch.arange(count)], num_classes=count, radius=radius)
        needed = targets.offsets[0].amax(dim=1)[:, None].where(targets.classes[0] > 0, torch.inf)
        result.scatter_reduce_(0, level[rows, None].expand_as(needed), needed, "amin")
    return result


@lru_cache(maxsize=8)
def _points(length: int, strides: tuple[int, ...], ranges: tuple[tuple[float, float], ...]) -> Points:
    return make_points([-(-length // stride) for stride in strides], ranges)
