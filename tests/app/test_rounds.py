"""A round from marked actions to drafts, on made-up features; and jobs, which outlive the server that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logotal.app import rounds as module
from logotal.app.drafts import read_drafts
from logotal.app.edits import Edit
from logotal.app.jobs import Job, Jobs
from logotal.app.opening import open_store
from logotal.app.results import page_of, pages_of, rounds
from logotal.app.rounds import play_round
from logotal.app.store import LabelStore
from logotal.callbacks import silent
from logotal.data.feature_recipe import VideoFeatures, read_video_features, write_video_features
from logotal.errors import InputError
from logotal.formats.annotations import read_annotations
from logotal.inference.predictor import Predictor
from logotal.places import APP, WORK
from logotal.project.create import create
from logotal.runs.extract import Extracted
from tests.test_adding_videos import add


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of six labelled videos, and two that nobody has looked at, all with features."""
    folder = tmp_path / "gym"
    add(folder, range(8))
    table = folder / "labels.csv"
    kept = [line for line in table.read_text().splitlines(keepends=True) if not line.startswith(("v6", "v7"))]
    table.write_text("".join(kept))
    create(folder, backbone="mobilenetv2")
    table.unlink()

    def extract(project: Path, **more: Any) -> Extracted:
        assert {path.stem for path in more["also"]} == {path.stem for path in project.glob("*.mp4")}
        for name in more["also"].values():
            path = project / "features" / f"{name}.npy"
            if read_video_features(path) is None:
                write_video_features(path, np.load(path), VideoFeatures(10.0, 40.0, 400, f"{name}.mp4", 1))
        return Extracted(project / "features", [], 0.0)

    monkeypatch.setattr(module, "extract", extract)
    return folder


def opened(project: Path) -> LabelStore:
    store = open_store(project)
    store.save()
    return store


def play(project: Path, number: int, network: str | None = "linear") -> list[str]:
    said: list[str] = []
    play_round(project, number, network, lambda name: silent, said.append)
    return said


def test_a_round_scores_what_it_has_not_learned_from_and_leaves_drafts_where_nobody_has_looked(project: Path) -> None:
    opened(project)
    play(project, 1)
    (found,) = rounds(project)
    assert (found.actions, found.videos, found.network) == (12, 6, "linear")
    assert found.learned == [f"v{i}" for i in range(6)]
    assert found.measure is not None
    assert found.f1 is not None
    assert found.found + found.missed == 12
    assert sum(fate.actions for fate in found.per_label) == 12
    drafts = read_drafts(project)
    assert set(drafts.videos) == {"v6", "v7"}
    assert found.drafts == sum(map(len, drafts.videos.values())) > 0
    assert pages_of(project, 1) == ["report", "diagnosis"]
    assert "Errors of round 1" in page_of(project, 1, "diagnosis").read_text()
    report = page_of(project, 1, "report").read_text()
    assert "has not learned from it" in report
    assert f"{100 * found.map:.2f}" in report


def test_corrections_are_learned_from_and_the_round_before_is_kept(project: Path) -> None:
    store = opened(project)
    play(project, 1)
    first = (project / "run" / "model.safetensors").read_bytes()
    draft = read_drafts(project).videos["v6"][0]
    action = {"id": "1", "start": draft.start, "end": draft.end, "label": draft.label, "origin": "model"}
    edit = {"video": "v6", "put": [action], "labelled": [[0.0, 40.0]]}
    store.change(Edit.model_validate(edit), store.version)
    store.save()
    said = play(project, 2)
    assert [found.actions for found in rounds(project)] == [12, 13]
    told = read_annotations(project / "annotations.json").videos
    assert {each.origin for each in told["v6"].actions} == {"model"}
    assert (project / "app" / ".work" / "rounds" / "1" / "run" / "model.safetensors").read_bytes() == first
    assert any("is kept as" in sentence for sentence in said)
    assert set(read_drafts(project).videos) == {"v7"}


def test_a_round_that_is_gone_on_with_does_not_begin_again(project: Path) -> None:
    opened(project)
    play(project, 1)
    made = {path: path.stat().st_mtime_ns for path in (project / "folds").rglob("model.safetensors")}
    assert len(made) == 5
    play(project, 1)
    assert {path: path.stat().st_mtime_ns for path in (project / "folds").rglob("model.safetensors")} == made


