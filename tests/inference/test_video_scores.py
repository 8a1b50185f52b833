"""Video scores of an external classifier at their edges; `test_fusion.py` has the rule."""

import json
import math

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.video_scores import read_video_scores

LABELS = ("jump", "run", "swim")
CANDIDATES = Candidates(np.array([[0.0, 1], [2, 3], [4, 5]]), np.array([0.25, 0.81, 0.49]), np.zeros(3, dtype=np.int64))


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "scores.json"
        path.write_text(json.dumps(content))
        return path

    return write


def read(write, content):
    return read_video_scores(write(content), LABELS)


def test_more_labels_or_segments_than_there_are_are_all_of_them(write):
    fused = read(write, {"v": [1, 1, 1]}).fuse("v", CANDIDATES, num_labels=9, num_segments=9)
    assert (len(fused), sorted(set(fused.labels.tolist()))) == (9, [0, 1, 2])


def test_a_video_without_candidates_keeps_none(write):
    fused = read(write, {"v": [1, 1, 1]}).fuse(
        "v", CANDIDATES.take(np.zeros(3, dtype=bool)), num_labels=2, num_segments=9
    )
    assert (len(fused), fused.segments.shape) == (0, (0, 2))


FORMS = {
    "in the order of their own classes": {"results": {"v": [0.3, 0.1, 0.2]}, "class": ["swim", "jump", "run"]},
    "in the order of the labels": {"results": {"v": [0.1, 0.2, 0.3]}},
    "without an envelope": {"v": [0.1, 0.2, 0.3]},
    "by label": {"v": {"run": 0.2, "swim": 0.3, "jump": 0.1}},
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_scores_may_be_listed(write, content):
    assert read(write, content).scores["v"].tolist() == [0.1, 0.2, 0.3]


def test_labels_that_are_not_listed_score_nothing(write):
    assert read(write, {"v": {"run": 0.2}}).scores["v"].tolist() == [0, 0.2, 0]


def test_a_video_without_scores_is_named(write):
    with pytest.raises(InputError, match=r"scores\.json: no scores for video 'w'"):
        read(write, {"v": [0, 0, 1]}).fuse("w", CANDIDATES, num_labels=2, num_segments=9)


FAULTS = {
    "nested scores": (
        {"v": [[0.1, 0.2, 0.3]]},
        r"video 'v': expected a list of numbers, .*found \[\[0\.1, 0\.2, 0\.3\]\]",
    ),
    "no scores": ({"v": None}, "video 'v': expected a list of numbers, .*found None"),
    "a score that is no number": ({"v": [0.1, math.nan, 0.3]}, "video 'v': expected a list of numbers, finite"),
    "results that are a list": ({"results": [1]}, r"'results' must be an object of videos, found \[1\]"),
    "classes that are a number": ({"results": {}, "class": 3}, "'class' must be a list of labels, found 3"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_in_the_file_are_named(write, content, message):
    with pytest.raises(InputError, match=message):
        read(write, content)
