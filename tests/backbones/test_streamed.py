"""Law 13: a network along a video, piece by piece in any pieces, gives what it gives of the whole video at once."""

import pytest
import torch
from torch import Tensor, nn

from logotal.backbones.backbone import find_backbone
from logotal.backbones.fusing import fused
from logotal.backbones.i3d import I3D
from logotal.backbones.r2plus1d import R2Plus1D
from logotal.backbones.streamed import Stream, Window
from tests.backbones.networks import with_statistics

TOLERANCE = 1e-5
"""Relative to the largest value: kernels add in another order where a piece has another shape."""


def along(stream: Stream, video: Tensor, sizes: list[int]) -> Tensor:
    """What a stream gives of a video in pieces of those sizes, the last size again and again."""
    made, first = [], 0
    while first < video.shape[2]:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        made.append(stream.push(video[:, :, first : first + size], last=first + size >= video.shape[2]))
        first += size
    return torch.cat([each for each in made if each is not None], dim=2)


def close(found: Tensor, expected: Tensor) -> bool:
    return found.shape == expected.shape and bool((found - expected).abs().max() <= TOLERANCE * expected.abs().max())


@pytest.fixture(scope="module", params=[I3D, R2Plus1D])
def network(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return fused(with_statistics(request.param()))


@torch.inference_mode()
def test_every_output_of_the_whole_video_is_among_those_along_it(network: nn.Module) -> None:
    video = torch.randn(1, 3, 48, 32, 32)
    expected = video
    if isinstance(network, I3D):
        expected = network.last_layer(video)
    else:
        for layer in network.children():
            expected = layer(expected)
    (stream,) = network.streams()  # type: ignore[operator]
    found = along(stream, video, [48])
    step = find_backbone("i3d-rgb" if isinstance(network, I3D) else "r2plus1d-tsp").dense_stride
    assert step is not None
    assert found.shape[2] == 48 // step
    assert close(found[:, :, :: 8 // step], expected)


@pytest.mark.parametrize("frames", [1, 15, 37])
@pytest.mark.parametrize("sizes", [[1], [3], [7, 1, 16]])
@torch.inference_mode()
def test_pieces_of_any_size_give_the_same(network: nn.Module, frames: int, sizes: list[int]) -> None:
    video = torch.randn(1, 3, frames, 32, 32, generator=torch.Generator().manual_seed(frames))
    (whole,), (pieces,) = network.streams(), network.streams()  # type: ignore[operator]
    assert close(along(pieces, video, list(sizes)), along(whole, video, [frames]))


@pytest.fixture(scope="module")
def i3d() -> nn.Module:
    torch.manual_seed(0)
    return fused(with_statistics(I3D()))


@pytest.mark.parametrize("frames", [1, 18, 37])
@torch.inference_mode()
def test_several_depths_are_the_same_in_pieces_of_any_size_and_end_with_the_last(i3d: I3D, frames: int) -> None:
    video = torch.randn(1, 3, frames, 32, 32)
    found = along(i3d.stream("several"), video, [frames])
    assert found.shape == (1, find_backbone("i3d-rgb").deep_channels, -(-frames // 4), 1, 1)
    assert close(along(i3d.stream("several"), video, [5, 1, 16]), found)
    deepest = along(i3d.stream(), video, [frames])
    assert close(found[:, -2048:-1024], deepest.mean((3, 4), keepdim=True))
    assert close(found[:, -1024:], deepest.amax((3, 4), keepdim=True))


@torch.inference_mode()
def test_several_depths_hold_mean_and_maximum_of_the_stages_of_the_whole_video(i3d: I3D) -> None:
    video = torch.randn(1, 3, 48, 64, 64)
    found = along(i3d.stream("several"), video, [48])
    first, middle = (stage_of(i3d, video, name) for name in ("Mixed_3c", "Mixed_4f"))
    means, greatest = (each.unflatten(2, (-1, 2)).mean(3) for each in (first.mean((3, 4)), first.amax((3, 4))))
    stages = torch.cat([means, greatest, middle.mean((3, 4)), middle.amax((3, 4))], dim=1)
    assert close(found[:, :-2048, :, 0, 0], stages)


def stage_of(network: I3D, video: Tensor, name: str) -> Tensor:
    """The output of a layer for the whole video at once."""
    made: list[Tensor] = []
    hook = getattr(network, name).register_forward_hook(lambda module, given, output: made.append(output))
    network.last_layer(video)
    hook.remove()
    return made[0]


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(3, 1, 1), (3, 1, 2), (7, 2, 1), (2, 2, 1), (2, 1, 1), (1, 2, 1)]
)
@pytest.mark.parametrize("length", [1, 2, 9, 10])
def test_a_layer_gives_an_output_per_stride_and_holds_only_what_it_needs(
    kernel: int, stride: int, dilation: int, length: int
) -> None:
    reach = (kernel - 1) * dilation + 1
    layer = Window(
        lambda x: x.unfold(2, reach, stride)[..., ::dilation].sum(-1),
        kernel=kernel,
        stride=stride,
        dilation=dilation,
        before=max(kernel - stride, 0) // 2 * dilation,
    )
    video = torch.arange(1.0, length + 1).view(1, 1, length, 1, 1)
    found = along(layer, video, [1]).flatten().tolist()
    before = max(kernel - stride, 0) // 2 * dilation
    seen = {index: float(index + 1) for index in range(length)}
    starts = range(-before, -before + stride * -(-length // stride), stride)
    assert found == [sum(seen.get(start + k * dilation, 0.0) for k in range(kernel)) for start in starts]
    assert layer.held is not None
    assert layer.held.shape[2] < reach + stride
