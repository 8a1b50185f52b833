"""Metrics on plain arrays: what a loop of one's own found, scored by the same evaluator as `logotal evaluate`.

Every function takes `truth` and `found`, with one entry per video, in the same order of videos:

- `truth`: (segments, labels) of each video;
- `found`: (segments, labels, scores) of each video.

`segments` (N, 2) are start and end in seconds, `labels` (N,) are strings or integers, `scores` (N,) are numbers; lists
will do. A video without actions has empty ones. Two rules hold as in every protocol: a true action shorter than a
millisecond does not count, and neither does a second one of the same label at the same place.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from logotal.errors import InputError
from logotal.evaluation.detections import Floats
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import THUMOS_RANGE, Protocol
from logotal.evaluation.result import Result
from logotal.evaluation.segment_f1 import SegmentF1, segment_f1
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action, Timeline

Truth = Sequence[tuple[ArrayLike, ArrayLike]]
"""(segments, labels) of each video."""

Found = Sequence[tuple[ArrayLike, ArrayLike, ArrayLike]]
"""(segments, labels, scores) of each video."""

TIOUS = THUMOS_RANGE["0.3:0.7"]
SPLIT = "all"


def mean_average_precision(truth: Truth, found: Found, tious: Sequence[float] = TIOUS) -> Floats:
    """The mAP at each tIoU (len(tious),), as fractions: the mean over the labels that have a truth.

    Its `.mean()` is the average mAP of papers.

    >>> truth = [([[1.0, 3.0], [6.0, 8.0]], ["jump", "run"])]
    >>> found = [([[1.1, 3.0], [5.0, 8.0]], ["jump", "run"], [0.9, 0.8])]
    >>> mean_average_precision(truth, found, tious=(0.5, 0.75))
    array([1. , 0.5])

    Raises:
        InputError: arrays or tIoU are not as expected, or there is no truth.
    """
    at = _evaluate(truth, found, tious).mean_average_precision
    return np.array([at[float(tiou)] for tiou in tious])


def recall_at_multiples(
    truth: Truth, found: Found, multiples: Sequence[int] = (1, 5), tious: Sequence[float] = TIOUS
) -> Floats:
    """Recall@kx for each tIoU and each k of `multiples` (len(tious), len(multiples)), as fractions.

    In a video with n truths of a label, the k * n detections of that label with the highest scores may cover them.

    >>> truth = [([[1.0, 3.0]], ["jump"])]
    >>> found = [([[5.0, 6.0], [1.0, 3.0]], ["jump", "jump"], [0.9, 0.4])]
    >>> recall_at_multiples(truth, found, multiples=(1, 2), tious=(0.5,))
    array([[0., 1.]])

    Raises:
        InputError: arrays, multiples or tIoU are not as expected, or there is no truth.
    """
    if not multiples or not all(isinstance(k, int | np.integer) and k >= 1 for k in multiples):
        raise InputError(f"multiples: expected whole numbers of at least 1, found {list(multiples)}")
    result = _evaluate(truth, found, tious, multiples=[int(k) for k in multiples])
    columns = [result.mean_recall(k) for k in multiples]
    return np.array([[column[float(tiou)] for column in columns] for tiou in tious])


def average_recall(truth: Truth, found: Found, numbers: Sequence[int] = (1, 5, 10, 100)) -> Floats:
    """AR@AN for each AN of `numbers` (len(numbers),), as fractions: recall with AN detections per video on average.

    It is the mean over tIoU 0.5:0.05:0.95, and labels are ignored: the rule of ActivityNet's proposal task.

    >>> truth = [([[1.0, 3.0]], [0])]
    >>> found = [([[5.0, 6.0], [1.0, 3.0]], [0, 1], [0.9, 0.4])]
    >>> average_recall(truth, found, numbers=(1, 2))
    array([0., 1.])

    Raises:
        InputError: arrays or numbers are not as expected, or there is no truth.
    """
    if not numbers or not all(isinstance(n, int | np.integer) and 1 <= n <= 100 for n in numbers):
        raise InputError(f"numbers: expected whole numbers from 1 to 100, found {list(numbers)}")
    curve = _evaluate(truth, found, (0.5,), numbers=[int(number) for number in numbers]).average_recall
    return np.array([curve[int(number)] for number in numbers])


def f1(truth: Truth, found: Found, tiou: float = 0.5) -> SegmentF1:
    """Precision, recall and F1 of all detections, per label (`labels`), of all together (`micro`) and as a mean.

    Every detection counts, so leave out those that are not to be shown. One whose label no truth has is wrong.

    >>> truth = [([[1.0, 3.0]], ["jump"])]
    >>> found = [([[5.0, 6.0], [1.0, 3.0]], ["jump", "jump"], [0.9, 0.4])]
    >>> round(f1(truth, found).micro.f1, 3)
    0.667

    Raises:
        InputError: arrays or tIoU are not as expected, or there is no truth.
    """
    return segment_f1(*_gathered(truth, found), _tious([tiou])[0])


def _evaluate(
    truth: Truth, found: Found, tious: Sequence[float], *, multiples: Sequence[int] = (), numbers: Sequence[int] = ()
) -> Result:
    videos, timelines, labels = _gathered(truth, found)
    annotations = Annotations(labels, {video.id: video for video in videos}, Path("truth"))
    rules = Protocol(
        "arrays",
        "arrays",
        {"mean": _tious(tious)},
        recall_multiples=tuple(multiples),
        average_numbers=tuple(numbers),
    )
    return evaluate(annotations, timelines, rules, SPLIT)


def _tious(tious: Sequence[float]) -> tuple[float, ...]:
    if not len(tious) or not all(0 < tiou <= 1 for tiou in tious):
        raise InputError(f"tIoU: expected numbers above 0 and at most 1, found {list(tious)}")
    return tuple(map(float, tious))


def _gathered(truth: Truth, found: Found) -> tuple[list[VideoTruth], list[Timeline], tuple[str, ...]]:
    """The arrays as the evaluator takes them, and all labels that occur."""
    if len(truth) != len(found):
        raise InputError(
            f"expected one entry per video in truth and in found, found {len(truth)} and {len(found)}; "
            "a video without detections has empty arrays"
        )
    kinds: dict[type, str] = {}
    names = [f"{index:09d}" for index in range(len(truth))]  # in alphabetical order, which is that of the evaluator
    true = [_actions(entry, f"truth[{index}]", kinds, scored=False) for index, entry in enumerate(truth)]
    detected = [_actions(entry, f"found[{index}]", kinds, scored=True) for index, entry in enumerate(found)]
    if not any(true):
        raise InputError("truth: expected at least one action, found none in any video")
    videos = [VideoTruth(name, SPLIT, actions) for name, actions in zip(names, true, strict=True)]
    timelines = [Timeline(name, actions) for name, actions in zip(names, detected, strict=True)]
    return videos, timelines, tuple(sorted({action.label for actions in (*true, *detected) for action in actions}))


def _actions(entry: Sequence[ArrayLike], where: str, kinds: dict[type, str], *, scored: bool) -> tuple[Action, ...]:
    parts = ("segments", "labels", "scores") if scored else ("segments", "labels")
    if len(entry) != len(parts):
        raise InputError(f"{where}: expected ({', '.join(parts)}), found {len(entry)} arrays")
    segments = _numbers(entry[0], f"{where}: segments")
    segments = segments.reshape(0, 2) if segments.size == 0 else segments
    if segments.ndim != 2 or segments.shape[1] != 2:
        raise InputError(f"{where}: expected segments (N, 2), found {segments.shape}; give start and end in seconds")
    backwards = segments[:, 0] > segments[:, 1]
    if backwards.any():
        row = int(np.argmax(backwards))
        start, end = segments[row].tolist()
        raise InputError(f"{where}: segment {row} ends before it starts, found [{start:g}, {end:g}]; swap or remove it")
    labels = _labels(entry[1], where, kinds)
    scores = _numbers(entry[2], f"{where}: scores") if scored else np.ones(len(segments))
    for name, shape in (("labels", (len(labels),)), ("scores", scores.shape)):
        if shape != (len(segments),):
            raise InputError(f"{where}: expected {name} ({len(segments)},), one per segment, found {shape}")
    rows = zip(segments.tolist(), labels, scores.tolist(), strict=True)
    return tuple(Action(start, end, label, score) for (start, end), label, score in rows)


def _numbers(values: ArrayLike, where: str) -> Floats:
    try:
        array: Floats = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where}: expected an array of numbers, found {values!r:.60}") from None
    if not np.isfinite(array).all():
        raise InputError(f"{where}: expected finite numbers, found {array[~np.isfinite(array)][0]}; remove that row")
    return array


def _labels(values: ArrayLike, where: str, kinds: dict[type, str]) -> list[str]:
    """The labels as text, which must be of one kind everywhere; `kinds` holds those met before, and where."""
    listed = np.asarray(values).tolist() if hasattr(values, "__array__") else values
    if not isinstance(listed, list | tuple) or not all(type(label) in (str, int) for label in listed):
        raise InputError(f"{where}: expected labels (N,) that are strings or integers, found {values!r:.60}")
    for label in listed:
        kinds.setdefault(type(label), where)
    if len(kinds) > 1:
        raise InputError(f"expected labels of one kind, found strings in {kinds[str]} and integers in {kinds[int]}")
    return [str(label) for label in listed]
