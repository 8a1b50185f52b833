"""Audacity labels and CSV of VIA: what they hold, what is read of others, what is refused."""

import csv
import re
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.timeline import Action, Timeline
from tests.formats.test_formats_of_tools import SERVE, read

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
