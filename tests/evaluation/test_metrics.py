"""Metrics on arrays: the numbers of `evaluate` on the same data, and errors that say what is wrong with an array."""

import numpy as np
import pytest
import torch
from hypothesis import given

from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.metrics import average_recall, f1, mean_average_precision, recall_at_multiples
from logotal.evaluation.protocols import PROTOCOLS, Protocol
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import Annotations, VideoTruth, read_annotations
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import NUM_LABELS, TIOUS, Row, annotations, prediction_rows, truth_rows
from tests.shared import shared

NAMES = tuple(map(str, range(NUM_LABELS)))


def arrays(listed: list[Row], *, scored: bool) -> list[tuple[np.ndarray, ...]]:
    """The rows of each of the three videos."""
    table = np.array(listed, np.float64).reshape(-1, 5)
    videos = [table[table[:, 0] == video] for video in range(3)]
    entries = [(rows[:, 2:4], rows[:, 1].astype(np.int64), rows[:, 4]) for rows in videos]
    return entries if scored else [entry[:2] for entry in entries]


def of_files(truth: list[Row], found: list[Row]) -> tuple[Annotations, list[Timeline]]:
    """The same rows as annotations and timelines."""

    def actions(listed: list[Row], video: int) -> tuple[Action, ...]:
        return tuple(Action(row[2], row[3], NAMES[row[1]], row[4]) for row in listed if row[0] == video)

    videos = [VideoTruth(f"v{video}", "test", actions(truth, video)) for video in range(3)]
    return annotations(*videos, labels=NAMES), [Timeline(f"v{video}", actions(found, video)) for video in range(3)]


@given(truth_rows, prediction_rows)
def test_arrays_score_what_evaluate_gives(annotated: list[Row], predicted: list[Row]) -> None:
    truth, found = arrays(annotated, scored=False), arrays(predicted, scored=True)
    file, timelines = of_files(annotated, predicted)
    result = evaluate(file, timelines, Protocol("p", "p", {"mean": TIOUS}), "test")
    assert mean_average_precision(truth, found, TIOUS).tolist() == list(result.mean_average_precision.values())
    recall = recall_at_multiples(truth, found, (5, 1), TIOUS)
    assert recall.T.tolist() == [list(result.mean_recall(k).values()) for k in (5, 1)]
    assert average_recall(truth, found, (100, 5)).tolist() == [result.average_recall[n] for n in (100, 5)]
    shown = segment_f1(file.videos.values(), timelines, NAMES, 0.25)
    ours = f1(truth, found, 0.25)
    assert ours.micro == shown.micro
    assert [one for one in shown.labels if one.truths or one.detections] == list(ours.labels)


def test_the_detections_of_actionformer_as_arrays_have_their_numbers() -> None:
    file = read_annotations(shared("thumos14/thumos14.json"))
    timelines = {one.video: one for one in read_detections(shared("thumos14/actionformer_detections.json.gz"))}
    videos = sorted(file.split("Test"), key=lambda video: video.id)
    truth = [([(a.start, a.end) for a in video.actions], [a.label for a in video.actions]) for video in videos]
    found = [
        ([(a.start, a.end) for a in one], [a.label for a in one], [a.score for a in one])
        for one in (timelines.get(video.id, Timeline(video.id)) for video in videos)
    ]
    result = evaluate(file, timelines.values(), PROTOCOLS["thumos14"])
    at = mean_average_precision(truth, found)
    assert at.tolist() == list(result.mean_average_precision.values())
    assert (100 * at).round(2).tolist() == [82.13, 77.80, 70.95, 59.40, 43.88]
    assert 100 * at.mean() == pytest.approx(66.83, abs=0.005)
    recall = recall_at_multiples(truth, found)
    assert recall.T.tolist() == [list(result.mean_recall(k).values()) for k in (1, 5)]
    assert average_recall(truth, found).tolist() == list(result.average_recall.values())
    assert f1(truth, found, 0.5) == segment_f1(videos, timelines.values(), file.labels, 0.5)


TRUTH = [([[1.0, 3.0], [6.0, 8.0]], ["jump", "run"]), ([], [])]
FOUND = [([[1.1, 3.0]], ["jump"], [0.9]), ([], [], [])]


def test_lists_arrays_and_tensors_score_alike() -> None:
    truth = [(np.array([[1.0, 3.0], [6.0, 8.0]], np.float32), np.array(["jump", "run"])), (np.zeros((0, 2)), [])]
    found = [(torch.tensor([[1.1, 3.0]]), ("jump",), torch.tensor([0.9])), (np.zeros((0, 2)), [], [])]
    assert mean_average_precision(truth, found).tolist() == mean_average_precision(TRUTH, FOUND).tolist() == [0.5] * 5


