"""Frames and flow side by side, from the frames of a video to the features of a folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones import load as backbone_loading
from logotal.backbones.backbone import BACKBONES
from logotal.backbones.preprocess import flow_frames, preprocess
from logotal.data.feature_recipe import read_feature_recipe
from logotal.errors import InputError
from logotal.extraction.clips import clip_batches, number_of_clips
from logotal.extraction.extractor import feature_recipe
from logotal.extraction.folder import Settings, extract_folder, matching_extractor, settings_like
from logotal.video.flow import flow_images
from logotal.video.writer import write_video
from tests.extraction.tiny import TwoMeans, tiny_extractor, two_stream_backbone, two_stream_extractor
from tests.video.test_flow import moving

pytest.importorskip("cv2", reason="needs the extra flow")


def slowly_right(count: int) -> list[np.ndarray]:
    return moving([(index % 20, 0) for index in range(count)], height=32, width=40)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "right.mp4"
    write_video(path, slowly_right(20), fps=25)
    return path


@pytest.fixture
def two_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backbone of two streams that needs no weights."""
    monkeypatch.setitem(BACKBONES, "two-means", two_stream_backbone(build=lambda rgb, flow: TwoMeans()))
    monkeypatch.setattr(backbone_loading, "find_weights", lambda name: Path("none"))


@pytest.mark.parametrize("crops", ["center", "ten"])
@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33, 64, 65])
def test_both_streams_are_what_the_whole_video_gives(count: int, crops: str) -> None:
    """The frames are of the size that they would be resized to."""
    backbone = two_stream_backbone(crops=crops)
    images = slowly_right(count)
    batches = clip_batches(iter(images), backbone, batch_size=3, flow="dis")
    rgb, flow = map(torch.cat, zip(*batches, strict=True))
    flows = flow_frames(torch.from_numpy(np.stack(list(flow_images(images, "dis")))))
    assert len(rgb) == len(flow) == number_of_clips(count, backbone)
    for clip in range(len(rgb)):
        at = [min(index, count - 1) for index in range(4 * clip, 4 * clip + 16)]
        torch.testing.assert_close(rgb[clip], preprocess(np.stack([images[i] for i in at]), backbone))
        torch.testing.assert_close(flow[clip], preprocess(flows[at], backbone))


def test_frames_are_gone_through_once_and_few_are_ahead() -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for index in range(400):
            taken.append(index)
            yield from slowly_right(1)

    batches = clip_batches(frames(), two_stream_backbone(), batch_size=2, flow="dis")
    next(batches)
    assert len(taken) <= 96
    assert sum(len(rgb) for rgb, _ in batches) + 2 == number_of_clips(400, two_stream_backbone())
    assert taken == list(range(400))


def test_flow_is_in_pixels_of_the_resized_frames() -> None:
    """3 pixels to the right in frames twice as large are 1.5 of 20 in [-1, 1]."""
    images = moving([(3 * index, 0) for index in range(4)], height=64, width=80)
    flow_only = two_stream_backbone(streams=("flow",), weights=("means",))
    ((flow,),) = clip_batches(images, flow_only, batch_size=1, flow="dis")
    right, down = flow[0, 0, :, :, 8:-8, 8:-8].flatten(1).median(dim=1).values.tolist()
    assert right == pytest.approx(1.5 / 20, abs=0.01)
    assert down == pytest.approx(0, abs=0.01)


def test_the_first_half_of_the_features_is_what_one_stream_gives(video: Path) -> None:
    one, _ = tiny_extractor().extract(video)
    two, about = two_stream_extractor().extract(video)
    np.testing.assert_allclose(two[:, :48], one, atol=1e-6)
    assert (len(two), about.frames) == (2, 20)
    right, down = two[0, 48:64], two[0, 64:]
    np.testing.assert_allclose(right, 1 / 20, atol=0.03)  # one pixel per frame, but at the border
    np.testing.assert_allclose(down, 0, atol=0.03)


@pytest.mark.parametrize("flow", ["tvl1", "dis"])
def test_the_recipe_says_how_flow_was_computed_where_there_is_any(flow: str) -> None:
    assert feature_recipe(two_stream_extractor(flow=flow))["flow"] == flow
    assert "flow" not in feature_recipe(tiny_extractor())


@pytest.mark.usefixtures("two_means")
def test_a_folder_of_another_flow_is_refused_and_can_be_matched(video: Path, tmp_path: Path) -> None:
    folder = tmp_path / "features"
    (outcome,) = extract_folder([video], folder, Settings("two-means", precision="fp32", flow="dis"))
    assert (outcome.error, outcome.steps) == (None, 2)
    with pytest.raises(InputError, match=r"another recipe \(flow is 'dis', expected 'tvl1'\)"):
        extract_folder([video], folder, Settings("two-means"))

    recipe = read_feature_recipe(folder)
    assert recipe is not None
    assert settings_like(recipe).flow == "dis"
    extractor = matching_extractor(recipe, precision="fp32")
    assert extractor.flow == "dis"
    np.testing.assert_array_equal(extractor.extract(video)[0], np.load(folder / "right.npy"))
    with pytest.raises(InputError, match="flow: no method 'raft'"):
        matching_extractor(recipe | {"flow": "raft"})


@pytest.mark.usefixtures("two_means")
def test_a_missing_extra_is_said_once_and_before_any_video(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[flow\]'"):
        extract_folder([video], tmp_path / "features", Settings("two-means"))
    assert not (tmp_path / "features").exists()
    tiny_extractor().extract(video)  # frames alone need no OpenCV
