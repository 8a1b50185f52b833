import json

import pytest

from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import Protocol
from logotal.evaluation.result import Result
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import annotations, video

PROTOCOL = Protocol("two", "two thresholds", {"low": (0.25,), "both": (0.25, 0.75)}, recall_multiples=(1,))


@pytest.fixture
def result() -> Result:
    truth = annotations(
        video("a", (0, 4, "jump"), (0, 4, "jump"), (6, 8, "jump")),
        video("b", (1, 3, "jump")),
        labels=("jump", "run"),
    )
    found = (Action(0, 2, "jump", 0.9), Action(6, 8, "jump", 0.8), Action(1, 2, "hop", 0.7))
    return evaluate(truth, [Timeline("a", found), Timeline("c", found)], PROTOCOL)


def test_lines_are_percents_at_the_thresholds_of_each_average_and_their_mean(result: Result):
    assert result.lines() == {"low": "66.67  66.67", "both": "66.67 16.67  41.67"}


def test_the_table_has_a_row_per_number_and_a_column_per_threshold_and_average(result: Result):
    assert result.table() == [
        ["tIoU", "0.25", "0.75", "low", "both"],
        ["mAP", "66.67", "16.67", "66.67", "41.67"],
        ["recall@1x", "66.67", "33.33", "66.67", "50.00"],
    ]


def test_the_label_table_counts_and_marks_labels_without_truth(result: Result):
    assert result.label_table() == [
        ["label", "truths", "detections", "0.25", "0.75", "low", "both"],
        ["jump", "3", "2", "66.67", "16.67", "66.67", "41.67"],
        ["run", "0", "0", "-", "-", "-", "-"],
    ]


def test_the_proposal_table_has_a_column_per_number(result: Result):
    header, row = result.proposal_table()

    assert header == ["AR@1", "AR@5", "AR@10", "AR@100", "AUC"]
    assert row[-2] == "36.67"  # (10 + 1) of 3 truths at 10 thresholds: 0.5 is reached once by the first


def test_notes_name_everything_that_was_left_out(result: Result):
    assert result.notes() == [
        "scored videos without any detection, their actions count as missed: 1 (b)",
        "videos with detections that are not scored in this split: 1 (c)",
        "detected labels that the annotations do not have, which count for AR@AN alone: 1 (hop (1 times))",
        "annotated actions dropped as duplicates: 1 (a 'jump' 0 to 4 s)",
    ]


def test_long_lists_are_cut_in_notes_but_not_in_json():
    names = [f"v{index:02}" for index in range(12)]
    result = evaluate(annotations(*(video(name, (1, 2, "jump")) for name in names)), [], PROTOCOL)

    assert result.notes(shown=2)[0].endswith("12 (v00, v01 and 10 more)")
    assert result.to_json()["without_detections"] == names


def test_json_has_the_rules_the_counts_and_the_numbers_as_fractions(result: Result):
    saved = json.loads(json.dumps(result.to_json(), allow_nan=False))

    assert saved["protocol"]["name"] == "two"
    assert saved["protocol"]["split"] == "test"
    assert saved["counts"] == {"videos": 2, "truths": 3, "predictions": 2}
    assert saved["mAP"] == {"0.25": pytest.approx(2 / 3), "0.75": pytest.approx(1 / 6)}
    assert saved["average_mAP"] == {"low": pytest.approx(2 / 3), "both": pytest.approx(5 / 12)}
    assert saved["recall"] == {"1x": {"0.25": pytest.approx(2 / 3), "0.75": pytest.approx(1 / 3)}}
    assert saved["labels"]["run"] == {"truths": 0, "predictions": 0, "AP": None}
    assert saved["duplicates"] == [{"video": "a", "label": "jump", "segment": [0, 4]}]
    assert saved["unknown_labels"] == {"hop": 1}
    assert saved["not_in_split"] == {"c": 3}
