"""Files of annotation tools in their published layouts, counted by hand; parsers of others agree where there are."""

import json
from pathlib import Path
from typing import Any

import pympi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from praatio import textgrid as praat

from logotal.errors import InputError
from logotal.formats.label_file import AskError, NotLabelsError
from logotal.formats.textgrid import tiers_of
from tests.formats.label_texts import read, said

# Praat

SHORT = '''File type = "ooTextFile"
Object class = "TextGrid"

0
10
<exists>
2
"IntervalTier"
"hand"
0
10
3
0
1.5
""
1.5
2.25
"say ""stop"""
2.25
10
""
"TextTier"
"clicks"
0
10
1
4.5
"click"
'''


def test_a_textgrid_in_the_short_form_gives_intervals_and_points(tmp_path: Path) -> None:
    with pytest.raises(AskError, match=r"'hand' \(1\), 'clicks' \(1\); say which: --tier hand \| clicks"):
        read(tmp_path, "talk.TextGrid", SHORT)
    hand = read(tmp_path, "talk.TextGrid", SHORT, tier=("hand",))
    assert said(hand) == [('say "stop"', 1.5, 2.25)]
    assert hand.videos[0].names == ("talk",)
    assert "tier 'clicks' is not read, 1 annotation" in hand.notes[0]
    assert said(read(tmp_path, "talk.TextGrid", SHORT, tier=("clicks",))) == [("click", 4.5, 4.5)]


words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8)


