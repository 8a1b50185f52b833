"""Law 11: what a run has learned from is never scored, whatever happened to the annotations since."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import logotal
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.places import EVALUATION, LEFT_OUT_OF_EVALUATION, VIDEOS
from logotal.report.run_page import write_run_page
from logotal.runs.diagnose import diagnose
from logotal.runs.evaluate import last_evaluation
from logotal.runs.learned import Learned, read_learned
from logotal.runs.thresholds import thresholds
from logotal.runs.train import train
from tests.training.small import small_config, small_data


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that held videos out; its data lie beside it."""
    folder = tmp_path_factory.mktemp("trained")
    data = small_data(folder / "data", training=8)
    return train(small_config(data, data={"hold_out": 0.25}), folder / "run").folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run with annotations of its own, which may be changed."""
    copy = Path(shutil.copytree(trained, tmp_path / "run"))
    source = trained.parent / "data" / "annotations.json"
    shutil.copy(source, tmp_path / "annotations.json")
    config = copy / "config.yaml"
    config.write_text(config.read_text().replace(str(source.resolve()), str(tmp_path / "annotations.json")))
    return copy


def change(run: Path, edit: Callable[[str, dict[str, Any]], object]) -> None:
    """Changes the entries of the annotations, as a later `init` or a person would."""
    path = run.parent / "annotations.json"
    content = json.loads(path.read_text())
    for name, entry in content["database"].items():
        edit(name, entry)
    path.write_text(json.dumps(content))


def to_validation(*names: str) -> Callable[[str, dict[str, Any]], object]:
    return lambda name, entry: entry.update(subset="validation") if name in names else None


def test_a_run_knows_the_videos_it_was_trained_on_and_those_that_were_held_out(run: Path) -> None:
    learned = read_learned(run)
    assert learned is not None
    assert len(learned.videos) + len(learned.held_out) == 8
    assert not learned.videos.keys() & learned.held_out.keys()
    assert all(name.startswith("training_") for name in (*learned.videos, *learned.held_out))


def test_a_video_that_moved_into_the_evaluation_is_left_out_by_name_and_changes_no_number(run: Path) -> None:
    before = logotal.evaluate(run, split="validation")
    learned = read_learned(run)
    assert learned is not None
    moved = sorted(learned.videos)[:2]
    change(run, to_validation(*moved))
    after = logotal.evaluate(run)

    assert after.result.to_json() == before.result.to_json()
    assert after.shown == before.shown
    for name in moved:
        assert f"{name}: the model has learned from it; it is not scored" in after.detected.left_out
        assert name in (run / LEFT_OUT_OF_EVALUATION).read_text()
    assert {timeline.video for timeline in after.detected.timelines}.isdisjoint(moved)


def test_a_video_of_a_group_that_was_learned_from_is_left_out_too(run: Path) -> None:
    learned = read_learned(run)
    assert learned is not None
    known = next(iter(learned.videos))
    content = json.loads((run / VIDEOS).read_text())
    content["learned_from"][known] = "Ann"
    (run / VIDEOS).write_text(json.dumps(content))
    change(run, lambda name, entry: entry.update(group="Ann") if name == "validation_008" else None)
    found = logotal.evaluate(run)
    assert "validation_008: the model has learned from other videos of group 'Ann'; it is not scored" in (
        found.detected.left_out
    )


def test_where_nothing_is_left_every_way_of_scoring_refuses(run: Path, tmp_path: Path) -> None:
    change(run, lambda name, entry: entry.update(subset="old" if name.startswith("validation") else "validation"))
    learned = read_learned(run)
    assert learned is not None
    change(run, lambda name, entry: entry.update(subset="old") if name in learned.held_out else None)
    for score in (
        lambda: logotal.evaluate(run),
        lambda: last_evaluation(run),
        lambda: diagnose(run),
        lambda: write_run_page(run, tmp_path / "page.html"),
        lambda: thresholds(run, split="validation"),
    ):
        with pytest.raises(InputError, match=r"has learned from all \d videos of split 'validation'"):
            score()
    assert not (run / EVALUATION).exists()


def test_thresholds_are_chosen_on_the_videos_that_were_held_out_of_this_training(run: Path) -> None:
    learned = read_learned(run)
    assert learned is not None
    # A new video changes which videos would be held out today.
    path = run.parent / "annotations.json"
    content = json.loads(path.read_text())
    content["database"] |= {f"new_{i}": {"subset": "training", "annotations": []} for i in range(9)}
    path.write_text(json.dumps(content))
    assert {video.id for video in thresholds(run, tiou=0.1).truths} == set(learned.held_out)


def test_detections_that_were_kept_are_scored_without_what_was_learned_from(run: Path) -> None:
    before = logotal.evaluate(run)
    learned = read_learned(run)
    assert learned is not None
    change(run, to_validation(next(iter(learned.videos))))
    assert last_evaluation(run).result.mean_average_precision == before.result.mean_average_precision


def test_a_run_that_does_not_say_what_it_learned_from_says_so(run: Path) -> None:
    (run / VIDEOS).unlink()
    said: list[str] = []
    logotal.evaluate(run, say=said.append)
    assert any("it is not known what this model has learned from" in sentence for sentence in said)


@pytest.mark.parametrize("content", ["[]", '{"learned_from": []}', '{"learned_from": {"v": 1}, "held_out": {}}', "{"])
def test_a_broken_file_of_videos_is_one_sentence(run: Path, content: str) -> None:
    (run / VIDEOS).write_text(content)
    with pytest.raises(InputError, match=r"videos\.json"):
        logotal.evaluate(run)


def test_a_group_that_nobody_named_joins_nothing() -> None:
    learned = Learned({"a": None})
    assert learned.reason(VideoTruth("b", "validation")) is None
