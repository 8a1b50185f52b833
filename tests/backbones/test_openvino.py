"""What OpenVINO computes of our networks: the features that torch computes, for any number of clips."""

import pytest
import torch
from torch import Tensor, nn

from logotal.backbones.fusing import fused
from logotal.backbones.i3d import I3D, TwoStream
from logotal.backbones.images import PerFrame
from logotal.backbones.mobilenet import MobileNetV2
from logotal.backbones.openvino import OpenVinoNetwork
from logotal.backbones.r2plus1d import R2Plus1D
from tests.backbones.networks import with_statistics

NETWORKS = {
    "two streams": (lambda: TwoStream(I3D(3), I3D(2)), [(3, 8, 32, 32), (2, 8, 32, 32)]),
    "r2plus1d": (R2Plus1D, [(3, 8, 32, 32)]),
    "mobilenet of one frame": (lambda: PerFrame(MobileNetV2(), MobileNetV2.channels), [(3, 1, 64, 64)]),
    "mobilenet of three frames": (lambda: PerFrame(MobileNetV2(), MobileNetV2.channels), [(3, 3, 32, 32)]),
}


def clips(sizes: list[tuple[int, ...]], count: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(count)
    return [torch.rand(count, *size, generator=generator) * 2 - 1 for size in sizes]


@pytest.mark.parametrize("name", NETWORKS)
@torch.inference_mode()
def test_features_are_those_of_torch_for_any_number_of_clips_and_torch_goes_on_as_before(name: str) -> None:
    build, sizes = NETWORKS[name]
    network = fused(with_statistics(build()))
    faster = OpenVinoNetwork(network, "fp32")
    for count in (3, 1, 5):
        given = clips(sizes, count)
        expected = network.features(*given)  # type: ignore[operator]
        torch.testing.assert_close(faster.features(*given), expected, rtol=1e-3, atol=1e-4)
        assert torch.equal(network.features(*given), expected)  # type: ignore[operator]
    assert len(faster.compiled) == 1


class Small(nn.Module):
    """One convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv3d(3, 4, 3)

    def features(self, given: Tensor) -> Tensor:
        return torch.as_tensor(self.convolution(given).mean(dim=(2, 3, 4)))


@torch.inference_mode()
def test_clips_of_another_size_have_their_own_features() -> None:
    network = Small()
    faster = OpenVinoNetwork(network, "fp32")
    for size in ((3, 4, 32, 32), (3, 8, 32, 40)):
        given = clips([size], 2)
        torch.testing.assert_close(faster.features(*given), network.features(*given), rtol=1e-3, atol=1e-4)
    assert len(faster.compiled) == 2
