import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.backbones.backbone import BACKBONES, find_backbone
from logotal.backbones.preprocess import center_crop, flow_frames, preprocess, resize, ten_crops
from tests.accelerator import META, Accelerator

I3D, TSP = BACKBONES["i3d-rgb"], BACKBONES["r2plus1d-tsp"]


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_frames_of_the_fields_size_are_cropped_where_the_field_crops_them():
    """340 x 256 frames: [16:240, 58:282], the two left and right corners, and the same mirrored, in [-1, 1]."""
    frames = noise(2, 256, 340, 3)
    values = (frames.numpy().astype(np.float64) * 2 / 255 - 1).transpose(3, 0, 1, 2)
    five = [
        values[:, :, 16:240, 58:282],
        values[:, :, :224, :224],
        values[:, :, :224, -224:],
        values[:, :, -224:, :224],
        values[:, :, -224:, -224:],
    ]
    expected = np.stack(five + [crop[..., ::-1] for crop in five])

    np.testing.assert_allclose(preprocess(frames, dataclasses.replace(I3D, crops="ten")), expected, atol=1e-6)
    np.testing.assert_allclose(preprocess(frames, I3D), expected[:1], atol=1e-6)


def test_tsp_normalizes_every_channel_by_its_own_mean_and_spread():
    frames = torch.tensor([0, 100, 255], dtype=torch.uint8).expand(16, 240, 320, 3)
    result = preprocess(frames, TSP)

    assert result.shape == (1, 3, 16, 112, 112)
    for channel, (value, mean, std) in enumerate(
        zip((0, 100 / 255, 1), (0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989), strict=True)
    ):
        torch.testing.assert_close(result[0, channel], torch.full((16, 112, 112), (value - mean) / std))


def test_tsp_resizes_without_smoothing_and_crops_at_column_30():
    """Bilinear at the centers of pixels: column x of 171 lies at (x + 0.5) · 342 / 171 - 0.5 in a frame of 342."""
    ramp = torch.arange(342.0).expand(1, 128, 342)[..., None].expand(1, 128, 342, 3)
    plain = dataclasses.replace(TSP, mean=(0.0,), std=(1 / 255,))
    columns = preprocess(ramp, plain)[0, 0, 0, 0]

    torch.testing.assert_close(columns, (torch.arange(30, 142) + 0.5) * 2 - 0.5, rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("height", "width", "to", "expected"),
    [
        (240, 320, 256, (256, 341)),
        (320, 240, 256, (341, 256)),
        (256, 256, 256, (256, 256)),
        (1080, 1920, (256, 340), (256, 340)),
        (1, 1, (3, 5), (3, 5)),
    ],
)
def test_an_integer_is_the_shorter_side_and_a_pair_is_exact(height, width, to, expected):
    resized = resize(torch.full((1, 3, height, width), 7, dtype=torch.uint8), to, antialias=True)

    assert resized.shape[2:] == expected
    torch.testing.assert_close(resized, torch.full_like(resized, 7))


def test_frames_of_the_right_size_are_not_touched():
    images = noise(2, 3, 128, 171)

    assert torch.equal(resize(images, (128, 171), antialias=False), images.float())


def test_the_ten_crops_of_a_frame_as_large_as_the_crop_are_itself_and_its_mirror():
    images = noise(1, 3, 8, 8).float()
    crops = ten_crops(images, 8)

    assert all(torch.equal(crop, images) for crop in crops[:5])
    assert all(torch.equal(crop, images.flip(-1)) for crop in crops[5:])


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_the_center_is_as_far_from_both_ends_as_it_can_be(more_height: int, more_width: int, size: int):
    height, width = size + more_height, size + more_width
    images = torch.arange(height * width).float().view(1, 1, height, width)
    crop = center_crop(images, size)[0, 0, 0]
    top, left = divmod(int(crop[0, 0]), width)

    assert crop.shape == (size, size)
    assert abs(top - (more_height - top)) <= 1
    assert abs(left - (more_width - left)) <= 1


def test_preparing_a_stretch_and_cutting_clips_is_cutting_and_preparing():
    frames = noise(6, 100, 90, 3)
    whole = preprocess(frames, dataclasses.replace(I3D, crops="ten"))

    torch.testing.assert_close(whole[:, :, 2:5], preprocess(frames[2:5], dataclasses.replace(I3D, crops="ten")))


def test_frames_that_may_not_be_written_are_read_all_the_same():
    frames = np.zeros((2, 256, 340, 3), np.uint8)
    frames.flags.writeable = False

    assert preprocess(frames, I3D).unique().tolist() == [-1]


def test_flow_has_two_channels():
    ten = dataclasses.replace(BACKBONES["i3d-flow"], crops="ten")
    assert preprocess(noise(3, 240, 320, 2), ten).shape == (10, 2, 3, 224, 224)


def test_flow_is_cut_at_twenty_pixels_and_standing_still_is_128():
    flow = torch.tensor([-100.0, -20.0, -10.0, 0.0, 10.0, 20.0, 100.0]).view(-1, 1, 1, 1).expand(-1, 1, 1, 2)

    assert flow_frames(flow)[:, 0, 0, 1].tolist() == [0, 0, 64, 128, 191, 255, 255]


@pytest.mark.parametrize("shape", [(0, 4, 4, 3), (2, 3, 4, 4), (2, 4, 4, 4), (4, 4, 3)], ids=str)
def test_frames_of_another_shape_are_refused(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"frames must be \(T, H, W, 3\)"):
        preprocess(torch.zeros(shape, dtype=torch.uint8), I3D)


@pytest.mark.parametrize(("height", "width", "shape"), [(256, 340, (224, 297)), (480, 270, (398, 224))])
def test_a_whole_frame_keeps_its_proportions(height: int, width: int, shape: tuple[int, int]):
    frames = noise(2, height, width, 3)
    made = preprocess(frames, I3D.whole())
    assert made.shape == (1, 3, 2, *shape)
    resized = resize(frames.permute(0, 3, 1, 2), 224, antialias=True) * 2 / 255 - 1
    torch.testing.assert_close(made[0].transpose(0, 1), resized)
    assert (I3D.whole().seeing(112).resize, I3D.whole().seeing(112).crop_size) == (112, 112)


@pytest.mark.parametrize("antialias", [True, False])
def test_rounding_after_the_resize_as_gpus_do_differs_by_one_step_at_most(antialias: bool):
    images = noise(2, 3, 90, 120)
    on_cpu = resize(images, (40, 50), antialias=antialias, rounded=True)
    afterwards = resize(images, (40, 50), antialias=antialias).round()

    assert (on_cpu - afterwards).abs().max() <= 1
    assert (on_cpu != afterwards).float().mean() < 0.3


@pytest.mark.parametrize("crops", ["center", "ten"])
@pytest.mark.parametrize("name", ["i3d-rgb", "r2plus1d-tsp", "mobilenetv2"])
def test_frames_on_a_device_are_prepared_there(name: str, crops: str):
    backbone, images = dataclasses.replace(find_backbone(name), crops=crops), noise(3, 200, 180, 3)
    with Accelerator() as device:
        made = preprocess(images.to(META), backbone)

    assert (made.device, device.to_host) == (META, 0)
    assert (made.shape, made.dtype) == (preprocess(images, backbone).shape, torch.float32)
