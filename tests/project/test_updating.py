"""`logotal init` again is an update: no video moves, edits stay, and what changed is shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logotal.errors import InputError
from logotal.project.create import ProjectSummary, create
from tests.project.films import film, films
from tests.project.test_create import NAMES, contents, database, lines, write_labels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six videos of three people, with labels."""
    films(tmp_path / "films", *NAMES)
    write_labels(tmp_path / "films", *lines())
    return tmp_path / "films"


def splits(summary: ProjectSummary) -> dict[str, str]:
    return {video.id: video.split for video in summary.videos}


def edit(folder: Path, change: Callable[[dict[str, Any]], object], indent: int | None = None) -> None:
    """Changes the videos of annotations.json as a person would."""
    path = folder / "annotations.json"
    content = json.loads(path.read_text())
    change(content["database"])
    path.write_text(json.dumps(content, indent=indent))


def test_videos_keep_their_splits_whatever_is_added(folder: Path) -> None:
    before = splits(create(folder, group="person"))
    recipe = (folder / "recipe.yaml").read_bytes()
    added: list[str] = []
    for number in range(8):
        film(folder / f"new {number}.mp4")
        added.append(f"new {number}.mp4,1,2,{'serve' if number % 2 else 'smash'},q{number}")
        write_labels(folder, *lines(), *added)
        after = splits(create(folder))
        assert {name: after[name] for name in before} == before
        assert (folder / "recipe.yaml").read_bytes() == recipe
        before = after
    assert list(before.values()).count("validation") in (3, 4)  # a fifth of 14, and p0's two videos stay together


def test_a_new_video_goes_where_its_group_is(folder: Path) -> None:
    before = create(folder, group="person")
    held = next(str(video.group) for video in before.videos if video.split == "validation")
    others = [group for group in ("p0", "p1", "p2") if group != held]
    rows = []
    for number, group in enumerate([held, held, *others]):
        film(folder / f"new {number}.mp4")
        rows.append(f"new {number}.mp4,1,2,serve,{group}")
    write_labels(folder, *lines(), *rows)
    after = splits(create(folder))
    assert [after[f"new {number}"] for number in range(4)] == ["validation"] * 2 + ["training"] * 2


def test_the_part_to_hold_back_is_remembered_and_counts_for_new_videos(folder: Path) -> None:
    before = splits(create(folder, held_back=0.5))
    assert list(before.values()).count("validation") == 3
    rows = []
    for number in range(4):
        film(folder / f"new {number}.mp4")
        rows.append(f"new {number}.mp4,1,2,serve,p")
    write_labels(folder, *lines(), *rows)
    after = create(folder)
    assert list(splits(after).values()).count("validation") == 5
    again = create(folder, held_back=0.9)
    assert splits(again) == splits(after)
    assert any("count for new videos only" in note for note in again.notes)


def test_edits_of_a_person_stay(folder: Path) -> None:
    database(folder, m0="training", m1="validation", m2="training", m3="training")
    (folder / "labels.csv").unlink()
    create(folder)
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "# mine\n")

    def change(videos: dict[str, Any]) -> None:
        videos["match 2"]["subset"] = "validation"
        videos["match 3"] |= {"group": "anna", "ignored": [[1, 2], [8, 10]], "url": "https://example.org/3"}
        del videos["match 0"]["ignored"]

    edit(folder, change, indent=2)
    edited = contents(folder)
    assert not create(folder).written
    assert contents(folder) == edited
    write_labels(folder, "match 4.mp4,1,2,serve,p", header="video,start,end,label,person")
    summary = create(folder)
    videos = {video.id: video for video in summary.videos}
    assert splits(summary)["match 2"] == "validation"
    assert (videos["match 3"].group, videos["match 3"].ignored) == ("anna", ((1, 2), (8, 10)))
    assert (videos["match 0"].ignored, videos["match 1"].ignored) == ((), ((8, 10),))
    assert json.loads((folder / "annotations.json").read_text())["database"]["match 3"]["url"]
    assert recipe.read_text().endswith("# mine\n")


def test_what_the_label_files_ignore_now_is_ignored_and_what_they_no_longer_ignore_is_not(folder: Path) -> None:
    database(folder, m0="training", m1="validation")
    (folder / "labels.csv").unlink()
    create(folder)
    edit(folder, lambda videos: videos["match 0"]["ignored"].append([3, 4]))
    text = (folder / "truth.json").read_text()
    (folder / "truth.json").write_text(text.replace("[8, 12]", "[6, 7]"))
    assert [video.ignored for video in create(folder).videos] == [((3, 4), (6, 7)), ((6, 7),)]


def test_label_files_that_contradict_the_splits_stop_with_a_cure(folder: Path) -> None:
    database(folder, m0="training", m1="validation", m2="training")
    (folder / "labels.csv").unlink()
    create(folder)
    first = contents(folder)
    database(folder, m0="validation", m1="validation", m2="training")
    with pytest.raises(InputError, match=r"'match 0'.* now name the split 'validation'.*in 'training'; .*--overwrite"):
        create(folder)
    assert contents(folder) == first
    assert splits(create(folder, overwrite=True))["match 0"] == "validation"


def test_groups_that_the_splits_tear_apart_stop_with_a_cure(folder: Path) -> None:
    summary = create(folder)  # each video a group of its own
    held = next(video.id for video in summary.videos if video.split == "validation")
    with pytest.raises(InputError, match=r"group 'p\d': .* no split may tear a group apart; .*--overwrite"):
        create(folder, group="person")
    person = f"p{int(held[-1]) // 2}"
    both = [video.id for video in summary.videos if f"p{int(video.id[-1]) // 2}" == person]
    edit(folder, lambda videos: [videos[name].update(subset="validation") for name in both])
    assert {video.group for video in create(folder, group="person").videos} == {"p0", "p1", "p2"}


