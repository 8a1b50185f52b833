"""Folds of a project: all labels count, nothing that was learned from is scored, and stopping costs nothing."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import logotal
from logotal.errors import InputError
from logotal.evaluation.bootstrap import Interval, interval
from logotal.places import FOLDS, OPERATING_POINT, RUN, WEIGHTS
from logotal.project.create import create
from logotal.recipes import merge
from logotal.report.run_page import write_run_page
from logotal.runs import pooled
from logotal.runs.diagnose import diagnose
from logotal.runs.folds import Folds, folds
from logotal.runs.learned import read_learned
from logotal.runs.pooled import Row
from tests.test_adding_videos import add
from tests.training.small import SMALL

QUICK = merge(SMALL, {"training": {"epochs": 10, "learning_rate": 0.005, "ema_decay": 0.5, "initial_normalizer": 5}})

LOW, HIGH = (Row("tIoU", Interval(value, 0.0, 1.0), Interval(0.5, 0.0, 1.0)) for value in (0.3, 0.4))
BEHIND = ((LOW,), (HIGH,))


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Iterator[None]:
    """Intervals of few draws: that they are right is tested where they are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled, "interval", partial(interval, draws=20))
        yield


def cross_validated(project: Path, **more: Any) -> Folds:
    return folds(project, folds=2, overrides=QUICK, **more)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of eight videos of four people, cross-validated."""
    folder = tmp_path_factory.mktemp("folds") / "gym"
    add(folder, range(8))
    create(folder, group="person")
    cross_validated(folder)
    return folder


def test_each_video_is_detected_once_by_a_network_that_has_not_seen_its_group(project: Path) -> None:
    found = cross_validated(project)
    assert sorted(line.video for line in found.timelines) == [f"v{i}" for i in range(8)]
    learned = [read_learned(project / FOLDS / name) for name in ("1of2", "2of2")]
    assert not learned[0].videos.keys() & learned[1].videos.keys()
    assert not set(learned[0].videos.values()) & set(learned[1].videos.values())
    assert learned[0].videos.keys() | learned[1].videos.keys() == {f"v{i}" for i in range(8)}


def test_the_run_of_the_project_has_learned_from_everything_and_has_the_thresholds_of_the_folds(project: Path) -> None:
    assert read_learned(project / RUN).videos.keys() == {f"v{i}" for i in range(8)}
    fitted = json.loads((project / RUN / OPERATING_POINT).read_text())["fitted_on"]
    assert (fitted["videos"], fitted["actions"]) == (8, 16)
    with pytest.raises(InputError, match="folds"):
        logotal.evaluate(project)
    assert logotal.load(project).detect(project / "features" / "v0.npy", fps=10)


def test_the_same_command_again_trains_nothing_and_says_the_same(project: Path) -> None:
    weights = sorted(project.rglob(WEIGHTS))
    before = [path.stat().st_mtime_ns for path in weights]
    one, other = cross_validated(project), cross_validated(project)
    assert [path.stat().st_mtime_ns for path in weights] == before
    assert len(before) == 5  # of each fold the network and the linear model, and the run of everything
    assert one.to_json() == other.to_json()
    assert [str(table) for table in one.tables()] == [str(table) for table in other.tables()]


def test_the_numbers_are_those_of_the_files_that_are_left(project: Path) -> None:
    found = cross_validated(project)
    scored = logotal.evaluate(found.detections, found.truth)
    assert scored.result.averages["0.3:0.7"] == found.rows[0].mean_average_precision.value
    assert found.rows[0].mean_average_precision.value > 0.2  # planted to be found
    assert diagnose(found.detections, found.truth).tables()


def test_report_and_diagnosis_of_the_project_are_about_what_the_folds_detect(project: Path, tmp_path: Path) -> None:
    found, said = cross_validated(project), list[str]()
    text = write_run_page(project, tmp_path / "page.html", say=said.append).read_text()
    assert f"mAP {100 * found.rows[0].mean_average_precision.value:.2f} % at tIoU 0.3:0.7" in text
    assert "looked at by a network of the cross-validation" in text
    assert ("Labels to look at again" in text) == bool(logotal.doubts(project).doubts)
    assert said[0].startswith(f"detections: {found.detections}, by networks that have not learned")
    assert diagnose(project).to_json() == diagnose(found.detections, found.truth).to_json()


def test_after_a_stop_the_same_command_goes_on_to_the_same_numbers(project: Path, tmp_path: Path) -> None:
    add(tmp_path / "gym", range(8))
    create(tmp_path / "gym", group="person")

    def stop(done: float, total: int) -> None:
        if done > 1.5:
            raise RuntimeError("the machine goes down")

    with pytest.raises(RuntimeError, match="goes down"):
        cross_validated(tmp_path / "gym", progress=stop)
    assert len(list((tmp_path / "gym").rglob(WEIGHTS))) == 1
    said: list[tuple[float, int]] = []
    found = cross_validated(tmp_path / "gym", progress=lambda done, total: said.append((done, total)))
    assert found.to_json() == cross_validated(project).to_json()
    assert said[-1] == (3.0, 3)
    assert min(said)[0] > 1  # the first was not trained again


def test_other_labels_or_settings_are_refused_before_anything_is_trained(project: Path) -> None:
    with pytest.raises(InputError, match="by other settings, than there are now; rename"):
        folds(project, folds=2, overrides=merge(QUICK, {"training": {"seed": 1}}))
    annotations = project / "annotations.json"
    before = annotations.read_bytes()
    try:
        annotations.write_bytes(before.replace(b'"jump"', b'"leap"'))
        with pytest.raises(InputError, match="has learned from other labels"):
            cross_validated(project)
    finally:
        annotations.write_bytes(before)


def test_a_run_of_another_training_stays(project: Path, tmp_path: Path) -> None:
    before = (project / RUN / WEIGHTS).read_bytes()
    said: list[str] = []
    folds(project, folds=4, overrides=merge(QUICK, {"training": {"epochs": 2}}), say=said.append)
    assert (project / RUN / WEIGHTS).read_bytes() == before
    assert any(f"{project / RUN}: holds another training; rename it" in sentence for sentence in said)


def test_what_is_no_project_or_has_too_few_groups_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a project"):
        folds(tmp_path)
    with pytest.raises(InputError, match="8 videos in 4 groups, too few for 5 folds"):
        folds(project, folds=5, overrides=QUICK)


def test_labels_without_length_are_scored_as_moments_too(tmp_path: Path) -> None:
    add(tmp_path / "gym", range(8))
    table = tmp_path / "gym" / "labels.csv"
    rows = [line.split(",") for line in table.read_text().splitlines()]
    table.write_text("".join(f"{','.join([row[0], row[1], *row[3:]])}\n" for row in rows))  # without ends
    create(tmp_path / "gym", group="person")
    found = folds(tmp_path / "gym", folds=2, overrides=merge(QUICK, {"data": {"widen_points": 2.0}}))
    names = [row.name for row in found.rows]
    assert names[1:] == ["± 0.5 s", "± 0.25 s"]
    loose, tight = (row.mean_average_precision for row in found.rows[1:])
    assert loose.value >= tight.value
    assert loose.low <= loose.value <= loose.high
    assert not np.isnan(found.rows[1].f1.value)


def test_an_evaluation_of_few_actions_says_so(tmp_path: Path) -> None:
    add(tmp_path / "gym", range(4))
    create(tmp_path / "gym", group="person")
    logotal.train(
        logotal.read_recipe(tmp_path / "gym", merge(QUICK, {"training": {"epochs": 2}})), tmp_path / "gym" / RUN
    )
    said: list[str] = []
    logotal.evaluate(tmp_path / "gym", say=said.append)
    assert any("4 actions to be found" in sentence and "logotal folds" in sentence for sentence in said), said


def test_a_linear_model_stands_beside_the_network_unless_it_is_what_was_asked_for(
    project: Path, tmp_path: Path
) -> None:
    found = cross_validated(project)
    assert [row.name for row in found.baseline] == [row.name for row in found.rows]
    assert found.tables()[0].rows[0] == ["measure", "mAP", "F1 as shown", "linear: mAP", "linear: F1"]
    assert read_learned(project / FOLDS / "linear-1of2") == read_learned(project / FOLDS / "1of2")
    add(tmp_path / "gym", range(8))
    create(tmp_path / "gym", group="person")
    alone = folds(tmp_path / "gym", folds=2, preset="linear")
    assert alone.baseline == ()
    assert not any("linear model" in sentence for sentence in alone.sentences())
    assert alone.rows == found.baseline  # whatever stands beside it
    assert logotal.load(tmp_path / "gym").detect(project / "features" / "v0.npy", fps=10)


def test_a_network_that_does_not_beat_the_linear_model_says_so(project: Path) -> None:
    found = cross_validated(project)
    worse, better = (replace(found, rows=rows, baseline=other) for rows, other in (BEHIND, BEHIND[::-1]))
    assert "the network does not beat the linear model" in worse.sentences()[-1]
    assert not any("linear model" in sentence for sentence in better.sentences())


def test_each_label_stands_in_a_table_with_what_there_was_of_it(project: Path) -> None:
    found = cross_validated(project)
    table = found.tables()[1]
    assert table.rows[0] == ["label", "mostly taken for", "videos", "actions", "found", "false", "F1"]
    assert sum(int(row[3]) for row in table.rows[1:]) == 16
    assert found.to_json()["labels"].keys() == {row[0] for row in table.rows[1:]}


def test_told_to_stop_it_ends_with_143_and_one_sentence(tmp_path: Path) -> None:
    """By SIGTERM: a shell that starts tests in the background has them ignore Ctrl-C."""
    add(tmp_path / "gym", range(8))
    create(tmp_path / "gym", group="person")
    options = ("--folds", "2", "--training.workers", "0", "--training.epochs", "400", "--model.width", "16")
    command = [sys.executable, "-m", "logotal", "folds", tmp_path / "gym", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            while not list((tmp_path / "gym" / FOLDS).glob("*/checkpoint.ckpt")):
                assert process.poll() is None
                time.sleep(0.1)
            process.terminate()
            said, _ = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 143
    assert said.splitlines()[-1] == "logotal: stopped; what is trained stays, and the same command goes on"
