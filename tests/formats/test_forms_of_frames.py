"""Tables that speak of each frame, tables in frames and timecodes, and workbooks."""

import io
from datetime import time, timedelta
from pathlib import Path

import openpyxl
import pytest

from logotal.errors import InputError
from logotal.formats.label_file import AskError, NotLabelsError
from logotal.formats.moments import Clock, Moment, timecode
from tests.formats.label_texts import read, said


def rows(*labels: str, header: str, first: int = 0) -> str:
    return "\n".join([header, *(f"{i},{label}" for i, label in enumerate(labels, start=first))])


# A row a frame


def test_a_row_a_frame_makes_runs_and_0_says_that_nothing_happens(tmp_path: Path) -> None:
    labels = ["0"] * 25 + ["jump"] * 25 + [""] * 25 + ["run"] * 25
    file = read(tmp_path, "a.csv", rows(*labels, header="frame,label"), named=False)
    assert said(file) == [("jump", 1, 2), ("run", 3, 4)]
    assert file.videos[0].frames == 100
    assert "50 rows with the label 0 or none" in file.notes[0]


def test_a_row_a_frame_may_say_its_time_and_its_video(tmp_path: Path) -> None:
    listed = [(video, i, label) for video in "ab" for i, label in enumerate(["jump"] * 10 + ["0"] * 10)]
    text = "video,time,label\n" + "".join(f"{video}.mp4,{i / 10:.4f},{label}\n" for video, i, label in listed)
    file = read(tmp_path, "a.csv", text)
    assert [video.names for video in file.videos] == [("a.mp4",), ("b.mp4",)]
    assert said(file) == [("jump", 0, 1), ("jump", 0, 1)]


@pytest.mark.parametrize("extra", ["x,y", "confidence", "xmin,ymin,xmax,ymax"])
def test_tracks_and_detections_of_each_frame_are_no_labels(extra: str, tmp_path: Path) -> None:
    cells = ",".join("0.5" for _ in extra.split(","))
    text = f"time,class,{extra}\n" + "".join(f"{i / 10},dog,{cells}\n" for i in range(20))
    with pytest.raises(NotLabelsError):
        read(tmp_path, "a.csv", text, named=False)
    with pytest.raises(NotLabelsError):
        read(tmp_path, "a.csv", text)


# 0 and 1 a frame


def test_all_columns_of_deepethogram_but_the_background_are_classes(tmp_path: Path) -> None:
    cells = ["1,0,0"] * 25 + ["0,1,0"] * 25 + ["0,1,1"] * 25 + ["1,0,0"] * 25
    file = read(tmp_path, "mouse_labels.csv", rows(*cells, header=",background,face_groom,rear"), named=False)
    assert said(file) == [("face_groom", 1, 3), ("rear", 2, 3)]
    assert "'face_groom', 'rear'" in file.notes[0]


def test_the_classes_of_simba_are_the_last_columns(tmp_path: Path) -> None:
    cells = [f"{i / 7:.2f},1,{0.9},{int(i >= 50)},0" for i in range(100)]
    file = read(tmp_path, "a.csv", rows(*cells, header=",nose_x,visible,nose_p,attack,sniff"))
    assert said(file) == [("attack", 2, 4)]
    mixed = [f"{i % 2},{i / 7:.2f},{int(i >= 50)}" for i in range(100)]
    text = rows(*mixed, header=",blink,nose_x,attack")
    with pytest.raises(AskError, match=r"--columns label=blink \| label=attack"):
        read(tmp_path, "a.csv", text)
    assert said(read(tmp_path, "a.csv", text, columns={"label": "attack"})) == [("attack", 2, 4)]
    with pytest.raises(InputError, match="no column of 0 and 1 is called 'nose_x'"):
        read(tmp_path, "a.csv", text, columns={"label": "nose_x"})


def test_rows_may_be_made_at_another_rate(tmp_path: Path) -> None:
    cells = ["0"] * 10 + ["1"] * 10
    file = read(tmp_path, "a.csv", rows(*cells, header="frame,jump", first=1), unit="frames@10")
    assert said(file) == [("jump", 1, 2)]
    assert file.used == {"unit"}


