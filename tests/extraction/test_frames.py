"""Features of single frames: only those that are asked for, whatever the batch, with or without differences."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.backbone import DIFFERENCES, find_backbone
from logotal.backbones.images import PerFrame
from logotal.backbones.load import LoadedBackbone
from logotal.backbones.mobilenet import MobileNetV2
from logotal.backbones.preprocess import preprocess, resize
from logotal.data.feature_recipe import read_feature_recipe, write_feature_recipe
from logotal.errors import InputError
from logotal.extraction.clips import clip_batches, number_of_clips, without_gaps
from logotal.extraction.differences import with_differences
from logotal.extraction.extractor import Extractor, feature_recipe
from logotal.extraction.folder import settings_like
from logotal.video.picture import Painter
from logotal.video.reader import read_frames
from logotal.video.writer import write_video
from tests.backbones.networks import with_statistics
from tests.extraction.test_clips import frames
from tests.extraction.tiny import tiny_backbone, two_stream_backbone

FRAMES = 150


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    write_video(path, np.random.default_rng(0).integers(0, 255, (FRAMES, 48, 64, 3), dtype=np.uint8), fps=30)
    return path


@pytest.fixture(scope="module")
def network() -> PerFrame:
    torch.manual_seed(0)
    return PerFrame(with_statistics(MobileNetV2()), MobileNetV2.channels)


def extractor(network: PerFrame, batch_size: int = 8, **changes: object) -> Extractor:
    settings = {"resize": (32, 32), "crop_size": 32} | changes
    backbone = replace(find_backbone("mobilenetv2"), **settings)  # type: ignore[arg-type]
    return Extractor(LoadedBackbone(backbone, network, "a hash"), batch_size=batch_size)


def test_a_feature_is_that_of_each_fourth_frame(network: PerFrame, video: Path) -> None:
    found, about = extractor(network).extract(video)
    backbone = replace(find_backbone("mobilenetv2"), resize=(32, 32), crop_size=32)
    images = np.stack([frame.image for frame in read_frames(video)])[::4]
    expected = network.features(preprocess(images, backbone)[0].transpose(0, 1)[:, :, None])

    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5, rtol=1e-4)
    assert (found.shape, about.frames, about.duration) == ((38, 1280), FRAMES, 5.0)


@pytest.mark.parametrize("differences", ["none", "both"])
def test_one_frame_at_a_time_64_and_the_whole_video_give_the_same(
    network: PerFrame, video: Path, differences: str
) -> None:
    one, many, whole = (
        extractor(network, size, clip_stride=2, differences=differences).extract(video)[0] for size in (1, 64, FRAMES)
    )
    np.testing.assert_allclose(one, whole, rtol=0, atol=1e-5 * np.abs(whole).max())
    np.testing.assert_allclose(many, whole, rtol=0, atol=1e-5 * np.abs(whole).max())


@pytest.mark.parametrize(("stride", "clip_frames", "painted"), [(4, 1, 38), (10, 3, 45), (2, 4, FRAMES)])
def test_frames_that_no_clip_holds_are_not_looked_at(
    network: PerFrame, video: Path, monkeypatch: pytest.MonkeyPatch, *, stride: int, clip_frames: int, painted: int
) -> None:
    seen = []
    paint = Painter.rgb
    monkeypatch.setattr(Painter, "rgb", lambda self, frame: seen.append(frame) or paint(self, frame))
    extractor(network, clip_stride=stride, clip_frames=clip_frames).extract(video)

    assert len(seen) == painted


def test_a_frame_rate_of_its_own_makes_another_grid(network: PerFrame, video: Path) -> None:
    found, about = extractor(network, fps=10.0, clip_stride=1).extract(video)
    each, _ = extractor(network, clip_stride=3).extract(video)

    np.testing.assert_array_equal(found, each)
    assert (about.fps, about.frames) == (10.0, 50)


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("stride", [1, 5, 6, 23])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 24, 28, 47])
def test_leaving_out_what_lies_between_clips_changes_no_clip(count: int, stride: int, length: int) -> None:
    backbone = tiny_backbone(clip_stride=stride, clip_frames=length)
    images = frames(count)
    kept, dense = without_gaps(images, backbone)
    found, expected = (
        torch.cat([clips for (clips,) in clip_batches(each, one, batch_size=3)])
        for each, one in ((kept, dense), (images, backbone))
    )
    assert len(found) == number_of_clips(count, backbone)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_flow_needs_the_frames_between_clips() -> None:
    images = frames(9)
    assert without_gaps(images, two_stream_backbone(clip_stride=40))[0] is images


@pytest.mark.parametrize("which", DIFFERENCES)
def test_differences_are_those_of_the_loop_over_steps(which: str) -> None:
    features = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    last = len(features) - 1
    expected = []
    for step, feature in enumerate(features):
        parts = [feature]
        if which in ("before", "both"):
            parts.append(feature - features[max(step - 1, 0)])
        if which in ("after", "both"):
            parts.append(features[min(step + 1, last)] - feature)
        expected.append(np.concatenate(parts))

    for sizes in ([7], [1, 0, 2, 4], [0, 1, 1, 1, 1, 1, 1, 1], [3, 4, 0]):
        pieces = np.split(features, np.cumsum(sizes)[:-1])
        made = np.concatenate(list(with_differences(pieces, which)))
        np.testing.assert_array_equal(made, np.stack(expected))
        assert made.dtype == np.float32
    (alone,) = [piece for piece in with_differences([features[:1]], which) if len(piece)]
    assert alone.shape == (1, 3 * (1 + len(DIFFERENCES[which])))


@pytest.mark.parametrize("differences", DIFFERENCES)
def test_the_recipe_says_all_of_it_and_makes_it_again(
    network: PerFrame, video: Path, tmp_path: Path, differences: str
) -> None:
    made = extractor(network, differences=differences, fps=15.0, clip_stride=3)
    features, _ = made.extract(video)
    write_feature_recipe(tmp_path, feature_recipe(made))
    recipe = read_feature_recipe(tmp_path)
    assert recipe is not None
    like = settings_like(recipe)
    again = extractor(network, **like.changes)

    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["channels"] == features.shape[1] == 1280 * (1 + len(DIFFERENCES[differences]))
    assert recipe["rounded"] is True
    assert like.backbone == "mobilenetv2"
    assert feature_recipe(again) == recipe
    np.testing.assert_array_equal(again.extract(video)[0], features)


def test_a_difference_that_is_none_is_refused(network: PerFrame) -> None:
    with pytest.raises(InputError, match="differences: no 'behind'; "):
        extractor(network, differences="behind")


def test_a_crop_that_the_frames_do_not_hold_is_refused(network: PerFrame) -> None:
    with pytest.raises(InputError, match=r"found a crop size of 224 and frames resized to \(160, 160\); set both"):
        replace(find_backbone("mobilenetv2"), crop_size=224)


def test_rounded_frames_are_the_others_to_half_a_value() -> None:
    images = torch.from_numpy(np.stack(frames(3))).permute(0, 3, 1, 2)
    exact, rounded = (resize(images, (20, 25), antialias=True, rounded=each) for each in (False, True))

    assert torch.equal(rounded, rounded.round())
    torch.testing.assert_close(rounded, exact, rtol=0, atol=1)  # PyTorch rounds after each of the two axes
    assert (rounded - exact).abs().mean() < 0.4
