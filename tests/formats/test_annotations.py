import gzip
import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.timeline import Action
from tests.data.cases import action, entry, save_annotations
from tests.shared import shared


@pytest.fixture
def read(tmp_path):
    def read(database):
        return read_annotations(save_annotations(tmp_path / "actions.json", database))

    return read


def test_videos_are_read_with_their_actions_in_the_order_of_the_file(read):
    annotations = read(
        {
            "b": entry(action(3, 4.5, "run"), action(0, 1, "jump"), duration=9, fps=25),
            "a": entry(split="validation", url="https://example.org", frame=200),
        }
    )
    assert annotations.labels == ("jump", "run")
    assert dict(annotations.videos) == {
        "b": VideoTruth("b", "training", (Action(3.0, 4.5, "run"), Action(0.0, 1.0, "jump")), 9.0, 25.0),
        "a": VideoTruth("a", "validation"),
    }


def test_labels_follow_their_ids_where_all_have_one_and_the_alphabet_otherwise(read):
    listed = [action(0, 1, "run", label_id=0), action(1, 2, "jump", label_id=7)]
    assert read({"a": entry(*listed)}).labels == ("run", "jump")
    assert read({"a": entry(*listed, action(2, 3, "hop"))}).labels == ("hop", "jump", "run")


def test_a_file_without_videos_or_actions_has_no_labels(read):
    assert (read({}).labels, read({}).splits()) == ((), ())
    assert read({"a": entry()}).labels == ()


def test_splits_are_named_in_order_and_joined_on_demand(read):
    annotations = read({"a": entry(split="test"), "b": entry(split="train"), "c": entry(split="test")})
    assert annotations.splits() == ("test", "train")
    assert [video.id for video in annotations.split("test")] == ["a", "c"]
    assert [video.id for video in annotations.split("train", "test")] == ["a", "b", "c"]


def test_a_split_that_does_not_exist_is_refused_with_the_nearest_name(read):
    annotations = read({"a": entry(split="training"), "b": entry(split="test")})
    with pytest.raises(InputError, match=r"actions\.json: no video in split 'trainig'; did you mean 'training'\?"):
        annotations.split("trainig")
    with pytest.raises(InputError, match="no video in split 'x'; valid: training, test"):
        annotations.split("test", "x")


def test_gzipped_files_are_read(tmp_path):
    path = tmp_path / "actions.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"database": {"a": entry(action(0, 1))}}).encode()))
    assert read_annotations(path).labels == ("jump",)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "actions.json"
    path.write_text(json.dumps({"database": {"été": entry(action(0, 1))}}), encoding="utf-8-sig")
    assert list(read_annotations(path).videos) == ["été"]


