"""What `logotal detect` and `Predictor.detect` show: what the operating point of the run says, or all."""

from itertools import pairwise
from pathlib import Path

import pytest

import logotal
from logotal.commands.detect import detect
from logotal.errors import InputError
from logotal.formats.timelines import read_timelines
from logotal.inference.calibration import Calibration
from logotal.inference.operating_point import UNFITTED, OperatingPoint, write_operating_point
from logotal.runs.train import train
from tests.commands.run import logotal as logotal_command
from tests.training.small import small_config, small_data


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    data = small_data(folder / "data")
    return train(small_config(data, training={"epochs": 8, "learning_rate": 0.003}), folder / "run").folder


@pytest.fixture
def features(run: Path) -> Path:
    return sorted((run.parent / "data" / "features").glob("validation_*.npy"))[0]


def shown(run: Path, features: Path, save: Path, **options: object) -> logotal.Timeline:
    detect(features, model=run, fps=30.0, save=save, **options)  # type: ignore[arg-type]
    (timeline,) = read_timelines(save)
    return timeline


def test_a_run_without_an_operating_point_shows_what_it_is_sure_of_and_says_so(
    run: Path, features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = shown(run, features, tmp_path / "few.json")
    assert "has no operating point: shows actions of score 0.3 or more" in capsys.readouterr().err
    everything = shown(run, features, tmp_path / "all.json", everything=True)
    assert "operating point" not in capsys.readouterr().err
    expected = UNFITTED.apply(everything)
    assert [(a.label, a.score) for a in few] == [(a.label, a.score) for a in expected]
    assert len(everything) > len(few)


def test_the_operating_point_of_a_run_decides_and_options_override_it(
    run: Path, features: Path, tmp_path: Path
) -> None:
    everything = logotal.load(run).find(features, fps=30)
    point = OperatingPoint(threshold=0.2, max_overlap=1.0, calibration=Calibration(1.0, 1.0))
    write_operating_point(run / "operating_point.json", point)
    try:
        assert len(shown(run, features, tmp_path / "a.json")) == len(point.apply(everything))
        assert not len(shown(run, features, tmp_path / "b.json", threshold=1.0))
        alone = shown(run, features, tmp_path / "c.json", threshold=0.0, max_overlap=0.0, across_labels=True)
        assert all(one.end <= other.start for one, other in pairwise(alone))
        predictor = logotal.load(run)
        assert len(predictor.detect(features, fps=30)) == len(point.apply(everything))
        listed = shown(run, features, tmp_path / "all.json", everything=True)
        assert len(predictor.detect(features, fps=30, everything=True)) == len(listed) <= len(everything)
    finally:
        (run / "operating_point.json").unlink()


def test_lengths_of_the_run_hold_and_options_override_them_by_command_and_in_python(
    run: Path, features: Path, tmp_path: Path
) -> None:
    everything = logotal.load(run).find(features, fps=30)
    label = max(everything.labels, key=lambda each: sum(a.label == each for a in everything))
    point = OperatingPoint(threshold=0.0, shortest={label: 3.0}, gap={label: 2.0})
    plain = OperatingPoint(threshold=0.0)
    write_operating_point(run / "operating_point.json", point)
    try:
        own = shown(run, features, tmp_path / "own.json")
        assert [(a.start, a.label) for a in own] == [(a.start, a.label) for a in point.apply(everything)]
        none = shown(run, features, tmp_path / "none.json", min_duration=("0",), merge_gap=("0",))
        assert len(none) == len(plain.apply(everything)) > len(own)
        one = shown(run, features, tmp_path / "one.json", min_duration=(f"{label}=1000",))
        assert label not in one.labels
        assert [a for a in one if a.label != label] == [a for a in own if a.label != label]
        predictor = logotal.load(run)
        assert len(predictor.detect(features, fps=30)) == len(own)
        assert len(predictor.detect(features, fps=30, min_duration=0, merge_gap=0.0)) == len(none)
        assert predictor.detect(features, fps=30, min_duration={label: 1000}).labels == one.labels
        with pytest.raises(InputError, match="min_duration: the model has no label 'nothing'"):
            predictor.detect(features, fps=30, min_duration={"nothing": 1})
        with pytest.raises(InputError, match="merge_gap must be seconds, 0 or more, found -1"):
            logotal.detect(features, run, fps=30, merge_gap=-1.0)
    finally:
        (run / "operating_point.json").unlink()


def test_lengths_on_the_command_line_leave_the_inputs_alone(run: Path, features: Path) -> None:
    options = ("--min-duration", "jump=0.5", "--min-duration", "nothing=2", features, "--model", run, "--fps", "30")
    done = logotal_command("detect", *options)
    assert done.returncode == 1
    assert "min_duration: the model has no label 'nothing'" in " ".join(done.stderr.split())


def test_a_threshold_that_is_none_is_an_error(run: Path, features: Path) -> None:
    with pytest.raises(InputError, match="threshold must be between 0 and 1, found 3"):
        detect(features, model=run, fps=30.0, threshold=3.0)


def test_a_model_must_be_named(features: Path) -> None:
    with pytest.raises(InputError, match="expected --model RUN"):
        detect(features)