def test_a_table_of_groups_is_remembered(folder: Path) -> None:
    table = write_labels(folder.parent, "match 0,anna", "match 1,anna", header="video,person", name="persons.csv")
    first = create(folder, groups=table)
    film(folder / "new.mp4")
    write_labels(folder, *lines(), "new.mp4,1,2,serve,p")
    after = create(folder)
    assert {video.id: video.group for video in first.videos}.items() <= {v.id: v.group for v in after.videos}.items()
    assert "new videos without a group, each a group of its own: 'new'" in after.notes
    assert json.loads((folder / "annotations.json").read_text())["database"]["match 0"]["label_files"] == {
        "group": "anna"
    }


def test_what_changed_is_counted_and_named(folder: Path) -> None:
    create(folder)
    (folder / "run").mkdir()
    for name in ("config.yaml", "labels.json"):
        (folder / "run" / name).write_text("{}")
    (folder / NAMES[5]).unlink()
    film(folder / "new.mp4")
    rows = [row for row in lines() if "match 4" not in row]
    rows[0] = "match 0.mp4,1.5,2.5,serve,p0"
    write_labels(folder, *rows, "new.mp4,1,2,smash,q")
    summary = create(folder)
    changes = summary.changes
    assert (changes.videos_added, changes.videos_gone) == (("new",), ("match 4", "match 5"))
    assert changes.actions_moved == ("match 0: 'serve' 1-2 s to 1.5-2.5 s",)
    assert changes.actions_added == ("new: 'smash' 1-2 s",)
    assert (len(changes.actions_gone), changes.labels_added, changes.labels_gone) == (6, ("smash",), ())
    assert "6 actions gone: match 4: 'serve' 1-2 s, match 4: 'volley' 4-5.5 s, match 4: 'bounce' 7-7 s and 3 more" in (
        changes.sentences()
    )
    assert "no longer in the folder, and out of the project: 'match 5'" in summary.notes
    assert "without labels now, or not readable, and out of the project: 'match 4'" in summary.notes
    assert any("run knows no 'smash': rename that folder and train again" in note for note in summary.notes)
    assert create(folder).changes.sentences() == []


def test_starting_over_leaves_numbered_copies(folder: Path) -> None:
    create(folder, held_back=0.5)
    first = contents(folder)
    assert not create(folder, held_back=0.5, overwrite=True).written
    assert not (folder / "annotations.json.bak").exists()
    moved = create(folder, overwrite=True)
    second = contents(folder)
    assert moved.changes.videos_moved
    create(folder, held_back=0.4, overwrite=True)
    for name in ("annotations.json", "recipe.yaml"):
        assert (folder / f"{name}.bak").read_bytes() == first[name]
        assert (folder / f"{name}.bak2").read_bytes() == second[name]


def test_background_stays_background(folder: Path) -> None:
    write_labels(folder, *lines()[:9])
    before = splits(create(folder, unlabelled_are_empty=True))
    film(folder / "new.mp4")
    after = create(folder)
    assert splits(after) == before
    assert [path.name for path in after.unlabelled] == ["new.mp4"]


def test_a_video_of_the_same_name_in_another_folder_renames_none(tmp_path: Path) -> None:
    films(tmp_path, "day1/cam.mp4", "day1/other.mp4", "day1/third.mp4")
    write_labels(tmp_path, *(f"day1/{name}.mp4,1,2,serve,p" for name in ("cam", "other", "third")))
    before = splits(create(tmp_path))
    films(tmp_path, "day2/cam.mp4")
    rows = [f"day1/{name}.mp4,1,2,serve,p" for name in ("cam", "other", "third")]
    write_labels(tmp_path, *rows, "day2/cam.mp4,1,2,serve,p")
    after = splits(create(tmp_path))
    assert after.keys() == before.keys() | {"day2__cam"}
    assert {name: after[name] for name in before} == before


def test_an_update_leaves_the_backbone_to_the_recipe(folder: Path) -> None:
    create(folder, backbone="r2plus1d-tsp")
    assert not create(folder).written
    with pytest.raises(InputError, match=r"--backbone i3d-rgb: .*recipe\.yaml names 'r2plus1d-tsp'.*--overwrite"):
        create(folder, backbone="i3d-rgb")


def test_a_recipe_without_its_annotations_is_replaced_only_on_request(folder: Path) -> None:
    create(folder)
    first = contents(folder)
    (folder / "annotations.json").unlink()
    (folder / "recipe.yaml").write_text("data: {fps: 3}\n")
    with pytest.raises(InputError, match=r"holds a recipe\.yaml that is not of this project; .*--overwrite"):
        create(folder)
    create(folder, overwrite=True)
    assert contents(folder) == first
    assert (folder / "recipe.yaml.bak").read_text() == "data: {fps: 3}\n"


def test_a_recipe_that_is_gone_is_made_anew_and_no_video_moves(folder: Path) -> None:
    before = splits(create(folder, held_back=0.5))
    edit(folder, lambda videos: next(iter(videos.values())).update(subset="validation"))
    before |= {"match 0": "validation"}
    (folder / "recipe.yaml").unlink()
    assert splits(create(folder)) == before
    assert (folder / "recipe.yaml").is_file()
