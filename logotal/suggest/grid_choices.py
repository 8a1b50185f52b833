"""How finely time is cut: the clip stride, and the window that training takes of a video."""

import math
from collections.abc import Iterator

import numpy as np

from logotal.config import DataConfig
from logotal.suggest.choice import Choice, round_down, round_near, round_up
from logotal.suggest.measured import Measured
from logotal.suggest.moments import are_moments
from logotal.words import amount, share

SHORT, SHORTEST = 0.05, 0.01
"""The shares of actions that are called short, and shortest."""
SHORT_STEPS, SHORTEST_STEPS = 5.0, 1.5
"""Steps that these should span: a point must lie inside an action, and some more around its center."""
ENOUGH_STEPS = 16.0
"""Steps of a short action above which a finer stride brings nothing but cost."""
USUAL_STRIDE = 16
SHORTEST_STRIDE = 4
"""The stride of the field's features; what needs a shorter one needs all frames."""
ENOUGH_FRAMES = 32.0
"""Frames a second above which a part of them does, unless actions are very short."""
MOST_CLIPS = 1_200_000
"""Clips of all videos that are worth extracting: ActivityNet at its published stride has a million."""
MOST_STEPS = 100_000
"""Steps of one video that still fit the memory of a small machine."""
FEW_VIDEOS = 100
"""Below, short windows buy more than whole videos: the number of optimizer steps is what is scarce."""
USUAL_WINDOW, LONGEST_WINDOW = 2048, 4096
GIANT_WINDOW = 16_384
"""Steps of a window that training bears where long actions are common: half of one must lie inside to be learned."""


def choose_rate(measured: Measured, fps: float) -> Choice | None:
    """The frame rate that videos are brought to, where a part of their frames shows the actions as well."""
    parts = math.ceil(fps / ENOUGH_FRAMES)
    rate = fps / parts
    if parts == 1 or not _any(measured) or _wanted(measured, rate) < SHORTEST_STRIDE:
        return None
    return Choice(
        rate, f"5 % of the actions last at most {measured.length(SHORT):.3g} s; {fps:.4g} frames a second say no more"
    )


def choose_stride(
    measured: Measured, *, clip_frames: int, fps: float, fixed: float | None, multiple: int = 1
) -> Choice:
    """Frames between clips, such that short actions span some steps and that extraction stays affordable.

    It is a multiple of `multiple`.
    """
    if fixed is not None:
        steps = f": a short action spans {measured.length(SHORT) * fps / fixed:.1f} steps" if _any(measured) else ""
        value = int(fixed) if fixed == int(fixed) else fixed
        return Choice(value, f"the features have it{steps}")
    usual = max(USUAL_STRIDE, clip_frames)
    if _any(measured):
        short = measured.length(SHORT) * fps
        stride = round_down(max(min(_wanted(measured, fps), usual), min(short / ENOUGH_STEPS, 4 * usual)))
        measure = f"5 % of the actions last at most {measured.length(SHORT):.3g} s"
    else:
        stride, short = 4, 0.0
        measure = "no action to judge by; the field's usual stride"
    stride = max(stride // multiple, 1) * multiple
    frames = measured.durations * fps
    bearable = max(frames.sum() / MOST_CLIPS, frames.max(initial=0.0) / MOST_STEPS)
    cause = ""
    if bearable > stride:
        stride, finer = math.ceil(round_up(bearable) / multiple) * multiple, stride
        cause = f"; a stride of {finer} would make {frames.sum() / finer:,.0f} clips"
    spans = f", which are {short / stride:.1f} steps" if short else ""
    return Choice(stride, f"{measure}{spans}{cause}")


def choose_window(measured: Measured, *, rate: float) -> dict[str, Choice]:
    """The window of training, such that it holds the longest actions with what is around them.

    Args:
        measured: the data set.
        rate: grid steps per second.
    """
    videos = measured.durations * rate
    whole = round_up(max(videos.max(initial=1.0), 32))
    long = measured.length(0.99) * rate if _any(measured) else 0.0
    longest = measured.length(1.0) * rate if _any(measured) else 0.0
    few = len(videos) < FEW_VIDEOS
    target = max(4 * long, 64) if few else max(min(float(np.quantile(videos, 0.9)), USUAL_WINDOW), 2 * long, 64)
    needed = max(min(longest, LONGEST_WINDOW), min(long * DataConfig().crop_keep, GIANT_WINDOW))
    window = min(max(round_near(min(target, LONGEST_WINDOW)), round_up(needed)), whole)
    part = share(int((videos <= window).sum()), len(videos))
    holds = f"holds {part} of the videos whole" if len(videos) else "no video is measured"
    actions = f" and actions of {long:,.0f} steps (99 %) to {longest:,.0f} with their surroundings" if longest else ""
    buys = f"; with {amount(len(videos), 'video')}, short windows buy more steps per epoch"
    middle = float(np.median(videos)) if len(videos) else 0.0
    choices = {"data.window": Choice(window, f"{holds}{actions}{buys if few and window < middle else ''}")}
    with_lengths = not are_moments(measured)  # what follows was tried on actions that have lengths
    if few and (with_lengths or 2 * window <= middle):
        reason = "steps: in a longer video, a film for one, pooling sees as much as in a training window"
        choices["model.logo.pool_window"] = Choice(window + 1, reason)
    if few and with_lengths:
        choices["model.mlp_norm"] = Choice("layer", "each step by itself, so that a longer video changes nothing")
    return choices


def note_grid(measured: Measured, *, rate: float) -> Iterator[str]:
    """What is to say about the grid: actions too short for it, and durations that nobody said."""
    if _any(measured) and (short := measured.length(SHORT)) * rate < SHORT_STEPS / 2:
        yield (
            f"5 % of the actions last at most {short:.3g} s, {short * rate:.1f} steps of the grid: their boundaries "
            "will be coarse; a smaller clip stride or a higher frame rate would help"
        )
    if measured.undated:
        yield (
            f"{amount(len(measured.undated), 'video')} without 'duration', taken to end with the last action: "
            f"{', '.join(measured.undated[:3])}{', ...' if len(measured.undated) > 3 else ''}"
        )


def _wanted(measured: Measured, fps: float) -> float:
    """Frames between clips at which short actions still span the steps that they need."""
    return min(measured.length(SHORT) * fps / SHORT_STEPS, measured.length(SHORTEST) * fps / SHORTEST_STEPS)


def _any(measured: Measured) -> bool:
    return len(measured.seconds) > 0
