"""Poses along the grid of features: against a loop over clips, in pieces of any size."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.backbone import POSE_CHANNELS, find_backbone
from logotal.backbones.i3d import I3D
from logotal.backbones.load import LoadedBackbone
from logotal.backbones.pose import CHANNELS
from logotal.data.feature_recipe import differences
from logotal.errors import InputError
from logotal.extraction import poses
from logotal.extraction.extractor import Extractor, feature_recipe
from logotal.extraction.folder import settings_like
from logotal.video.picture import Image
from logotal.video.reader import read_frames
from logotal.video.writer import write_video
from tests.extraction.tiny import tiny_extractor

FRAMES = 45


class Follower:
    """What a person does, as the mean of each picture says it."""

    def __init__(self, networks: object) -> None:
        self.last = np.zeros(CHANNELS, np.float32)

    def see(self, image: Image) -> np.ndarray:
        self.last = np.full(CHANNELS, image.mean(), np.float32) * np.arange(CHANNELS, dtype=np.float32)
        return self.last


@pytest.fixture(autouse=True)
def followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poses, "Follower", Follower)
    monkeypatch.setattr(poses, "pose_networks", lambda: None)
    monkeypatch.setattr("logotal.extraction.extractor.pose_networks", lambda: None)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    levels = np.random.default_rng(0).integers(0, 255, FRAMES)
    write_video(path, np.stack([np.full((32, 48, 3), level, np.uint8) for level in levels]), fps=30)
    return path


def by_clips(video: Path, length: int, stride: int, count: int) -> np.ndarray:
    """The poses behind features, one clip after the other."""
    follower, seen = Follower(None), []
    every = max(length // poses.A_CLIP, 1)
    shown = range(FRAMES) if stride <= length else [index for index in range(FRAMES) if index % stride < length]
    images = [frame.image for frame in read_frames(video)]
    for number, index in enumerate(shown):
        seen.append((index, follower.last.copy() if number % every else follower.see(images[index])))
    rows = []
    for first in range(0, count * stride, stride):
        clip = np.array([pose for index, pose in seen if first <= index < first + length])
        rows.append(np.concatenate([clip.mean(axis=0), clip[-1] - clip[0]]))
    return np.array(rows)


@pytest.mark.parametrize(("length", "stride"), [(16, 4), (16, 5), (8, 3), (8, 16), (2, 2), (3, 7), (64, 4)])
def test_the_pose_of_a_clip_is_the_mean_of_its_frames_and_what_changes_in_them(
    video: Path, length: int, stride: int
) -> None:
    plain, posed = (
        tiny_extractor(clip_frames=length, clip_stride=stride, channels=3 * length, pose=pose).extract(video)[0]
        for pose in (False, True)
    )
    assert posed.shape == (len(plain), 3 * length + POSE_CHANNELS)
    np.testing.assert_array_equal(posed[:, : 3 * length], plain)
    np.testing.assert_allclose(posed[:, 3 * length :], by_clips(video, length, stride, len(plain)), rtol=1e-5)


@pytest.mark.parametrize("differing", ["none", "both"])
@pytest.mark.parametrize("clips", ["overlapping", "dense"])
def test_pieces_of_any_size_give_the_same(video: Path, clips: str, differing: str) -> None:
    torch.manual_seed(0)
    loaded = LoadedBackbone(
        replace(find_backbone("i3d-rgb"), resize=32, crop_size=32, clips=clips, differences=differing, pose=True),
        I3D().eval(),
        "a hash",
    )
    extractor = Extractor(loaded)
    whole = extractor.extract(video)[0]
    for at_once in (1, 7):
        with closing(extractor.stream(read_frames(video), at_once=at_once)) as pieces:
            made = np.concatenate(list(pieces))
        np.testing.assert_array_equal(made[:, -POSE_CHANNELS:], whole[:, -POSE_CHANNELS:])
    assert whole.shape[1] == sum(loaded.backbone.streams_channels)
    assert feature_recipe(extractor)["channels"] == whole.shape[1]


def test_the_recipe_says_that_there_is_a_pose_and_makes_the_features_again() -> None:
    plain, posed = (feature_recipe(tiny_extractor(pose=pose)) for pose in (False, True))
    assert "pose" not in plain  # older folders stay what they are
    assert differences(plain, posed) == ["channels is 472, expected 48", "pose is True, expected None"]
    assert settings_like(posed).changes["pose"] is True
    assert settings_like(plain).changes["pose"] is False


def test_a_network_of_single_frames_has_no_pose() -> None:
    with pytest.raises(InputError, match=r"pose: expected clips of 2 frames or more, .* found 1 with mobilenetv2"):
        replace(find_backbone("mobilenetv2"), pose=True)
