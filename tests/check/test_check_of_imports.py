"""What check says of features that others made: turned arrays, other names, strides; and its cures are right."""

import json
from pathlib import Path

import numpy as np
import pytest

from logotal.check import check
from logotal.data.feature_recipe import VideoFeatures, write_feature_recipe, write_video_features
from logotal.importing import import_features
from logotal.recipes import read_recipe

SECONDS = {"a": 40.0, "b": 62.0, "c": 95.0, "d": 51.0}
FPS, WINDOW = 30.0, 16


def length(name: str, stride: int) -> int:
    return int((SECONDS[name] * FPS - WINDOW) // stride) + 1


class Data:
    """Videos with features of a stride, and the check of a recipe on them."""

    def __init__(self, folder: Path) -> None:
        self.features, self.annotations = folder / "features", folder / "truth.json"
        self.features.mkdir()
        self.annotate()

    def annotate(self, prefix: str = "") -> None:
        actions = [{"segment": [start, start + 2.0], "label": "jump"} for start in range(1, 36, 3)]
        videos = {
            f"{prefix}{name}": {
                "subset": "validation" if name == "d" else "training",
                "duration": seconds,
                "fps": FPS,
                "annotations": actions,
            }
            for name, seconds in SECONDS.items()
        }
        self.annotations.write_text(json.dumps({"database": videos}))

    def save(self, stride: int = 4, *, form: str = "{}", turn: bool = False) -> None:
        for name in SECONDS:
            array = np.zeros((length(name, stride), 8), np.float32)
            np.save(self.features / f"{form.format(name)}.npy", array.T if turn else array)

    def said(self, features: Path | None = None, model: dict | None = None, **data: object) -> list[str]:
        where = {"features": features or self.features, "annotations": self.annotations}
        grid = {"clip_stride": 4, "clip_frames": WINDOW, **where, **data}
        names = {"training_split": "training", "evaluation_split": "validation"}
        config = read_recipe("synthetic", {"model": {"input_channels": 8} | (model or {}), "data": grid | names})
        return [f.sentence for f in check(config).findings if f.severity != "note"]


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


def test_nothing_is_said_of_features_that_fit(data: Data) -> None:
    data.save()
    assert data.said() == []


@pytest.mark.parametrize("model", [{}, {"input_channels": None}])
def test_turned_arrays_are_recognized_and_the_cure_cures(data: Data, tmp_path: Path, model: dict) -> None:
    data.save(turn=True)
    (first, *rest) = data.said(model=model)
    assert first.startswith("4 feature files that lie as (C, T), expected (T, C); turn them: `logotal import ")
    assert not [sentence for sentence in rest if "clip_stride" in sentence or "do not fit" in sentence]
    import_features(data.features, tmp_path / "new", layout="CT", annotations=data.annotations, window=WINDOW)
    assert data.said(tmp_path / "new", model=model) == []


def test_a_prefix_that_all_files_have_is_named_and_the_cure_cures(data: Data) -> None:
    data.save(form="v_{}")
    sentences = data.said()
    assert all(s.endswith("; --data.file_prefix v_ finds those of 4 of 4 videos") for s in sentences)
    assert len(sentences) == 2
    assert data.said(file_prefix="v_") == []


def test_files_of_another_form_of_name_are_imported_and_the_cure_cures(data: Data, tmp_path: Path) -> None:
    data.save(form="{}_i3d")
    (first, *_) = data.said()
    assert f"`logotal import {data.features} --annotations FILE --out NEW` finds those of 4 of 4 videos" in first
    import_features(data.features, tmp_path / "new", annotations=data.annotations, window=WINDOW)
    assert data.said(tmp_path / "new") == []


def test_ids_with_a_prefix_that_files_lack_are_imported(data: Data, tmp_path: Path) -> None:
    data.save()
    data.annotate("v_")
    assert "logotal import" in data.said()[0]
    import_features(data.features, tmp_path / "new", annotations=data.annotations, window=WINDOW)
    assert data.said(tmp_path / "new") == []


def test_files_of_other_videos_have_no_cure(data: Data) -> None:
    data.save(form="other{}")
    assert all("check --data.features and --data.file_prefix" in sentence for sentence in data.said())


@pytest.mark.parametrize("stride", [1, 2, 8, 16, 32])
def test_a_stride_is_advised_that_all_files_have_and_no_other(data: Data, stride: int) -> None:
    data.save(stride)
    (misfit, *_) = [sentence for sentence in data.said() if "do not fit the duration" in sentence]
    assert f"--data.clip_stride {stride} (now 4)" in misfit
    assert not [sentence for sentence in data.said(clip_stride=stride) if "do not fit" in sentence]


@pytest.mark.parametrize("lengths", [(157, 244, 375, 201), (300, 300, 900, 300), (700, 1100, 1500, 800)])
def test_no_stride_is_advised_where_none_makes_all_lengths(data: Data, lengths: tuple[int, ...]) -> None:
    for name, steps in zip(SECONDS, lengths, strict=True):
        np.save(data.features / f"{name}.npy", np.zeros((steps, 8), np.float32))
    (misfit, *_) = [sentence for sentence in data.said() if "do not fit the duration" in sentence]
    assert "--data.clip_stride" not in misfit


def test_features_that_say_their_stride_are_believed(data: Data) -> None:
    write_feature_recipe(data.features, {"origin": "imported", "channels": 8, "clip_stride": 8, "clip_frames": WINDOW})
    for name, seconds in SECONDS.items():
        about = VideoFeatures(FPS, seconds, round(FPS * seconds), "x.npz", 1)
        array = np.zeros((length(name, 8), 8), np.float32)
        write_video_features(data.features / f"{name}.npy", array, about)
    assert data.said() == [f"{data.features}: was extracted with clip_stride 8, not 4; set --data.clip_stride 8"]
    assert data.said(clip_stride=8) == []
    for name in SECONDS:  # cut: other lengths than the stride makes, and still no other stride is right
        np.save(data.features / f"{name}.npy", np.zeros((length(name, 16), 8), np.float32))
    (misfit, *_) = data.said(clip_stride=8)
    assert "extract them again, or mend 'duration'" in misfit
    assert "--data" not in misfit


def test_the_frame_rates_of_sidecars_count(data: Data) -> None:
    text = data.annotations.read_text().replace('"fps": 30.0, ', "")
    assert '"fps"' not in text
    data.annotations.write_text(text)
    data.save()
    assert "whose grid is not known" in data.said(fps=None)[0]
    grid = {"clip_stride": 4, "clip_frames": WINDOW}
    write_feature_recipe(data.features, {"channels": 8, **grid})
    for name, seconds in SECONDS.items():
        about = VideoFeatures(FPS, seconds, round(FPS * seconds), "x.npz", 1)
        write_video_features(data.features / f"{name}.npy", np.zeros((length(name, 4), 8), np.float32), about)
    assert data.said(fps=None) == []
