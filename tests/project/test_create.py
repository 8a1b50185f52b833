"""A folder of videos and labels becomes a project: everything counted, the same every time, nothing written over."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

import logotal
from logotal.data.feature_recipe import read_feature_recipe
from logotal.errors import InputError
from logotal.formats.annotations import read_annotations
from logotal.formats.options import Options
from logotal.places import is_project
from logotal.project.create import ProjectSummary, create
from logotal.project.folder import project_videos
from logotal.recipes import read_recipe
from logotal.timeline import Action
from tests.backbones.families import write_model
from tests.project.films import film, films

NAMES = tuple(f"match {i}.mp4" for i in range(6))


def write_labels(
    folder: Path, *lines: str, header: str = "video,start,end,label,person", name: str = "labels.csv"
) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def lines() -> list[str]:
    """Three actions in each of six videos, two videos a person."""
    spans = ((1, 2, "serve"), (4, 5.5, "volley"), (7, 7, "bounce"))
    return [f"{name},{a},{b},{label},p{i // 2}" for i, name in enumerate(NAMES) for a, b, label in spans]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    films(tmp_path / "films", *NAMES)
    return tmp_path / "films"


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in ("annotations.json", "recipe.yaml")}


def counted(summary: ProjectSummary) -> bool:
    return summary.read == len(summary.left_out) + sum(len(video.actions) for video in summary.videos)


def test_a_project_holds_every_action_and_keeps_persons_together(folder: Path) -> None:
    write_labels(folder, *lines())
    summary = create(folder, group="person")

    assert (summary.read, summary.left_out, summary.unlabelled, summary.written) == (18, (), (), True)
    read = read_annotations(folder / "annotations.json")
    assert tuple(read.videos.values()) == summary.videos
    assert read.videos["match 0"].actions == (
        Action(1, 2, "serve"),
        Action(4, 5.5, "volley"),
        Action(7, 7, "bounce"),
    )
    assert {(video.duration, video.fps) for video in summary.videos} == {(10.0, 10.0)}
    splits: dict[Any, set[str]] = {}
    for video in summary.videos:
        splits.setdefault(video.group, set()).add(video.split)
    assert {group: len(names) for group, names in splits.items()} == {"p0": 1, "p1": 1, "p2": 1}
    assert set.union(*splits.values()) == {"training", "validation"}
    assert any("6 actions without length are kept" in note for note in summary.notes)


def test_the_recipe_is_one_that_training_reads_and_videos_are_found_again(folder: Path) -> None:
    write_labels(folder, *lines())
    out = folder.parent / "project"
    create(folder, out=out)
    config = read_recipe(out / "recipe.yaml")
    assert config.data.annotations is not None
    assert config.data.annotations.name == "annotations.json"
    assert (config.data.training_split, config.data.evaluation_split) == ("training", "validation")
    assert is_project(out)
    found = project_videos(out, out / "annotations.json")
    assert {name: path.resolve() for name, path in found.items()} == {
        Path(name).stem: (folder / name).resolve() for name in NAMES
    }
    assert read_recipe(out / "recipe.yaml").data.fps is None
    create(folder, out=folder.parent / "tsp", backbone="r2plus1d-tsp")
    assert read_recipe(folder.parent / "tsp" / "recipe.yaml").data.fps == 15


@pytest.mark.parametrize(("kind", "family", "frames"), [("video", "VideoMAE", 4), ("image", "ViT", 1)])
def test_a_project_may_have_features_of_a_model_that_lies_elsewhere(
    folder: Path, tmp_path: Path, *, kind: str, family: str, frames: int
) -> None:
    write_labels(folder, *lines())
    write_model(tmp_path / "model", family)
    create(folder, backbone=f"{kind}:{tmp_path / 'model'}")
    data = read_recipe(folder / "recipe.yaml").data
    found = logotal.extract(folder, precision="fp32")
    recipe = read_feature_recipe(found.folder)

    assert (data.backbone, data.clip_frames) == (f"{kind}:{tmp_path / 'model'}", frames)
    assert (found.made, found.failed) == (len(NAMES) * (1 + data.views), [])
    assert recipe is not None
    assert (recipe["clip_frames"], recipe["clip_stride"]) == (frames, data.clip_stride)


def test_features_of_videos_of_other_frame_rates_are_made_at_one(folder: Path) -> None:
    write_labels(folder, *lines())
    assert read_recipe(str(create(folder, group="person").folder)).data.fps is None  # each at its own, all alike
    film(folder / NAMES[0], fps=30)
    summary = create(folder, group="person", overwrite=True)
    assert read_recipe(str(folder)).data.fps == 10
    assert "videos of 10 to 30 frames a second: all features are made at 10" in summary.notes


def test_the_same_videos_and_labels_give_the_same_bytes_in_any_order_of_lines(folder: Path) -> None:
    write_labels(folder, *lines())
    create(folder)
    first = contents(folder)
    again = create(folder)
    assert (again.written, contents(folder)) == (False, first)
    shuffled = lines()
    random.Random(1).shuffle(shuffled)
    write_labels(folder, *shuffled)
    assert not create(folder).written
    assert contents(folder) == first


def test_an_interrupted_project_is_made_whole(folder: Path) -> None:
    write_labels(folder, *lines())
    create(folder)
    first = contents(folder)
    (folder / "recipe.yaml").unlink()
    text = (folder / "annotations.json").read_text()
    (folder / "annotations.json").write_text(text.replace("serve", "older"))
    assert create(folder).written
    assert contents(folder) == first


@pytest.mark.parametrize("overwrite", [False, True])
def test_annotations_of_the_user_are_never_written_over(folder: Path, overwrite: bool) -> None:
    entry = {"subset": "training", "annotations": [{"segment": [1, 2], "label": "serve"}]}
    mine = folder / "annotations.json"
    mine.write_text(json.dumps({"database": {Path(name).stem: entry for name in NAMES}}))
    before = mine.read_bytes()
    with pytest.raises(InputError, match=r"not made by `logotal init`, so it is left alone; .*--out"):
        create(folder, overwrite=overwrite)
    assert mine.read_bytes() == before
    assert create(folder, out=folder.parent / "project").read == 6


# What is left out


def test_everything_that_is_not_used_is_counted_and_named(folder: Path) -> None:
    (folder / "broken.mp4").write_bytes(b"no video")
    film(folder / "unseen.mp4")
    odd = ["match 0.mp4,5,3,serve,p0", "match 0.mp4,60,61,serve,p0", "match 0.mp4,1,2,serve,p0", "match 0.mp4,1,,x,p0"]
    write_labels(folder, *lines(), *odd, "gone.mp4,1,2,serve,p9", "broken.mp4,1,2,serve,p9", "gone too,,,,")
    with pytest.raises(InputError, match=r"line 21: a time of 61 without a unit, in a video of 10 s"):
        create(folder, group="person")
    summary = create(folder, group="person", options=Options(unit="s"))

    assert (summary.read, len(summary.left_out), counted(summary)) == (24, 6, True)
    assert sorted((each.where.rpartition(" ")[2], each.reason) for each in summary.left_out) == [
        ("20", "ends before it starts (5-3 s)"),
        ("21", "lies outside the video (60-61 s of 10 s)"),
        ("22", "is annotated twice"),
        ("23", "has no end"),
        ("24", "names a video that is not in the folder"),
        ("25", "belongs to a video that cannot be read, broken.mp4"),
    ]
    assert [path.name for path in summary.unlabelled] == ["unseen.mp4"]
    assert {video.id for video in summary.videos} == {Path(name).stem for name in NAMES}
    assert any("no video in the folder is called 'gone.mp4', 'gone too'" in note for note in summary.notes)
    assert any(note.startswith("left out: ") and "broken.mp4" in note for note in summary.notes)


def test_unlabelled_videos_are_background_only_on_request(folder: Path) -> None:
    write_labels(folder, *lines()[:9], header="video,start,end,label,person")
    assert len(create(folder).videos) == 3
    summary = create(folder, unlabelled_are_empty=True, overwrite=True)
    assert [len(video.actions) for video in summary.videos] == [3, 3, 3, 0, 0, 0]
    assert summary.unlabelled == ()
    assert any("3 videos without any action: trained on as background" in note for note in summary.notes)


def test_labels_of_every_tool_come_together_and_what_two_files_say_counts_once(folder: Path) -> None:
    write_labels(folder, *lines()[:3])
    for i in (1, 2):
        (folder / f"match {i}.txt").write_text("1.0\t2.0\tserve\n4.0\t5.5\tvolley\n")
    (folder / "match 0.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nserve\n")
    summary = create(folder, labels=sorted(path for path in folder.iterdir() if path.suffix != ".mp4"))
    assert [len(video.actions) for video in summary.videos] == [3, 2, 2]
    assert [each.reason for each in summary.left_out] == ["is annotated twice"]
    assert any(note.startswith("match 0: labels come from") for note in summary.notes)
    assert counted(summary)


def test_labels_may_lie_elsewhere_and_then_those_in_the_folder_are_not_read(folder: Path) -> None:
    write_labels(folder, *lines(), name="old.csv")
    (folder.parent / "labels").mkdir()
    write_labels(folder.parent / "labels", *lines()[:6])
    assert create(folder, labels=[folder.parent / "labels"]).read == 6


def test_videos_of_one_name_in_two_folders_get_ids_of_their_own(tmp_path: Path) -> None:
    films(tmp_path, "day1/cam.mp4", "day2/cam.mp4", "day3/cam.mp4")
    for day in (1, 2, 3):
        write_labels(tmp_path / f"day{day}", f"1,{2 + day},serve", header="start,end,label", name="cam.csv")
    summary = create(tmp_path)
    assert {video.id: video.actions[0].end for video in summary.videos} == {
        "day1__cam": 3,
        "day2__cam": 4,
        "day3__cam": 5,
    }
    assert any("day1/cam.mp4 is day1__cam" in note for note in summary.notes)


# Splits and groups


def database(folder: Path, **subsets: str) -> None:
    entry = {"annotations": [{"segment": [1, 2], "label": "serve"}], "ignored": [[8, 12]]}
    content = {f"match {name[1:]}": entry | {"subset": split} for name, split in subsets.items()}
    (folder / "truth.json").write_text(json.dumps({"database": content}))


def test_splits_of_the_label_files_are_kept(folder: Path) -> None:
    database(folder, m0="Validation", m1="Validation", m2="Test")
    summary = create(folder)
    assert {video.id: video.split for video in summary.videos} == {
        "match 0": "Validation",
        "match 1": "Validation",
        "match 2": "Test",
    }
    assert (summary.training, summary.evaluation) == ("Validation", "Test")
    assert summary.videos[0].ignored == ((8, 10),)
    assert read_recipe(folder / "recipe.yaml").data.evaluation_split == "Test"


def test_a_single_split_of_the_label_files_is_split_anew(folder: Path) -> None:
    database(folder, m0="training", m1="training", m2="training")
    summary = create(folder)
    assert {video.split for video in summary.videos} == {"training", "validation"}
    assert any("name a single split, 'training'" in note for note in summary.notes)


def test_given_splits_that_tear_a_group_apart_are_an_error(folder: Path) -> None:
    database(folder, m0="training", m1="validation")
    groups = write_labels(folder, "match 0,anna", "match 1,anna", header="video,person", name="persons.csv")
    with pytest.raises(InputError, match=r"group 'anna': .* into 'training' and 'validation'"):
        create(folder, groups=groups)


def test_groups_come_from_a_table_and_videos_without_one_are_their_own(folder: Path) -> None:
    write_labels(folder, *lines())
    groups = write_labels(
        folder, "match 0,anna", "match 1.mp4,anna", "gone,ben", header="video,person", name="persons.csv"
    )
    summary = create(folder, groups=groups)
    assert [video.group for video in summary.videos] == ["anna", "anna", "match 2", "match 3", "match 4", "match 5"]
    assert any("line 4: no video is called 'gone'" in note for note in summary.notes)
    assert any(note.startswith("videos without a group") for note in summary.notes)
    assert not any("persons.csv" in sentence for sentence in summary.passed_over)


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("video,person,team", ["a,b,c"], "expected the columns video and group"),
        ("film,person", ["a,b"], "expected a header with columns for video"),
        ("video,group", ["match 0,"], "line 2: expected a video and its group"),
        ("video,group", ["match 0,a", "match 0.mp4,b"], "line 3: 'match 0.mp4' is in 'b' here, in 'a' before"),
    ],
)
def test_a_table_of_groups_that_says_nothing_is_an_error(
    header: str, rows: list[str], message: str, folder: Path
) -> None:
    write_labels(folder, *lines())
    with pytest.raises(InputError, match=message):
        create(folder, groups=write_labels(folder.parent, *rows, header=header, name="groups.csv"))


def test_a_single_video_is_trained_on_and_the_note_says_what_is_missing(tmp_path: Path) -> None:
    film(tmp_path / "match.mp4")
    write_labels(tmp_path, "match,1,2,serve,p")
    summary = create(tmp_path)
    assert [video.split for video in summary.videos] == ["training"]
    assert any("nothing can be evaluated until more videos are labelled" in note for note in summary.notes)


# Refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group": "team"}, "--group: no label file has a column 'team'"),
        ({"held_back": 1.0}, "expected a part from 0 to below 1"),
        ({"backbone": "i3d"}, "no backbone is called 'i3d' .*; did you mean"),
        ({"labels": [Path("nowhere.csv")]}, "nowhere.csv: no such label file"),
        ({"groups": Path("nowhere.csv")}, "nowhere.csv: no such table of groups"),
    ],
)
def test_an_option_that_fits_nothing_is_an_error(options: dict[str, Any], message: str, folder: Path) -> None:
    write_labels(folder, *lines())
    with pytest.raises(InputError, match=message):
        create(folder, **options)
    assert not (folder / "recipe.yaml").exists()


def test_without_labels_the_error_says_what_is_read_and_what_was_passed_over(folder: Path) -> None:
    (folder / "list.csv").write_text("video,person\nmatch 0,anna\n")
    with pytest.raises(InputError, match=r"no labels here, expected CSV, .*BORIS.*passed over: .*list\.csv"):
        create(folder)


def test_labels_of_other_videos_are_an_error_that_shows_both_names(folder: Path) -> None:
    write_labels(folder, "film_1.mp4,1,2,serve,p")
    with pytest.raises(InputError, match=r"the labels name 'film_1\.mp4', but the videos are match 0\.mp4"):
        create(folder)


def test_frames_in_place_of_seconds_are_an_error_as_a_whole(folder: Path) -> None:
    write_labels(folder, *(f"{name},{100 * k},{100 * k + 50},serve,p" for name in NAMES for k in (1, 2, 3)))
    with pytest.raises(InputError, match=r"line 2: a time of 150 without a unit.*these are no seconds: --unit ms "):
        create(folder)
    with pytest.raises(InputError, match=r"18 of 18 actions cannot be, the first: .*line 2 lies outside the video"):
        create(folder, options=Options(unit="s"))


def test_labels_without_any_action_are_an_error(folder: Path) -> None:
    write_labels(folder, "match 0.mp4,,,,")
    with pytest.raises(InputError, match="no action that could be trained on"):
        create(folder)


def test_a_file_in_place_of_the_project_folder_is_an_error(folder: Path) -> None:
    labels = write_labels(folder, *lines())
    with pytest.raises(InputError, match="expected a folder for the project, found a file"):
        create(folder, out=labels)


# What a person says about label files


def test_what_is_said_about_labels_is_kept_in_the_project(folder: Path) -> None:
    text = [f"{name},{10 * k},{10 * k + 5},serve" for name in NAMES for k in (1, 2, 3)]
    write_labels(folder, *text, header="film,t0,t1,what")
    options = Options(columns={"video": "film", "start": "t0", "end": "t1", "label": "what"}, unit="frames")
    summary = create(folder, options=options)
    assert summary.videos[0].actions[0] == Action(1, 1.5, "serve")
    again = create(folder)
    assert (again.written, again.videos) == (False, summary.videos)
    # A new word counts more than the old one.
    assert create(folder, options=Options(unit="frames@20")).videos[0].actions[0] == Action(0.5, 0.75, "serve")
    with pytest.raises(InputError):  # starting over forgets what was said
        create(folder, overwrite=True)


def test_an_option_that_no_file_has_a_use_for_is_an_error_that_names_what_there_is(folder: Path) -> None:
    write_labels(folder, *lines())
    for options, message in (
        (
            Options(columns={"label": "what"}),
            r"--columns label=what: no label file has a use for it; there are 'video'",
        ),
        (Options(background=("idle",)), r"--background idle: .*there are 'serve', 'volley', 'bounce'"),
        (Options(tier=("hand",)), r"--tier hand: no label file has a use for it$"),
        (Options(prefix="x_"), r"--prefix x_: no label file has a use for it$"),
        (Options(split_labels=True), r"--split-labels : no label file has a use for it$"),
    ):
        with pytest.raises(InputError, match=message):
            create(folder, options=options)
    assert not (folder / "recipe.yaml").exists()


def test_two_coders_of_one_video_stop_with_a_choice(folder: Path) -> None:
    ann = write_labels(folder, "match 0.mp4,1,2,serve,p", name="ann.csv")
    write_labels(folder, "match 0.mp4,1.3,2.1,serve,p", name="bob.csv")
    with pytest.raises(InputError, match=r"ann\.csv and .*bob\.csv describe the same actions differently"):
        create(folder)
    assert create(folder, labels=[ann]).read == 1
