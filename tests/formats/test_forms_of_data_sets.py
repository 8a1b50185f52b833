"""Annotations of data sets in their published layouts, counted by hand."""

import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.label_file import AskError, NotLabelsError
from tests.formats.label_texts import read, said

# Moments


def test_soccernet_says_moments_of_each_half(tmp_path: Path) -> None:
    events = [
        {"gameTime": "1 - 00:07", "label": "Goal", "position": "7450", "team": "home"},
        {"gameTime": "2 - 45:10", "label": "Foul", "position": 2710200},
        {"gameTime": "1 - 01:02", "label": "Foul"},
    ]
    content = {"UrlLocal": "epl/2015/match/", "annotations": events}
    file = read(tmp_path, "Labels-v2.json", json.dumps(content))
    assert [[(f.label, f.action.start, f.action.end) for f in video.actions] for video in file.videos] == [
        [("Goal", 7.45, 7.45), ("Foul", 62.0, 62.0)],
        [("Foul", 2710.2, 2710.2)],
    ]
    assert file.videos[1].names[:2] == ("epl/2015/match/2_720p.mkv", "epl/2015/match/2_224p.mkv")
    content["annotations"] = [{"gameTime": "first half", "label": "Goal"}]
    with pytest.raises(InputError, match=r"annotation 0: expected gameTime as half - mm:ss, found 'first half'"):
        read(tmp_path, "Labels-v2.json", json.dumps(content))


def test_spotting_counts_frames_at_the_rate_of_each_video(tmp_path: Path) -> None:
    videos = [
        {"video": "a", "fps": 50.0, "num_frames": 500, "events": [{"frame": 100, "label": "serve", "comment": ""}]},
        {"video": "b", "events": [{"frame": 100, "label": "bounce"}]},
    ]
    file = read(tmp_path, "train.json", json.dumps(videos))
    assert said(file) == [("serve", 2, 2), ("bounce", 4, 4)]
    assert file.videos[0].duration == 10
    with pytest.raises(InputError, match=r"video 0: events\.0\.frame: .*found 'x'"):
        read(tmp_path, "train.json", json.dumps([{"video": "a", "events": [{"frame": "x", "label": "a"}]}]))


# Tables

EPIC = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
    "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"
    "P01_01_0,P01,P01_01,00:00:01.089,00:00:00.14,00:00:03.37,8,202,open door,open,3,door,3,['door'],[3]\n"
    "P01_01_1,P01,P01_01,00:00:02.629,00:01:04.37,00:01:06.17,3862,3970,turn,turn,6,light,114,\"['light']\",[114]\n"
)


def test_epic_kitchens_asks_for_verb_or_noun_and_has_times_not_frames(tmp_path: Path) -> None:
    with pytest.raises(AskError, match=r"--columns label=verb \| label=noun \| label=narration"):
        read(tmp_path, "EPIC_100_train.csv", EPIC)
    with pytest.raises(AskError, match="no column 'foo'"):
        read(tmp_path, "EPIC_100_train.csv", EPIC, columns={"label": "foo"})
    file = read(tmp_path, "EPIC_100_train.csv", EPIC, columns={"label": "noun"}, group="participant_id")
    assert said(file) == [("door", 0.14, 3.37), ("light", 64.37, 66.17)]
    assert (file.videos[0].names, file.videos[0].group) == (("P01_01",), "P01")


def test_charades_has_the_actions_of_a_video_in_a_cell(tmp_path: Path) -> None:
    text = (
        "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length\n"
        '46GP8,HR43,Kitchen,6,7,Yes,"A person cooks, then eats.",food,,c092 11.90 21.20;c147 0.00 12.60,24.83\n'
        "N11GT,0KZ7,Study,5,7,Yes,A person looks.,light,,,18.33\n"
    )
    file = read(tmp_path, "Charades_v1_train.csv", text)
    assert said(file) == [("c092", 11.9, 21.2), ("c147", 0, 12.6)]
    assert [(video.names[0], len(video.actions), video.duration) for video in file.videos] == [
        ("46GP8", 2, 24.83),
        ("N11GT", 0, 18.33),
    ]
    with pytest.raises(InputError, match=r"line 2: a time of 'c092 11.90' must be a number, found ''"):
        read(tmp_path, "Charades_v1_train.csv", text.replace(" 21.20", ""))


@pytest.mark.parametrize("name", ["trace.csv", "kinetics.csv"])
def test_tables_of_other_names_are_read_by_their_headers(name: str, tmp_path: Path) -> None:
    text = {
        "trace.csv": "labelId,timestamp,endTimestamp\njump,1.0,2.0\n",
        "kinetics.csv": "label,youtube_id,time_start,time_end,split\njump,abc,1,2,train\n",
    }[name]
    assert said(read(tmp_path, name, text)) == [("jump", 1, 2)]


# ActivityNet's form, Ego4D


def test_hacs_and_fineaction_are_in_the_form_of_activitynet(tmp_path: Path) -> None:
    entry = {"filename": "v_1.mp4", "duration": 6.0, "subset": "training", "url": "https://example.org/watch?v=1"}
    entry["annotations"] = [{"label": "jump", "segment": [1.0, 2.0], "label_id": 0}]
    file = read(tmp_path, "a.json", json.dumps({"version": "1.1", "taxonomy": [], "database": {"v_1": entry}}))
    assert said(file) == [("jump", 1, 2)]
    assert (file.videos[0].split, file.videos[0].duration) == ("training", 6.0)


