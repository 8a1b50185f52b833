import csv
import gzip
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.formats.timelines import FORMATS, READERS, read_timelines, write_timelines
from logotal.report.page import timeline_page
from logotal.report.save import save_timelines
from logotal.timeline import Action, Timeline
from tests.shared import shared

SERVE = Timeline("match", (Action(3.2, 5.9, "serve", 0.81), Action(7, 9.5, "volley & lob", 0.4)), duration=10.0)
finite = st.floats(allow_nan=False, allow_infinity=False)
who = st.none() | st.text(min_size=1)
actions = st.builds(Action, start=finite, end=finite, label=st.text(), score=finite, subject=who)
timelines = st.builds(
    Timeline, st.text(), st.lists(actions, max_size=4).map(tuple), st.none() | st.floats(0, allow_infinity=False)
)
distinct = st.lists(timelines, max_size=4, unique_by=lambda timeline: timeline.video)


def written_and_read(given_timelines: list[Timeline], suffix: str) -> list[Timeline]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"timeline{suffix}"
        write_timelines(given_timelines, path)
        return read_timelines(path)


@given(distinct)
@settings(deadline=None, max_examples=60)
def test_json_gives_back_equal_timelines(given_timelines: list[Timeline]) -> None:
    assert written_and_read(given_timelines, ".json") == given_timelines


@given(distinct)
@settings(deadline=None, max_examples=60)
def test_csv_gives_back_the_actions_of_videos_that_have_any(given_timelines: list[Timeline]) -> None:
    expected = [replace(timeline, duration=None) for timeline in given_timelines if len(timeline)]
    assert written_and_read(given_timelines, ".csv") == expected


seconds = st.floats(0, 2e5)
readable = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t <>&-"))


def to_thousandths(timeline: Timeline, label: dict[int, str] | None = None) -> Timeline:
    rounded = (
        Action(
            round(a.start * 1000) / 1000, round(a.end * 1000) / 1000, a.label.translate(label or {}), round(a.score, 3)
        )
        for a in timeline
    )
    return replace(timeline, actions=tuple(rounded))


cues = st.builds(Action, start=seconds, end=seconds, label=readable, score=st.floats(0, 1))
one_video = st.builds(Timeline, st.text(), st.lists(cues, max_size=4).map(tuple), st.none() | seconds)


@given(one_video)
@settings(deadline=None, max_examples=100)
def test_webvtt_gives_back_names_exactly_and_numbers_in_thousandths(timeline: Timeline) -> None:
    assert written_and_read([timeline], ".vtt") == [to_thousandths(timeline)]


@given(one_video)
@settings(deadline=None, max_examples=60)
def test_subrip_gives_back_actions_in_thousandths_with_labels_on_one_line(timeline: Timeline) -> None:
    one_line = to_thousandths(timeline, {10: " ", 13: " "})
    assert written_and_read([timeline], ".srt") == [Timeline("timeline", one_line.actions)]


def test_every_reader_has_a_writer() -> None:
    assert set(READERS) == set(FORMATS)


def test_the_longest_suffix_chooses_the_format(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "match.fiftyone.json")
    assert set(json.loads((tmp_path / "match.fiftyone.json").read_text())) == {"classes", "labels", "durations"}
    SERVE.save(tmp_path / "match.VIA.CSV.gz")
    assert read_timelines(tmp_path / "match.VIA.CSV.gz") == [replace(SERVE, duration=None)]


def test_an_unknown_suffix_lists_the_formats(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(f"one of {', '.join(FORMATS)}; found suffix .xlsx")):
        write_timelines([SERVE], tmp_path / "match.xlsx")
    with pytest.raises(InputError, match="found suffix none"):
        write_timelines([SERVE], tmp_path / "match")
    with pytest.raises(InputError, match=re.escape(f"one of {', '.join(READERS)}; found suffix .html")):
        read_timelines(tmp_path / "match.html")


