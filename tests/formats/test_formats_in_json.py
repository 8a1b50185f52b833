"""Label Studio, FiftyOne and OpenTimelineIO: what they hold, what is read of others, what is refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.label_studio import read_label_studio, write_label_studio
from logotal.formats.open_timeline import read_otio, write_otio
from logotal.formats.timelines import read_timelines, write_timelines
from logotal.timeline import Action, Timeline
from tests.formats.test_formats_of_tools import SERVE, read

# Label Studio


def test_label_studio_tasks_count_frames_from_one_and_say_the_rate(tmp_path: Path) -> None:
    Timeline("v.mp4", (Action(0, 1, "jump", 0.5),), 2.0).save(tmp_path / "v.labelstudio.json")
    (task,) = json.loads((tmp_path / "v.labelstudio.json").read_text())
    assert task["data"] == {"video": "v.mp4", "fps": 24, "duration": 2.0}
    (result,) = task["predictions"][0]["result"]
    assert result["value"] == {"ranges": [{"start": 1, "end": 24}], "timelinelabels": ["jump"]}
    assert (result["from_name"], result["to_name"], result["type"]) == ("timelineLabels", "video", "timelinelabels")


def test_label_studio_and_edits_can_count_frames_of_another_rate() -> None:
    timeline = Timeline("v", (Action(1.001, 2.002, "jump"),), 30.0)
    (found,) = read_label_studio(write_label_studio([timeline], {}, fps=30000 / 1001), Path("v"))
    assert (found[0].start, found[0].end) == pytest.approx((1.001, 2.002), abs=1e-12)
    (found,) = read_otio(write_otio([timeline], {}, fps=30000 / 1001), Path("v"))
    assert (found[0].start, found[0].end) == pytest.approx((1.001, 2.002), abs=1e-12)


def task(result: object, **extra: object) -> str:
    return json.dumps([{"data": {"video": "a.mp4", "fps": "10"}, "annotations": [{"result": result}], **extra}])


def region(first: int, last: int, *labels: str) -> dict[str, object]:
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": labels}
    return {"type": "timelinelabels", "value": value}


def test_what_people_annotated_goes_before_what_was_predicted(tmp_path: Path) -> None:
    jump = {
        "type": "timelinelabels",
        "value": {"ranges": [{"start": 11, "end": 20}], "timelinelabels": ["jump", "air"]},
    }
    predictions = [{"result": [{**jump, "value": {"ranges": [{"start": 1, "end": 2}], "timelinelabels": ["no"]}}]}]
    found = read(task([jump, {"type": "choices", "value": {}}], predictions=predictions), ".labelstudio.json", tmp_path)
    assert found == [Timeline("a.mp4", (Action(1, 2, "air"), Action(1, 2, "jump")))]
    nothing = read(task([], predictions=predictions), ".labelstudio.json", tmp_path)
    assert nothing == [Timeline("a.mp4")]  # somebody looked, and found none
    skipped = json.dumps(
        [
            {
                "data": {"video": "a.mp4"},
                "annotations": [{"was_cancelled": True, "result": []}],
                "predictions": predictions,
            }
        ]
    )
    (predicted,) = read(skipped, ".labelstudio.json", tmp_path)
    assert predicted.actions == (Action(0, 2 / 24, "no"),)


def test_labels_on_the_sound_of_a_video_are_in_seconds(tmp_path: Path) -> None:
    sound = {"type": "labels", "value": {"start": 1.25, "end": 2.5, "channel": 0, "labels": ["Kickflip"]}}
    assert read(task([sound]), ".labelstudio.json", tmp_path) == [Timeline("a.mp4", (Action(1.25, 2.5, "Kickflip"),))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "the file must be a list of tasks, found dict"),
        ('[{"data": {"image": "a.png"}}]', "task 0: expected the video in 'data' under one of video, video_url, url"),
        ('[{"data": {"video": "a", "fps": 0}}]', "task 0: the frame rate must be positive"),
        ('[{"data": {"video": "a", "fps": "fast"}}]', "task 0: the frame rate must be a number, found 'fast'"),
        (
            task([], predictions=[]).replace('[{"result"', '[{"result": []}, {"result"'),
            "expected one of the annotations",
        ),
        ('[{"data": {"video": "a"}}, {"data": {"video": "a"}}]', "task 1: expected one task per video"),
        (task([{"type": "timelinelabels", "value": {}}]), "task 0, result 0: 'timelinelabels' must be a list"),
        (
            task([{"type": "timelinelabels", "value": {"ranges": [{"start": None}], "timelinelabels": ["a"]}}]),
            "task 0, result 0: 'start' must be a number, found None",
        ),
    ],
)
def test_label_studio_tasks_that_are_not_as_expected_are_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(text, ".labelstudio.json", tmp_path)


# FiftyOne


def test_fiftyone_labels_are_indices_of_classes_and_a_video_without_actions_is_null(tmp_path: Path) -> None:
    write_timelines([SERVE, Timeline("quiet")], tmp_path / "labels.fiftyone.json")
    content = json.loads((tmp_path / "labels.fiftyone.json").read_text())
    assert content["classes"] == ["serve", "volley & lob"]
    assert content["labels"]["match"][1] == {"label": 1, "timestamps": [7.0, 9.5], "confidence": 0.4}
    assert content["labels"]["quiet"] is None


def test_fiftyone_labels_may_be_words_and_without_confidence(tmp_path: Path) -> None:
    text = '{"labels": {"v": [{"label": "jump", "timestamps": [1, 2], "confidence": null, "attributes": {}}]}}'
    assert read(text, ".fiftyone.json", tmp_path) == [Timeline("v", (Action(1, 2, "jump"),))]


@pytest.mark.parametrize(
    ("detection", "message"),
    [
        ({"label": 0, "support": [1, 30]}, "found frames; export with use_timestamps=True"),
        ({"label": 0, "timestamps": [1]}, r"must be [start, end] in seconds, found [1]"),
        ({"label": 0, "timestamps": [1, "2"]}, "a timestamp must be a number, found '2'"),
        ({"label": 1, "timestamps": [1, 2]}, "'label' must be an index below 1, found 1"),
        ({"label": -1, "timestamps": [1, 2]}, "'label' must be an index below 1, found -1"),
        ({"label": True, "timestamps": [1, 2]}, "'label' must be an index below 1, found True"),
    ],
)
def test_fiftyone_detections_that_are_not_as_expected_are_named(
    detection: object, message: str, tmp_path: Path
) -> None:
    text = json.dumps({"classes": ["jump"], "labels": {"v": [detection]}})
    with pytest.raises(InputError, match="video 'v', detection 0: .*" + re.escape(message)):
        read(text, ".fiftyone.json", tmp_path)


# OpenTimelineIO


def test_an_edit_has_the_video_below_and_a_track_per_label(tmp_path: Path) -> None:
    timeline = Timeline("my match.mp4", (*SERVE.actions, Action(5, 6, "serve")), 10.0)
    timeline.save(tmp_path / "v.otio")
    edit = json.loads((tmp_path / "v.otio").read_text())
    tracks = edit["tracks"]["children"]
    assert [track["name"] for track in tracks] == ["my match.mp4", "serve", "serve", "volley & lob"]
    schemas = [[item["OTIO_SCHEMA"] for item in track["children"]] for track in tracks]
    assert schemas == [["Clip.1"], *[["Gap.1", "Clip.1"]] * 3]
    gap, clip = tracks[1]["children"]
    assert (gap["source_range"]["duration"]["value"], clip["source_range"]["start_time"]["value"]) == (78, 78)
    assert clip["media_reference"]["target_url"] == "my%20match.mp4"
    assert clip["media_reference"]["available_range"]["duration"] == {
        "OTIO_SCHEMA": "RationalTime.1",
        "value": 240,
        "rate": 24,
    }


def test_the_library_reads_our_edit_and_we_read_the_library_s(tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio")
    timeline = Timeline("match.mp4", (Action(1, 2, "a", 0.5), Action(1.5, 3, "a"), Action(4, 5, "b\n<i>")), 10.0)
    timeline.save(tmp_path / "v.otio")
    edit = otio.adapters.read_from_file(str(tmp_path / "v.otio"))
    assert edit.duration().to_seconds() == 10.0
    placed = [
        (item.name, item.range_in_parent().start_time.to_seconds(), item.duration().to_seconds())
        for track in edit.tracks
        for item in track
        if isinstance(item, otio.schema.Clip)
    ]
    assert placed == [("match.mp4", 0, 10), ("a", 1, 1), ("a", 1.5, 1.5), ("b\n<i>", 4, 1)]
    otio.adapters.write_to_file(edit, str(tmp_path / "again.otio"))
    assert read_timelines(tmp_path / "again.otio") == [timeline]


def test_edits_of_others_are_read_as_the_clips_on_their_tracks(tmp_path: Path) -> None:
    def item(schema: str, frames: float, name: str = "") -> dict[str, object]:
        length = {"OTIO_SCHEMA": "RationalTime.1", "value": frames, "rate": 25.0}
        return {"OTIO_SCHEMA": schema, "name": name, "source_range": {"start_time": None, "duration": length}}

    items = [item("Gap.1", 25), item("Clip.2", 50, "jump"), {"OTIO_SCHEMA": "Transition.1"}, item("Clip.2", 25, "run")]
    tracks = [{"kind": "Video", "children": items}, {"kind": "Audio", "children": [item("Clip.2", 5, "noise")]}]
    edit = {"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {"children": tracks}}
    assert read(json.dumps(edit), ".otio", tmp_path) == [Timeline("cut", (Action(1, 3, "jump"), Action(3, 4, "run")))]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda edit: edit | {"OTIO_SCHEMA": "Clip.1"}, "expected OpenTimelineIO's Timeline, found 'Clip.1'"),
        (lambda edit: edit | {"tracks": {}}, "the tracks must be a list of tracks"),
        (
            lambda edit: edit | {"tracks": {"children": [{"children": [{"OTIO_SCHEMA": "Stack.1"}]}]}},
            "track 0, item 0: expected a Clip or a Gap, found 'Stack.1'; flatten the edit",
        ),
        (
            lambda edit: edit | {"tracks": {"children": [{"children": [{"OTIO_SCHEMA": "Clip.1"}]}]}},
            "track 0, item 0: 'source_range' must be an object",
        ),
    ],
)
def test_edits_that_are_not_as_expected_are_named(
    change: Callable[[dict[str, object]], object], message: str, tmp_path: Path
) -> None:
    edit = change(json.loads(write_otio([SERVE], {})))
    with pytest.raises(InputError, match=re.escape(message)):
        read(json.dumps(edit), ".otio", tmp_path)
