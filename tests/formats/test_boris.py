"""BORIS: its old and new exports of events, and its projects, as they come from the program."""

import json
from pathlib import Path
from typing import Any

import pytest

from logotal.errors import InputError
from logotal.formats.label_file import LabelFile
from logotal.formats.labels import read_labels
from logotal.formats.options import Options
from logotal.timeline import Action

NEW = (
    "Observation id,Observation date,Description,Observation duration,Observation type,Source,Time offset (s),"
    "Media duration (s),FPS,site,Subject,Behavior,Behavioral category,Modifier #1,Behavior type,Time,Media file name,"
    "Image index,Image file path,Comment\n"
)
OLD = (
    "Observation id\tpen 3\t\t\t\t\t\t\t\n\t\t\t\t\t\t\t\t\nMedia file(s)\t\t\t\t\t\t\t\t\n\t\t\t\t\t\t\t\t\n"
    "Player #1\tpigs.mp4\t\t\t\t\t\t\t\nObservation date\t2024-03-05 09:10:11\t\t\t\t\t\t\t\n"
    "Description\t\t\t\t\t\t\t\t\nTime offset (s)\t0.0\t\t\t\t\t\t\t\n\t\t\t\t\t\t\t\t\n"
    "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus\n"
)
AGGREGATED = (
    "Observation id,Observation date,Description,Media file,Total length,FPS,site,Subject,Behavior,"
    "Behavioral category,Modifiers,Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop\n"
)


def new(kind: str, time: float, behavior: str, *, media: str = "D:/pen/pigs.mp4", **other: str) -> str:
    said = {"source": "player #1:D:/pen/pigs.mp4", "lengths": "60.000", "subject": "sow", "modifier": "", "offset": "0"}
    said |= other
    return (
        f"pen 3,2024-03-05 09:10:11,,48.2,Media file(s),{said['source']},{said['offset']},{said['lengths']},25.000,"
        f"north,{said['subject']},{behavior},,{said['modifier']},{kind},{time:.3f},{media},12,NA,\n"
    )


def old(kind: str, time: float, behavior: str, subject: str = "sow") -> str:
    return f"{time:.3f}\tpigs.mp4\t60.000\t25.0\t{subject}\t{behavior}\t\t\t{kind}\n"


def aggregated(behavior: str, kind: str, start: float, stop: float, media: str = "pigs.mp4") -> str:
    length = "NA" if kind == "POINT" else f"{stop - start:.3f}"
    times = f"{start:.3f},{stop:.3f},{length}"
    return f"pen 3,2024-03-05 09:10:11,,{media},90.000,25.000,north,sow,{behavior},,,{kind},{times},,\n"


def read(folder: Path, text: str, name: str = "events.csv", group: str | None = None) -> LabelFile:
    (folder / name).write_text(text, encoding="utf-8")
    return read_labels(folder / name, Options(group=group))


def actions(file: LabelFile) -> dict[str, list[Action]]:
    return {video.names[0]: [found.action for found in video.actions] for video in file.videos}


def sow(start: float, end: float, label: str) -> Action:
    return Action(start, end, label, subject="sow")


def reasons(file: LabelFile) -> list[str]:
    return [each.reason for each in file.left_out]


def test_starts_and_stops_of_one_subject_and_behavior_are_an_action(tmp_path: Path) -> None:
    text = NEW + new("START", 1, "rooting") + new("START", 2, "rooting", subject="piglet") + new("POINT", 2.5, "grunt")
    text += new("STOP", 3, "rooting", subject="piglet") + new("STOP", 4.5, "rooting")
    file = read(tmp_path, text)

    assert file.form == "BORIS events"
    assert actions(file) == {
        "D:/pen/pigs.mp4": [
            sow(2.5, 2.5, "grunt"),
            Action(2, 3, "rooting", subject="piglet"),
            sow(1, 4.5, "rooting"),
        ]
    }
    assert (reasons(file), file.notes) == ([], ())


@pytest.mark.parametrize("nobody", ["", "No focal subject", "NA"])
def test_where_no_focal_subject_acts_nobody_does(nobody: str, tmp_path: Path) -> None:
    file = read(tmp_path, NEW + new("POINT", 2.5, "grunt", subject=nobody))
    assert actions(file) == {"D:/pen/pigs.mp4": [Action(2.5, 2.5, "grunt")]}


def test_the_older_export_has_its_header_below_the_observation(tmp_path: Path) -> None:
    text = OLD + old("START", 1, "rooting") + old("STOP", 3.25, "rooting") + old("POINT", 5, "grunt", "piglet")
    file = read(tmp_path, text, "pen 3.tsv")
    assert actions(file) == {"pigs.mp4": [sow(1, 3.25, "rooting"), Action(5, 5, "grunt", subject="piglet")]}


def test_aggregated_events_are_an_action_a_row(tmp_path: Path) -> None:
    text = AGGREGATED + aggregated("rooting", "STATE", 1.8, 8.125) + aggregated("grunt", "POINT", 32.825, 32.825)
    file = read(tmp_path, text, group="site")
    assert actions(file) == {"pigs.mp4": [sow(1.8, 8.125, "rooting"), sow(32.825, 32.825, "grunt")]}
    assert [video.group for video in file.videos] == ["north"]


