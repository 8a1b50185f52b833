"""MobileNetV2 (Sandler et al. 2018) of width 1: an image network for small processors.

The modules are named as in torchvision's state dict, `features.` taken off and without its classifier.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.backbones.images import PerFrame
from logotal.backbones.state import load_strictly, read_state, without_prefix

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Table 2 of the paper: expansion t, channels c, number of blocks n, stride s of the first of them."""

HEAD = ("classifier.1.weight", "classifier.1.bias")
"""The classifier of ImageNet, which features do not need."""


def _convolution(inputs: int, outputs: int, *, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """Channels are expanded, filtered each by itself, and projected; the input is added where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, *, expansion: int, stride: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.added = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            *([] if expansion == 1 else [_convolution(inputs, hidden)]),
            _convolution(hidden, hidden, kernel=3, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N outputs H_out W_out"]:
        """Both sides are divided by the stride, rounded up."""
        made: Tensor = self.conv(x)
        return x + made if self.added else made


class MobileNetV2(nn.Sequential):
    """Normalized images (N, 3, H, W) to the last layer, (N, 1280, H / 32, W / 32)."""

    channels = 1280

    def __init__(self) -> None:
        layers: list[nn.Module] = [_convolution(3, 32, kernel=3, stride=2)]
        inputs = 32
        for expansion, outputs, blocks, stride in STAGES:
            for block in range(blocks):
                first = stride if block == 0 else 1
                layers.append(InvertedResidual(inputs, outputs, expansion=expansion, stride=first))
                inputs = outputs
        super().__init__(*layers, _convolution(inputs, self.channels))


def load_mobilenet(path: Path | None) -> PerFrame:
    """MobileNetV2 with the weights in a file, or random ones, in evaluation mode.

    Raises:
        InputError: the file is not as expected; a missing, unexpected or misshapen key is named.
    """
    network = MobileNetV2() if path is None else from_torchvision(read_state(path), path)
    return PerFrame(network, MobileNetV2.channels).eval()


def from_torchvision(state: Mapping[str, Tensor], path: Path | str) -> MobileNetV2:
    """The network with the weights of a state dict, which came from `path`; its classifier is left out."""
    with torch.device("meta"):  # shapes only: the weights come from the file
        network = MobileNetV2()
    state = {key: value for key, value in state.items() if key not in HEAD}
    load_strictly(network, without_prefix(state, "features."), f"{path}: not MobileNetV2")
    return network
