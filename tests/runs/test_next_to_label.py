"""What to label next in a project: videos that nobody has labelled, the one that teaches most first."""

import json
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.cli import app
from logotal.data.feature_recipe import VideoFeatures, write_video_features
from logotal.errors import InputError
from logotal.extraction.processes import Outcome
from logotal.formats.edited import EditedFile, EditedVideo, edited_text
from logotal.places import APP, EDITED, RUN
from logotal.project.create import create
from logotal.recipes import read_recipe
from logotal.report.next_page import write_next_page
from logotal.runs import next_to_label as module
from logotal.runs.extract import Extracted
from logotal.runs.train import train
from tests.report.test_page import data_of
from tests.test_adding_videos import SECONDS, add


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of six videos with a model; v6 to v8 have features and nobody has labelled them.

    In v6 the actions are half as strong as those that the model knows, in v7 as strong, and in v8 nothing happens.
    """
    folder = tmp_path_factory.mktemp("next") / "gym"
    add(folder, range(9))
    table = (folder / "labels.csv").read_text().splitlines(keepends=True)
    (folder / "labels.csv").write_text("".join(line for line in table if line[:2] not in ("v6", "v7", "v8")))
    for name, factor in (("v6", 0.5), ("v7", 1.0), ("v8", 0.0)):
        path = folder / "features" / f"{name}.npy"
        features = np.load(path)
        features[features > 2.5] -= 4 * (1 - factor)
        write_video_features(path, features, VideoFeatures(10.0, float(SECONDS), 10 * SECONDS, f"{name}.mp4", 0))
    create(folder, backbone="mobilenetv2")
    train(read_recipe(str(folder), {"data": {"hold_out": 0.0}}, preset="linear"), folder / RUN)
    return folder


def test_videos_without_labels_are_ranked_with_a_place_and_a_reason(project: Path) -> None:
    found = logotal.next_to_label(project)
    assert {stretch.video for stretch in found.stretches} == {"v6", "v7", "v8"}
    assert [stretch.worth for stretch in found.stretches] == sorted((s.worth for s in found.stretches), reverse=True)
    assert all(0 <= stretch.start < stretch.end <= 40.1 for stretch in found.stretches)


def test_a_video_that_was_begun_in_the_app_counts_by_what_nobody_has_answered(project: Path) -> None:
    (project / APP).mkdir(exist_ok=True)
    looked_at = {"v6": 40.0, "v7": 40.0, "v0": 39.0}
    edited = {
        name: EditedVideo(file=f"{name}.mp4", duration=40.0, fps=10.0, labelled=[[0.0, seconds]])
        for name, seconds in looked_at.items()
    }
    (project / APP / EDITED).write_text(edited_text(EditedFile(videos=edited)))
    try:
        found = {stretch.video: stretch for stretch in logotal.next_to_label(project).stretches}
    finally:
        (project / APP / EDITED).unlink()
    assert set(found) == {"v0", "v8"}
    assert found["v0"].reason == "the model finds nothing here"


def test_the_command_prints_a_table_or_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app(["next", str(project), "--count", "2"], result_action="return_value")
    said = capsys.readouterr()
    assert "3 videos to label, the most useful first" in said.out
    assert len([line for line in said.out.splitlines() if line.startswith("v")]) == 3, "a header and two rows"
    assert "1 further video: --count 3" in said.err
    app(["next", str(project), "--json"], result_action="return_value")
    rows = json.loads(capsys.readouterr().out)
    assert [set(row) for row in rows] == [{"video", "start", "end", "worth", "reason"}] * 3


def test_the_page_leads_to_the_places(project: Path, tmp_path: Path) -> None:
    page = tmp_path / "next.html"
    app(["next", str(project), "--save", str(page)], result_action="return_value")
    shown = data_of(page.read_text())
    found = logotal.next_to_label(project).stretches
    places = [(shown["videos"][each["video"]]["id"], each["time"]) for each in shown["places"]]
    assert places == [(stretch.video, stretch.start) for stretch in found]
    assert all(video["source"].endswith(".mp4") for video in shown["videos"])
    with pytest.raises(InputError, match=r"expected a name that ends in \.html"):
        write_next_page(project, None, tmp_path / "next.json")


def test_a_video_of_which_no_features_can_be_made_is_said_and_left_out(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[Path, str]] = []

    def extracting(place: Path, *, also: dict[Path, str], **more: object) -> Extracted:
        made.append(also)
        return Extracted(place, [Outcome(path, error=f"{path}: not a video") for path in also], 1.0)

    monkeypatch.setattr(module, "extract", extracting)
    (project / "new.mp4").write_bytes(b"no video")
    said: list[str] = []
    try:
        found = logotal.next_to_label(project, say=said.append)
    finally:
        (project / "new.mp4").unlink()
    assert made == [{project / "new.mp4": "new"}]
    assert {stretch.video for stretch in found.stretches} == {"v6", "v7", "v8"}
    assert f"left out: {project / 'new.mp4'}: not a video" in said


def test_another_run_is_taken_where_it_is_named(project: Path) -> None:
    assert logotal.next_to_label(project, project / RUN) == logotal.next_to_label(project)
    with pytest.raises(InputError, match="no such run folder"):
        logotal.next_to_label(project, project / "none")


def test_what_is_missing_is_said_with_what_to_do(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a project"):
        logotal.next_to_label(tmp_path)
    add(tmp_path / "new", range(4))
    create(tmp_path / "new", backbone="mobilenetv2")
    with pytest.raises(InputError, match=r"no model was trained here yet; next: `logotal train"):
        logotal.next_to_label(tmp_path / "new")
    with pytest.raises(InputError, match="every video here is labelled; put further ones into the folder"):
        logotal.next_to_label(tmp_path / "new", project / RUN)
