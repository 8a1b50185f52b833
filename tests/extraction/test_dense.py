"""Dense features: the grid of clips, with the network along the whole video."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from logotal.backbones.backbone import find_backbone
from logotal.backbones.fusing import fused
from logotal.backbones.i3d import I3D, TwoStream
from logotal.backbones.load import LoadedBackbone
from logotal.errors import InputError
from logotal.extraction.clips import FRAMES_AT_ONCE
from logotal.extraction.extractor import Extractor, feature_recipe
from logotal.extraction.folder import settings_like
from logotal.video.reader import Frame, read_frames
from logotal.video.writer import write_video
from tests.backbones.networks import with_statistics
from tests.extraction.tiny import tiny_extractor


@pytest.fixture(scope="module")
def network() -> I3D:
    torch.manual_seed(0)
    return fused(with_statistics(I3D()))


def a_video(folder: Path, frames: int) -> Path:
    generator = np.random.default_rng(0)
    path = folder / "v.mp4"
    write_video(path, generator.integers(0, 255, (frames, 48, 64, 3), dtype=np.uint8), fps=25)
    return path


def extractor(network: torch.nn.Module, name: str = "i3d-rgb", **changes: object) -> Extractor:
    settings = {"resize": 32, "crop_size": 32, "clips": "dense"} | changes
    backbone = replace(find_backbone(name), **settings)  # type: ignore[arg-type]
    return Extractor(LoadedBackbone(backbone, network, "a hash"), flow="dis")


@pytest.mark.parametrize("frames", [5, 16, 19, 20, 70])
def test_dense_features_lie_on_the_grid_of_clips(network: I3D, tmp_path: Path, frames: int) -> None:
    video = a_video(tmp_path, frames)
    dense, about = extractor(network).extract(video)
    clips, same = extractor(network, clips="overlapping").extract(video)
    assert dense.shape == clips.shape
    assert about == same


def test_a_video_of_one_clip_has_the_feature_of_that_clip(network: I3D, tmp_path: Path) -> None:
    video = a_video(tmp_path, 16)
    dense, clips = (extractor(network, clips=how).extract(video)[0] for how in ("dense", "overlapping"))
    np.testing.assert_allclose(dense, clips, rtol=0, atol=1e-5 * np.abs(clips).max())  # sums in another order


def test_a_feature_is_the_mean_over_the_moments_of_its_clip(network: I3D, tmp_path: Path) -> None:
    video = a_video(tmp_path, 3 * FRAMES_AT_ONCE + 9)  # several pieces
    each, wide = (extractor(network, clip_stride=stride).extract(video)[0] for stride in (4, 8))
    np.testing.assert_array_equal(wide, each[::2])
    twice = extractor(network, clip_frames=32).extract(video)[0]  # four moments, eight frames apart
    assert len(twice) == len(each) - 4
    mean = (each[: len(twice)] + each[4:]) / 2
    np.testing.assert_allclose(twice, mean, rtol=0, atol=1e-5 * np.abs(mean).max())


@pytest.mark.parametrize("how", ["dense", "overlapping"])
def test_whole_frames_show_what_a_square_cuts_off(network: I3D, how: str) -> None:
    """Frames that differ at their sides alone have the same features by the square, and others whole."""
    frames = np.random.default_rng(0).integers(0, 255, (20, 32, 64, 3), dtype=np.uint8)
    other = frames.copy()
    other[:, :, :12], other[:, :, -12:] = 0, 255
    made = {}
    for crops in ("center", "whole"):
        settings = extractor(network, clips=how, crops=crops)
        images = ([SimpleNamespace(image=image) for image in each] for each in (frames, other))
        made[crops] = [np.concatenate([*settings.stream(iter(each))]) for each in images]
    np.testing.assert_array_equal(*made["center"])
    assert not np.allclose(*made["whole"], rtol=0.1)
    assert made["whole"][0].shape == made["center"][0].shape


@pytest.mark.parametrize("at_once", [1, 7])
def test_features_of_a_stream_come_early_and_are_those_of_the_video(network: I3D, tmp_path: Path, at_once: int) -> None:
    video = a_video(tmp_path, 150)
    for how, crops in (("dense", "center"), ("dense", "whole"), ("overlapping", "center")):
        made = extractor(network, clips=how, crops=crops)
        whole, _ = made.extract(video)
        seen, early, pieces = 0, 0, []

        def frames() -> Iterator[Frame]:
            nonlocal seen
            for frame in read_frames(video):
                seen += 1
                yield frame

        for piece in made.stream(frames(), at_once=at_once):
            pieces.append(piece)
            early += len(piece) if seen < 150 else 0
        np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=0, atol=1e-4 * np.abs(whole).max())
        assert early > 0


def test_two_streams_lie_beside_each_other(network: I3D, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    flow = fused(with_statistics(I3D(input_channels=2)))
    video = a_video(tmp_path, 40)
    found, _ = extractor(TwoStream(network, flow), "i3d-two-stream").extract(video)
    np.testing.assert_allclose(found[:, :1024], extractor(network).extract(video)[0], rtol=0, atol=1e-5)
    assert found.shape == (7, 2048)


def test_the_recipe_says_that_features_are_dense_and_makes_them_again(network: I3D) -> None:
    recipe = feature_recipe(extractor(network))
    assert recipe["clips"] == "dense"
    assert settings_like(recipe).changes["clips"] == "dense"
    usual = feature_recipe(extractor(network, clips="overlapping"))
    assert "clips" not in usual  # so that the folders of earlier versions stay what they are
    assert settings_like(usual).changes["clips"] == "overlapping"


def test_several_depths_end_with_the_last_and_the_recipe_makes_them_again(network: I3D, tmp_path: Path) -> None:
    video = a_video(tmp_path, 21)
    deep = extractor(network, depths="several")
    found, last = deep.extract(video)[0], extractor(network).extract(video)[0]
    assert found.shape == (2, 4672)
    np.testing.assert_allclose(found[:, -2048:-1024], last, rtol=0, atol=1e-5 * np.abs(last).max())
    recipe = feature_recipe(deep)
    assert (recipe["depths"], recipe["channels"]) == ("several", 4672)
    assert settings_like(recipe).changes["depths"] == "several"
    assert "depths" not in feature_recipe(extractor(network))


def test_what_cannot_be_dense_is_refused(network: I3D) -> None:
    with pytest.raises(InputError, match=r"multiple of 4 frames .* found 6 and 16"):
        extractor(network, clip_stride=6)
    with pytest.raises(InputError, match="convolves over time, found means"):
        tiny_extractor(clips="dense")
    with pytest.raises(InputError, match="clips: no 'thick'; "):
        extractor(network, clips="thick")
    with pytest.raises(InputError, match="depths: no 'deep'; "):
        extractor(network, depths="deep")
    with pytest.raises(InputError, match="depths several: expected clips dense, found clips overlapping; set both"):
        extractor(network, depths="several", clips="overlapping")
    with pytest.raises(InputError, match=r"depths several: expected i3d-rgb, .* found r2plus1d-tsp"):
        replace(find_backbone("r2plus1d-tsp"), clips="dense", depths="several")
    with pytest.raises(InputError, match="expected crops center or whole, found ten"):
        extractor(network, crops="ten")
    with pytest.raises(InputError, match="crops: no 'centre'; did you mean 'center'"):
        extractor(network, crops="centre")
    with pytest.raises(InputError, match="crops whole: expected a network that convolves over time, found mob"):
        find_backbone("mobilenetv2").whole()
    with pytest.raises(InputError, match=r"crops whole: expected .* one number, .* found 40 and 32"):
        extractor(network, crops="whole", resize=40)
