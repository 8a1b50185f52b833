"""Pipes, devices, sockets and endless files are refused wherever a path is read: nothing waits for them."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from logotal.backbones.state import read_state
from logotal.convert.checkpoint import convert_checkpoint
from logotal.data.feature_recipe import read_feature_recipe, read_video_features
from logotal.data.features import read_features
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.files.text import LARGEST, read_text
from logotal.formats.annotations import read_annotations
from logotal.formats.timelines import READERS, read_timelines
from logotal.inference.operating_point import read_operating_point
from logotal.inference.video_classifier import read_video_classifier
from logotal.inference.video_scores import read_video_scores
from logotal.recipes import read_recipe
from logotal.report.training_curves import read_metrics
from logotal.runs.folder import Run
from logotal.runs.learned import read_learned
from logotal.runs.model_card import read_saved_evaluation
from logotal.runs.provenance import read_provenance
from logotal.video.probe import probe
from tests.hostile.files import written
from tests.hostile.limits import within

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with a name")

Read = Callable[[Path], object]
READERS_OF: dict[str, Read] = {
    "annotations.json": read_annotations,
    "annotations.json.gz": read_annotations,
    "detections.json": lambda path: read_detections(path, ("jump",)),
    "scores.json": lambda path: read_video_scores(path, ("jump",)),
    "recipe.yaml": lambda path: read_recipe(str(path)),
    "features.npy": read_features,
    "features.json": lambda path: read_feature_recipe(path.parent),
    "video.json": lambda path: read_video_features(path.with_suffix(".npy")),
    "video.mp4": probe,
    "weights.safetensors": read_state,
    "weights.pt": read_state,
    "config.yaml": lambda path: Run(path.parent).config(),
    "labels.json": lambda path: Run(path.parent).labels(),
    "model.safetensors": lambda path: Run(path.parent).weights(),
    "classifier.safetensors": lambda path: read_video_classifier(path, ("jump",)),
    "operating_point.json": read_operating_point,
    "videos.json": lambda path: read_learned(path.parent),
    "metrics.csv": read_metrics,
    "provenance.json": lambda path: read_provenance(path.parent),
    "evaluation.json": lambda path: read_saved_evaluation(path, cure="evaluate again"),
    **{f"timeline{suffix}": read_timelines for suffix in READERS},
}


@pytest.mark.parametrize("name", READERS_OF)
def test_a_pipe_is_refused_and_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with within(5), pytest.raises(InputError, match=f"{name}: expected a plain file, found a pipe; name a file"):
        READERS_OF[name](tmp_path / name)


@pytest.mark.parametrize("name", READERS_OF)
@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no endless device")
def test_a_device_without_end_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    with within(5), pytest.raises(InputError, match=f"{name}: expected a plain file, found a device; name a file"):
        READERS_OF[name](tmp_path / name)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("s.json")
        with pytest.raises(InputError, match=r"s\.json: expected a plain file, found a socket"):
            read_annotations(Path("s.json"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="has no /proc")
def test_a_file_that_gives_more_than_its_size_is_refused() -> None:
    with pytest.raises(InputError, match=r"environ: expected a file of 0 bytes, found more; copy it"):
        read_text(Path("/proc/self/environ"))


def test_a_file_beyond_reason_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", "")
    os.truncate(path, LARGEST + 1)
    with within(5), pytest.raises(InputError, match=r"a\.json: expected at most 2,147,483,648 bytes, found"):
        read_annotations(path)


def test_a_checkpoint_to_convert_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "c.yaml")
    truth = written(tmp_path / "a.json", '{"database": {"v": {"subset": "test", "annotations": []}}}')
    with within(20), pytest.raises(InputError, match="expected a plain file, found a pipe"):
        convert_checkpoint(tmp_path / "c.pth", tmp_path / "c.yaml", tmp_path / "o", origin="tridet", annotations=truth)
