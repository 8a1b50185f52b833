import json
import shutil
from pathlib import Path

import pytest

from logotal.commands.thresholds import thresholds
from logotal.data.selection import HELD_OUT, open_source
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.inference.operating_point import OperatingPoint, read_operating_point
from logotal.runs.folder import Run
from logotal.runs.thresholds import Thresholds
from logotal.runs.train import train
from logotal.training.fit_operating_point import fit_operating_point
from tests.training.small import small_config, small_data
from tests.training.test_fit_lengths import in_halves, runs


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that held two of its videos out."""
    folder = tmp_path_factory.mktemp("trained")
    data = small_data(folder / "data", training=8)
    config = small_config(data, data={"hold_out": 0.25}, training={"epochs": 8, "learning_rate": 0.003})
    return train(config, folder / "run").folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """The run as it was before anybody chose its thresholds."""
    copy = Path(shutil.copytree(trained, tmp_path / "run"))
    (copy / "operating_point.json").unlink()
    return copy


def test_training_chooses_by_itself_where_videos_were_held_out(trained: Path) -> None:
    point = Run(trained).operating_point()
    assert point is not None
    assert point.fitted_on is not None
    assert (point.fitted_on.split, point.fitted_on.videos) == (HELD_OUT, 2)


def test_chooses_on_what_was_held_out_and_leaves_the_evaluation_alone(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "detections.json").write_text("of the evaluation")
    (run / "left_out_evaluation.txt").write_text("of the evaluation")
    thresholds(run, tiou=0.3)
    assert (run / "detections.json").read_text() == (run / "left_out_evaluation.txt").read_text() == "of the evaluation"

    point = read_operating_point(run / "operating_point.json", Run(run).labels())
    assert point.fitted_on is not None
    assert (point.fitted_on.split, point.fitted_on.tiou) == (HELD_OUT, 0.3)
    truths = open_source(Run(run).config().data).annotations.split(HELD_OUT)
    detected = read_detections(run / "detections_thresholds.json")
    assert {timeline.video for timeline in detected} == {video.id for video in truths}
    assert point.fitted_on.videos == len(truths)
    reached = segment_f1(truths, [point.apply(timeline) for timeline in detected], Run(run).labels(), 0.3)
    assert point.fitted_on.f1 == pytest.approx(reached.micro.f1, abs=1e-3)  # the file rounds times and scores

    said = capsys.readouterr()
    assert f"chosen on split held-out, {len(truths)} videos" in said.out
    assert "all together" in said.out
    assert "no shortest duration and no gap to join actions across raised F1 beyond noise" in said.out
    assert "F1" in (run / "thresholds.html").read_text()


def test_lengths_are_in_the_table_where_a_label_has_one() -> None:
    videos = runs()
    found = in_halves(videos)
    point = fit_operating_point(videos, found, ["run"])
    shown = segment_f1(videos, [point.apply(timeline) for timeline in found], ["run"])
    chosen = Thresholds(point, shown, None, videos, found, ("run",))
    (table,) = chosen.tables()
    assert [row[1:4] for row in table.rows[:2]] == [["threshold", "min s", "gap s"], [*chosen.row("run")]]
    assert chosen.row("run")[1:] == ["-", "6"]
    assert chosen.to_json()["operating_point"]["gap"] == {"run": 6.0}


def test_the_videos_that_were_learned_from_say_how_short_actions_are(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[str]] = []

    def fitted(truths: object, *rest: object, learned: list[VideoTruth], **options: object) -> OperatingPoint:
        asked.append({video.id for video in learned})
        return fit_operating_point(truths, *rest, learned=learned, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("logotal.runs.thresholds.fit_operating_point", fitted)
    thresholds(run, tiou=0.1)
    videos = json.loads((run / "videos.json").read_text())
    assert asked == [set(videos["learned_from"])]
    assert not asked[0] & set(videos["held_out"])


def test_the_evaluated_split_may_be_named_and_the_warning_says_what_that_means(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    thresholds(run, split="validation", tiou=0.1, save=tmp_path / "mine.html")
    assert "'validation', which is evaluated too, make its F1 look better than it is" in capsys.readouterr().err
    assert (tmp_path / "mine.html").is_file()
    assert not (run / "thresholds.html").exists()
    assert json.loads((run / "operating_point.json").read_text())["fitted_on"]["split"] == "validation"
    with pytest.raises(InputError, match=r"has learned from all \d+ videos of split 'training'"):
        thresholds(run, split="training", tiou=0.1)


def test_without_videos_that_were_held_out_a_split_must_be_named(run: Path) -> None:
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("hold_out: 0.25", "hold_out: 0.0"))
    with pytest.raises(InputError, match=r"no videos were held out.*--split NAME, or train with --data.hold_out"):
        thresholds(run)
    assert not (run / "operating_point.json").exists()


def test_annotations_may_have_moved(run: Path, trained: Path, tmp_path: Path) -> None:
    original = trained.parent / "data" / "annotations.json"
    moved = Path(shutil.copy(original, tmp_path / "moved.json"))
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("annotations.json", "gone.json"))
    thresholds(run, annotations=moved, tiou=0.1)
    assert read_annotations(moved).labels == Run(run).labels()
    assert (run / "operating_point.json").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tiou": 0.0}, "--tiou: expected a finite number above 0 and of at most 1, found 0"),
        ({"save": Path("page.pdf")}, r"--save must name a page, NAME.html, found page.pdf"),
        ({"split": "validatoin"}, "no video in split 'validatoin'; did you mean 'validation'"),
    ],
)
def test_a_wrong_option_is_an_error_and_writes_nothing(run: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        thresholds(run, **options)  # type: ignore[arg-type]
    assert not (run / "operating_point.json").exists()


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        thresholds(tmp_path)