# Units of tables


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("video,start_frame,end_frame,label", "a,25,50,jump", (1, 2)),
        ("video,startFrame,stopFrame,label", "a,25,50,jump", (1, 2)),
        ("video,frame start,frame end,label", "a,25,50,jump", (1, 2)),
        ("video,fps,start,end,label", "a,10,10,20,jump", (1, 2)),
        ("video,fps,start_frame,end_frame,label", "a,50,50,100,jump", (1, 2)),
        ("video,fps,start,end,label", "a,10,1.5,2.5,jump", (1.5, 2.5)),
        ("video,start,end,label", "a,00:00:01:05,00:00:02:10,jump", (1.2, 2.4)),
        ("video,in,out,label", "a,1.5,2.5,jump", (1.5, 2.5)),
        ("Video,Start time (hh:mm:ss),End time (hh:mm:ss),Label", "a,00:00:01,00:01:03,jump", (1, 63)),
        ("video,start [ms],duration [ms],label", "a,1500,1000,jump", (1.5, 2.5)),
        ("video,start_time_s,end_time_s,label", "a,1.5,2.5,jump", (1.5, 2.5)),
    ],
)
def test_units_are_those_that_the_file_says(
    header: str, row: str, expected: tuple[float, float], tmp_path: Path
) -> None:
    assert said(read(tmp_path, "a.csv", f"{header}\n{row}\n")) == [("jump", *expected)]


@pytest.mark.parametrize(
    ("unit", "cells", "expected"),
    [
        ("frames", "25,50", (1, 2)),
        ("frames@10", "10,20", (1, 2)),
        ("ms", "1000,2000", (1, 2)),
        ("s", "1,2", (1, 2)),
        ("timecode", "1:05,2:10", (1.2, 2.4)),
        ("timecode", "0:01:05,0:02:10", (1.2, 2.4)),
    ],
)
def test_units_are_those_that_a_person_says_where_the_file_says_none(
    unit: str, cells: str, expected: tuple[float, float], tmp_path: Path
) -> None:
    file = read(tmp_path, "a.csv", f"video,start,end,label\na,{cells},jump\n", unit=unit)
    assert said(file) == [("jump", *expected)]
    assert "unit" in file.used


def test_a_number_without_a_unit_waits_for_its_video(tmp_path: Path) -> None:
    (video,) = read(tmp_path, "a.csv", "video,start,end,label\na,25,50,jump\n").videos
    assert video.actions[0].start == Moment(25, Clock.UNSAID)
    assert "unit" not in read(tmp_path, "a.csv", "video,start_frame,end_frame,label\na,1,2,x\n", unit="ms").used


def test_drop_frame_timecodes_keep_pace_with_the_clock() -> None:
    fps = 30000 / 1001
    for text, seconds in (("00:01:00;02", 60.06), ("00:10:00;00", 600.0), ("01:00:00;00", 3600.0)):
        moment = timecode(text)
        assert moment is not None
        assert moment.seconds(fps) == pytest.approx(seconds, abs=0.005)
    assert timecode("00:61:00:00") is None


# Columns that a person names


def test_columns_are_named_by_header_or_by_number(tmp_path: Path) -> None:
    text = "clip;t0;t1;what\na.mp4;1,5;2,5;jump\n"
    named = {"start": "t0", "end": "T1", "label": "what"}
    assert said(read(tmp_path, "a.csv", text, columns=named)) == [("jump", 1.5, 2.5)]
    numbers = {"video": "1", "start": "2", "end": "3", "label": "4"}
    for content in (text, text.partition("\n")[2]):
        assert said(read(tmp_path, "a.csv", content, columns=numbers)) == [("jump", 1.5, 2.5)]
    with pytest.raises(InputError, match="--columns label=9: the table has 4 columns"):
        read(tmp_path, "a.csv", text, columns={"start": "2", "label": "9"})
    with pytest.raises(NotLabelsError, match=r"found 'clip, t0, t1, what'; .*--columns label=HEADER start=HEADER"):
        read(tmp_path, "a.csv", text)