def test_times_of_a_queue_of_files_become_those_of_each_file(tmp_path: Path) -> None:
    queue = {"source": "player #1:one.mp4;two.mp4|player #2:side.mp4", "lengths": "60.000;30.000|90.000"}
    text = (
        NEW
        + new("START", 58, "rooting", media="one.mp4", **queue)
        + new("STOP", 59, "rooting", media="one.mp4", **queue)
    )
    text += new("START", 61.5, "rooting", media="two.mp4", **queue) + new(
        "STOP", 70, "rooting", media="two.mp4", **queue
    )
    text += new("START", 10, "sleeping", media="one.mp4", **queue) + new(
        "STOP", 71, "sleeping", media="two.mp4", **queue
    )
    file = read(tmp_path, text)
    assert actions(file) == {"one.mp4": [sow(58, 59, "rooting")], "two.mp4": [sow(1.5, 10, "rooting")]}
    assert reasons(file) == ["goes on from one file of the observation into the next"]


def test_a_queue_of_unknown_lengths_is_an_error_that_asks_for_the_project(tmp_path: Path) -> None:
    text = (
        AGGREGATED + aggregated("rooting", "STATE", 1, 2, "one.mp4") + aggregated("rooting", "STATE", 61, 62, "two.mp4")
    )
    with pytest.raises(InputError, match=r"line 3: observation 'pen 3' has several video files.*\(\.boris\)"):
        read(tmp_path, text)


def test_what_never_stops_or_never_started_is_left_out_by_line(tmp_path: Path) -> None:
    text = NEW + new("STOP", 1, "rooting") + new("START", 2, "rooting") + new("START", 3, "rooting", modifier="deep")
    text += new("STOP", 4, "rooting", modifier="deep") + new("POINT", 5, "grunt", media="NA")
    file = read(tmp_path, text)
    assert actions(file) == {"D:/pen/pigs.mp4": [sow(3, 4, "rooting")]}
    assert sorted(reasons(file)) == [
        "belongs to an observation without a video file",
        "starts and never stops",
        "stops and never started",
    ]
    assert {each.where.rpartition(" ")[2] for each in file.left_out} == {"2", "3", "6"}


def test_an_offset_of_an_observation_is_noted(tmp_path: Path) -> None:
    file = read(tmp_path, NEW + new("POINT", 5, "grunt", offset="-12.5"))
    assert "time offset of -12.5 s" in file.notes[0]


def test_an_unknown_status_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: expected START, STOP or POINT, found 'BEGIN'"):
        read(tmp_path, NEW + new("BEGIN", 1, "rooting"))


def project(**observations: Any) -> str:
    conf = {
        "0": {"type": "State event", "key": "r", "code": "rooting", "modifiers": {}},
        "1": {"type": "Point event", "key": "g", "code": "grunt", "modifiers": {}},
    }
    content = {"time_format": "hh:mm:ss", "project_format_version": "7.0", "subjects_conf": {}, "behaviors_conf": conf}
    return json.dumps(content | {"observations": observations})


def observation(files: list[str], events: list[list[Any]], **other: Any) -> dict[str, Any]:
    info = {"length": dict.fromkeys(files, 60.0), "fps": dict.fromkeys(files, 25.0)}
    said = {"type": "MEDIA", "time offset": 0.0, "independent_variables": {"Site": "north"}, "media_info": info}
    return {"file": {"1": files, "2": []}, "events": events} | said | other


def test_a_project_is_read_by_turns_of_start_and_stop(tmp_path: Path) -> None:
    events = [[1.5, "sow", "rooting", "", ""], [62.0, "", "grunt", "", ""], [4.0, "sow", "rooting", "", "", 100]]
    text = project(pen=observation(["/v/one.mp4", "/v/two.mp4"], events))
    file = read(tmp_path, text, "farm.boris", group="site")
    assert actions(file) == {"/v/one.mp4": [sow(1.5, 4, "rooting")], "/v/two.mp4": [Action(2, 2, "grunt")]}
    assert [video.group for video in file.videos] == ["north", "north"]
    assert read(tmp_path, text, "farm.json").form == "BORIS project"


def test_what_a_project_cannot_say_of_a_video_is_named(tmp_path: Path) -> None:
    live = observation([], [[1, "", "grunt", "", ""]], type="LIVE", file=[])
    strange = observation(["a.mp4"], [[1, "", "flying", "", ""], [2, "", "rooting", "", ""]])
    text = project(live=live, strange=strange, uncoded=observation(["b.mp4"], []))
    file = read(tmp_path, text, "farm.boris")
    assert actions(file) == {"a.mp4": []}
    assert reasons(file) == [
        "belongs to an observation without a video file",
        "has a behavior that the ethogram lacks (flying)",
        "starts and never stops",
    ]
    assert "observation 'uncoded' has no events" in file.notes[0]


@pytest.mark.parametrize("event", [1, [1.0, "sow"], ["soon", "sow", "rooting", ""], [float("nan"), "", "grunt", ""]])
def test_an_event_of_another_shape_is_an_error_with_its_place(event: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"farm\.boris: observation 'pen', event 1"):
        read(tmp_path, project(pen=observation(["a.mp4"], [event])), "farm.boris")
