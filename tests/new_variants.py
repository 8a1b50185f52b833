"""A mixer and a head that the package does not know, and how they are made known to it: entries in its dicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from logotal.inference.offsets import DECODERS
from logotal.model.boundaries import Boundaries
from logotal.model.heads import REGRESSION_HEADS, RegressionHead
from logotal.model.layers import MaskedConv
from logotal.model.mixers import MIXERS, Mixer


class Echo(nn.Module):
    """A mixer that adds what lies around each step, and that stands without a block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.around = MaskedConv(width, width, 3, groups=width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return x + self.around(x, mask)


@dataclass(frozen=True)
class Middle(Boundaries):
    """Half of the segment's length, in strides; the point is its middle. (B, P, 1): not laid out as anybody else's."""

    tensors: ClassVar[tuple[str, ...]] = ("half",)

    half: Tensor

    def offsets(self, batch: Tensor, point: Tensor, label: Tensor) -> Tensor:
        return self.half[batch, point].float().expand(-1, 2)


class MiddleHead(nn.Module):
    """Says half of the length, at most one stride."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = MaskedConv(width, 1, 3)

    def forward(self, center: Sequence[Tensor], boundary: Sequence[Tensor], masks: Sequence[Tensor]) -> Middle:
        answers = [self.conv(x, mask).sigmoid() for x, mask in zip(center, masks, strict=True)]
        return Middle(torch.cat(answers, dim=-1).transpose(1, 2))


def middle_offsets(outputs: Any, sizes: Sequence[int], point: Any, label: Any) -> Any:
    return np.repeat(outputs["half"][0][point].astype(np.float64), 2, axis=1)


ECHO = Mixer(lambda config, place: Echo(config.width), in_block=False)
MIDDLE = RegressionHead(
    lambda config, num_classes: MiddleHead(config.width), Middle, settings=("fusion",), farthest=lambda bins: 1.0
)


def install(setitem: Callable[[Any, Any, Any], None]) -> None:
    """Puts them into the dicts."""
    setitem(MIXERS, "echo", ECHO)
    setitem(REGRESSION_HEADS, "middle", MIDDLE)
    setitem(DECODERS, frozenset({"half"}), middle_offsets)
