"""Action segmentation: one label for every frame, scored as MS-TCN's evaluation does.

Accuracy counts frames. The edit score compares the order of segments, and F1@10, 25 and 50 their overlap; both leave
the background out (Farha and Gall, CVPR 2019, with their public eval.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from logotal.errors import InputError
from logotal.evaluation.frame_labels import BACKGROUND, frame_count, frame_labels, held
from logotal.evaluation.measured import Given, Measured
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Timeline

OVERLAPS = (0.1, 0.25, 0.5)


@dataclass(frozen=True)
class FrameScores:
    """Scores of action segmentation, as fractions; `f1` by overlap."""

    accuracy: float
    edit: float
    f1: Mapping[float, float]


@dataclass(frozen=True)
class Segmentation:
    """Action segmentation as a protocol has it: the actions that would be shown label the frames.

    Frames are those of the video, by its frame rate and duration. The true actions of a video must not overlap.
    """

    background: str = BACKGROUND

    def __call__(self, given: Given) -> Measured:
        """Frame accuracy, edit score and F1 by overlap.

        Raises:
            InputError: a video without a frame rate or a duration, or with two true actions at a time.
        """
        truth, found = [], []
        for video, shown in given.pairs():
            line = Timeline(video.id, video.actions, video.duration or shown.duration)
            fps = _rate(video)
            _check_apart(line, fps)
            truth.append(frame_labels(line, fps, background=self.background))
            found.append(frame_labels(shown, fps, len(truth[-1]), self.background))
        scores = frame_scores(truth, found, background=(self.background,))
        numbers = {"frame accuracy": scores.accuracy, "edit": scores.edit}
        numbers |= {f"F1@{100 * overlap:g}": value for overlap, value in scores.f1.items()}
        rates = sorted({video.fps for video in given.videos if video.fps})
        frames = f"{sum(map(len, truth)):,} frames at {rates[0]:g}{f' to {rates[-1]:g}' if rates[1:] else ''} fps"
        return Measured(numbers, f"{frames}, of {given.shown_by}; without one it is {self.background!r}")


def _rate(video: VideoTruth) -> float:
    if video.fps is None:
        raise InputError(
            f"video {video.id!r}: expected its frames per second, for each frame has a label, found none; add "
            '"fps" to the annotations, or say how many frames a second count with --fps'
        )
    return video.fps


def _check_apart(line: Timeline, fps: float) -> None:
    """Makes sure that no frame is held by two actions of different labels.

    Raises:
        InputError: one is.
    """
    frames, taken, owner = frame_count(line, fps), 0, ""
    for action in line:
        first, behind = held(action, fps, frames)
        if first < min(taken, behind) and action.label != owner:
            raise InputError(
                f"video {line.video!r}: expected one action at a time, for each frame has one label, found {owner!r} "
                f"and {action.label!r} at {action.start:g} s; score actions that overlap by another protocol"
            )
        if behind > taken:
            taken, owner = behind, action.label


def frame_scores(
    truth: Sequence[Sequence[str]],
    found: Sequence[Sequence[str]],
    *,
    background: Sequence[str] = (BACKGROUND,),
    overlaps: Sequence[float] = OVERLAPS,
) -> FrameScores:
    """Scores labels of frames, a sequence for each video.

    >>> frame_scores([["a", "a", "b", "b"]], [["a", "b", "b", "b"]]).accuracy
    0.75

    Args:
        truth: the true label of every frame, per video.
        found: as many that were found.
        background: labels that are no segments; in the accuracy they count like any other.
        overlaps: tIoU from which a segment counts as found.

    Raises:
        InputError: there is no frame, or the two do not have the same frames.
    """
    if [len(each) for each in truth] != [len(each) for each in found] or not any(map(len, truth)):
        raise InputError(
            f"expected videos with as many found labels as true ones, found frames {[*map(len, truth)]} and "
            f"{[*map(len, found)]}"
        )
    right = sum(one == other for video in zip(truth, found, strict=True) for one, other in zip(*video, strict=True))
    pairs = [
        (_segments(true, background), _segments(seen, background)) for true, seen in zip(truth, found, strict=True)
    ]
    return FrameScores(
        accuracy=right / sum(map(len, truth)),
        edit=float(np.mean([_edit_score([row[2] for row in true], [row[2] for row in seen]) for true, seen in pairs])),
        f1={overlap: _f1(pairs, overlap) for overlap in overlaps},
    )


Segment = tuple[int, int, str]


def _segments(labels: Sequence[str], background: Sequence[str]) -> list[Segment]:
    """(first frame, frame behind, label) of every run of equal labels."""
    segments, start = [], 0
    for label, run in groupby(labels):
        end = start + len(list(run))
        if label not in background:
            segments.append((start, end, label))
        start = end
    return segments


def _edit_score(true: Sequence[str], found: Sequence[str]) -> float:
    """1 less the edit distance (Levenshtein) in times of the longer of the two; 1 for two empty ones."""
    row = list(range(len(found) + 1))
    for index, label in enumerate(true, 1):
        before, row[0] = row[0], index
        for other, seen in enumerate(found, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (label != seen))
    longest = max(len(true), len(found))
    return 1.0 - row[-1] / longest if longest else 1.0


def _f1(pairs: Sequence[tuple[list[Segment], list[Segment]]], overlap: float) -> float:
    """F1 of all segments: each found one, in order of time, takes the true one of most overlap, if that is free."""
    right = 0
    for true, found in pairs:
        taken = set()
        for start, end, label in found:
            # Over the hull of the two, as published; for segments that touch it is their union.
            overlaps = [
                (min(end, behind) - max(start, first)) / (max(end, behind) - min(start, first)) * (label == named)
                for first, behind, named in true
            ]
            best = int(np.argmax(overlaps)) if overlaps else -1
            if best >= 0 and overlaps[best] >= overlap and best not in taken:
                taken.add(best)
        right += len(taken)
    count = sum(len(true) + len(found) for true, found in pairs)
    return 2.0 * right / count if count else 0.0
