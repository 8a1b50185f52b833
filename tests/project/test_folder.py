"""Commands that are given a project folder find its recipe, its features and its run."""

import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.database_labels import OURS
from logotal.places import is_project, run_folder
from logotal.project.earlier import read_earlier
from logotal.project.folder import project_videos
from logotal.recipes import read_recipe


def project(folder: Path, recipe: str = "data: {annotations: annotations.json, features: features}\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "recipe.yaml").write_text(recipe)
    entry = {"subset": "training", "annotations": [], "file": "videos/one.mp4"}
    (folder / "annotations.json").write_text(json.dumps({"database": {"one": entry}}))
    return folder


def test_the_paths_of_a_project_are_seen_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path / "dance")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    data = read_recipe(str(folder)).data
    assert (data.features, data.annotations) == (folder / "features", folder / "annotations.json")
    assert read_recipe(str(folder / "recipe.yaml")).data == data


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "../" * 3000])
def test_a_video_under_a_name_that_no_file_could_have_is_a_sentence(name: str, tmp_path: Path) -> None:
    entry = {"subset": "training", "duration": 9, "fps": 25, "annotations": [], "file": name}
    content = {"version": f"{OURS} 1", "database": {"one": entry}}
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="no such video"):
        project_videos(tmp_path, tmp_path / "annotations.json")


def test_an_update_refuses_the_name_of_a_video_that_cannot_be_a_path(tmp_path: Path) -> None:
    entry = {"subset": "training", "duration": 9, "annotations": [], "file": "a\0b"}
    content = {"version": f"{OURS} 1", "database": {"one": entry}}
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"video 'one': 'file' must be a path, found 'a\\x00b'"):
        read_earlier(tmp_path)


def test_a_path_that_is_given_besides_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = project(tmp_path / "dance")
    config = read_recipe(str(folder), {"data": {"features": Path("here")}})
    assert config.data.features == Path("here")


def test_a_name_of_annotations_that_are_not_there_stays_a_name(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("data: {annotations: thumos14.json}\n")
    assert read_recipe(recipe).data.annotations == Path("thumos14.json")


def test_a_folder_without_a_recipe_is_told_to_become_a_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no recipe\.yaml in this folder.*logotal init"):
        read_recipe(str(tmp_path))


def test_a_recipe_that_ships_wins_over_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sbhar").mkdir()
    assert read_recipe("sbhar").data.protocol == "sbhar"


def test_the_run_of_a_project_lies_in_it_and_a_run_is_its_own(tmp_path: Path) -> None:
    folder = project(tmp_path / "dance")
    assert is_project(folder)
    assert run_folder(folder) == folder / "run"
    (folder / "run").mkdir()
    (folder / "run" / "config.yaml").write_text("")
    assert not is_project(folder / "run")
    assert run_folder(folder / "run") == folder / "run"


def test_a_video_that_moved_is_named(tmp_path: Path) -> None:
    folder = project(tmp_path / "dance")
    with pytest.raises(InputError, match=r"one\.mp4: no such video"):
        project_videos(folder, folder / "annotations.json")
    (folder / "videos").mkdir()
    (folder / "videos" / "one.mp4").write_bytes(b"")
    assert project_videos(folder, folder / "annotations.json") == {"one": folder / "videos" / "one.mp4"}
