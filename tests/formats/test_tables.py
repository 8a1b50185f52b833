"""Tables of labels: headers, delimiters and times that people and tools write, and what is refused with its line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.formats.event_table import read_table
from logotal.formats.label_file import NO_LABEL, LabelFile, LeftOut, NotLabelsError
from logotal.formats.labels import read_labels
from logotal.formats.options import Options
from logotal.formats.tables import parse_table
from logotal.formats.times import seconds_of
from logotal.timeline import Action

JUMP = Action(1.5, 3.0, "jump")


def read(folder: Path, text: str, name: str = "labels.csv", group: str | None = None) -> LabelFile:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return read_labels(path, Options(group=group))


def actions(file: LabelFile) -> dict[str, list[Action]]:
    return {video.names[0]: [found.action for found in video.actions] for video in file.videos}


@pytest.mark.parametrize(
    "text",
    [
        "video,start,end,label\na.mp4,1.5,3,jump\n",
        "Video;Start;Ende\nx;1;2\n".replace("Ende\nx;1;2", "End;Label\na.mp4;1,5;3,0;jump"),
        "file\tbegin\tend\tclass\r\na.mp4\t1.5\t3\tjump\r\n",
        "filename,t_start,t_end,activity\na.mp4,00:01.5,00:03,jump",
        "Media File,Onset (s),Offset (s),Behavior\na.mp4,1.5,3,jump\n",
        "path|from|to|event\na.mp4|0:00:01.500|0:00:03|jump\n",
        "label,duration,startTime,Video_Name\njump,1.5,1.5,a.mp4\n",
        "video,start_ms,stop_ms,annotation\na.mp4,1500,3000,jump\n",
        "score,name,media,start_time,stop_time\n1.0,jump,a.mp4,1.5 s,3 s\n",
        'sep=,\nvideo,start,end,label\n"a.mp4","1.5","3","jump"\n',
        "\n\nvideo,start,end,label,\n\na.mp4,1.5,3,jump,\n,,,,\n",
    ],
)
def test_the_same_action_is_read_from_the_tables_of_many_tools(text: str, tmp_path: Path) -> None:
    file = read(tmp_path, text)
    assert actions(file) == {"a.mp4": [JUMP]}
    assert (file.form, file.left_out, file.notes, file.actions) == ("table", (), (), 1)


def test_a_table_without_a_video_is_about_the_video_of_its_own_name(tmp_path: Path) -> None:
    assert actions(read(tmp_path, "start,end,label\n1.5,3,jump\n", "match 1.csv")) == {"match 1": [JUMP]}
    assert actions(read(tmp_path, "start,end,label\n", "match 2.csv")) == {"match 2": []}


def test_spreadsheets_write_utf_16_and_byte_order_marks(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-8-sig"):
        path = tmp_path / "unicode.txt"
        path.write_bytes("Vidéo\tvideo\tstart\tend\tlabel\n1\ta.mp4\t1\t2\tVolée\n".encode(encoding))
        assert actions(read_labels(path)) == {"a.mp4": [Action(1, 2, "Volée")]}


def test_a_line_that_names_only_a_video_says_that_it_holds_no_action(tmp_path: Path) -> None:
    assert actions(read(tmp_path, "video,start,end,label\na.mp4,,,\n")) == {"a.mp4": []}


def test_without_an_end_every_action_is_a_point_and_a_note_says_so(tmp_path: Path) -> None:
    file = read(tmp_path, "video,time,event\na.mp4,1:05,goal\n")
    assert actions(file) == {"a.mp4": [Action(65, 65, "goal")]}
    assert "every action is a point in time" in file.notes[0]


def test_lines_with_gaps_are_left_out_by_line(tmp_path: Path) -> None:
    file = read(tmp_path, "video,start,end,label\na,1,2,jump\na,,2,jump\na,1,,jump\na,1,2,\n,1,2,jump\n")
    path = tmp_path / "labels.csv"
    assert file.left_out == (
        LeftOut(f"{path}, line 3", "has no start"),
        LeftOut(f"{path}, line 4", "has no end"),
        LeftOut(f"{path}, line 5", NO_LABEL),
        LeftOut(f"{path}, line 6", "names no video"),
    )
    assert file.actions == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,start,end,label\na,1,2,jump\na,noon,2,jump\n", r"line 3: 'start' must be seconds.*found 'noon'"),
        ("video,start,end,label\na,1,0:75,jump\n", r"line 2: 'end' must be seconds, mm:ss or hh:mm:ss, found '0:75'"),
        ("video,start,end,label\na,1,inf,jump\n", r"line 2: 'end' must be seconds"),
        ("video,start,end,label\na,1,2,jump, high\n", r"line 2: expected 4 values, found 5; put labels"),
        ('video,start,end,label\na,1,2,"jump\n', r"line 2: not a valid table: unexpected end"),
        ("video,start,Start ,end,label\na,1,1,2,jump\n", r"line 1: column 'start' stands twice"),
    ],
)
def test_a_broken_line_is_an_error_that_names_it(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("text", ["a.mp4,1,2,jump\n", "video,person\na.mp4,anna\n", "filmed by me\n", "\0\1\2,;"])
def test_what_is_no_table_of_labels_is_known_as_such(text: str, tmp_path: Path) -> None:
    with pytest.raises(NotLabelsError, match=r"labels\.csv: expected a header with columns for label and start"):
        read(tmp_path, text)


def test_what_excel_writes_in_the_west_is_read_and_a_note_says_so(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes("video;start;end;label\na;1,5;2;Müller läuft".encode("cp1252"))
    file = read_labels(tmp_path / "labels.csv")
    assert actions(file) == {"a": [Action(1.5, 2, "Müller läuft")]}
    assert "was read as Windows-1252" in file.notes[0]


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"video,start,end,label\na,1,2,\x81\x8d")
    with pytest.raises(InputError, match="expected UTF-8 text, found other bytes at 28"):
        read_labels(tmp_path / "labels.csv")


def test_groups_and_splits_are_those_of_their_columns(tmp_path: Path) -> None:
    text = "video,start,end,label,Person,split,group\na,1,2,x,anna,train,g\nb,1,2,x,ben,val,g\n"
    assert [(v.group, v.split) for v in read(tmp_path, text).videos] == [("g", "train"), ("g", "val")]
    assert [v.group for v in read(tmp_path, text, group="person").videos] == ["anna", "ben"]
    assert [v.group for v in read(tmp_path, text, group="team").videos] == [None, None]


def test_a_video_with_two_groups_is_an_error_with_its_line(tmp_path: Path) -> None:
    text = "video,start,end,label,person\na,1,2,x,anna\na,1,2,x,ben\n"
    with pytest.raises(InputError, match=r"line 3: group of 'a' is 'ben' here and 'anna' before"):
        read(tmp_path, text, group="person")


@given(st.integers(0, 10**8))
@settings(deadline=None)
def test_a_clock_and_a_number_say_the_same_time(milliseconds: int) -> None:
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest // 1000:02}.{rest % 1000:03}"
    expected = pytest.approx(milliseconds / 1000, abs=1e-6)
    assert seconds_of(f"{minutes // 60}:{minutes % 60:02}:{seconds}") == expected
    assert seconds_of(f"{minutes}:{seconds}") == expected
    assert seconds_of(f"{milliseconds / 1000}") == expected


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_text_is_a_finite_time_or_none(text: str) -> None:
    value = seconds_of(text)
    assert value is None or abs(value) < float("inf")


@given(st.text(alphabet='videostartendlabel,;\t|"\n\r:.0123456789 ', max_size=200))
@settings(deadline=None)
def test_any_text_below_a_header_is_a_table_or_an_input_error(text: str) -> None:
    try:
        file = read_table(parse_table(f"video,start,end,label\n{text}", Path("labels.csv")))
    except InputError as error:
        file = LabelFile(Path(str(error).partition(".csv")[0]), "", ())
    assert file.actions <= text.count("\n") + text.count("\r") + 1
    assert file.path.stem == "labels"
