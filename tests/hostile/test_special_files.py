"""Pipes, devices, sockets and endless files are refused wherever a path is read: nothing waits for them."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from logotal.backbones.state import read_state
from logotal.backbones.weights import fetch_weights
from logotal.convert.checkpoint import convert_checkpoint
from logotal.data.feature_recipe import read_feature_recipe, read_video_features
from logotal.data.features import read_features
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.files.onnx import refuse_external_data
from logotal.files.text import LARGEST, read_text
from logotal.formats.annotations import read_annotations
from logotal.formats.labels import KNOWN_SUFFIXES, SHEETS, read_labels
from logotal.formats.timelines import READERS, read_timelines
from logotal.importing import import_features
from logotal.importing.streams import READERS as IMPORTED
from logotal.inference.operating_point import read_operating_point
from logotal.inference.video_classifier import read_video_classifier
from logotal.inference.video_scores import read_video_scores
from logotal.project.earlier import read_earlier
from logotal.project.grouping import read_groups
from logotal.project.writing import refuse_foreign
from logotal.recipes import read_recipe
from logotal.report.training_curves import read_metrics
from logotal.runs.folder import Run
from logotal.runs.learned import read_learned
from logotal.runs.load import RUNTIMES, load
from logotal.runs.model_card import read_saved_evaluation
from logotal.runs.provenance import read_provenance
from logotal.training.engine.checkpoint import read_checkpoint
from logotal.video.probe import probe
from reliability.bombs import PUBLISHED
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
    "in a project: annotations.json": lambda path: read_earlier(path.parent),
    "before a project: annotations.json": lambda path: refuse_foreign(path.parent),
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
    **{f"labels{suffix}": read_labels for suffix in sorted(KNOWN_SUFFIXES - SHEETS)},
    **{f"import: features{suffix}": lambda path: import_features([path], path.parent / "out") for suffix in IMPORTED},
    **{f"by {runtime}: m.onnx": lambda path, runtime=runtime: load(path, runtime=runtime) for runtime in RUNTIMES},
    "by the reader of networks: m.onnx": refuse_external_data,
    "weights of others.pth": read_state,
    "weights of others.tar": read_state,
    "fetched: weights.tar.gz": lambda path: fetch_weights("i3d-rgb", path),
    "convert: settings.yaml": lambda path: converted(path.with_name("c.pth"), path),
    "convert: checkpoint.pth.tar": lambda path: converted(path, published(path.parent)),
    "checkpoint.ckpt": lambda path: read_checkpoint(path, {}),
    "groups.csv": lambda path: read_groups(path, (), path.parent),
}
LOADS = frozenset(name for name in READERS_OF if name.startswith(("import:", "by ", "convert:")))
"""What may load a library first."""

UNNAMED = frozenset({"checkpoint.ckpt"})
"""Where the kind is not told."""


def converted(checkpoint: Path, settings: Path) -> object:
    video = {"subset": "test", "annotations": [{"segment": [0, 1], "label": "jump"}]}
    truth = written(settings.with_name("a.json"), json.dumps({"database": {"v": video}}))
    return convert_checkpoint(checkpoint, settings, settings.with_name("o"), origin="actionformer", annotations=truth)


def published(folder: Path) -> Path:
    """Settings of a network with one label, as the annotations have."""
    content = json.loads(PUBLISHED) | {"train_split": ["test"], "val_split": ["test"]}
    content["dataset"]["num_classes"] = 1
    return written(folder / "c.yaml", json.dumps(content))


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device_without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


def socket_(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


KINDS = {"a pipe": pipe, "a device": device_without_end, "a socket": socket_}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS_OF)
@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no endless device")
def test_what_is_no_plain_file_is_refused_within_a_second(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path))
    path = tmp_path / name.rsplit(": ", maxsplit=1)[-1]
    KINDS[kind](path)
    if name in LOADS:
        with within(60), pytest.raises(InputError):  # libraries are loaded
            READERS_OF[name](path)
    with within(1), pytest.raises(InputError, match=f"{path.name}: .*expected a (plain )?file") as caught:
        READERS_OF[name](path)
    assert kind in str(caught.value) or name in UNNAMED


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="has no /proc")
def test_a_file_that_gives_more_than_its_size_is_refused() -> None:
    with pytest.raises(InputError, match=r"environ: expected a file of 0 bytes, found more; copy it"):
        read_text(Path("/proc/self/environ"))


def test_a_file_beyond_reason_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", "")
    os.truncate(path, LARGEST + 1)
    with within(5), pytest.raises(InputError, match=r"a\.json: expected at most 2,147,483,648 bytes, found"):
        read_annotations(path)
