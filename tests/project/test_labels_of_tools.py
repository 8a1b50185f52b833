"""What `logotal init` makes of label files as people's tools save them, one of each kind, told apart and read right.

The files lie in a folder of their own with the right result in their README; a test here is a line of it.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from logotal.errors import InputError
from logotal.formats.options import Options
from logotal.project.create import ProjectSummary, create
from tests.project.films import film
from tests.shared import shared

JUMP, RUN = ("jump", 1.0, 2.0), ("run", 3.0, 4.0)
THUMOS = "video_validation_0000266"


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {
        "phone": film(folder / "phone.mp4", seconds=6, fps=30),
        "long20min": film(folder / "long20min.mp4", seconds=1200, fps=10),
    }


def made(
    name: str, videos: dict[str, Path], folder: Path, *, video: str = "phone", named: bool = False, **options: Any
) -> ProjectSummary:
    """The project of one label file and one video; `video` may be another name of the short one."""
    source = shared(f"labels/{name}")
    place = folder / f"{video}.mp4"
    shutil.copy(videos.get(video, videos["long20min" if video == THUMOS else "phone"]), place)
    shutil.copy(source, folder / name)
    return create(folder, labels=[folder / name] if named else [], options=Options(**options))


def actions(summary: ProjectSummary) -> list[tuple[str, float, float]]:
    return [(a.label, round(a.start, 3), round(a.end, 3)) for video in summary.videos for a in video.actions]


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("elan_two_tiers_origin.eaf", {"tier": ("gesture-R",)}, [("stroke", 1.5, 2.5), ("hold", 3, 4)]),
        ("elan_tab_export.txt", {}, [("stroke", 1, 2)]),
        ("elan_tab_ms.txt", {}, [("stroke", 1, 2)]),
        ("elan_tab_nohdr.txt", {"columns": {"start": "3", "end": "4", "label": "6"}}, [("stroke", 1, 2)]),
        ("via3_project.json", {}, [JUMP]),
        ("via_two_attr.csv", {"attribute": "Scene"}, [("intro", 0.1, 1), ("main title", 1.124, 5.315)]),
        ("via_actor_first.csv", {"attribute": "action"}, [("run", 1, 2), ("jump", 3, 4)]),
        ("via_unlabelled_seg.csv", {}, [JUMP]),
        ("ls_full_labels.json", {}, [("jump", 1, 3), ("run", 3.5, 5)]),
        ("ls_min_labels.json", {}, [("jump", 1, 3), ("run", 3.5, 5)]),
        ("ls_min_timeline.json", {"unit": "frames"}, [("jump", 1, 3), RUN]),
        ("ls_export.csv", {"unit": "frames"}, [("jump", 1, 3)]),
        ("ls_export.csv", {"unit": "frames@24"}, [("jump", 1.25, 3.75)]),
        ("ls_two_annotators.json", {"annotator": "2"}, [("jump", 1, 3)]),
        ("ls_videorectangle.json", {}, [("jump", 0.333, 2)]),
        ("cvat_video.xml", {}, [("jump", 0.333, 2)]),
        ("phone_final.csv", {}, [JUMP, ("run", 3, 4.5)]),
        ("epic100.csv", {"columns": {"label": "verb"}}, [("open", 1, 2), ("close", 3, 4.5)]),
        ("epic100.csv", {"columns": {"label": "noun"}}, [("door", 1, 2), ("door", 3, 4.5)]),
        ("Charades_v1_train.csv", {}, [("c147", 0, 6)]),
        ("HACS_segments.json", {}, [("Jump", 1, 2)]),
        ("kinetics.csv", {}, [("jump", 1, 4)]),
        ("frame_table.csv", {}, [JUMP, ("run", 3, 5)]),
        ("deepethogram_labels.csv", {}, [("face_groom", 1, 6)]),
        ("simba_targets.csv", {}, [("attack", 1, 6)]),
        ("phone.annot", {}, [("attack", 0.967, 2)]),
        ("phone.TextGrid", {}, [("stroke", 1, 2)]),
        ("anvil.anvil", {}, [JUMP]),
        ("datavyu.csv", {}, [JUMP, RUN]),
        ("datavyu2.csv", {}, [JUMP, RUN]),
        ("premiere_markers.csv", {}, [("jump", 1.4, 2)]),
        ("timecode.csv", {}, [("jump", 1.4, 3)]),
        ("frames.csv", {}, [JUMP]),
        ("frames_plain.csv", {"unit": "frames"}, [JUMP, RUN]),
        ("in_out.csv", {}, [JUMP]),
        ("in_out.csv", {"columns": {"start": "in", "end": "out", "label": "label"}}, [JUMP]),
        ("hms_header.csv", {}, [("jump", 1, 3)]),
        ("no_header.csv", {"columns": {"video": "1", "start": "2", "end": "3", "label": "4"}}, [JUMP, ("run", 3, 4)]),
        ("multi_label.csv", {}, [("jump, run", 1, 2), ("jump;run", 3, 4)]),
        ("multi_label.csv", {"split_labels": True}, [JUMP, ("run", 1, 2), ("jump", 3, 4), RUN]),
        ("case.csv", {}, [("Jump", 1, 2), ("jump", 3, 4), ("jump", 4.5, 5.5)]),
        ("cp1252.csv", {}, [("Müller läuft", 1, 2)]),
        ("utf16.csv", {}, [JUMP]),
    ],
)
def test_a_label_file_beside_its_video_gives_its_actions(
    name: str,
    options: dict[str, Any],
    expected: list[tuple[str, float, float]],
    videos: dict[str, Path],
    tmp_path: Path,
) -> None:
    assert actions(made(name, videos, tmp_path, **options)) == expected


@pytest.mark.parametrize(
    ("name", "video", "expected"),
    [
        ("FineAction.json", "v_00000001", [JUMP]),
        ("FineAction.json", "00000001", [JUMP]),
        ("ego4d_mq.json", "abc", [("clean", 1, 3)]),
        ("ego4d_mq.json", "c", [("clean", 1, 3)]),
        ("Labels-v2.json", "long20min", [("Ball out of play", 7.45, 7.45), ("Throw-in", 10.2, 10.2)]),
        ("frames_fps.csv", "long20min", [("jump", 30, 60), ("run", 90, 110)]),
        ("nfd.csv", "prise n°3 — été", [JUMP]),
    ],
)
def test_other_names_of_videos_agree_too(
    name: str, video: str, expected: list[tuple[str, float, float]], videos: dict[str, Path], tmp_path: Path
) -> None:
    assert actions(made(name, videos, tmp_path, video=video)) == expected


def test_milliseconds_without_a_unit_are_asked_for_and_then_read(videos: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"whole numbers without a unit.*--unit s \| frames \| ms"):
        made("times_ms_nounit.csv", videos, tmp_path, video="long20min")
    assert actions(made("times_ms_nounit.csv", videos, tmp_path, video="long20min", unit="ms")) == [("jump", 1, 1.15)]


LOOSE: list[tuple[str, str, dict[str, Any], list[tuple[str, float, float]]]] = [
    ("audacity.txt", "phone", {}, [JUMP, ("click", 3.5, 3.5)]),
    ("youtube_chapters.txt", "phone", {"background": ("Intro",)}, [("jump", 1, 3), ("run", 3, 6)]),
    ("phone_breakfast.txt", "phone", {"background": ("SIL",)}, [("take_cup", 1, 5), ("pour_coffee", 5, 6)]),
    ("phone_frames.txt", "phone", {"background": ("background",)}, [("jump", 1, 3)]),
    ("phone_gestures.txt", "phone", {"background": ("G0",)}, [("G1", 1, 2), ("G2", 2, 6)]),
    ("phone_50salads.txt", "phone", {"unit": "frames@600"}, [("cut_tomato_prep", 1.665, 4.167), ("cut", 4.167, 5)]),
    ("thumos_val.txt", THUMOS, {}, [("thumos", 72.8, 76.4)]),
    ("multithumos.txt", THUMOS, {}, [("multithumos", 72.8, 76.4)]),
    ("coco_caption.vtt", "phone", {}, [JUMP]),
]


@pytest.mark.parametrize("row", LOOSE, ids=lambda row: row[0])
def test_loose_text_counts_where_it_is_named_and_only_there(
    row: tuple[str, str, dict[str, Any], list[tuple[str, float, float]]], videos: dict[str, Path], tmp_path: Path
) -> None:
    name, video, options, expected = row
    with pytest.raises(InputError, match=r"no labels here.*passed over.*say so with --labels"):
        made(name, videos, tmp_path, video=video, **options)
    assert actions(made(name, videos, tmp_path, video=video, named=True, **options)) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("elan_two_tiers_origin.eaf", r"2 tiers, 'gesture-R' \(2\), 'speech' \(1\).*--tier gesture-R \| speech"),
        ("elan_tab_nohdr.txt", r"a first line without names.*--columns video=1 start=3 end=4 label=6"),
        ("via_two_attr.csv", r"--attribute Comment \| Scene"),
        ("via_actor_first.csv", r"--attribute actor \| action"),
        ("via2.csv", "regions of pictures and not times"),
        ("ls_choices.json", r"results of type choices \(1\), which say nothing about times"),
        ("ls_two_annotators.json", r"annotations of 2 annotators; say which: --annotator 1 \| 2"),
        ("ls_min_timeline.json", r"no 'fps' in the task.*--unit frames@24 \| frames"),
        ("ls_export.csv", r"no 'fps' in the task.*--unit frames@24 \| frames"),
        ("epic100.csv", r"--columns label=verb \| label=noun"),
        ("frames_plain.csv", r"a time of 60 without a unit, in a video of 6 s; .*--unit frames \| ms"),
        ("video_duration.csv", "the durations of 'phone.mp4' are all 6 s, the length of the video"),
        ("no_header.csv", "--columns video=1 start=2 end=3 label=4"),
        ("sensor.txt", "which may hold anything"),
        ("dji.srt", "which may hold anything"),
        ("whisper.srt", "which may hold anything"),
        ("whisper.vtt", "which may hold anything"),
        ("whisper.tsv", "expected a header with columns for label and start.*found 'start, end, text'"),
        ("videos_list.json", "no labels in a form that is known"),
        ("points_time.csv", "tracks of objects, not actions"),
    ],
)
def test_what_cannot_be_known_is_asked_and_what_is_no_label_is_refused(
    name: str, message: str, videos: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        made(name, videos, tmp_path)
    assert not (tmp_path / "annotations.json").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sensor.txt", "lines of numbers, a log of measurements"),
        ("dji.srt", "what a drone measured"),
        ("points_time.csv", "tracks of objects"),
        ("videos_list.json", "no labels in a form that is known"),
        ("whisper.tsv", "expected a header with columns for label"),
    ],
)
def test_what_is_no_label_is_refused_even_where_it_is_named(
    name: str, message: str, videos: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        made(name, videos, tmp_path, named=True)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("case.csv", "labels that differ by case or spaces only are different classes: 'Jump', 'jump'"),
        ("cp1252.csv", "was read as Windows-1252"),
        ("multi_label.csv", "labels that may be several, each one class: 'jump, run', 'jump;run'; --split-labels"),
    ],
)
def test_what_is_odd_is_noted(name: str, note: str, videos: dict[str, Path], tmp_path: Path) -> None:
    assert any(note in each for each in made(name, videos, tmp_path).notes)


def test_a_segment_without_a_label_is_named_and_no_background(videos: dict[str, Path], tmp_path: Path) -> None:
    summary = made("via_unlabelled_seg.csv", videos, tmp_path)
    assert [each.reason for each in summary.left_out] == ["has no label, so it is neither an action nor background"]
    assert summary.videos[0].ignored == ((3.0, 4.0),)


def test_of_a_folder_full_of_stray_files_only_the_one_label_file_is_read(
    videos: dict[str, Path], tmp_path: Path
) -> None:
    strays = ("sensor.txt", "dji.srt", "whisper.srt", "whisper.vtt", "whisper.tsv", "coco_caption.vtt")
    strays += ("videos_list.json", "points_time.csv", "audacity.txt", "youtube_chapters.txt", "via2.csv")
    for name in strays:
        shutil.copy(shared(f"labels/{name}"), tmp_path / name)
    summary = made("in_out.csv", videos, tmp_path)
    assert [source.path.name for source in summary.sources] == ["in_out.csv"]
    assert actions(summary) == [JUMP]
    assert summary.left_out == ()
    assert len(summary.passed_over) == len(strays)
