"""The formats of annotation tools and editors: what they keep, what they refuse, what they read of others."""

import csv
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.data.formats import read_timelines, write_timelines
from logotal.data.formats.frames import frames_of
from logotal.data.formats.label_studio import read_label_studio, write_label_studio
from logotal.data.formats.lanes import lanes
from logotal.data.formats.open_timeline import read_otio, write_otio
from logotal.errors import InputError
from logotal.timeline import Action, Timeline

SERVE = Timeline("match", (Action(3.25, 5.75, "serve", 0.81), Action(7, 9.5, "volley & lob", 0.4)), duration=10.0)
HOSTILE = Timeline(
    "a <b>&amp;\"'",
    (Action(0, 1, "<i>'\"&amp;]]>"), Action(1, 2, "=cmd()"), Action(2, 3, r"日本 é # \ {}")),
)
CONTROLS = "a\tb\nc\rd\x00e\x1ff\x7f\x85"

finite = st.floats(allow_nan=False, allow_infinity=False)
anything = st.text()
one_line = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@st.composite
def timelines(
    draw: st.DrawFn, *, labels: st.SearchStrategy[str], grid: float, names: st.SearchStrategy[str]
) -> Timeline:
    """Timelines on a grid of times, at least one step long each."""
    spans = draw(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 5000)), max_size=5))
    actions = [Action(first / grid, (first + length) / grid, draw(labels), draw(finite)) for first, length in spans]
    return Timeline(draw(names), tuple(actions), draw(st.none() | st.floats(0, 1e6)))


def written_and_read(given_timelines: list[Timeline], suffix: str) -> list[Timeline]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"timeline{suffix}"
        write_timelines(given_timelines, path)
        return read_timelines(path)


def unscored(timeline: Timeline) -> tuple[Action, ...]:
    return Timeline("", tuple(replace(action, score=1.0) for action in timeline)).actions


def read(text: str, suffix: str, folder: Path) -> list[Timeline]:
    path = folder / f"v{suffix}"
    path.write_text(text, encoding="utf-8", newline="")
    return read_timelines(path)


# Round trips


@given(timelines(labels=one_line, grid=1e6, names=anything))
@settings(deadline=None, max_examples=50)
def test_audacity_gives_back_times_to_the_microsecond_and_labels(timeline: Timeline) -> None:
    (back,) = written_and_read([timeline], ".txt")
    assert back == Timeline("timeline", unscored(timeline))


