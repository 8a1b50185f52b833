"""Action spotting: moments, scored by average precision with a tolerance in time, as SoccerNet does.

A moment that was found counts within half the tolerance on either side. AP is interpolated at 11 recalls over 200
thresholds of the score; over the tolerances it is integrated by trapezoids (Giancola et al., CVPRW 2018; package
SoccerNet 0.2.0). True moments choose in the order of time, so a wider tolerance can lower the AP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.evaluation.detections import Floats
from logotal.evaluation.measured import Given, Measured
from logotal.timeline import Action

LOOSE = tuple(float(seconds) for seconds in range(5, 65, 5))
TIGHT = tuple(float(seconds) for seconds in range(1, 6))
FRAME_RATE = 2.0
"""Moments a second that are told apart: of several in one such frame, the last that was given counts."""

Moments = Sequence[tuple[float, int]]
"""(time in seconds, class) of each true moment of a video."""
Spotted = Sequence[tuple[float, float, int]]
"""(time in seconds, score from 0 to 1, class) of each moment that was found."""


@dataclass(frozen=True)
class SpottingScores:
    """Average mAP over the tolerances, the same for each class, and the mAP at each tolerance; as fractions."""

    average: float
    per_class: Floats
    at: Floats


@dataclass(frozen=True)
class Spotting:
    """Action spotting as a protocol has it: of an action that has length, one moment counts; all detections do.

    The mean is over the labels that have a truth in the videos, as for mAP.
    """

    moment: Literal["middle", "start"] = "middle"

    def __call__(self, given: Given) -> Measured:
        """Average mAP with loose and tight tolerances, and the mAP at each; both averages of each label.

        Raises:
            InputError: there is no true moment, or a score is not between 0 and 1.
        """
        truths = [action for video in given.videos for action in video.actions]
        names = [label for label in given.labels if any(action.label == label for action in truths)]
        if not names:
            raise InputError(f"expected actions to spot, found none in {len(given.videos)} videos")
        index = {label: i for i, label in enumerate(names)}
        true = [
            [(self._time(each), index[each.label]) for each in video.actions if each.label in index]
            for video in given.videos
        ]
        found = [
            sorted(
                (self._time(each), _score(each, line.video), index[each.label]) for each in line if each.label in index
            )
            for line in given.detected
        ]
        ranges = {"loose": LOOSE, "tight": TIGHT}
        scores = {
            name: spotting_scores(true, found, classes=len(names), tolerances=range_) for name, range_ in ranges.items()
        }
        numbers = {f"average mAP, {name}": each.average for name, each in scores.items()}
        at = {
            seconds: value
            for name, each in scores.items()
            for seconds, value in zip(ranges[name], each.at, strict=True)
        }
        numbers |= {f"mAP at {seconds:g} s": float(value) for seconds, value in sorted(at.items())}
        labels = {
            label: {name: float(each.per_class[i]) for name, each in scores.items()} for label, i in index.items()
        }
        long = sum(1 for action in truths if action.duration > 0)
        notes = (f"{long} of {len(truths)} true actions have length: their {self.moment} counts",) if long else ()
        return Measured(numbers, f"of all detections; of one with length the {self.moment} counts", labels, notes)

    def _time(self, action: Action) -> float:
        time = action.start if self.moment == "start" else (action.start + action.end) / 2
        return max(time, 0.0)  # what was found may begin before its video


def _score(action: Action, video: str) -> float:
    if not 0 <= action.score <= 1:
        raise InputError(
            f"video {video!r}: expected scores from 0 to 1, for SoccerNet sets thresholds there, found "
            f"{action.score:g} of {action.label!r}; bring the scores into that range"
        )
    return action.score


def spotting_scores(
    truth: Sequence[Moments],
    found: Sequence[Spotted],
    *,
    classes: int,
    tolerances: Sequence[float] = LOOSE,
    fps: float = FRAME_RATE,
) -> SpottingScores:
    """Scores moments, a list for each video.

    >>> spotting_scores([[(10.0, 0)]], [[(11.0, 0.9, 0)]], classes=1, tolerances=(1.0, 2.0)).at
    array([0., 1.])

    Raises:
        InputError: the two have not as many videos, there are not two tolerances, or a number is out of its range.
    """
    if len(truth) != len(found) or len(tolerances) < 2:
        raise InputError(
            f"expected as many videos in truth and in found and two tolerances or more, found {len(truth)}, "
            f"{len(found)} and {len(tolerances)}"
        )
    true = [_frames([(time, 1.0, index) for time, index in video], fps, classes) for video in truth]
    seen = [_frames(video, fps, classes) for video in found]
    precision = np.array(
        [
            [
                _average_precision([(one[index], other[index]) for one, other in zip(true, seen, strict=True)], width)
                for index in range(classes)
            ]
            for width in (tolerance * fps for tolerance in tolerances)
        ]
    )  # (tolerances, classes)
    per_class = (precision[1:] + precision[:-1]).sum(0) / 2 / (len(tolerances) - 1)
    at = precision.mean(1)
    return SpottingScores(float((at[1:] + at[:-1]).sum() / 2 / (len(at) - 1)), per_class, at)


Frames = tuple[NDArray[np.int64], Floats]
"""Frames in rising order, and their scores."""


def _frames(moments: Spotted, fps: float, classes: int) -> list[Frames]:
    """The frames of each class, each once."""
    scores: list[dict[int, float]] = [{} for _ in range(classes)]
    for time, score, index in moments:
        if not (0 <= time < np.inf and 0 <= score <= 1 and 0 <= index < classes):
            raise InputError(
                f"expected a time from 0, a score from 0 to 1 and a class below {classes}, found {(time, score, index)}"
            )
        scores[index][int(time * fps)] = score
    return [(np.array(sorted(each), np.int64), np.array([each[at] for at in sorted(each)])) for each in scores]


def _average_precision(videos: Sequence[tuple[Frames, Frames]], width: float) -> float:
    """AP of one class at a tolerance of `width` frames."""
    scores = np.concatenate([found[1] for _, found in videos])
    right = np.concatenate([_right(true[0], *found, width) for true, found in videos])
    truths = sum(len(true[0]) for true, _ in videos)
    shown = scores >= np.linspace(0, 1, 200)[:, None]  # (thresholds, found)
    hits = (shown & right).sum(1)
    precision = hits / np.maximum(shown.sum(1), 1)
    recall = hits / max(truths, 1)
    return float(np.mean([precision[recall >= least].max(initial=0.0) for least in np.arange(11) / 10]))


def _right(true: NDArray[np.int64], found: NDArray[np.int64], scores: Floats, width: float) -> NDArray[np.bool_]:
    """Which of the found moments are right: each true one, in order of time, takes the surest free one near it."""
    taken = np.zeros(len(found), np.bool_)
    for moment in true:
        near = np.flatnonzero((np.abs(found - moment) <= width / 2) & ~taken)
        if len(near):
            taken[near[np.argmax(scores[near])]] = True
    return taken