def ego4d(*annotators: str) -> str:
    labels = [
        {"start_time": 1.0, "end_time": 3.0, "label": "clean", "primary": True},
        {"start_time": 5.0, "end_time": 6.0, "label": "wash", "primary": False},
        {"start_time": 7.0, "end_time": 8.0, "label": None, "primary": True},
    ]
    clip = {"clip_uid": "c", "video_start_sec": 30.0, "video_end_sec": 510.0}
    clip["annotations"] = [{"annotator_uid": who, "labels": labels} for who in annotators]
    return json.dumps({"version": "1.0", "videos": [{"video_uid": "v", "split": "train", "clips": [clip]}]})


def test_ego4d_has_times_of_the_clip_and_of_the_whole_video(tmp_path: Path) -> None:
    file = read(tmp_path, "moments_train.json", ego4d("u"))
    (clip,) = file.videos
    whole = clip.otherwise
    assert whole is not None
    assert (clip.names, whole.names, clip.split, whole.split) == (("c",), ("v",), "train", "train")
    assert [(f.label, f.action.start) for f in (*clip.actions, *whole.actions)] == [("clean", 1.0), ("clean", 31.0)]
    assert [found.action.start for found in whole.unlabelled] == [35.0, 37.0]
    assert [each.reason.partition(",")[0] for each in file.left_out] == ["is not primary", "has no label"]
    with pytest.raises(AskError, match=r"labels of 2 annotators; say which: --annotator u \| w \| all"):
        read(tmp_path, "moments_train.json", ego4d("u", "w"))
    assert said(read(tmp_path, "moments_train.json", ego4d("u", "w"), annotator="w")) == [("clean", 1, 3)]
    assert said(read(tmp_path, "moments_train.json", ego4d("u", "w"), annotator="all")) == 2 * [("clean", 1, 3)]


# Text


def test_a_file_of_thumos_is_called_as_its_label(tmp_path: Path) -> None:
    text = "video_validation_0000266  72.8 76.4\nvideo_validation_0000681  44.0 50.9\n"
    file = read(tmp_path, "BaseballPitch_val.txt", text)
    assert said(file) == [("BaseballPitch", 72.8, 76.4), ("BaseballPitch", 44.0, 50.9)]
    assert "it is the file's name, 'BaseballPitch'" in file.notes[0]
    assert said(read(tmp_path, "Run.txt", "video_test_1 1.25 2.50\nmine 3 4\n")) == [("Run", 1.25, 2.5), ("Run", 3, 4)]
    with pytest.raises(NotLabelsError, match="which may hold anything"):
        read(tmp_path, "Run.txt", text, named=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-25 SIL  \n26-75 take_cup  \n", [("SIL", 0, 1), ("take_cup", 1, 3)]),
        ("0 24 G1\n25 74 G2\n", [("G1", 0, 1), ("G2", 1, 3)]),
        ("26 50 cut tomato\n51 75 serve\n", [("cut tomato", 1, 2), ("serve", 2, 3)]),
    ],
)
def test_spans_of_frames_include_the_last_one(
    text: str, expected: list[tuple[str, float, float]], tmp_path: Path
) -> None:
    assert said(read(tmp_path, "a.txt", text)) == expected


def test_spans_of_whole_numbers_that_do_not_follow_each_other_are_asked_for(tmp_path: Path) -> None:
    text = "10 20 cut\n30 40 serve\n"
    with pytest.raises(AskError, match=r"--unit frames \| s \| ms"):
        read(tmp_path, "a.txt", text)
    assert said(read(tmp_path, "a.txt", text, unit="s")) == [("cut", 10, 20), ("serve", 30, 40)]
    assert said(read(tmp_path, "a.txt", text, unit="frames@10")) == [("cut", 0.9, 2), ("serve", 2.9, 4)]
    with pytest.raises(NotLabelsError, match="a log of measurements"):
        read(tmp_path, "a.txt", "1 2 3\n3 4 5\n")


def test_a_label_a_frame_makes_runs(tmp_path: Path) -> None:
    lines = ["background"] * 25 + ["jump"] * 50 + ["background"] * 25
    file = read(tmp_path, "a.txt", "\n".join(lines))
    assert said(file) == [("background", 0, 1), ("jump", 1, 3), ("background", 3, 4)]
    assert file.videos[0].frames == 100
    assert "'background' may mean that nothing happens" in file.notes[0]
    without = read(tmp_path, "a.txt", "\n".join(lines), background=("background",))
    assert said(without) == [("jump", 1, 3)]
    assert "2 spans of 'background' are background" in without.notes[0]
    assert said(read(tmp_path, "a.txt", "\n".join(lines), unit="frames@50"))[1] == ("jump", 0.5, 1.5)
    with pytest.raises(InputError, match=r"a header with columns"):
        read(tmp_path, "a.txt", "\n".join(f"word{i}" for i in range(100)))


def test_chapters_go_on_until_the_next(tmp_path: Path) -> None:
    text = "0:00 Intro\n0:10 - Warm up (easy)\n1:02 Run\n"
    assert said(read(tmp_path, "a.txt", text)) == [("Intro", 0, 10), ("Warm up (easy)", 10, 62), ("Run", 62, 100)]
    with pytest.raises(InputError):
        read(tmp_path, "a.txt", "1:02 Run\n0:10 Warm up\n")
