"""R(2+1)D-34 (Tran et al. 2018) as TSP trains it: every 3D kernel is a spatial and a temporal one.

The modules are named as in torchvision's VideoResNet, and so as in the checkpoints of TSP (under `features.`). Two
things differ from torchvision's R(2+1)D-18: the width between the two kernels follows from the channels of that very
convolution, where torchvision takes those of its block, and normalizations have eps 1e-3.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from logotal.backbones.state import load_strictly, read_state, without_prefix
from logotal.backbones.streamed import Chain, Join, Layer, Stream, Window

LAYERS = {"layer1": (64, 3), "layer2": (128, 4), "layer3": (256, 6), "layer4": (512, 3)}
"""Channels and number of blocks."""

HEADS = ("fc", "fc1", "fc2")
"""Classifiers of the published checkpoints, which features do not need."""


def middle_width(inputs: int, outputs: int) -> int:
    """Channels between the spatial and the temporal kernel: as many weights as the 3x3x3 kernel has.

    >>> middle_width(64, 64), middle_width(64, 128)
    (144, 230)
    """
    return (27 * inputs * outputs) // (9 * inputs + 3 * outputs)


def _normalization(channels: int) -> nn.BatchNorm3d:
    return nn.BatchNorm3d(channels, eps=1e-3)


class FactoredConvolution(nn.Sequential):
    """1x3x3, normalization, ReLU, 3x1x1."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        middle = middle_width(inputs, outputs)
        super().__init__(
            nn.Conv3d(inputs, middle, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False),
            _normalization(middle),
            nn.ReLU(inplace=True),
            nn.Conv3d(middle, outputs, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False),
        )


def _parts(layers: nn.Module) -> Iterator[Stream | Layer]:
    """Layers, also those of sequences in sequences, as parts of a stream."""
    for layer in layers.children():
        if isinstance(layer, nn.Sequential):
            yield from _parts(layer)
        else:
            yield _along_time(layer) if isinstance(layer, nn.Conv3d) else layer


def _along_time(conv: nn.Conv3d) -> Stream:
    kernel, stride = conv.kernel_size[0], conv.stride[0]
    assert not isinstance(conv.padding, str)
    before, *space = conv.padding
    if kernel == stride == 1:
        return Chain(conv)

    def layer(x: Tensor) -> Tensor:
        return F.conv3d(x, conv.weight, conv.bias, conv.stride, (0, *space))

    return Window(layer, kernel=kernel, stride=stride, before=before)


class Block(nn.Module):
    """Two factored convolutions around which the input is carried, projected where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            FactoredConvolution(inputs, outputs, stride), _normalization(outputs), nn.ReLU(inplace=True)
        )
        self.conv2 = nn.Sequential(FactoredConvolution(outputs, outputs), _normalization(outputs))
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv3d(inputs, outputs, 1, stride, bias=False), _normalization(outputs))

    def stream(self) -> Stream:
        """The same along a video."""
        changed = Chain(*_parts(self.conv1), *_parts(self.conv2))
        carried = Chain() if self.downsample is None else Chain(*_parts(self.downsample))
        return Chain(Join([changed, carried], lambda both: both[0] + both[1]), self.relu)

    def forward(self, x: Float[Tensor, "B C T H W"]) -> Float[Tensor, "B outputs T_out H_out W_out"]:
        """Both paths added, then ReLU."""
        carried = x if self.downsample is None else self.downsample(x)
        changed: Tensor = self.relu(self.conv2(self.conv1(x)) + carried)
        return changed


class R2Plus1D(nn.Module):
    """R(2+1)D-34: normalized RGB clips (B, 3, T, 112, 112) to features (B, 512)."""

    channels = 512
    input_channels = 3

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(3, 45, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False),
            _normalization(45),
            nn.ReLU(inplace=True),
            nn.Conv3d(45, 64, (3, 1, 1), 1, (1, 0, 0), bias=False),
            _normalization(64),
            nn.ReLU(inplace=True),
        )
        inputs = 64
        for name, (outputs, blocks) in LAYERS.items():
            stride = 1 if inputs == outputs else 2
            first = Block(inputs, outputs, stride)
            self.add_module(name, nn.Sequential(first, *(Block(outputs, outputs) for _ in range(1, blocks))))
            inputs = outputs

    def streams(self) -> list[Stream]:
        """The network along a video: frames (B, 3, T, H, W), piece by piece, to (B, 512, T8, H16, W16)."""
        blocks = [block for name in LAYERS for block in self.get_submodule(name).children()]
        return [Chain(*_parts(self.stem), *(block.stream() for block in blocks if isinstance(block, Block)))]

    def features(self, clips: Float[Tensor, "B 3 T H W"]) -> Float[Tensor, "B 512"]:
        """Mean over time and space of the last layer, which divides time by 8 and space by 16."""
        x = clips
        for layer in self.children():
            x = layer(x)
        return x.mean(dim=(2, 3, 4))


def load_r2plus1d(path: Path | None) -> R2Plus1D:
    """R(2+1)D-34 with the weights in a file, or random ones, in evaluation mode.

    Accepts the checkpoints of TSP (`model`, keys under `features.`, heads `fc`, `fc1`, `fc2`), state dicts of the
    same network as VideoResNet (the IG-65M ones), and what was saved from `R2Plus1D`.

    Raises:
        InputError: the file is not as expected; a missing, unexpected or misshapen key is named.
    """
    if path is None:
        return R2Plus1D().eval()
    with torch.device("meta"):  # shapes only: the weights come from the file
        network = R2Plus1D()
    heads = {f"{head}.{leaf}" for head in HEADS for leaf in ("weight", "bias")}
    state = {key: value for key, value in read_state(path).items() if key not in heads}
    load_strictly(network, without_prefix(state, "features."), f"{path}: not R(2+1)D-34")
    return network.eval()