FAULTS = {
    "a typo in a key of the file": ({"databse": {}}, r"unknown key 'databse'; did you mean 'database'\?"),
    "no database": ({}, "key 'database' is missing, found nothing"),
    "a database that is a list": ({"database": []}, r"'database' must be an object of videos, found \[\]"),
    "a list": ([], r"expected an object with the key 'database', found \[\]"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_of_the_file_are_named(tmp_path, content, message):
    path = tmp_path / "actions.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=message) as error:
        read_annotations(path)
    assert str(error.value).startswith(f"{path}: ")


VIDEO_FAULTS = {
    "a video that is a list": ([], r"expected an object with the key 'subset', found \[\]"),
    "a typo in a key of a video": (
        {"subset": "training", "anotations": []},
        r"unknown key 'anotations'; did you mean 'annotations'\?",
    ),
    "a typo in an optional key": (entry(durations=9), r"unknown key 'durations'; did you mean 'duration'\?"),
    "no split": ({"annotations": []}, "key 'subset' is missing, found 'annotations'"),
    "a split that is a number": (entry(split=3), "'subset' must be the name of a split, found 3"),
    "annotations that are an object": (
        {"subset": "a", "annotations": {}},
        "'annotations' must be a list of actions, found {}",
    ),
    "no duration at all": (entry(duration=0), "'duration' must be a positive number, found 0"),
    "a duration before 0": (entry(duration=-1.5), "'duration' must be a positive number, found -1.5"),
    "a duration in words": (entry(duration="9 s"), "'duration' must be a positive number, found '9 s'"),
    "a duration that is true": (entry(duration=True), "'duration' must be a positive number, found True"),
    "a duration that is no number": (entry(duration=float("nan")), "'duration' must be a positive number, found nan"),
    "an endless duration": (entry(duration=float("inf")), "'duration' must be a positive number, found inf"),
    "an astronomic duration": (entry(duration=10**400), "'duration' must be a positive number, found 1000"),
    "a frame rate of 0": (entry(fps=0), "'fps' must be a positive number, found 0"),
    "a group that is a number": (entry(group=7), "'group' must be a name, found 7"),
    "a group without a name": (entry(group=""), "'group' must be a name, found ''"),
    "a typo in the group": (entry(groop="anna"), r"unknown key 'groop'; did you mean 'group'\?"),
    "ignored spans that are an object": (entry(ignored={}), r"'ignored' must be a list of \[start, end\].*, found {}"),
    "an ignored span that is a number": (entry(ignored=[4]), r"ignored span 0: expected \[start, end\].*found 4"),
    "an ignored span of three times": (entry(ignored=[[0, 1], [1, 2, 3]]), r"ignored span 1: .* found \[1, 2, 3\]"),
    "an ignored span in words": (entry(ignored=[["0", 1]]), r"ignored span 0: .* found \['0', 1\]"),
    "an ignored span without length": (entry(ignored=[[2, 2]]), r"ignored span 0: .*end above start, found \[2, 2\]"),
    "an ignored span that ends before it starts": (entry(ignored=[[3, 2]]), r"ignored span 0: .* found \[3, 2\]"),
    "an endless ignored span": (entry(ignored=[[0, float("inf")]]), r"ignored span 0: .* found \[0, inf\]"),
}


@pytest.mark.parametrize(("video", "message"), VIDEO_FAULTS.values(), ids=VIDEO_FAULTS)
def test_faults_of_a_video_name_it(read, video, message):
    with pytest.raises(InputError, match=rf"actions\.json: video 'v 1'.*{message}"):
        read({"first": entry(), "v 1": video})


ACTION_FAULTS = {
    "no label": ({"segment": [0, 1]}, "key 'label' is missing, found 'segment'"),
    "a typo in a key": ({"segmnt": [0, 1], "label": "a"}, r"unknown key 'segmnt'; did you mean 'segment'\?"),
    "a typo in an optional key": (action(0, 1, labelid=3), r"unknown key 'labelid'; did you mean 'label_id'\?"),
    "a label that is a number": ({"segment": [0, 1], "label": 4}, "'label' must be a name, found 4"),
    "an action that is a list": ([0, 1, "jump"], r"expected an object with the key 'segment', found \[0, 1, 'jump'\]"),
    "an end before the start": (action(5, 3), r"ends before it starts, found \[5, 3\]; swap or remove it"),
    "a start that is no number": (
        action(float("nan"), 3),
        r"'segment' must be \[start, end\] in seconds, found \[nan, 3\]",
    ),
    "an endless action": (action(0, float("inf")), r"'segment' must be \[start, end\] in seconds, found \[0, inf\]"),
    "times in words": (action("0", "3"), r"'segment' must be \[start, end\] in seconds, found \['0', '3'\]"),
    "a time that is missing": (action(None, 3), r"'segment' must be \[start, end\] in seconds, found \[None, 3\]"),
    "three times": ({"segment": [0, 1, 2], "label": "a"}, r"'segment' must be \[start, end\] in seconds"),
    "a segment that is an object": (
        {"segment": {}, "label": "a"},
        r"'segment' must be \[start, end\] in seconds, found {}",
    ),
    "an astronomic time": (action(0, 10**400), r"'segment' must be \[start, end\] in seconds"),
}


@pytest.mark.parametrize(("item", "message"), ACTION_FAULTS.values(), ids=ACTION_FAULTS)
def test_faults_of_an_action_name_it_and_its_video(read, item, message):
    with pytest.raises(InputError, match=rf"actions\.json: video 'v', action 1:? .*{message}"):
        read({"v": entry(action(0, 1), item)})


def test_a_label_with_two_ids_is_refused(read):
    twice = {"v": entry(action(0, 1, label_id=3)), "w": entry(action(0, 1, label_id=4))}
    with pytest.raises(InputError, match="video 'w', action 0: label 'jump' has label_id 4 here and 3 elsewhere"):
        read(twice)
    sometimes = {"v": entry(action(0, 1, label_id=3), action(0, 1))}
    with pytest.raises(InputError, match="label 'jump' has label_id None here and 3 elsewhere"):
        read(sometimes)


def test_an_id_with_two_labels_is_refused(read):
    with pytest.raises(InputError, match=r"actions\.json: labels 'jump' and 'run' share label_id 3"):
        read({"v": entry(action(0, 1, "jump", label_id=3), action(0, 1, "run", label_id=3))})


def test_a_video_may_have_a_group_and_ignored_spans(read):
    found = read({"v": entry(group="anna", ignored=[[0, 1.5], [1, 2]])}).videos["v"]
    assert found == VideoTruth("v", "training", group="anna", ignored=((0.0, 1.5), (1.0, 2.0)))


def test_actions_without_length_or_beyond_the_video_are_left_for_the_selection(read):
    listed = read({"v": entry(action(2, 2), action(-1, 99), duration=5)}).videos["v"].actions
    assert listed == (Action(2.0, 2.0, "jump"), Action(-1.0, 99.0, "jump"))


BROKEN = {
    "no JSON": ("actions.json", b'{"database": \n {,}}', "not valid JSON at line 2: "),
    "half a file": ("actions.json", b'{"database": {"a"', "not valid JSON at line 1: "),
    "nothing": ("actions.json", b"", "not valid JSON at line 1: "),
    "other text": (
        "actions.json",
        '{"database": {"é"'.encode("latin-1"),
        "expected UTF-8 text, found other bytes at 15",
    ),
    "no gzip": ("actions.json.gz", b'{"database": {}}', "cannot be read"),
    "half a gzip": ("actions.json.gz", gzip.compress(b'{"database": {}}')[:-9], "cannot be read"),
    "a spoiled gzip": (
        "actions.json.gz",
        gzip.compress(b'{"database": {}}')[:10] + b"\xff" * 12 + gzip.compress(b'{"database": {}}')[22:],
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_broken_is_named_with_the_place_of_the_fault(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_annotations(path)
    assert str(error.value).startswith(f"{path}: ")


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.json: no such file"):
        read_annotations(tmp_path / "nowhere.json")
    with pytest.raises(InputError, match="expected a plain file, found a folder"):
        read_annotations(tmp_path)


def test_thumos14_has_20_labels_and_its_known_numbers_of_videos_and_actions():
    annotations = read_annotations(shared("thumos14/thumos14.json"))
    assert len(annotations.labels) == 20
    counts = {name: annotations.split(name) for name in annotations.splits()}
    assert {name: len(videos) for name, videos in counts.items()} == {"Validation": 200, "Test": 212}
    actions = {name: sum(len(video.actions) for video in videos) for name, videos in counts.items()}
    assert actions == {"Validation": 3007, "Test": 3358}


@pytest.mark.slow
def test_activitynet_has_200_labels_and_its_known_numbers_of_videos():
    annotations = read_annotations(shared("activitynet13/annotations.json.gz"))
    assert len(annotations.labels) == 200
    sizes = {name: len(annotations.split(name)) for name in annotations.splits()}
    assert sizes == {"training": 9649, "validation": 4728, "testing": 4851}


def test_a_video_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"database": {"v": {"subset": "a", "annotations": []}, "v": {"subset": "b", "annotations": []}}}')
    with pytest.raises(InputError, match=r"twice\.json: the key 'v' stands twice in one object; remove one"):
        read_annotations(path)
