"""Small random sets with many ties, duplicates and zero lengths, as columns and as the tuples of `tests.naive`."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from logotal.evaluation.detections import Segments
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action
from tests.naive.evaluation import Prediction, Truth

NUM_LABELS = 3  # the last label never has a truth
TIOUS = (0.1, 0.25, 0.5, 0.75, 1.0)

Row = tuple[int, int, float, float, float]  # video, label, start, end, score


def rows(*, labels: int, min_length: int = 0, min_size: int = 0) -> st.SearchStrategy[list[Row]]:
    """Rows on a coarse grid of times and scores: equal segments, scores and tIoU are common."""
    row = st.tuples(
        st.integers(0, 2),
        st.integers(0, labels - 1),
        st.integers(0, 12),
        st.integers(min_length, 8),
        st.sampled_from((0.25, 0.5, 0.75, 1.0)),
    ).map(lambda r: (r[0], r[1], r[2] / 2, (r[2] + r[3]) / 2, r[4]))
    return st.lists(row, min_size=min_size, max_size=24)


truth_rows = rows(labels=NUM_LABELS - 1, min_length=1, min_size=1)
prediction_rows = rows(labels=NUM_LABELS)


def untied(listed: list[Row]) -> list[Row]:
    """The rows with a different score each, in the order of their scores."""
    rank = {row: index for index, row in enumerate(sorted(range(len(listed)), key=lambda i: listed[i][4]))}
    return [(*row[:4], (1 + rank[index]) / 32) for index, row in enumerate(listed)]


def segments(listed: list[Row]) -> Segments:
    """The rows as columns."""
    table = np.array(listed, np.float64).reshape(-1, 5)
    return Segments(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:4], table[:, 4])


def naive_truth(listed: list[Row], label: int | None = None) -> list[Truth]:
    """The rows of one label (or all), earliest first, for `tests.naive`."""
    return sorted((f"v{video}", start, end) for video, of, start, end, _ in listed if label in (None, of))


def naive_predictions(listed: list[Row], label: int | None = None) -> list[Prediction]:
    """The rows of one label (or all), for `tests.naive`."""
    return [(f"v{video}", start, end, score) for video, of, start, end, score in listed if label in (None, of)]


def annotations(*videos: VideoTruth, labels: tuple[str, ...] = ("jump", "run")) -> Annotations:
    """An annotation file of the given videos."""
    return Annotations(labels, {video.id: video for video in videos}, Path("truth.json"))


def video(name: str, *actions: tuple[float, float, str], split: str = "test", duration: float = 100.0) -> VideoTruth:
    """An annotated video."""
    return VideoTruth(name, split, tuple(Action(*action) for action in actions), duration)