@given(st.lists(timelines(labels=anything, grid=3, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_fiftyone_gives_back_equal_timelines(given_timelines: list[Timeline]) -> None:
    assert written_and_read(given_timelines, ".fiftyone.json") == given_timelines


@given(st.lists(timelines(labels=anything, grid=3, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_via_gives_back_the_actions_of_videos_that_have_any(given_timelines: list[Timeline]) -> None:
    expected = [replace(timeline, duration=None) for timeline in given_timelines if len(timeline)]
    assert written_and_read(given_timelines, ".via.csv") == expected


@given(st.lists(timelines(labels=anything, grid=24, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_label_studio_gives_back_whole_frames_exactly(given_timelines: list[Timeline]) -> None:
    assert written_and_read(given_timelines, ".labelstudio.json") == given_timelines


@given(timelines(labels=anything, grid=24, names=anything))
@settings(deadline=None, max_examples=50)
def test_an_edit_gives_back_whole_frames_exactly(timeline: Timeline) -> None:
    assert written_and_read([timeline], ".otio") == [timeline]


@given(timelines(labels=one_line.filter(str.strip), grid=1000, names=one_line))
@settings(deadline=None, max_examples=50)
def test_elan_gives_back_milliseconds_exactly(timeline: Timeline) -> None:
    assert written_and_read([timeline], ".eaf") == [timeline]


@pytest.mark.parametrize("suffix", [".txt", ".via.csv", ".labelstudio.json", ".fiftyone.json", ".eaf", ".otio"])
def test_markup_formulas_and_every_script_are_only_text(suffix: str) -> None:
    (back,) = written_and_read([HOSTILE], suffix)
    assert [action.label for action in back] == [action.label for action in HOSTILE]
    assert back.video == ("timeline" if suffix == ".txt" else HOSTILE.video)


@pytest.mark.parametrize("suffix", [".via.csv", ".labelstudio.json", ".fiftyone.json", ".otio"])
def test_line_breaks_tabs_and_control_characters_come_back(suffix: str) -> None:
    (back,) = written_and_read([Timeline("v", (Action(0, 1, CONTROLS),))], suffix)
    assert back[0].label == CONTROLS


@pytest.mark.parametrize("suffix", [".txt", ".eaf"])
@pytest.mark.parametrize("character", sorted(set(CONTROLS) - set("abcdef")))
def test_lines_of_text_refuse_control_characters(suffix: str, character: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(f"without control characters, found {character!r} in 'a")):
        Timeline("v", (Action(0, 1, f"a{character}b"),)).save(tmp_path / f"v{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".txt", ".eaf", ".otio", ".labelstudio.json"])
def test_formats_that_begin_with_the_video_refuse_what_is_earlier(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"begin at 0 seconds, found Action\(start=-1"):
        Timeline("v", (Action(-1, 1, "early"),)).save(tmp_path / f"v{suffix}")


@pytest.mark.parametrize("suffix", [".eaf", ".otio", ".labelstudio.json"])
def test_formats_in_steps_refuse_an_action_that_ends_before_it_starts(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="end after they start, found"):
        Timeline("v", (Action(2, 1, "back"),)).save(tmp_path / f"v{suffix}")


@pytest.mark.parametrize("suffix", [".txt", ".eaf", ".otio"])
def test_formats_of_one_video_refuse_two(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"hold one video, found 2; write \.json or \.csv, or a file for each"):
        write_timelines([SERVE, Timeline("other")], tmp_path / f"all{suffix}")


@pytest.mark.parametrize("suffix", [".txt", ".via.csv", ".labelstudio.json", ".fiftyone.json", ".eaf", ".otio"])
def test_the_same_timeline_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        SERVE.save(tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


# Lanes and frames


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=20))
@settings(deadline=None, max_examples=60)
def test_lanes_hold_everything_once_without_overlap_and_are_as_few_as_can_be(found: list[tuple[int, int]]) -> None:
    items = [((first, first + length), i) for i, (first, length) in enumerate(found)]
    spread = lanes(items)
    assert sorted(item for lane in spread for item in lane) == sorted(items)
    for lane in spread:
        assert all(before[0][1] <= after[0][0] for before, after in pairwise(lane))
    at_once = [sum(first <= t < behind for (first, behind), _ in items) for t in range(40)]
    assert len(spread) == max(at_once)


def test_an_action_too_short_for_a_frame_takes_one() -> None:
    assert frames_of(Action(1.01, 1.015, "tick"), fps=24) == (24, 25)
    assert frames_of(Action(1e308, 1e308, "late"), fps=24)[0] == int(1e308) * 24


# Audacity


def test_audacity_labels_are_as_audacity_exports_them(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "match.txt")
    assert (tmp_path / "match.txt").read_bytes() == b"3.250000\t5.750000\tserve\n7.000000\t9.500000\tvolley & lob\n"


def test_audacity_labels_of_others_are_read(tmp_path: Path) -> None:
    text = "\ufeff1,5\t2,5\tjump\r\n\\\t440.000000\t880.000000\r\n3.0\t3.0\r\n4\t5\ta\tb\u2028c\r\n\r\n"
    (found,) = read(text, ".txt", tmp_path)
    assert found == Timeline("v", (Action(1.5, 2.5, "jump"), Action(3, 3, ""), Action(4, 5, "a\tb\u2028c")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video_1 0.5 2.0\n", "line 1: expected start, end and label between tabs, found 'video_1 0.5 2.0'"),
        ("1\t2\ta\n1\tinf\tb\n", "line 2: end must be a number, found 'inf'"),
    ],
)
def test_audacity_labels_that_are_not_as_expected_are_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(text, ".txt", tmp_path)


# VIA


def test_via_csv_has_ten_lines_of_comment_and_the_columns_of_via(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "match.via.csv")
    lines = (tmp_path / "match.via.csv").read_text().splitlines()
    assert [line[0] for line in lines] == ["#"] * 10 + ['"'] * 2
    assert lines[9].endswith("metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata")
    assert next(csv.reader(lines[10:])) == [
        "1_1",
        '["match"]',
        "0",
        "[3.25, 5.75]",
        "[]",
        '{"1": "serve", "2": "0.81"}',
    ]


VIA_OF_OTHERS = """# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)
# ATTRIBUTE = {"1":{"aname":"Who","options":{}},"3":{"aname":"TEMPORAL-SEGMENTS","options":{"0":"jump","1":"run"}}}
# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata,,,
"1_a","[""a.mp4""]",0,"[1.5,2]","[]","{""1"":""Ann"",""3"":""1""}"
"1_b","[""a.mp4""]",0,"[1.7]","[2,10,20,30,40]","{""1"":""Ann""}"
"1_c","[""a.mp4""]",0,"[]","[]","{""1"":""Ann""}"
"2_d","[""b.mp4""]",0,"[0,9]","[]","{""3"":""fly""}"
"""


def test_segments_that_via_exported_are_read_and_regions_are_not(tmp_path: Path) -> None:
    assert read(VIA_OF_OTHERS, ".via.csv", tmp_path) == [
        Timeline("a.mp4", (Action(1.5, 2, "run"),)),
        Timeline("b.mp4", (Action(0, 9, "fly"),)),
    ]


def test_the_export_of_only_segments_is_read(tmp_path: Path) -> None:
    text = (
        "# CSV_HEADER = metadata_id,file_list,temporal_segment_start,temporal_segment_end,metadata\r\n"
        '"1_a","[""a.mp4""]",1.5,2,"{""TEMPORAL-SEGMENTS"":""run"",""score"":""0.5""}"\r\n'
    )
    assert read(text, ".via.csv", tmp_path) == [Timeline("a.mp4", (Action(1.5, 2, "run", 0.5),))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "line 1: expected metadata_id, file_list"),
        ('"x', "line 1: not valid CSV"),
        ('1,"[""a""]",0,"[1,""x""]",[],"{""1"":""j""}"', "line 1: a time must be a number, found 'x'"),
        ('1,"[""a""]",0,"[1,2]",[],"{}"', "line 1: expected a file and a label"),
        ('1,oops,0,"[1,2]",[],"{}"', "line 1: file_list: not valid JSON"),
        ("# ATTRIBUTE = [", "line 1: not valid JSON"),
    ],
)
def test_via_csv_that_is_not_as_expected_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(text, ".via.csv", tmp_path)


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


# ELAN


def tiers(path: Path) -> dict[str, int]:
    document = ElementTree.fromstring(path.read_text())
    return {tier.get("TIER_ID", ""): len(tier) for tier in document.iter("TIER")}


def test_elan_has_a_tier_per_label_and_more_where_actions_overlap(tmp_path: Path) -> None:
    actions = (Action(0, 2, "a"), Action(1, 3, "a"), Action(2, 4, "a"), Action(0, 1, "a 2"), Action(5, 5, "b"))
    Timeline("v", actions).save(tmp_path / "v.eaf")
    assert tiers(tmp_path / "v.eaf") == {"a": 2, "a 2": 1, "a 2 2": 1, "b": 1}
    assert [a.label for a in read_timelines(tmp_path / "v.eaf")[0]] == ["a 2", "a", "a", "a", "b"]


def test_elan_has_slots_in_order_of_time_and_two_for_each_annotation(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "v.eaf")
    document = ElementTree.fromstring((tmp_path / "v.eaf").read_text())
    assert [slot.get("TIME_VALUE") for slot in document.iter("TIME_SLOT")] == ["3250", "5750", "7000", "9500"]
    used = [a.get(ref) for a in document.iter("ALIGNABLE_ANNOTATION") for ref in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
    assert sorted(filter(None, used)) == ["ts1", "ts2", "ts3", "ts4"]
    assert [child.tag for child in document] == ["HEADER", "TIME_ORDER", "TIER", "TIER", "LINGUISTIC_TYPE"]


def test_elan_refuses_what_no_tier_or_slot_can_say(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an ELAN tier has a name, found the label ' '"):
        Timeline("v", (Action(0, 1, " "),)).save(tmp_path / "v.eaf")
    with pytest.raises(InputError, match="end at 4294967 seconds"):
        Timeline("v", (Action(0, 1e300, "long"),)).save(tmp_path / "v.eaf")
    with pytest.raises(InputError, match="the name of ELAN's video is one line"):
        Timeline("a\nb").save(tmp_path / "v.eaf")


EAF = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///home/ann/talk.mp4" MIME_TYPE="video/mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2" {end}/></TIME_ORDER>
<TIER TIER_ID="gesture" LINGUISTIC_TYPE_REF="free" PARTICIPANT="Ann">{one}{two}</TIER>
<TIER TIER_ID="words" LINGUISTIC_TYPE_REF="word" PARENT_REF="gesture">{two}</TIER>
</ANNOTATION_DOCUMENT>"""
ANNOTATION = (
    '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">'
    "<ANNOTATION_VALUE>{}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
)
GOOD = {"doctype": "", "end": 'TIME_VALUE="1500"', "one": ANNOTATION.format("wave"), "two": ANNOTATION.format(" ")}


def test_elan_documents_of_others_are_read_without_dependent_tiers(tmp_path: Path) -> None:
    (found,) = read(EAF.format(**GOOD), ".eaf", tmp_path)
    assert found == Timeline("talk.mp4", (Action(0.5, 1.5, "gesture"), Action(0.5, 1.5, "wave")))


def test_an_annotation_that_somebody_added_to_our_document_has_the_tier_s_label(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "v.eaf")
    text = (tmp_path / "v.eaf").read_text().replace("0.81", "nan").replace("0.4", "sure!")
    (found,) = read(text, ".eaf", tmp_path)
    assert [(action.label, action.score) for action in found] == [("serve", 1.0), ("volley & lob", 1.0)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end": ""}, "tier 'gesture', annotation a1: a time must be a number, found None"),
        ({"one": "<broken>"}, "not valid XML: mismatched tag"),
        ({"one": "&undeclared;"}, "not valid XML: undefined entity"),
        ({"doctype": '<!DOCTYPE x SYSTEM "file:///etc/passwd">'}, "found a document type declaration; remove it"),
    ],
)
def test_elan_documents_that_are_not_as_expected_are_named(
    change: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(EAF.format(**{**GOOD, **change}), ".eaf", tmp_path)


def test_another_xml_or_unit_is_no_elan_document(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected an ANNOTATION_DOCUMENT with a HEADER, found html"):
        read("<html/>", ".eaf", tmp_path)
    with pytest.raises(InputError, match="expected times in milliseconds, found PAL-frames"):
        read(EAF.format(**GOOD).replace('"milliseconds"', '"PAL-frames"'), ".eaf", tmp_path)


def test_a_document_of_entities_that_swell_is_refused_at_once(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    bomb = EAF.format(**{**GOOD, "doctype": f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>', "one": "&e12;"})
    before = time.monotonic()
    with pytest.raises(InputError, match="document type declaration"):
        read(bomb, ".eaf", tmp_path)
    assert time.monotonic() - before < 1


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