@given(
    parts=st.lists(st.tuples(st.integers(1, 50), words), min_size=1, max_size=6),
    form=st.sampled_from(["long", "short"]),
)
@settings(deadline=None, max_examples=40)
def test_textgrids_are_read_as_praatio_writes_them(
    parts: list[tuple[int, str]], form: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spans, now = [], 0.0
    for tenths, text in parts:
        if text.strip():
            spans.append((now, now + tenths / 10, text.strip()))
        now = round(now + tenths / 10 + 0.1, 6)
    grid = praat.Textgrid()
    grid.addTier(praat.IntervalTier("hand", spans, 0, now))
    path = tmp_path_factory.mktemp("praat") / "a.TextGrid"
    grid.save(str(path), format=f"{form}_textgrid", includeBlankSpaces=True)
    (tier,) = tiers_of(path.read_text(encoding="utf-8"), path)
    back = praat.openTextgrid(str(path), includeEmptyIntervals=False).getTier("hand").entries
    assert [(round(s, 4), round(e, 4), t) for s, e, t in tier.annotations] == [
        (round(each.start, 4), round(each.end, 4), each.label) for each in back
    ]


def test_a_textgrid_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found the end of the TextGrid"):
        read(tmp_path, "a.TextGrid", SHORT[:120])
    with pytest.raises(InputError, match="expected an IntervalTier or a TextTier, found 'PitchTier'"):
        read(tmp_path, "a.TextGrid", SHORT.replace("TextTier", "PitchTier"))


# ELAN


def elan(path: Path) -> pympi.Eaf:
    document = pympi.Eaf(author="ann")
    document.add_linked_file("file:///C:/study/talk.mp4", "./talk.mp4", "video/mp4")
    document.add_linguistic_type("part", "Symbolic_Subdivision")
    document.add_linguistic_type("note", "Symbolic_Association")
    document.add_tier("phase")
    document.add_annotation("phase", 1000, 2500, "stroke")
    document.add_annotation("phase", 4000, 5000, "hold")
    document.add_tier("remark", ling="note", parent="phase")
    document.add_ref_annotation("remark", "phase", 1500, "fast")
    document.to_file(str(path))
    return document


def test_elan_documents_are_read_as_pympi_writes_them(tmp_path: Path) -> None:
    document = elan(tmp_path / "a.eaf")
    content = (tmp_path / "a.eaf").read_bytes()
    file = read(tmp_path, "b.eaf", content)
    assert said(file) == [
        (text, start / 1000, end / 1000) for start, end, text in sorted(document.get_annotation_data_for_tier("phase"))
    ]
    assert file.videos[0].names == ("file:///C:/study/talk.mp4", "./talk.mp4")
    assert "tier 'remark', which hangs on 'phase', is not read, 1 annotation" in file.notes[0]
    remarks = read(tmp_path, "b.eaf", content, tier=("remark",))
    (expected,) = document.get_ref_annotation_data_for_tier("remark")
    assert said(remarks) == [(expected[2], expected[0] / 1000, expected[1] / 1000)]


CHILDREN = """<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/left.mp4" MIME_TYPE="video/mp4"/>
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/right.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="1200"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts2"/>
<TIME_SLOT TIME_SLOT_ID="ts3"/><TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="4000"/></TIME_ORDER>
<TIER TIER_ID="phase" LINGUISTIC_TYPE_REF="t"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1"
TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE>stroke</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>
</ANNOTATION></TIER>
<TIER TIER_ID="steps" PARENT_REF="phase" LINGUISTIC_TYPE_REF="t">{aligned}</TIER>
<TIER TIER_ID="words" PARENT_REF="phase" LINGUISTIC_TYPE_REF="s">{refs}</TIER>
</ANNOTATION_DOCUMENT>"""
ALIGNED = "".join(
    f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b{i}" TIME_SLOT_REF1="ts{i}" TIME_SLOT_REF2="ts{i + 1}">'
    f"<ANNOTATION_VALUE>step {i}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    for i in (1, 2, 3)
)
REFS = (
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c2" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="c1">'
    "<ANNOTATION_VALUE>second</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c1" ANNOTATION_REF="a1">'
    "<ANNOTATION_VALUE>first</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
)


def test_annotations_of_elan_that_hang_on_others_have_a_share_of_their_time(tmp_path: Path) -> None:
    text = CHILDREN.format(aligned=ALIGNED, refs=REFS)
    assert said(read(tmp_path, "a.eaf", text)) == [("stroke", 1, 4)]
    steps = read(tmp_path, "a.eaf", text, tier=("steps",))
    assert said(steps) == [("step 1", 1, 2), ("step 2", 2, 3), ("step 3", 3, 4)]
    assert sorted(said(read(tmp_path, "a.eaf", text, tier=("words",)))) == [("first", 1, 2.5), ("second", 2.5, 4)]
    assert len(read(tmp_path, "a.eaf", text).notes) == 2


def test_each_medium_of_an_elan_document_has_the_times_of_its_own_beginning(tmp_path: Path) -> None:
    (left,) = read(tmp_path, "a.eaf", CHILDREN.format(aligned=ALIGNED, refs=REFS)).videos
    right = left.otherwise
    assert right is not None
    assert (left.names, right.names) == (("file:///a/left.mp4",), ("file:///a/right.mp4",))
    assert [found.action.start for found in (*left.actions, *right.actions)] == [1.0, 2.2]


def test_background_is_left_out_of_every_medium(tmp_path: Path) -> None:
    text = CHILDREN.format(aligned=ALIGNED, refs=REFS)
    (left,) = read(tmp_path, "a.eaf", text, background=("stroke",)).videos
    assert left.otherwise is not None
    assert (left.actions, left.otherwise.actions) == ((), ())


TAB = (
    "Tier\tParticipant\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tEnd Time - hh:mm:ss.ms\tEnd Time - ss.msec\t"
    "Duration - hh:mm:ss.ms\tDuration - ss.msec\tAnnotation\tFile\n"
    "hand\tann\t00:00:01.500\t1.500\t00:00:02.000\t2.000\t00:00:00.500\t0.500\tstroke\ttalk.mp4\n"
    "hand\tann\t00:01:05.250\t65.250\t00:01:06.000\t66.000\t00:00:00.750\t0.750\thold\ttalk.mp4\n"
)


def test_the_table_that_elan_exports_says_its_units_in_the_header(tmp_path: Path) -> None:
    file = read(tmp_path, "export.txt", TAB, named=False)
    assert said(file) == [("stroke", 1.5, 2), ("hold", 65.25, 66)]
    assert file.videos[0].names == ("talk.mp4",)
    columns = "Begin Time - msec\tEnd Time - msec\tDuration - msec\thand\tspeech\n1000\t2500\t1500\tstroke\t\n"
    columns += "3000\t4000\t1000\t\thello\n"
    assert said(read(tmp_path, "export.txt", columns, tier=("hand",))) == [("stroke", 1, 2.5)]
    with pytest.raises(AskError, match=r"--tier hand \| speech"):
        read(tmp_path, "export.txt", columns)


# Anvil, Datavyu, BENTO, CVAT

ANVIL = """<?xml version="1.0" encoding="UTF-16"?><annotation><head><video src="C:/study/talk.mov"/></head><body>
<track name="hand.phase" type="primary"><el index="0" start="1.5" end="2"><attribute name="type">stroke</attribute>
<attribute name="side">left</attribute></el>
<el index="1" start="3" end="4"><attribute name="side">right</attribute></el>
</track><track name="hand.phrase" type="span" ref="hand.phase"><el index="0" start="0" end="1">
<attribute name="kind">beat</attribute></el></track></body></annotation>"""


def test_anvil_asks_for_the_track_and_the_attribute(tmp_path: Path) -> None:
    content = ANVIL.encode("utf-16")
    with pytest.raises(AskError, match=r"'hand.phase' \(2\).*--tier hand.phase"):
        read(tmp_path, "a.anvil", content)
    with pytest.raises(AskError, match=r"--attribute type \| side"):
        read(tmp_path, "a.anvil", content, tier=("hand.phase",))
    file = read(tmp_path, "a.anvil", content, tier=("hand.phase",), attribute="type")
    assert said(file) == [("stroke", 1.5, 2)]
    assert file.videos[0].names == ("C:/study/talk.mov",)
    assert [found.start.value for found in file.videos[0].unlabelled] == [3.0]


def test_datavyu_asks_for_the_column_and_its_code(tmp_path: Path) -> None:
    text = (
        "trial.ordinal,trial.onset,trial.offset,trial.result,trial.hand,look.ordinal,look.onset,look.offset,look.code01\n"
        "1,1500,2000,hit,l,1,0,900,mother\n2,65250,66000,miss,r,,,,\n"
    )
    with pytest.raises(AskError, match=r"'trial' \(2\), 'look' \(1\)"):
        read(tmp_path, "a.csv", text)
    with pytest.raises(AskError, match=r"--attribute result \| hand"):
        read(tmp_path, "a.csv", text, tier=("trial",))
    assert said(read(tmp_path, "a.csv", text, tier=("trial",), attribute="result")) == [
        ("hit", 1.5, 2),
        ("miss", 65.25, 66),
    ]
    assert said(read(tmp_path, "a.csv", text, tier=("look",))) == [("mother", 0, 0.9)]


BENTO = """Bento annotation file
Movie file(s):
mouse 1.seq

Stimulus name:
Annotation start frame: 1
Annotation stop frame: 3000
Annotation framerate: 30.000000

List of channels:
person
machine

List of annotations:
attack
sniff

person----------
>attack
Start\tStop\tDuration
31\t60\t30
91\t90\t0

>sniff
Start\tStop\tDuration
121\t150\t30

machine----------
>attack
Start\tStop\tDuration
"""


def test_bento_counts_frames_from_one_at_its_own_rate(tmp_path: Path) -> None:
    file = read(tmp_path, "a.annot", BENTO)
    assert said(file) == [("attack", 1, 2), ("attack", 3, 3), ("sniff", 4, 5)]
    assert file.videos[0].names == ("mouse 1.seq", "a")
    with pytest.raises(AskError, match=r"'person' \(3\), 'machine' \(1\).*--tier person \| machine"):
        read(tmp_path, "a.annot", BENTO + "1\t2\t2\n")


CVAT = """<?xml version="1.0"?><annotations><version>1.1</version><meta><task><source>talk.mp4</source></task></meta>
<track id="0" label="person"><box frame="10" outside="0" keyframe="1"><attribute name="doing">walk</attribute></box>
<box frame="20" outside="0" keyframe="1"><attribute name="doing">run</attribute></box>
<box frame="50" outside="1" keyframe="1"><attribute name="doing">run</attribute></box>
<box frame="75" outside="0" keyframe="1"><attribute name="doing">run</attribute></box></track></annotations>"""


def test_a_track_of_cvat_is_an_action_as_long_as_it_is_inside(tmp_path: Path) -> None:
    file = read(tmp_path, "a.xml", CVAT)
    assert said(file) == [("person", 0.4, 2), ("person", 3, 3.04)]
    assert file.videos[0].names == ("talk.mp4",)
    doing = read(tmp_path, "a.xml", CVAT, attribute="doing")
    assert said(doing) == [("walk", 0.4, 0.8), ("run", 0.8, 2), ("run", 3, 3.04)]
    with pytest.raises(NotLabelsError, match="CVAT without tracks"):
        read(tmp_path, "a.xml", "<annotations><version>1.1</version><image id='0'/></annotations>")


# VIA


def via_project(*attributes: dict[str, Any], values: list[dict[str, str]]) -> str:
    metadata = {f"1_{i}": {"vid": "1", "z": [i, i + 0.5], "xy": [], "av": av} for i, av in enumerate(values)}
    metadata["1_box"] = {"vid": "1", "z": [3.0], "xy": [2, 1, 1, 5, 5], "av": {}}
    return json.dumps(
        {
            "project": {"pid": "__VIA__"},
            "config": {},
            "attribute": {str(i): each for i, each in enumerate(attributes, start=1)},
            "file": {"7": {"fid": "7", "fname": "talk.mp4"}},
            "metadata": metadata,
            "view": {"1": {"fid_list": ["7"]}},
        }
    )


def test_a_project_of_via_says_its_segments_and_what_is_no_segment(tmp_path: Path) -> None:
    attribute = {"aname": "TEMPORAL-SEGMENTS", "type": 4, "options": {"0": "jump", "1": "run"}}
    file = read(tmp_path, "a.json", via_project(attribute, values=[{"1": "1"}, {}, {"1": "0"}]))
    assert said(file) == [("run", 0, 0.5), ("jump", 2, 2.5)]
    assert (file.videos[0].names, len(file.left_out)) == (("talk.mp4",), 1)
    assert any("1 region in the project are no actions" in note for note in file.notes)
    two = via_project(attribute, {"aname": "who", "type": 1}, values=[{"1": "0", "2": "ann"}])
    with pytest.raises(AskError, match=r"--attribute TEMPORAL-SEGMENTS \| who"):
        read(tmp_path, "a.json", two)
    assert said(read(tmp_path, "a.json", two, attribute="who")) == [("ann", 0, 0.5)]


# Label Studio


def studio(*results: dict[str, Any], **data: Any) -> str:
    annotations = [{"id": 4, "completed_by": {"id": 9, "email": "ann@example.org"}, "result": list(results)}]
    return json.dumps([{"id": 1, "data": {"video": "talk.mp4"} | data, "annotations": annotations}])


def test_label_studio_results_of_every_type_are_read_or_named(tmp_path: Path) -> None:
    results = [
        {"type": "timelinelabels", "value": {"ranges": [{"start": 26, "end": 50}], "timelinelabels": ["jump"]}},
        {"type": "timelinelabels", "value": {"ranges": [{"start": 51, "end": 75}], "timelinelabels": []}},
        {"type": "timeserieslabels", "value": {"start": 3, "end": 4, "timeserieslabels": ["run"]}},
        {"type": "labels", "value": {"start": 0, "end": 5, "text": "hello", "labels": ["word"]}},
        {"type": "textarea", "value": {"text": ["nice"]}},
    ]
    file = read(tmp_path, "a.json", studio(*results, fps="25"))
    assert said(file) == [("jump", 1, 2), ("run", 3, 4)]
    assert any("results of type labels (1), textarea (1) say nothing about times" in note for note in file.notes)
    assert [each.reason for each in file.left_out] == ["has no label, so it is neither an action nor background"]


def test_tracked_boxes_of_label_studio_are_actions_while_they_are_enabled(tmp_path: Path) -> None:
    frames = [(11, True), (26, False), (51, True), (60, True)]
    value = {
        "framesCount": 2500,
        "duration": 100.0,
        "labels": ["jump"],
        "sequence": [{"frame": frame, "enabled": enabled} for frame, enabled in frames],
    }
    file = read(tmp_path, "a.json", studio({"type": "videorectangle", "value": value}))
    assert said(file) == [("jump", 0.44, 1.04), ("jump", 2.04, 100)]


def test_tasks_with_nothing_in_time_are_no_labels_and_no_background(tmp_path: Path) -> None:
    choice = {"type": "choices", "value": {"choices": ["jump"]}}
    with pytest.raises(NotLabelsError, match=r"results of type choices \(1\)"):
        read(tmp_path, "a.json", studio(choice))
    both = json.loads(studio(choice)) + json.loads(
        studio({"type": "labels", "value": {"start": 1, "end": 2, "labels": ["run"]}}, video="b.mp4")
    )
    file = read(tmp_path, "a.json", json.dumps(both))
    assert [video.names for video in file.videos] == [("b.mp4",)]
    assert any("1 of 2 tasks have no annotation" in note for note in file.notes)


def test_label_studio_frames_without_a_rate_are_asked_for(tmp_path: Path) -> None:
    text = studio({"type": "timelinelabels", "value": {"ranges": [{"start": 25, "end": 48}], "timelinelabels": ["a"]}})
    with pytest.raises(AskError, match=r"--unit frames@24 \| frames"):
        read(tmp_path, "a.json", text)
    assert said(read(tmp_path, "a.json", text, unit="frames@24")) == [("a", 1, 2)]
    assert said(read(tmp_path, "a.json", text, unit="frames")) == [("a", 0.96, 1.92)]


def test_two_people_in_the_short_exports_are_told_apart(tmp_path: Path) -> None:
    rows = [
        {
            "id": 1,
            "video": "a.mp4",
            "tl": [{"start": start, "end": 5, "labels": ["jump"]}],
            "annotator": who,
            "annotation_id": start,
        }
        for start, who in ((1, "ann"), (2, "bob"))
    ]
    with pytest.raises(AskError, match=r"annotations of 2 annotators; say which: --annotator ann \| bob"):
        read(tmp_path, "a.json", json.dumps(rows))
    assert said(read(tmp_path, "a.json", json.dumps(rows), annotator="bob")) == [("jump", 2, 5)]
    cells = ",".join('"' + json.dumps(row["tl"]).replace('"', '""') + '"' for row in rows[:1])
    table = f"annotation_id,annotator,id,lead_time,video,tl\n1,ann,1,3.2,a.mp4,{cells}\n"
    assert said(read(tmp_path, "a.csv", table)) == [("jump", 1, 5)]