def test_the_tious_keep_the_order_of_the_caller() -> None:
    found = [([[1.0, 3.0], [5.0, 8.0]], ["jump", "run"], [0.9, 0.8]), ([], [], [])]
    assert mean_average_precision(TRUTH, found, (0.75, 0.5)).tolist() == [0.5, 1.0]
    assert recall_at_multiples(TRUTH, found, (1,), (0.75, 0.5)).tolist() == [[0.5], [1.0]]


def test_a_label_without_truth_is_wrong_in_f1_and_outside_of_map() -> None:
    found = [([[1.0, 3.0], [6.0, 8.0], [6.0, 8.0]], ["jump", "run", "swim"], [0.9, 0.8, 0.7]), ([], [], [])]
    assert mean_average_precision(TRUTH, found).tolist() == [1.0] * 5
    assert f1(TRUTH, found).micro.precision == pytest.approx(2 / 3)


WRONG_FOUND = {
    "a video is missing": (FOUND[:1], "expected one entry per video in truth and in found, found 2 and 1"),
    "scores are missing": ([FOUND[0][:2], FOUND[1]], r"found\[0\]: expected \(segments, labels, scores\), found 2 arr"),
    "segments in rows": ([([[1.0], [3.0]], ["jump"], [0.9]), FOUND[1]], r"expected segments \(N, 2\), found \(2, 1\)"),
    "end before start": ([FOUND[1], ([[3, 1]], ["jump"], [1])], r"found\[1\]: segment 0 ends before it starts, found"),
    "nan": (
        [([[1.0, np.nan]], ["jump"], [0.9]), FOUND[1]],
        r"found\[0\]: segments: expected finite numbers, found n",
    ),
    "scores of words": ([([[1, 2]], ["jump"], ["x"]), FOUND[1]], r"found\[0\]: scores: expected an array of numbers"),
    "too few labels": ([([[1, 2], [3, 4]], ["jump"], [1, 1]), FOUND[1]], r"expected labels \(2,\), one per segment, f"),
    "too many scores": (
        [([[1, 2]], ["jump"], [1, 1]), FOUND[1]],
        r"expected scores \(1,\), one per segment, found \(",
    ),
    "integer labels": ([([[1, 2]], [0], [1]), FOUND[1]], r"found strings in truth\[0\] and integers in found\[0\]"),
    "mixed labels": ([([[1, 2]] * 2, ["jump", 0], [1, 1]), FOUND[1]], r"strings in truth\[0\] and integers in found"),
    "labels of truth values": ([([[1, 2]], [True], [1]), FOUND[1]], r"expected labels \(N,\) that are strings or in"),
    "labels of fractions": ([([[1, 2]], np.array([0.5]), [1]), FOUND[1]], r"expected labels \(N,\) that are strings"),
    "labels one-hot": ([([[1, 2]], np.eye(1, dtype=int), [1]), FOUND[1]], r"expected labels \(N,\) that are strings"),
}


@pytest.mark.parametrize("metric", [mean_average_precision, recall_at_multiples, average_recall, f1])
@pytest.mark.parametrize("case", WRONG_FOUND)
def test_wrong_arrays_are_named(metric, case: str) -> None:
    found, message = WRONG_FOUND[case]
    with pytest.raises(InputError, match=message):
        metric(TRUTH, found)


def test_wrong_settings_are_named() -> None:
    with pytest.raises(InputError, match=r"tIoU: expected numbers above 0 and at most 1, found \[0, 0.5\]"):
        mean_average_precision(TRUTH, FOUND, (0, 0.5))
    with pytest.raises(InputError, match=r"tIoU: expected numbers above 0 and at most 1, found \[50\]"):
        f1(TRUTH, FOUND, 50)
    with pytest.raises(InputError, match=r"tIoU: .* found \[\]"):
        recall_at_multiples(TRUTH, FOUND, tious=())
    with pytest.raises(InputError, match=r"multiples: expected whole numbers of at least 1, found \[0.5\]"):
        recall_at_multiples(TRUTH, FOUND, multiples=(0.5,))
    with pytest.raises(InputError, match=r"numbers: expected whole numbers from 1 to 100, found \[1000\]"):
        average_recall(TRUTH, FOUND, (1000,))
    with pytest.raises(InputError, match="truth: expected at least one action, found none in any video"):
        mean_average_precision([([], [])], [([], [], [])])
