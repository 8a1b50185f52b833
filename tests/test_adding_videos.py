"""The loop of a project: init, train, add a video with labels, init, evaluate. Nothing learned from is ever scored."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import logotal
from logotal.commands.detect import detect
from logotal.places import RUN, VIEWS
from logotal.project.create import ProjectSummary, create
from logotal.project.views import MOST
from logotal.recipes import merge, read_recipe
from logotal.report.run_page import write_run_page
from logotal.runs.learned import read_learned
from logotal.runs.train import train
from tests.project.films import films
from tests.report.test_page import data_of
from tests.training.small import SMALL

SECONDS, STEPS = 40, 97
"""Of each video: 400 frames, a clip of 16 every 4."""


def add(folder: Path, names: range) -> None:
    """Puts videos, their features and their labels into the folder."""
    films(folder, *(f"v{i}.mp4" for i in names), seconds=SECONDS)
    with (folder / "labels.csv").open("a") as table:
        if table.tell() == 0:
            table.write("video,start,end,label,person\n")
        for i in names:
            generator = np.random.default_rng(i)
            features = generator.normal(size=(STEPS, 8)).astype(np.float32)
            for k, label in enumerate(("jump", "squat")):
                start = 3 + 18 * k + i % 5
                features[round(start * 2.5) : round((start + 8) * 2.5), k] += 4
                table.write(f"v{i}.mp4,{start}.5,{start + 8}.5,{label},p{i // 2}\n")
            save_with_views(folder / "features" / f"v{i}.npy", features)


def save_with_views(path: Path, features: NDArray[np.float32]) -> None:
    """Writes features as they are, and as all the views that `init` proposes."""
    for place in (path.parent, *(path.parent / VIEWS / str(view) for view in range(1, MOST + 1))):
        place.mkdir(parents=True, exist_ok=True)
        np.save(place / path.name, features)


def splits(summary: ProjectSummary) -> dict[str, str]:
    return {video.id: video.split for video in summary.videos}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of ten videos, two a person, that a model was trained on."""
    folder = tmp_path_factory.mktemp("project")
    add(folder, range(10))
    create(folder, group="person")
    train(read_recipe(str(folder), merge(SMALL, {"data": {"hold_out": 0.0}})), folder / RUN)
    return folder


def test_a_video_that_is_added_moves_no_other_and_nothing_learned_from_is_scored(project: Path) -> None:
    before = splits(create(project))
    for number in range(10, 13):
        add(project, range(number, number + 1))
        summary = create(project)
        after = splits(summary)
        assert {name: after[name] for name in before} == before
        assert summary.changes.videos_added == (f"v{number}",)
        before = after
    learned = read_learned(project / RUN)
    assert learned is not None
    found = logotal.evaluate(project)
    scored = {timeline.video for timeline in found.detected.timelines}
    assert scored == {name for name, split in before.items() if split == "validation"}
    assert scored.isdisjoint(learned.videos)
    assert not any("learned from" in sentence for sentence in found.detected.left_out)


def test_starting_over_moves_videos_and_those_learned_from_are_left_out_by_name(project: Path) -> None:
    learned = read_learned(project / RUN)
    assert learned is not None
    for seed in range(1, 20):
        summary = create(project, group="person", held_back=0.5, seed=seed, overwrite=True)
        held = {name for name, split in splits(summary).items() if split == "validation"}
        if held & learned.videos.keys() and held - learned.videos.keys():
            break
    assert summary.changes.videos_moved
    found = logotal.evaluate(project)
    scored = {timeline.video for timeline in found.detected.timelines}
    assert scored == held - learned.videos.keys()
    for name in held & learned.videos.keys():
        assert f"{name}: the model has learned from it; it is not scored" in found.detected.left_out


def test_what_the_model_has_learned_from_is_marked_when_it_is_looked_at(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = read_learned(project / RUN)
    assert learned is not None
    old = sorted(learned.videos)[0]
    np.save(tmp_path / f"{old}.npy", np.load(project / "features" / f"{old}.npy"))
    np.save(tmp_path / "new.npy", np.load(project / "features" / f"{old}.npy"))
    said: list[str] = []
    found = logotal.detect(tmp_path, project, fps=10, everything=True, say=said.append)
    assert found.learned == (old,)
    assert f"the model has learned from {old!r}: how well it does there says nothing about new videos" in said
    detect(tmp_path, model=str(project), fps=10, everything=True)
    printed = capsys.readouterr().out
    assert f"{old} (learned from): " in printed
    assert "new: " in printed
    detect(tmp_path, model=str(project), fps=10, json=True)
    assert {each["video"]: each["learned_from"] for each in json.loads(capsys.readouterr().out)} == {
        old: True,
        "new": False,
    }
    detect(tmp_path, model=str(project), fps=10, save=tmp_path / "page.html")
    page = data_of((tmp_path / "page.html").read_text())
    assert {video["id"]: video["learned"] for video in page["videos"]} == {old: True, "new": False}
    assert len(found) == 2
    assert not logotal.detect(project).learned  # of a project, what it has learned from is left out


def test_the_page_of_a_run_says_that_its_numbers_leave_out_what_it_has_learned_from(project: Path) -> None:
    learned = read_learned(project / RUN)
    assert learned is not None
    page = write_run_page(project, project.parent / "page.html").read_text()
    assert f"The numbers leave out what the model has learned from: {len(learned.videos)} videos" in page
    (project / RUN / "videos.json").rename(project / RUN / "away.json")
    try:
        assert "It is not known what this model has learned from" in write_run_page(project).read_text()
    finally:
        (project / RUN / "away.json").rename(project / RUN / "videos.json")
