"""From a video file to a timeline: features are made as those of the training, or refused."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

import logotal
from logotal.backbones import load as backbone_loading
from logotal.backbones.backbone import BACKBONES
from logotal.check import check
from logotal.data.selection import open_source
from logotal.errors import InputError
from logotal.extraction.folder import Settings, extract_folder, settings_like
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.video.writer import write_video
from tests.extraction.tiny import Means, tiny_backbone
from tests.training.small import small_config


@pytest.fixture
def means(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backbone that needs no weights."""
    backbone = tiny_backbone(build=lambda location: Means())
    monkeypatch.setitem(BACKBONES, "means", backbone)
    monkeypatch.setattr(backbone_loading, "find_weights", lambda name: Path("none"))


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Videos that turn bright for a while, and where that is annotated; fps only in the features."""
    database = {}
    for index in range(5):
        frames = np.random.default_rng(index).integers(0, 60, (100, 32, 32, 3), dtype=np.uint8)
        frames[30:70] += 150
        write_video(tmp_path / "videos" / f"v{index}.mp4", frames, fps=10)
        subset = "training" if index < 4 else "validation"
        database[f"v{index}"] = {"subset": subset, "annotations": [{"segment": [3.0, 7.0], "label": "bright"}]}
    (tmp_path / "videos" / "annotations.json").write_text(json.dumps({"database": database}))
    return tmp_path / "videos"


def trained(videos: Path, folder: Path, epochs: int = 1, **changes: object) -> Run:
    extract_folder(sorted(videos.glob("*.mp4")), folder / "features", Settings("means", changes=changes))
    grid = {key: changes[key] for key in ("clip_frames", "clip_stride") if key in changes}
    data = {"features": folder / "features", "annotations": videos / "annotations.json", **grid}
    model = {"input_channels": None, "layer_scale": 0.3}
    training = {"epochs": epochs, "learning_rate": 0.005, "initial_normalizer": 5, "ema_decay": 0.9}
    return train(small_config(videos, data=data, model=model, training=training), folder / "run")


@pytest.mark.usefixtures("means")
def test_a_video_gives_what_its_features_give_and_finds_the_action(videos: Path, tmp_path: Path) -> None:
    run = trained(videos, tmp_path, epochs=60)
    predictor = logotal.load(run.folder)
    from_video = predictor.detect(videos / "v4.mp4", everything=True)
    from_features = predictor.detect(tmp_path / "features" / "v4.npy", everything=True)
    assert from_video == from_features
    assert from_video.duration == 10.0
    (best,) = from_video.best(1)
    assert best.label == "bright"
    assert (best.start, best.end) == (pytest.approx(3, abs=1), pytest.approx(7, abs=1))


@pytest.mark.parametrize("differences", ["none", "before", "both"])
@pytest.mark.usefixtures("means")
def test_a_run_of_single_frames_makes_the_features_of_a_video_again(
    videos: Path, tmp_path: Path, differences: str
) -> None:
    changes = {"clip_frames": 1, "clip_stride": 2, "rounded": True, "differences": differences}
    predictor = logotal.load(trained(videos, tmp_path, **changes).folder)
    from_video = predictor.detect(videos / "v4.mp4", everything=True)

    assert len(from_video) > 0
    assert from_video == predictor.detect(tmp_path / "features" / "v4.npy", everything=True)


@pytest.mark.usefixtures("means")
def test_features_of_another_recipe_are_refused_with_the_field_and_the_cure(videos: Path, tmp_path: Path) -> None:
    run = trained(videos, tmp_path)
    extract_folder([videos / "v4.mp4"], tmp_path / "other", Settings("means", changes={"resize": 30}))
    with pytest.raises(
        InputError, match=r"resize is 30, expected 32; make matching ones with `logotal extract VIDEOS --like"
    ):
        logotal.load(run.folder).detect(tmp_path / "other" / "v4.npy", everything=True)
    recipe = run.feature_recipe()
    assert recipe is not None
    extract_folder([videos / "v4.mp4"], tmp_path / "same", settings_like(recipe))
    logotal.load(run.folder).detect(tmp_path / "same" / "v4.npy", everything=True)


@pytest.mark.usefixtures("means")
def test_other_weights_of_the_backbone_are_refused(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(videos, tmp_path)
    monkeypatch.setattr(backbone_loading, "hash_state", lambda state: "changed")
    with pytest.raises(InputError, match="makes other features than the model needs: weights is 'changed'"):
        logotal.load(run.folder).detect(videos / "v4.mp4", everything=True)


@pytest.mark.usefixtures("means")
def test_a_stride_that_is_not_that_of_the_features_is_refused(videos: Path, tmp_path: Path) -> None:
    extract_folder(sorted(videos.glob("*.mp4")), tmp_path / "features", Settings("means"))
    data = {"features": tmp_path / "features", "annotations": videos / "annotations.json", "clip_stride": 8}
    with pytest.raises(InputError, match=r"was extracted with clip_stride 4, not 8; set --data\.clip_stride 4"):
        open_source(small_config(videos, data=data).data)


@pytest.mark.usefixtures("means")
def test_the_frame_rate_and_length_of_extracted_videos_are_known(videos: Path, tmp_path: Path) -> None:
    extract_folder(sorted(videos.glob("*.mp4")), tmp_path / "features", Settings("means"))
    data = {"features": tmp_path / "features", "annotations": videos / "annotations.json"}
    video = open_source(small_config(videos, data=data).data).annotations.videos["v0"]
    assert (video.fps, video.duration) == (10.0, 10.0)
    assert dataclasses.replace(video, fps=None, duration=None).actions == video.actions


@pytest.mark.usefixtures("means")
def test_a_frame_rate_that_is_not_that_of_the_features_is_refused(videos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "features"
    extract_folder(sorted(videos.glob("*.mp4")), folder, Settings("means"))
    data = {"features": folder, "annotations": videos / "annotations.json"}
    told = r"at the frame rate of each video, 10 in 'v0', not 12 \(5 of 5 videos differ\); leave fps out"
    with pytest.raises(InputError, match=told):
        open_source(small_config(videos, data={**data, "fps": 12}).data)
    found = check(small_config(videos, data={**data, "fps": 12})).findings
    assert any(each.severity == "error" and re.search(told, each.sentence) for each in found)
    open_source(small_config(videos, data={**data, "fps": 10.001}).data)  # as near as 29.97 is to 30000/1001