def test_a_round_that_is_stopped_while_it_detects_goes_on_from_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(project)

    def stop(project: Path, number: int, found: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(module, "write_drafts", stop)
        with pytest.raises(KeyboardInterrupt):
            play(project, 1)
    kept = project / APP / WORK / "found"
    assert len(list(kept.iterdir())) == 2
    monkeypatch.setattr(Predictor, "find", pytest.fail)  # nothing is looked at again
    play(project, 1)
    assert set(read_drafts(project).videos) == {"v6", "v7"}
    assert not kept.exists()


def test_a_video_that_was_moved_away_costs_itself_alone(project: Path) -> None:
    opened(project)
    (project / "v1.mp4").unlink()
    said = play(project, 1)
    (found,) = rounds(project)
    assert found.learned == ["v0", "v2", "v3", "v4", "v5"]
    assert any("v1.mp4: no such video any more" in sentence for sentence in said)


def test_a_video_in_which_nothing_happens_is_held_back_beside_one_with_actions(project: Path) -> None:
    store = opened(project)
    empty = {"actions": [], "labelled": [[0.0, 40.0]]}
    store.put_videos({name: store.videos[name].model_copy(update=empty) for name in ("v0", "v2", "v4", "v6")})
    store.save()
    play(project, 1)
    (found,) = rounds(project)
    assert found.measure is not None
    assert (found.actions, found.videos) == (6, 7)


def test_labels_of_one_video_make_a_model_without_numbers(project: Path) -> None:
    store = opened(project)
    nothing = {"actions": [], "labelled": [], "ignored": []}
    others = {name: video for name, video in store.videos.items() if name != "v0"}
    store.put_videos({name: video.model_copy(update=nothing) for name, video in others.items()})
    store.save()
    (project / "annotations.json").unlink()
    (project / "recipe.yaml").unlink()
    said = play(project, 1)
    (found,) = rounds(project)
    assert found.measure is None
    assert found.learned == ["v0"]
    assert any("label a second one" in sentence for sentence in said)
    assert set(read_drafts(project).videos) == {f"v{i}" for i in range(1, 8)}


def waited(jobs: Jobs, seconds: float = 300.0) -> Job:
    """The last job when nobody works at it any more."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not (job := jobs.all()[0]).is_running:
            return job
        time.sleep(0.1)
    raise AssertionError(f"still running: {jobs.all()[0]}")


@pytest.fixture
def unlabelled(tmp_path: Path) -> Path:
    """A folder of videos in which nothing is marked, so that a round fails at once."""
    add(tmp_path, range(2))
    (tmp_path / "labels.csv").unlink()
    opened(tmp_path)
    return tmp_path


def test_what_a_round_lacks_is_said_by_its_job_and_it_can_be_gone_on_with(
    unlabelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(unlabelled)
    with pytest.raises(InputError, match="nothing was stopped"):
        jobs.resume()
    with pytest.raises(InputError, match=r"expected linear or proposed, found 'best'"):
        jobs.start("best")
    jobs.start("linear")
    with pytest.raises(InputError, match="a round is running"):
        jobs.start("linear")
    failed = waited(jobs)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "nothing is marked yet" in failed.error
    assert jobs._process is not None
    jobs._process.wait(120)  # which it still shuts down
    monkeypatch.setattr(jobs, "_launch", lambda job, before: job)
    assert jobs.resume().number == failed.number
    assert jobs.start("proposed").number == failed.number + 1


WORKING = """
import sys, time
from pathlib import Path
from logotal.app import jobs, rounds
from logotal.endings import listen
def play(project, number, preset, step, say):
    advance = step("train")
    for done in range(1000):
        advance(done, 1000)
        time.sleep(0.05)
rounds.play_round = play
listen()
jobs.work(Path(sys.argv[1]), int(sys.argv[2]))
"""


@pytest.fixture
def working(unlabelled: Path) -> Any:
    """A job in a process of its own that works for long, and that process."""
    jobs = Jobs(unlabelled)
    jobs.write(Job(number=1, network="linear", began=time.time()))
    process = subprocess.Popen([sys.executable, "-c", WORKING, str(unlabelled), "1"])
    until = time.monotonic() + 300
    while jobs.all()[0].done < 2 and time.monotonic() < until:
        time.sleep(0.05)
    yield jobs, process
    process.kill()
    process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_another_server_sees_a_job_at_work_and_can_stop_it(working: tuple[Jobs, Any]) -> None:
    jobs, process = working
    again = Jobs(jobs.project)
    running = again.all()[0]
    assert (running.state, running.step, running.total) == ("running", "train", 1000)
    assert running.done >= 2
    again.cancel()
    assert process.wait(120) == 128 + signal.SIGTERM
    assert again.all()[0].state == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_a_job_that_was_killed_is_stopped_and_not_at_work_for_ever(
    working: tuple[Jobs, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, process = working
    monkeypatch.setattr("logotal.app.jobs.STARTS", 0.0)
    assert jobs.all()[0].state == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert jobs.all()[0].state == "stopped"
