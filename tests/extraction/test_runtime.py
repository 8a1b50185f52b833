"""Another runtime than torch makes the same features, and says where it cannot."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.images import PerFrame
from logotal.backbones.load import LoadedBackbone
from logotal.backbones.mobilenet import MobileNetV2
from logotal.data.feature_recipe import read_feature_recipe
from logotal.errors import InputError
from logotal.extraction.folder import Settings, extract_folder
from logotal.extraction.runtime import run_elsewhere
from logotal.video.writer import write_video
from tests.backbones.networks import with_statistics
from tests.extraction.tiny import Means, tiny_backbone


def loaded(**changes: object) -> LoadedBackbone:
    return LoadedBackbone(tiny_backbone(**changes), Means(), "hash of means")


def test_folders_of_both_runtimes_hold_the_same_features_and_recipe(tmp_path: Path) -> None:
    network = with_statistics(PerFrame(MobileNetV2(), MobileNetV2.channels))
    weights = {f"features.{key.removeprefix('network.')}": value for key, value in network.state_dict().items()}
    torch.save(weights, tmp_path / "mobilenet.pth")
    videos = [tmp_path / f"{name}.mp4" for name in "ab"]
    for index, video in enumerate(videos):
        frames = np.random.default_rng(index).integers(0, 255, (37, 48, 64, 3), dtype=np.uint8)
        write_video(video, frames, fps=25)
    settings = Settings("mobilenetv2", tmp_path / "mobilenet.pth", changes={"resize": 64, "crop_size": 64})
    for runtime in ("torch", "openvino"):
        extract_folder(videos, tmp_path / runtime, replace(settings, runtime=runtime), workers=2)
    assert read_feature_recipe(tmp_path / "torch") == read_feature_recipe(tmp_path / "openvino")
    for name in "ab":
        expected, found = (np.load(tmp_path / runtime / f"{name}.npy") for runtime in ("torch", "openvino"))
        assert expected.shape == (10, 1280)  # a batch, and a smaller one
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "runtime", "device", "message"),
    [
        ({}, "openvimo", "cpu", "no runtime 'openvimo'; did you mean 'openvino'"),
        ({"clips": "dense"}, "openvino", "cpu", "expected overlapping clips, found dense; take torch"),
        ({"name": "image:net.onnx"}, "openvino", "cpu", "expected a network of logotal's own, found image:net.onnx"),
        ({}, "openvino", "cuda:1", "expected the device cpu, found cuda:1; add --device cpu"),
    ],
)
def test_what_a_runtime_is_not_for_is_named(
    changes: dict[str, object], runtime: str, device: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run_elsewhere(loaded(**changes), runtime, "fp32", device)
