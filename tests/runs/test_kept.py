"""Runs of earlier versions are readable for ever: one of each is kept, with what it detected then.

`python -m tests.runs.test_kept` keeps one of the version that is about to be released.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.demo.synthetic import GRID
from logotal.formats.timelines import read_timelines, write_timelines
from logotal.places import CONFIG
from logotal.runs.learned import read_learned
from logotal.runs.provenance import read_provenance
from logotal.timeline import Timeline
from tests.inference.cases import assert_twins
from tests.training.small import small_config, small_data

KEPT = Path(__file__).parent / "kept"
AWAY = "/home/ann/videos"
"""Where the data of a kept run are said to lie: nowhere."""


def rows(timeline: Timeline, labels: tuple[str, ...]) -> np.ndarray:
    return np.array([(each.start, each.end, labels.index(each.label), each.score) for each in timeline])


@pytest.mark.parametrize("version", sorted(path.name for path in KEPT.glob("*")))
def test_a_kept_run_is_read_whole_and_detects_what_it_detected(version: str) -> None:
    folder = KEPT / version
    predictor = logotal.load(folder / "run", device="cpu")
    features = np.load(folder / "features.npy")
    for name, options in {"shown": {}, "everything": {"everything": True}}.items():
        found = predictor.detect(features, name="v", fps=GRID.fps, **options)
        (expected,) = read_timelines(folder / f"{name}.json")
        assert_twins(rows(found, predictor.labels), rows(expected, predictor.labels), (2e-3, 2e-3, 0.5, 1e-3))
    assert read_learned(folder / "run") is not None
    about = read_provenance(folder / "run")
    assert about is not None
    assert about.logotal == version


def test_one_of_this_version_is_kept() -> None:
    assert (KEPT / logotal.__version__).is_dir(), "keep one: python -m tests.runs.test_kept"


def keep() -> None:
    """Trains a run, and keeps it without what it can be read without: checkpoints and data."""
    place = KEPT / logotal.__version__
    with tempfile.TemporaryDirectory() as folder:
        data = small_data(Path(folder) / "data", training=12)
        changes = {
            "training": {"epochs": 30, "warmup_epochs": 3},
            "data": {"features": data / "features", "hold_out": 0.3},
        }
        config = small_config(data, **changes)
        run = logotal.train(config, Path(folder) / "run").folder
        features = np.load(sorted((data / "features").glob("validation_*.npy"))[0])
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(run, place / "run", ignore=shutil.ignore_patterns("*.ckpt", ".*", "tensorboard"))
        text = (place / "run" / CONFIG).read_text()
        (place / "run" / CONFIG).write_text(text.replace(str(Path(folder).resolve()), AWAY))
    np.save(place / "features.npy", features.astype(np.float16))
    predictor = logotal.load(place / "run", device="cpu")
    features = np.load(place / "features.npy")
    write_timelines([predictor.detect(features, name="v", fps=GRID.fps)], place / "shown.json")
    write_timelines([predictor.detect(features, name="v", fps=GRID.fps, everything=True)], place / "everything.json")


if __name__ == "__main__":
    keep()