@pytest.mark.parametrize("options", [{"columns": {"begin": "t0"}}, {"unit": "minutes"}, {"unit": "frames@0"}])
def test_options_that_mean_nothing_are_errors(options: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--columns: no part is called 'begin'|--unit: expected"):
        read(tmp_path, "a.csv", "", **options)


# Workbooks


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, listed in sheets.items():
        sheet = book.create_sheet(name)
        for row in listed:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_is_the_table_of_its_sheet(tmp_path: Path) -> None:
    labels: list[list[object]] = [["video", "start", "end", "label"], ["a.mp4", 1.5, 2.5, "Müller läuft"], []]
    labels += [["a.mp4", time(0, 1, 2), timedelta(seconds=65.5), "jump"]]
    file = read(tmp_path, "a.xlsx", workbook(labels=labels, people=[["name", "age"], ["ann", 31]]), named=False)
    assert said(file) == [("Müller läuft", 1.5, 2.5), ("jump", 62, 65.5)]
    assert file.form == "workbook, table"
    assert any("sheet 'people': expected a header" in note for note in file.notes)
    with pytest.raises(InputError, match="the sheets one and two hold labels"):
        read(tmp_path, "a.xlsx", workbook(one=labels, two=labels))
    with pytest.raises(NotLabelsError, match="a workbook without labels"):
        read(tmp_path, "a.xlsx", workbook(people=[["name", "age"]]))
    with pytest.raises(InputError, match="not a workbook that can be read"):
        read(tmp_path, "a.xlsx", b"PK\x03\x04" + b"x" * 100)


# What is asked of a table


def test_a_table_with_two_labels_asks_which_unless_one_is_the_number_of_the_other(tmp_path: Path) -> None:
    text = "video,start,end,classname,label\na,1,2,jump,1\na,3,4,run,1\n"
    with pytest.raises(AskError, match=r"--columns label=classname \| label=label"):
        read(tmp_path, "HACS_clips.csv", text)
    assert said(read(tmp_path, "a.csv", text, columns={"label": "classname"})) == [("jump", 1, 2), ("run", 3, 4)]
    assert said(read(tmp_path, "a.csv", text.replace("run,1", "run,2")))[0] == ("jump", 1, 2)


def test_a_table_of_two_coders_or_tiers_asks_which(tmp_path: Path) -> None:
    text = "video,start,end,label,coder,tier\na,1,2,jump,ann,hand\na,1.1,2,jump,bob,hand\na,0,9,hello,bob,speech\n"
    with pytest.raises(AskError, match=r"videos that several people annotated; say which: --annotator ann \| bob"):
        read(tmp_path, "a.csv", text)
    assert said(read(tmp_path, "a.csv", text, annotator="ann")) == [("jump", 1, 2)]
    with pytest.raises(AskError, match=r"--tier hand \| speech"):
        read(tmp_path, "a.csv", text, annotator="bob")
    assert said(read(tmp_path, "a.csv", text, annotator="bob", tier=("hand",))) == [("jump", 1.1, 2)]
    shared = text.replace("a,1.1,2,jump,bob,hand\na,0,9,hello,bob,speech\n", "b,5,6,jump,bob,hand\n")
    assert said(read(tmp_path, "a.csv", shared)) == [("jump", 1, 2), ("jump", 5, 6)]


def test_frames_of_a_table_count_from_0_or_from_1(tmp_path: Path) -> None:
    labels = ["0"] * 25 + ["jump"] * 25
    for first in (0, 1):
        assert said(read(tmp_path, "a.csv", rows(*labels, header="frame,label", first=first))) == [("jump", 1, 2)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.vtt", "WEBVTT\n\n"),
        ("a.TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n9\n<exists>\n1\n"IntervalTier"\n'
         '"hand"\n0\n9\n1\n0\n9\n""\n'),
        ("a.annot", "Bento annotation file\nMovie file(s):\na.mp4\n\nch1----------\n>attack\nStart\tStop\tDuration\n"),
        ("a.anvil", "<annotation><body><track name='hand'/></body></annotation>"),
        ("a.csv", "ordinal,onset,offset,code\n"),
        ("a.json", '[{"id": 1, "video": "a.mp4", "doing": "jump", "annotator": 1, "annotation_id": 1}]'),
        ("a.eaf", "<ANNOTATION_DOCUMENT><HEADER/><TIER TIER_ID='hand'/></ANNOTATION_DOCUMENT>"),
    ],
)  # fmt: skip
def test_a_file_in_which_nobody_annotated_anything_is_no_background(name: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(NotLabelsError):
        read(tmp_path, name, content)


def test_xml_that_lies_about_may_be_anything(tmp_path: Path) -> None:
    for content in ("<plist><dict>", '<!DOCTYPE plist SYSTEM "a.dtd"><plist/>', "<clip><id>7</id></clip>"):
        with pytest.raises(NotLabelsError):
            read(tmp_path, "camera.xml", content, named=False)
    with pytest.raises(InputError, match="not valid XML"):
        read(tmp_path, "camera.xml", "<plist><dict>")
