import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from logotal.commands.report import report
from logotal.errors import InputError
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import PROTOCOLS, Protocol
from logotal.evaluation.result import Result
from logotal.evaluation.scored import Scored, scored
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.report.class_results import class_section, precision_recall_section
from logotal.report.training_curves import read_metrics, training_section
from logotal.report.video_results import video_sections
from logotal.runs.train import train
from logotal.timeline import Action, Timeline
from tests.browser import Visit, headless_chromium
from tests.training.small import small_config, small_data


@dataclass(frozen=True)
class Evaluation:
    """Detections beside their truth, and what they score."""

    timelines: Sequence[Timeline]
    compared: Scored
    result: Result


def evaluate_timelines(
    annotations: Annotations, timelines: Sequence[Timeline], protocol: Protocol, split: str
) -> Evaluation:
    result = evaluate(annotations, timelines, protocol, split)
    return Evaluation(timelines, scored(annotations, timelines, protocol, result.split), result)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody has evaluated."""
    folder = tmp_path_factory.mktemp("trained")
    return train(small_config(small_data(folder / "data")), folder / "run").folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def text_of(run: Path) -> str:
    return (run / "report.html").read_text(encoding="utf-8")


def test_a_run_that_was_not_evaluated_is_evaluated_first(run: Path) -> None:
    report(run)
    assert (run / "detections.json").is_file()
    assert json.loads((run / "evaluation.json").read_text())["protocol"]["name"] == "generic"
    page = text_of(run)
    for words in (
        "Loss, mean of each epoch",
        "Learning rate",
        "w1, the level itself",
        "mAP per tIoU",
        "Average precision per class (number of truths)",
        "Precision and recall at tIoU 0.5",
        "validation_006",
        "last epoch, weights averaged",
        "model.width",
    ):
        assert words in page, words


def test_an_evaluated_run_is_not_detected_again_and_keeps_its_numbers(run: Path) -> None:
    report(run)
    first = text_of(run)
    weights, detections = run / "model.safetensors", run / "detections.json"
    made = detections.stat().st_mtime_ns
    os.utime(weights)  # newer than the detections, which are still those of these weights
    report(run)
    assert (text_of(run), detections.stat().st_mtime_ns) == (first, made)
    weights.write_bytes(b"other weights")
    os.utime(weights, (0, 0))  # older, but the detections are no longer the run's
    with pytest.raises(InputError, match="not a whole safetensors file"):
        report(run)
    average = json.loads((run / "evaluation.json").read_text())["average_mAP"]["0.3:0.7"]
    assert f"mAP {100 * average:.2f} % at tIoU 0.3:0.7" in first


def test_the_page_goes_where_it_is_wanted(run: Path, tmp_path: Path) -> None:
    report(run, save=tmp_path / "pages" / "mine.html")
    assert (tmp_path / "pages" / "mine.html").is_file()
    assert not (run / "report.html").exists()


def test_annotations_that_moved_are_asked_for_and_taken_from_elsewhere(
    run: Path, trained: Path, tmp_path: Path
) -> None:
    report(run)
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("annotations.json", "gone.json"))
    with pytest.raises(InputError, match=r"gone.json not found.*; say where they are now with --annotations FILE"):
        report(run)
    moved = tmp_path / "moved.json"
    shutil.copy(trained.parent / "data" / "annotations.json", moved)
    report(run, annotations=moved)
    assert "validation_006" in text_of(run)


def test_a_training_that_has_not_finished_leaves_curves_and_says_so(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "model.safetensors").unlink()
    (run / "provenance.json").unlink()
    rows = (run / "metrics.csv").read_text().splitlines()
    (run / "metrics.csv").write_text("\n".join(rows[:3]) + "\n")
    report(run)
    assert "Training has not finished: 2 of 3 epochs are done." in text_of(run)
    assert "Loss, mean of each epoch" in text_of(run)
    assert "mAP" not in text_of(run)
    assert "training has not finished" in capsys.readouterr().err


def test_a_training_without_an_epoch_has_no_curves() -> None:
    section = training_section({}, epochs=3, finished=False)
    assert "No epoch has been completed" in section.body[-1]


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder, config"):
        report(tmp_path)


def test_numbers_that_logotal_did_not_write_are_an_error(run: Path) -> None:
    report(run)
    (run / "evaluation.json").write_text('{"mAP": 3}')
    with pytest.raises(InputError, match="key 'protocol' is missing, found 'mAP'; run `logotal evaluate"):
        report(run)


def test_the_table_of_epochs_may_have_gaps_but_no_words(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,loss,w1\n0,1.5,\n1,1.25,0.9\n")
    metrics = read_metrics(path)
    np.testing.assert_array_equal(metrics["w1"], [np.nan, 0.9])
    path.write_text("epoch,loss\n0,many\n")
    with pytest.raises(InputError, match=r"metrics.csv: expected a table of numbers, a row per epoch, .*many"):
        read_metrics(path)
    assert read_metrics(tmp_path / "none.csv") == {}


def made_up(*, videos: int, labels: int, hostile: str = "") -> Evaluation:
    """An evaluation in which video i is found less well than video i - 1, and the last is not found at all."""
    names = tuple(f"label {index}{hostile}" for index in range(labels))
    truths, timelines = {}, []
    for video in range(videos):
        actions = [Action(10.0 * index, 10.0 * index + 8, names[index % labels]) for index in range(labels)]
        truths[f"video {video}"] = VideoTruth(f"video {video}", "test", tuple(actions), 10.0 * labels)
        shifted = [Action(a.start + 6 * video / (videos - 1), a.end, a.label, 0.9 - video / 99) for a in actions]
        timelines.append(Timeline(f"video {video}", tuple(shifted)))
    annotations = Annotations((*names, "never seen"), truths, Path("truth.json"))
    return evaluate_timelines(annotations, timelines, PROTOCOLS["generic"], "test")


def words(sections: list) -> str:  # type: ignore[type-arg]
    return "".join(section.heading + "".join(section.body) for section in sections)


def test_the_best_and_the_worst_videos_are_drawn_and_no_others() -> None:
    made = made_up(videos=9, labels=3)
    best, worst = video_sections(made.result, made.compared, made.timelines, count=2)
    assert [name for name in (f"video {i}:" for i in range(9)) if name in words([best])] == ["video 0:", "video 1:"]
    assert words([worst]).index("video 8:") < words([worst]).index("video 7:")
    assert "video 0: 100.0 % (3 actions, 3 predictions drawn)" in words([best])
    assert "average precision over its own actions" in words([best])


def test_few_videos_are_all_drawn_in_one_section_and_none_where_none_is_wanted() -> None:
    made = made_up(videos=3, labels=2)
    (section,) = video_sections(made.result, made.compared, made.timelines, count=2)
    assert words([section]).count("<svg") == 3
    assert video_sections(made.result, made.compared, made.timelines, count=0) == []


def test_predictions_below_the_stated_score_are_not_drawn() -> None:
    made = made_up(videos=3, labels=2)
    (section,) = video_sections(made.result, made.compared, made.timelines, count=2, score=0.895)
    assert "score of at least 0.895" in words([section])
    assert "video 0: 100.0 % (2 actions, 2 predictions drawn)" in words([section])
    assert "(2 actions, 0 predictions drawn)" in words([section])


def test_a_run_that_finds_nothing_has_a_page_too() -> None:
    made = made_up(videos=3, labels=2)
    truths = {truth.video: VideoTruth(truth.video, "test", truth.actions) for truth in made.compared.truths}
    annotations = Annotations(made.result.labels, truths, Path("truth.json"))
    for timelines in ([], [Timeline("video 0", (Action(100, 101, "label 0", 0.3),))]):
        nothing = evaluate_timelines(annotations, timelines, PROTOCOLS["generic"], "test")
        sections = video_sections(nothing.result, nothing.compared, timelines, count=1)
        sections += [class_section(nothing.result), precision_recall_section(nothing.result, nothing.compared)]
        assert "none is right at tIoU 0.5" in words(sections)
        assert "never seen" in words(sections)


def test_of_many_classes_the_best_and_the_worst_have_curves_and_bars() -> None:
    made = made_up(videos=3, labels=80)
    curves = words([precision_recall_section(made.result, made.compared)])
    assert curves.count("<title>label ") == 6
    assert "mean of all classes, AP " in curves
    section = class_section(made.result)
    assert "The 30 best and worst of 80 classes" in words([section])
    assert words([section]).count("<tr>") == 1 + 80


def test_few_classes_all_have_a_curve_that_ends_where_recall_does() -> None:
    made = made_up(videos=3, labels=2)
    curves = words([precision_recall_section(made.result, made.compared)])
    assert curves.count("<title>label ") == 2


def test_labels_are_only_text() -> None:
    made = made_up(videos=3, labels=2, hostile="<script>alert(1)</script>")
    sections = [
        class_section(made.result),
        precision_recall_section(made.result, made.compared),
        *video_sections(made.result, made.compared, made.timelines, count=3),
    ]
    assert "<script" not in words(sections)
    assert "&lt;script&gt;" in words(sections)


def test_the_page_opens_without_errors_in_light_in_dark_and_on_a_phone(run: Path) -> None:
    report(run)
    with headless_chromium() as browser:
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 390)):
            visit = Visit(browser, run / "report.html", viewport={"width": width, "height": 800}, color_scheme=scheme)
            assert visit.errors == []
            assert visit.requests == [(run / "report.html").as_uri()]
            assert visit.page.evaluate("document.documentElement.scrollWidth") == width
            assert visit.page.locator("svg.chart").count() >= 6
            visit.context.close()
