"""A learning curve: parts lie within each other, all are scored on the same videos, and stopping costs nothing."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import logotal
from logotal.cli import app
from logotal.errors import InputError
from logotal.evaluation.bootstrap import interval
from logotal.formats.annotations import Annotations
from logotal.places import CURVE
from logotal.project.create import create
from logotal.report.curve_page import curve_page
from logotal.runs import pooled, trial
from logotal.runs.curve import Curve, Point
from logotal.runs.folder import Run
from logotal.runs.pooled import score_pooled
from tests.test_adding_videos import add


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Iterator[None]:
    """Intervals of few draws: that they are right is tested where they are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled, "interval", partial(interval, draws=20))
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of eight videos, each a group of its own."""
    folder = tmp_path_factory.mktemp("curve") / "gym"
    add(folder, range(8))
    create(folder, backbone="mobilenetv2")
    return folder


def drawn(project: Path) -> Curve:
    return logotal.curve(project, preset="linear", folds=2, draws=2)


def test_more_labels_score_more_on_the_same_videos_and_nothing_is_trained_twice(project: Path) -> None:
    found = drawn(project)
    assert [point.part for point in found.points] == [0.5, 1.0], "a quarter of four groups is too little"
    assert [point.actions for point in found.points] == [4.0, 8.0]
    assert [round(point.minutes, 2) for point in found.points] == [1.33, 2.67]
    assert [len(point.maps) for point in found.points] == [2, 1]
    half, whole = ({path.name for path in (project / CURVE).glob(f"linear-{part}-*")} for part in ("50.0", "100.0"))
    assert (len(half), len(whole)) == (4, 2)
    made = {path: path.stat().st_mtime_ns for path in (project / CURVE).rglob("model.safetensors")}
    assert drawn(project) == found
    assert {path: path.stat().st_mtime_ns for path in (project / CURVE).rglob("model.safetensors")} == made


def test_every_part_is_scored_on_all_videos(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scored = []

    def scoring(truth: Annotations, *more: object, **named: object) -> object:
        scored.append(set(truth.videos))
        return score_pooled(truth, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(trial, "score_pooled", scoring)
    drawn(project)
    assert scored == [{f"v{i}" for i in range(8)}] * 3


def test_a_part_lies_within_a_larger_one_and_draws_differ(project: Path) -> None:
    drawn(project)
    shares = {path.name: Run(path).config().data.share for path in (project / CURVE).glob("linear-*")}
    assert shares["linear-50.0-0-1of2"] == (0.5, 0)
    assert shares["linear-50.0-1-1of2"] == (0.5, 1)
    assert shares["linear-100.0-0-1of2"] is None


def test_labels_that_changed_are_refused_until_the_runs_are_renamed(project: Path, tmp_path: Path) -> None:
    drawn(project)
    annotations = project / "annotations.json"
    before = annotations.read_text()
    annotations.write_text(before.replace('"squat"', '"bend"'))
    try:
        with pytest.raises(InputError, match="has learned from other labels"):
            drawn(project)
    finally:
        annotations.write_text(before)


def test_the_command_prints_the_table_and_leaves_a_page(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app(["curve", str(project), "--preset", "linear", "--folds", "2", "--draws", "2"], result_action="return_value")
    said = capsys.readouterr()
    assert "labels %  actions  minutes" in said.out
    assert "the last doubling of the labels" in said.err
    assert "<svg" in (project / CURVE / "curve.html").read_text()


@pytest.mark.parametrize(
    ("maps", "said"),
    [
        (((0.5,), (0.6,)), "another hour of labelled video may bring 9 to 31 points"),
        (((0.5, 0.7), (0.61,)), "more labels of this kind bring no more than chance"),
        (((0.5,), (0.95,)), "may bring 5 to 5 points"),
        (((0.6,),), "label more groups of videos"),
    ],
    ids=["a gain", "within chance", "not beyond 100", "one point"],
)
def test_what_the_next_hour_may_bring_is_said(maps: tuple[tuple[float, ...], ...], said: str) -> None:
    minutes = (4.0, 8.0)
    points = tuple(Point(0.5, 10, at, values, values) for at, values in zip(minutes, maps, strict=False))
    found = Curve("mAP", points)
    assert said in " ".join(found.sentences())
    assert said.split(" (", maxsplit=1)[0] in curve_page(found, "title").replace("Another", "another").replace(
        "More l", "more l"
    )


def test_what_is_no_project_or_too_small_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a project"):
        logotal.curve(tmp_path)
    with pytest.raises(InputError, match="too few"):
        logotal.curve(project, folds=20)
