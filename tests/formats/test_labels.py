"""Label files of every tool as it writes them, known by their content; and what is passed over in a folder."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logotal.errors import InputError
from logotal.formats import labels
from logotal.formats.form import Source
from logotal.formats.label_file import LabelFile, NotLabelsError
from logotal.formats.labels import FORMS, form_of, read_labels
from logotal.formats.timelines import READERS
from logotal.project.label_files import find_labels
from logotal.timeline import Action, Timeline
from tests.shared import shared

SERVE = Action(3.2, 5.9, "serve")

ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-05-06T07:08:09+01:00" FORMAT="3.0" VERSION="3.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Users/anna/My%20videos/match.mp4" MIME_TYPE="video/mp4"
            RELATIVE_MEDIA_URL="../My%20videos/match.mp4"/>
        <PROPERTY NAME="URN">urn:nl-mpi-tools-elan-eaf:1</PROPERTY>
        <PROPERTY NAME="lastUsedAnnotationId">3</PROPERTY>
    </HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="3200"/>
        <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="5900"/>
        <TIME_SLOT TIME_SLOT_ID="ts3"/>
    </TIME_ORDER>
    <TIER LINGUISTIC_TYPE_REF="default-lt" PARTICIPANT="anna" TIER_ID="strokes">
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
                <ANNOTATION_VALUE>serve</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="words" PARENT_REF="strokes" TIER_ID="comments">
        <ANNOTATION>
            <REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="a1">
                <ANNOTATION_VALUE>fast</ANNOTATION_VALUE>
            </REF_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>
</ANNOTATION_DOCUMENT>
"""
VIA = """# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)
# Notes:
# SHAPE_ID = {"POINT":1,"RECTANGLE":2}
# FLAG_ID = {"RESERVED_FOR_FUTURE":1}
# ATTRIBUTE = {"1":{"aname":"TEMPORAL-SEGMENTS","anchor_id":"FILE1_Z2_XY0","type":4,"desc":"","options":\
{"0":"serve","1":"volley"},"default_option_id":""}}
# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata
"1_a7Bc9dEf","[""match.mp4""]",0,"[3.2,5.9]","[]","{""1"":""0""}"
"1_b7Bc9dEf","[""match.mp4""]",0,"[4.5]","[2,10,10,30,30]","{}"
"""
VIA_SEGMENTS = """# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)
# CSV_HEADER = metadata_id,file_list,temporal_segment_start,temporal_segment_end,metadata
"1_a7Bc9dEf","[""match.mp4""]",3.2,5.9,"{""TEMPORAL-SEGMENTS"":""serve""}"
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def actions(file: LabelFile) -> dict[str, list[Action]]:
    return {video.names[0]: [found.action for found in video.actions] for video in file.videos}


@pytest.mark.parametrize(
    ("name", "text", "form", "names"),
    [
        (
            "anna.eaf",
            ELAN,
            "ELAN",
            ("file:///C:/Users/anna/My%20videos/match.mp4", "../My%20videos/match.mp4"),
        ),
        ("via_project_5May2024.csv", VIA, "VIA", ("match.mp4",)),
        ("segments.csv", VIA_SEGMENTS, "VIA", ("match.mp4",)),
        ("match.txt", "3.200000\t5.900000\tserve\n", "Audacity", ("match",)),
        ("match.srt", "1\n00:00:03,200 --> 00:00:05,900\n<i>serve</i>\n", "subtitles", ("match",)),
        (
            "match.vtt",
            "WEBVTT - made by hand\n\nNOTE checked\n\n00:03.200 --> 00:05.900\nserve\n",
            "subtitles",
            ("match",),
        ),
        ("match.vtt", "WEBVTT\n\n00:03.200 --> 00:05.900\nserve 1.000\n", "subtitles", ("match",)),
    ],
)
def test_a_file_of_each_tool_gives_its_action(
    name: str, text: str, form: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    file = read_labels(write(tmp_path, name, text))
    assert (file.form, file.videos[0].names) == (form, names)
    assert list(actions(file).values()) == [[replace(SERVE, subject="anna") if form == "ELAN" else SERVE]]


def test_numbers_in_subtitles_are_part_of_the_label(tmp_path: Path) -> None:
    text = "".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i},500\nphase {i}\n\n" for i in (1, 2))
    file = read_labels(write(tmp_path, "match.srt", text))
    assert [found.action.label for found in file.videos[0].actions] == ["phase 1", "phase 2"]


@pytest.mark.parametrize("suffix", [".csv", ".vtt", ".srt", ".txt", ".eaf", ".via.csv", ".otio"])
def test_what_logotal_writes_is_read_as_labels_once_somebody_corrected_it(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    timeline = Timeline("match", (Action(3, 6, "serve", 0.75), Action(7, 8, "serve", 0.5)))
    timeline.save(path)
    if suffix != ".txt":  # where there is no place for scores, the person who names the file vouches for it
        with pytest.raises(NotLabelsError, match="detections, which are never taken for labels"):
            read_labels(path)
    text = path.read_text()
    for score in ("0.75", "0.5"):
        text = re.sub(rf" {score}0+$|(?<=,){score}\b", "", text, flags=re.MULTILINE)
        text = text.replace(f', ""2"": ""{score}""', "")
    path.write_text(text.replace("1970-01-01", "2026-01-01").replace('"OTIO_SCHEMA": ', '"OTIO_SCHEMA":'))
    (labels,) = actions(read_labels(path)).values()
    assert [(a.start, a.end, a.label) for a in labels] == [(3, 6, "serve"), (7, 8, "serve")]


@pytest.mark.parametrize("suffix", [".csv", ".vtt", ".srt", ".via.csv", ".fiftyone.json"])
def test_a_file_of_which_a_part_was_corrected_is_an_error_that_names_the_rest(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    Timeline("match", (Action(3, 6, "serve", 0.75), Action(7, 8, "serve", 0.5))).save(path)
    text = re.sub(r" 0.750$|(?<=,)0.75\b", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(text.replace(', ""2"": ""0.75""', "").replace(', "confidence": 0.75', ""))
    with pytest.raises(InputError, match=r"1 of 2 lines still have a score"):
        read_labels(path)


@pytest.mark.parametrize("suffix", [".csv", ".vtt", ".srt", ".eaf", ".otio", ".via.csv", ".fiftyone.json"])
def test_a_timeline_of_a_person_has_no_scores_and_is_read_as_it_was_saved(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    Timeline("match", (SERVE,)).save(path)
    assert next(iter(actions(read_labels(path)).values()))[0].label == "serve"


# Label Studio


def task(result: list[Any] | None, **other: Any) -> dict[str, Any]:
    annotations = [] if result is None else [{"id": 7, "completed_by": 1, "was_cancelled": False, "result": result}]
    data = {"video": "/data/upload/3/4f0e1c2a-match.mp4", "fps": 10}
    return {
        "id": 1,
        "data": data,
        "annotations": annotations,
        "predictions": [],
        "file_upload": "4f0e1c2a-match.mp4",
    } | other


def stretch(first: int, last: int, label: str) -> dict[str, Any]:
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": [label]}
    return {
        "id": "x",
        "type": "timelinelabels",
        "from_name": "tl",
        "to_name": "video",
        "origin": "manual",
        "value": value,
    }


def test_label_studio_counts_frames_from_one_with_the_last_one_included(tmp_path: Path) -> None:
    text = json.dumps([task([stretch(33, 59, "serve")])])
    file = read_labels(write(tmp_path, "project-1-at-2026-01-02-03-04-5e6f.json", text))
    assert (file.form, file.notes) == ("Label Studio", ())
    assert actions(file) == {"/data/upload/3/4f0e1c2a-match.mp4": [SERVE]}


def test_the_short_export_of_label_studio_says_the_same(tmp_path: Path) -> None:
    short = {"video": "match.mp4", "fps": 10, "id": 1, "annotator": 1, "annotation_id": 7}
    value = {"ranges": [{"start": 33, "end": 59}], "timelinelabels": ["serve"]}
    text = json.dumps([short | {"tl": [value]}, short | {"id": 2, "video": "empty.mp4"}])
    path = write(tmp_path, "min.json", text)
    assert actions(read_labels(path)) == {"match.mp4": [SERVE], "empty.mp4": []}


def test_tasks_that_nobody_annotated_and_predictions_are_no_truth(tmp_path: Path) -> None:
    guessed = task(None, predictions=[{"model_version": "logotal", "result": [stretch(1, 9, "serve")]}])
    skipped = task([stretch(1, 9, "serve")], data={"video": "b.mp4"})
    skipped["annotations"][0]["was_cancelled"] = True
    empty = task([], data={"video": "c.mp4"})
    file = read_labels(write(tmp_path, "export.json", json.dumps([guessed, skipped, empty])))
    assert actions(file) == {"c.mp4": []}
    assert "2 of 3 tasks have no annotation" in file.notes[0]


# ActivityNet


def test_activitynet_keeps_splits_groups_and_ignored_spans(tmp_path: Path) -> None:
    entry = {"subset": "test", "duration": 9.5, "group": "anna", "ignored": [[7, 8]], "annotations": []}
    entry["annotations"] = [{"segment": [3.2, 5.9], "label": "serve"}]
    file = read_labels(write(tmp_path, "truth.json", json.dumps({"version": "1", "database": {"match": entry}})))
    (video,) = file.videos
    assert (video.split, video.group, video.duration, video.ignored) == ("test", "anna", 9.5, ((7, 8),))
    assert actions(file) == {"match": [SERVE]}


# What is no label file


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"results": {}}', "holds detections, which are never taken for labels"),
        ("a.json", '{"version": "logotal init 1", "database": {}}', "made by `logotal init`"),
        (
            "a.json",
            '{"project": {}, "attribute": {}, "view": {}, "metadata": {}, "file": {}}',
            "a VIA project without a segment",
        ),
        ("a.json", '{"images": [], "categories": []}', "no labels in a form that is known"),
        ("a.json", "[]", "no labels in a form that is known"),
        ("a.json", "[[1], 2]", "no labels in a form that is known"),
        ("a.json", "7", "no labels in a form that is known"),
        ("a.xls", "PK", "a spreadsheet; save it as CSV"),
        ("a.txt", "  \n", "the file is empty"),
        ("a.bin", "x", "no labels in a form that is known; expected CSV"),
    ],
)
def test_other_files_are_known_as_such(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(NotLabelsError, match=message):
        read_labels(write(tmp_path, name, text))


def test_a_folder_is_searched_and_what_holds_no_labels_is_named(tmp_path: Path) -> None:
    write(tmp_path, "labels/match.txt", "3.2\t5.9\tserve\n")
    write(tmp_path, "labels/groups.csv", "video,person\nmatch,anna\n")
    write(tmp_path, "labels/readme.txt", "filmed in May\n")
    write(tmp_path, "labels/.hidden.csv", "broken")
    write(tmp_path, "features/features.json", "{}")
    write(tmp_path, "features/match.json", "{}")
    write(tmp_path, "run/config.yaml", "")
    write(tmp_path, "run/labels.json", "[]")
    write(tmp_path, "run/deeper/detections.json", "{}")
    found, passed_over = find_labels([tmp_path], without=[tmp_path / "labels" / "groups.csv"])
    assert [file.path.name for file in found] == ["match.txt"]
    assert len(passed_over) == 1
    assert "readme.txt: expected a header" in passed_over[0]


def test_a_file_that_is_named_must_hold_labels_and_counts_once(tmp_path: Path) -> None:
    good = write(tmp_path, "match.txt", "3.2\t5.9\tserve\n")
    bad = write(tmp_path, "readme.txt", "filmed in May\n")
    assert len(find_labels([good, tmp_path, good])[0]) == 1
    with pytest.raises(NotLabelsError, match="readme"):
        find_labels([good, bad])
    with pytest.raises(InputError, match="no such label file or folder"):
        find_labels([tmp_path / "nowhere"])


def test_broken_labels_in_a_folder_are_an_error_that_shows_the_way_around(tmp_path: Path) -> None:
    write(tmp_path, "labels.json", '{"database": {')
    with pytest.raises(InputError, match=r"not valid JSON at line 1.*say with --labels which files are"):
        find_labels([tmp_path])


def test_a_document_type_in_elan_is_refused(tmp_path: Path) -> None:
    bomb = ELAN.replace("<ANNOTATION_DOCUMENT", '<!DOCTYPE a [<!ENTITY b "c">]>\n<ANNOTATION_DOCUMENT', 1)
    with pytest.raises(InputError, match="document type declaration"):
        read_labels(write(tmp_path, "a.eaf", bomb))


# Forms


def test_each_form_has_a_name_of_its_own_and_one_form_a_suffix_to_save() -> None:
    assert len({form.name for form in FORMS}) == len(FORMS)
    assert len([form for form in FORMS if form.saved]) == len(READERS)


def test_a_file_that_two_forms_claim_is_an_error_that_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = replace(next(form for form in FORMS if form.name == "ELAN .eaf"), name="a twin")
    monkeypatch.setattr(labels, "FORMS", (*FORMS, twin))
    with pytest.raises(InputError, match=r"could be ELAN \.eaf and a twin"):
        read_labels(write(tmp_path, "a.eaf", ELAN))


@pytest.mark.parametrize("start", ["[note] ", "{", "<", '"', "\ufeff"])
def test_text_that_begins_like_another_form_is_read_as_what_it_is(start: str, tmp_path: Path) -> None:
    first = start.replace('"', '""')
    path = write(tmp_path, "a.csv", f'label,video,start,end\n"{first}jump",a,1,2\n')
    assert [action.label.endswith("jump") for action in actions(read_labels(path))["a"]] == [True]
    with pytest.raises(NotLabelsError):
        read_labels(write(tmp_path, "a.txt", f"{start.strip()}filmed in May\n"), named=False)


def test_files_of_a_project_are_claimed_by_one_form_at_most() -> None:
    for path in sorted(shared("labels").iterdir()):
        if path.suffix != ".md":
            form_of(Source(path))
