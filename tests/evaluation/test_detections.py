import gzip
import json
import re
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.evaluation.detections import columns, read_detections
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import segments


def write(folder: Path, results: object, **other: object) -> Path:
    path = folder / "detections.json"
    path.write_text(json.dumps({"results": results, **other}))
    return path


GOOD = {"label": "jump", "score": 0.5, "segment": [1, 2.5]}


def test_reads_timelines_in_the_order_of_the_file(tmp_path: Path):
    path = write(tmp_path, {"b": [GOOD], "a": []}, version="1.3", external_data={})

    assert read_detections(path) == [Timeline("b", (Action(1.0, 2.5, "jump", 0.5),)), Timeline("a")]


def test_reads_a_gzipped_file(tmp_path: Path):
    path = tmp_path / "detections.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"results": {"a": [GOOD]}}).encode()))

    assert len(read_detections(path)[0]) == 1


def test_class_indices_become_names_where_the_labels_are_given(tmp_path: Path):
    path = write(tmp_path, {"a": [GOOD | {"label": 1}]})

    assert read_detections(path, labels=("jump", "run"))[0].labels == ("run",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": 3}, "'label' is the class index 3; give the labels"),
        ({"label": True}, "'label' must be a name, found True"),
        ({"label": None}, "'label' must be a name, found None"),
        ({"score": "0.5"}, "'score' must be a finite number, found '0.5'"),
        ({"score": float("nan")}, "'score' must be a finite number, found nan"),
        ({"score": True}, "'score' must be a finite number, found True"),
        ({"segment": [1]}, "'segment' must be [start, end] in seconds, found [1]"),
        ({"segment": "1-2"}, "'segment' must be [start, end] in seconds, found '1-2'"),
        ({"segment": [1, float("inf")]}, "'segment' must be [start, end] in seconds, found [1, inf]"),
        ({"segment": [2, 1]}, "ends before it starts, found [2, 1]"),
    ],
)
def test_a_wrong_value_is_named_with_its_video(tmp_path: Path, change: dict[str, object], message: str):
    path = write(tmp_path, {"clip_7": [GOOD, GOOD | change]})

    with pytest.raises(InputError, match=re.escape("video 'clip_7', detection 1: " + message)):
        read_detections(path)


def test_a_class_index_beyond_the_labels_is_an_error(tmp_path: Path):
    path = write(tmp_path, {"a": [GOOD | {"label": 2}]})

    with pytest.raises(InputError, match="class index 2, expected 0 to 1"):
        read_detections(path, labels=("jump", "run"))


@pytest.mark.parametrize(("typo", "key"), [("lable", "label"), ("scores", "score"), ("segmnt", "segment")])
def test_a_mistyped_key_names_the_nearest(tmp_path: Path, typo: str, key: str):
    detection = {typo if name == key else name: value for name, value in GOOD.items()}

    with pytest.raises(InputError, match=f"detection 0: unknown key '{typo}'; did you mean '{key}'"):
        read_detections(write(tmp_path, {"a": [detection]}))


def test_a_missing_key_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="key 'score' is missing"):
        read_detections(write(tmp_path, {"a": [{"label": "jump", "segment": [0, 1]}]}))


@pytest.mark.parametrize("item", [None, [1, 2], "jump", 3])
def test_a_detection_that_is_no_object_is_an_error(tmp_path: Path, item: object):
    with pytest.raises(InputError, match="detection 0: expected an object with the key 'label', found"):
        read_detections(write(tmp_path, {"a": [item]}))


def test_a_video_without_a_list_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match=r"video 'a': expected a list of detections, found .*'label'"):
        read_detections(write(tmp_path, {"a": GOOD}))


def test_a_mistyped_top_key_names_the_nearest(tmp_path: Path):
    path = tmp_path / "detections.json"
    path.write_text('{"result": {}}')

    with pytest.raises(InputError, match="unknown key 'result'; did you mean 'results'"):
        read_detections(path)


def test_columns_index_videos_and_labels_and_mark_the_unknown():
    timelines = [
        Timeline("b", (Action(1, 2, "run", 0.5), Action(3, 4, "swim", 0.25))),
        Timeline("empty"),
        Timeline("c", (Action(5, 6, "jump"),)),
    ]
    found = columns(timelines, videos=("a", "b"), labels=("jump", "run"))

    assert found.video.tolist() == [1, 1, -1]
    assert found.label.tolist() == [1, -1, 0]
    assert found.segment.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert found.score.tolist() == [0.5, 0.25, 1.0]


def test_columns_of_nothing_are_empty():
    assert columns([], (), ()).segment.shape == (0, 2)
    assert len(columns([Timeline("a")], ("a",), ()).ranked) == 0


@pytest.mark.parametrize(
    "action", [Action(2, 1, "run"), Action(0, float("nan"), "run"), Action(0, 1, "run", float("inf"))]
)
def test_columns_refuse_what_is_not_finite_or_not_in_order_and_name_the_video(action: Action):
    timelines = [Timeline("a", (Action(0, 1, "run"),)), Timeline("none"), Timeline("b", (action,))]

    with pytest.raises(InputError, match="video 'b': expected finite times in order"):
        columns(timelines, ("a", "b"), ("run",))


def test_ranked_goes_by_label_then_falling_score_and_of_equal_scores_the_later_row_first():
    listed = [
        (0, 1, 0.0, 1.0, 0.7),
        (0, 0, 2.0, 4.0, 0.5),
        (1, 0, 0.0, 1.0, 0.5),
        (1, 0, 5.0, 6.0, 0.9),
        (0, 0, 2.0, 3.0, 0.5),
    ]
    ranked = [listed[row] for row in (3, 4, 2, 1, 0)]
    found = segments(listed).ranked

    assert found.segment.tolist() == [[row[2], row[3]] for row in ranked]
    assert found.score.tolist() == [row[4] for row in ranked]