def test_folders_are_made_and_no_temporary_file_stays(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "new" / "folder" / "match.json")
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["match.json"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "match.json"
    SERVE.save(path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        Timeline("other").save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_gz_name_is_compressed(tmp_path: Path) -> None:
    path = tmp_path / "match.json.gz"
    SERVE.save(path)
    assert json.loads(gzip.decompress(path.read_bytes()))["results"]["match"][0]["label"] == "serve"
    assert read_timelines(path) == [SERVE]
    path.write_bytes(b"not gzip")
    with pytest.raises(InputError, match="cannot be read"):
        read_timelines(path)


def test_two_timelines_of_a_video_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two of 'match'"):
        write_timelines([SERVE, SERVE], tmp_path / "match.json")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_number_that_is_not_finite_is_refused(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'v': start, end and score must be finite"):
        Timeline("v", (Action(0, float("nan"), "serve"),)).save(tmp_path / f"v{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_name_that_is_no_text_is_refused_or_escaped(suffix: str, tmp_path: Path) -> None:
    timeline = Timeline("v", (Action(0, 1, "bad \udcff"),))
    if suffix == ".html":
        timeline.save(tmp_path / "v.html")
    else:
        with pytest.raises(InputError, match="not valid text"):
            timeline.save(tmp_path / f"v{suffix}")


def test_numbers_of_numpy_are_written_as_numbers(tmp_path: Path) -> None:
    timeline = Timeline("v", (Action(np.float32(0.5), np.float64(1.5), "serve", np.float32(0.25)),), np.float32(2))  # type: ignore[arg-type]
    for suffix in FORMATS:
        timeline.save(tmp_path / f"v{suffix}")
    for suffix in READERS:
        (read,) = read_timelines(tmp_path / f"v{suffix}")
        assert [(type(a.start), a.start, a.end, a.label) for a in read] == [(float, 0.5, 1.5, "serve")]
    assert read_timelines(tmp_path / "v.json") == [Timeline("v", (Action(0.5, 1.5, "serve", 0.25),), 2.0)]


def test_the_submission_has_the_keys_that_evaluators_ask_for(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "match.json")
    content = json.loads((tmp_path / "match.json").read_text())
    assert {"version", "results", "external_data"} <= set(content)
    assert content["results"]["match"][0] == {"label": "serve", "score": 0.81, "segment": [3.2, 5.9]}


def test_published_submissions_are_read() -> None:
    published = read_timelines(shared("thumos14/actionformer_detections.json.gz"))
    assert len(published) == 212
    assert sum(map(len, published)) == 42_400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON at line 1"),
        ("[" * 100_000, "JSON of a few levels"),
        ('{"results": {"v": []}, "durations": {"v": ' + "1" * 5000 + "}}", "not usable JSON"),
        ('{"results": {"v": []}, "durations": {"v": ' + "1" * 400 + "}}", "duration of 'v' must be a number"),
        ('{"results": {"v": [], "w": [], "v": []}}', "the key 'v' stands twice in one object"),
        ("[]", "the file must be an object"),
        ('{"database": {}}', "expected predictions.*found the keys 'database'"),
        ('{"results": {"v": {}}}', "video 'v' must be a list"),
        ('{"results": {"v": [{"label": "a", "segment": [0, 1]}]}}', "video 'v', action 0: key 'score' is missing"),
        ('{"results": {"v": [{"label": "a", "score": 1, "segment": [0]}]}}', r"must be \[start, end\]"),
        ('{"results": {"v": [{"label": "a", "score": 1, "segment": [0, NaN]}]}}', r"must be \[start, end\]"),
        ('{"results": {"v": [{"label": 3, "score": 1, "segment": [0, 1]}]}}', "a text 'label'"),
        ('{"results": {"v": []}, "durations": {"v": "long"}}', "duration of 'v'"),
    ],
)
def test_json_that_is_not_as_expected_is_named(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(content)
    with pytest.raises(InputError, match=message):
        read_timelines(tmp_path / "v.json")


def test_csv_is_what_a_spreadsheet_reads(tmp_path: Path) -> None:
    Timeline("v", (Action(0.1, 1, 'say "hi", then\nleave', 0.5),)).save(tmp_path / "v.csv")
    with (tmp_path / "v.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["video", "start", "end", "label", "score"],
            ["v", "0.1", "1.0", 'say "hi", then\nleave', "0.5"],
        ]


def test_csv_from_a_spreadsheet_may_have_a_mark_other_columns_and_no_score(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_bytes("\ufefflabel,note,video,start,end\njump,good,v,1,2\n".encode())
    assert read_timelines(tmp_path / "v.csv") == [Timeline("v", (Action(1, 2, "jump", 1.0),))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "column 'video' is missing"),
        ("video,begin,end,label\n", "column 'start' is missing"),
        ("video,start,end,label,score\nv,1,two,jump,1\n", "line 2: end must be a number, found 'two'"),
        ("video,start,end,label,score\nv,1,inf,jump,1\n", "line 2: end must be a number, found 'inf'"),
        ("video,start,end,label,score\nv,1\n", "line 2: expected video, start, end, label, score, found fewer"),
        ('video,start,end,label\nv,1,2,"jump', "not valid CSV"),
    ],
)
def test_csv_that_is_not_as_expected_is_named(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        read_timelines(tmp_path / "v.csv")


def test_webvtt_is_as_players_expect_it(tmp_path: Path) -> None:
    Timeline("a --> b", (Action(3725.0406, 3726, "<i>\n&", 0.5),), 4000.0).save(tmp_path / "v.vtt")
    assert (tmp_path / "v.vtt").read_text() == (
        "WEBVTT\n\n"
        'NOTE {"video": "a --\\u003e b", "duration": 4000.0}\n\n'
        "01:02:05.041 --> 01:02:06.000\n&lt;i&gt;&#10;&amp; 0.500\n"
    )


def test_subrip_is_as_players_expect_it(tmp_path: Path) -> None:
    SERVE.save(tmp_path / "v.srt")
    assert (tmp_path / "v.srt").read_text() == (
        "1\n00:00:03,200 --> 00:00:05,900\nserve 0.810\n\n2\n00:00:07,000 --> 00:00:09,500\nvolley & lob 0.400\n"
    )


def test_webvtt_of_others_is_read(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_bytes(
        b"\xef\xbb\xbfWEBVTT - a talk\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nNOTE mine\r\n\r\n"
        b"intro\r\n00:01.000 --> 00:02.500 align:start\r\n<v Ann>hello &amp; welcome\r\n"
    )
    assert read_timelines(tmp_path / "talk.vtt") == [Timeline("talk", (Action(1, 2.5, "hello & welcome"),))]


def test_an_empty_subrip_file_is_a_video_without_actions(tmp_path: Path) -> None:
    (tmp_path / "quiet.srt").write_text("")
    assert read_timelines(tmp_path / "quiet.srt") == [Timeline("quiet")]


@pytest.mark.parametrize("suffix", [".vtt", ".srt"])
def test_subtitles_hold_one_video_from_zero_on(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found 2; write \.json or \.csv, or a file for each"):
        write_timelines([SERVE, Timeline("other")], tmp_path / f"all{suffix}")
    with pytest.raises(InputError, match="subtitles begin at 0 seconds"):
        Timeline("v", (Action(-1, 1, "early"),)).save(tmp_path / f"v{suffix}")
    (tmp_path / f"bad{suffix}").write_text("WEBVTT\n\nno time here\n")
    with pytest.raises(InputError, match=r"expected a line like 00:00:01\.000 --> 00:00:02\.500"):
        read_timelines(tmp_path / f"bad{suffix}")


def test_files_that_are_absent_or_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_timelines(tmp_path / "absent.json")
    (tmp_path / "v.csv").write_bytes(b"video,\xff")
    with pytest.raises(InputError, match="expected UTF-8 text, found other bytes at 6"):
        read_timelines(tmp_path / "v.csv")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match="expected a plain file, found a folder"):
        read_timelines(tmp_path / "folder.json")
    with pytest.raises(InputError, match="expected the name of a file, found a folder"):
        SERVE.save(tmp_path / "folder.json")


def test_html_is_the_report_page_with_truths(tmp_path: Path) -> None:
    truths = {"match": Timeline("match", (Action(3, 6, "serve"),))}
    save_timelines([SERVE], tmp_path / "match.html", truths=truths)
    assert (tmp_path / "match.html").read_text() == timeline_page([SERVE], truths=truths)
