"""The command line as a new user meets it: help, the whole path, and every bad input of the issue tracker."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from logotal.cli import COMMANDS, app
from logotal.errors import InputError
from logotal.formats.timelines import read_timelines
from logotal.recipes import dump_config
from tests.commands.run import logotal
from tests.training.small import small_config, small_data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    recipe = folder / "small.yaml"
    recipe.write_text(dump_config(small_config(data)))
    done = logotal(
        "train", recipe, "--out", folder / "run", "--training.epochs", "4", "--training.learning-rate", "0.003"
    )
    assert done.returncode == 0, done.stderr
    assert "now: logotal evaluate" in done.stderr
    return folder / "run"


def one_line(stderr: str) -> str:
    """The only line of an error beside progress; anything else, a traceback above all, fails the test."""
    lines = [line for line in stderr.strip().splitlines() if not line.startswith("step ")]
    assert len(lines) == 1, stderr
    return lines[0]


def test_help_lists_the_commands_without_loading_torch() -> None:
    code = (
        "import sys; from logotal.cli import app; app(['--help'], result_action='return_value');"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = logotal(name, "--help")
    assert done.returncode == 0
    assert f"logotal {name}" in done.stdout


def test_recipes_are_listed_and_printed() -> None:
    listed = logotal("recipes").stdout
    assert {line.split()[0] for line in listed.splitlines()} >= {"thumos14", "activitynet13", "sbhar", "synthetic"}
    assert "protocol: thumos14" in logotal("recipes", "thumos14").stdout


def test_a_run_is_evaluated_and_its_numbers_saved(run: Path) -> None:
    done = logotal("evaluate", run, "--per-label")
    assert done.returncode == 0, done.stderr
    assert "generic, split validation" in done.stdout
    assert "recall@1x" in done.stdout
    assert "blink" in done.stdout
    saved = json.loads((run / "evaluation.json").read_text())
    assert saved["protocol"]["name"] == "generic"
    again = logotal(
        "evaluate", run / "detections.json", "--annotations", read_annotations_path(run), "--split", "validation"
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("mAP 0.3:0.7"))
    assert line in again.stdout


def read_annotations_path(run: Path) -> str:
    text = (run / "config.yaml").read_text()
    return next(line.split(": ")[1] for line in text.splitlines() if line.strip().startswith("annotations:"))


def test_detections_are_printed_and_written_in_every_format(run: Path, data: Path, tmp_path: Path) -> None:
    features = data / "features" / "validation_006.npy"
    printed = logotal("detect", features, "--model", run, "--fps", "30", "--everything", "--best", "5")
    assert printed.returncode == 0, printed.stderr
    assert "validation_006: 5 actions" in printed.stdout
    for suffix in (".json", ".csv", ".vtt", ".srt", ".html"):
        path = tmp_path / f"timeline{suffix}"
        done = logotal("detect", features, "--model", run, "--fps", "30", "--everything", "--best", "5", "--save", path)
        assert done.returncode == 0, done.stderr
        assert path.stat().st_size > 0
    assert len(read_timelines(tmp_path / "timeline.json")[0]) == 5


def test_a_folder_is_detected_and_one_bad_file_does_not_lose_the_rest(run: Path, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "features"
    folder.mkdir()
    for name in ("validation_006", "validation_007"):
        (folder / f"{name}.npy").write_bytes((data / "features" / f"{name}.npy").read_bytes())
    (folder / "broken.npy").write_bytes((data / "features" / "validation_008.npy").read_bytes()[:5000])
    out = tmp_path / "all.json"
    done = logotal(
        "detect", folder, "--model", run, "--annotations", data / "annotations.json", "--fps", "30", "--save", out
    )
    assert done.returncode == 1
    assert "failed: " in done.stderr
    assert "broken.npy: not a whole .npy array" in done.stderr
    assert [timeline.video for timeline in read_timelines(out)] == ["validation_006", "validation_007"]


def test_a_mistyped_option_names_the_nearest(data: Path) -> None:
    done = logotal("train", "synthetic", "--data.features", data, "--model.haed", "light")
    assert done.returncode != 0
    assert "--model.haed" in done.stdout + done.stderr
    assert "--model.head" in done.stdout + done.stderr


def test_a_mistyped_key_in_a_recipe_names_file_key_and_cure(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("model:\n  haed: light\n")
    done = logotal("train", recipe)
    assert done.returncode == 1
    assert one_line(done.stderr) == f"logotal: {recipe}: unknown key 'model.haed'; did you mean 'head'?"


def test_an_unknown_recipe_names_the_nearest() -> None:
    assert one_line(logotal("train", "thumos41").stderr) == "logotal: no recipe 'thumos41'; did you mean 'thumos14'?"


def spoil_truncated(data: Path) -> str:
    path = data / "features" / "training_001.npy"
    path.write_bytes(path.read_bytes()[:-1000])
    return r"training_001.npy: not a whole .npy array"


def spoil_nan(data: Path) -> str:
    path = data / "features" / "training_001.npy"
    features = np.load(path)
    features[:] = np.nan
    np.save(path, features)
    return "training_001.npy: "


def spoil_channels(data: Path) -> str:
    path = data / "features" / "training_001.npy"
    np.save(path, np.load(path)[:, :32])
    return "training_001.npy: expected (T, 64) features"


def spoil_key(data: Path) -> str:
    path = data / "annotations.json"
    path.write_text(path.read_text().replace('"segment"', '"segmnet"', 1))
    return "unknown key 'segmnet'; did you mean 'segment'?"


def spoil_label(data: Path) -> str:
    path = data / "annotations.json"
    content = json.loads(path.read_text())
    video = next(v for v in content["database"].values() if v["annotations"])
    del video["annotations"][0]["label"]
    path.write_text(json.dumps(content))
    return "action 0: key 'label' is missing"


def spoil_json(data: Path) -> str:
    path = data / "annotations.json"
    path.write_text(path.read_text()[:200])
    return "annotations.json: not valid JSON at line"


def spoil_all_features(data: Path) -> str:
    for path in (data / "features").glob("*.npy"):
        path.rename(path.with_suffix(".numpy"))
    return "no *.npy files here or one folder below"


@pytest.mark.parametrize(
    "spoil",
    [spoil_truncated, spoil_nan, spoil_channels, spoil_key, spoil_label, spoil_json, spoil_all_features],
)
def test_bad_input_ends_training_with_one_line_that_names_the_file_and_the_cure(tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    data = small_data(tmp_path / "data")
    expected = spoil(data)
    recipe = tmp_path / "small.yaml"
    recipe.write_text(dump_config(small_config(data, data={"window": 2000, "crop": None})))
    command = ["train", str(recipe), "--out", str(tmp_path / "run"), "--training.workers", "1"]
    if spoil in (spoil_nan, spoil_json):  # found while it trains, and before; the others in this process, in less time
        done = logotal(*command)
        assert done.returncode == 1
        assert expected in one_line(done.stderr)
    else:
        with pytest.raises(InputError) as raised:
            app(command, result_action="return_value")
        assert expected in one_line(str(raised.value))


def test_detections_without_a_truth_are_not_scored(tmp_path: Path) -> None:
    path = tmp_path / "detections.json"
    path.write_text('{"results": {}}')
    assert one_line(logotal("evaluate", path).stderr).endswith("name it with --annotations FILE")


@pytest.mark.slow
def test_two_processes_train_one_model_together(tmp_path: Path) -> None:
    recipe = tmp_path / "small.yaml"
    recipe.write_text(dump_config(small_config(small_data(tmp_path / "data", training=8))))
    done = logotal("train", recipe, "--out", tmp_path / "run", "--training.devices", "2")
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert len(rows) == 1 + 3
    assert logotal("evaluate", tmp_path / "run").returncode == 0


@pytest.mark.slow
def test_the_demo_leaves_a_page_and_can_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        done = logotal("demo", "--save", tmp_path / "demo", "--epochs", "1", "--no-videos")
        assert done.returncode == 0, done.stderr
    assert "validation_060" in (tmp_path / "demo" / "report.html").read_text()
    assert "features are synthetic" in done.stdout
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").touch()
    assert "is not empty and no earlier demo" in one_line(logotal("demo", "--save", full).stderr)
    assert (full / "thesis.tex").exists()
