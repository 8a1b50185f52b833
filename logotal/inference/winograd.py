"""Convolutions of width 3 with half of the products, where only answers count (Winograd, 1980; Lavin and Gray, 2016).

A convolution is a product of polynomials. Four steps of it follow from six products instead of twelve: those of the
values that inputs and weights take at five points and at infinity. Sums alone make the values, and sums alone make the
four steps of the six products. Products are what a CPU's time goes into.
"""

import copy
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from torch import Tensor, nn

from logotal.model.detector import Detector
from logotal.model.layers import CHANNELS, Conv, Features

Matrix = NDArray[np.float64]

POINTS = (0.0, 0.5**0.5, -(0.5**0.5), 2**0.5, -(2**0.5))
"""About the five with which fp32 errs least: (0, 1, -1, 2, -2) errs one and a half times as much."""


def transforms(points: Sequence[float]) -> tuple[Matrix, Matrix, Matrix]:
    """The matrices D (n, n), W (n, 3) and Y (n - 2, n) of a convolution by its values at n - 1 points and at infinity.

    For n inputs d and weights w, y = Y ((W w) * (D d)) is y_t = w_0 d_t + w_1 d_{t+1} + w_2 d_{t+2}.
    """
    finite = np.array(points)
    steps = len(finite) - 1
    others = [Polynomial.fromroots(np.delete(finite, index)) for index in range(len(finite))]
    inputs = [np.append(polynomial.coef, 0.0) for polynomial in others] + [Polynomial.fromroots(finite).coef]
    scale = np.array([polynomial(point) for polynomial, point in zip(others, finite, strict=True)])
    weights = np.vander(finite, 3, increasing=True) / scale[:, None]
    outputs = np.vander(finite, steps, increasing=True)
    return np.stack(inputs), np.vstack([weights, np.eye(3)[-1]]), np.vstack([outputs, np.eye(steps)[-1]]).T


class WinogradConv(nn.Module):
    """What a `Conv` of width 3 and stride 1 gives, in its place; its weights are transformed once."""

    inputs: Tensor
    weight: Tensor
    outputs: Tensor

    def __init__(self, conv: Conv) -> None:
        super().__init__()
        self.kernel_size, self.padding, self.bias = conv.kernel_size, conv.padding, conv.bias
        inputs, weights, outputs = (torch.from_numpy(matrix).to(conv.weight.device) for matrix in transforms(POINTS))
        parts = torch.split(conv.weight.detach(), CHANNELS, dim=1)
        transformed = [torch.einsum("nk,ock->nco", weights, part.double()).to(part.dtype) for part in parts]
        self.register_buffer("inputs", inputs.to(conv.weight.dtype))
        self.register_buffer("weight", torch.cat(transformed, dim=1))
        self.register_buffer("outputs", outputs.to(conv.weight.dtype))

    def forward(self, x: Features) -> Tensor:
        """(B, C, T) -> (B, out, T), in memory as (B, T, out)."""
        B, _, T = x.shape
        steps, _ = self.outputs.shape
        groups = -(-T // steps)
        answers = x.new_empty(B, groups, steps, self.weight.shape[2])
        for first in range(0, groups, GROUPS):
            some = min(GROUPS, groups - first)
            start, behind = first * steps - 1, (first + some + 1) * steps - 1
            given = F.pad(x.mT[:, max(start, 0) : behind], (0, 0, max(-start, 0), max(behind - T, 0)))
            answers[:, first : first + some] = self._answers(given.reshape(B, some + 1, steps, -1))
        row = answers.flatten(1, 2)[:, :T]
        return (row if self.bias is None else row + self.bias).mT

    def _answers(self, given: Float[Tensor, "B more steps C"]) -> Float[Tensor, "B groups steps out"]:
        """Of each group but the last, whose first two steps the one before it sees."""
        steps, n = self.outputs.shape
        B, more, _, _ = given.shape
        products: Tensor | None = None
        parts = torch.split(given, CHANNELS, dim=3), torch.split(self.weight, CHANNELS, dim=1)
        for part, weight in zip(*parts, strict=True):
            seen = torch.stack([*part[:, :-1].unbind(2), *part[:, 1:].unbind(2)[:2]])
            values = (self.inputs @ seen.flatten(1)).view(n, B * (more - 1), -1)
            products = values @ weight if products is None else products.baddbmm_(values, weight)
        assert products is not None
        return (self.outputs @ products.flatten(1)).view(steps, B, more - 1, -1).permute(1, 2, 0, 3)


GROUPS = 384
"""Of so many groups of steps at a time are the values held, so that they stay in the processor's cache."""

LEAST_CHANNELS = 512
"""Channels in and out from which the sums cost clearly less than the products that they save."""


def with_fewer_products(detector: Detector, *, least_channels: int = LEAST_CHANNELS) -> Detector:
    """The network with its wide convolutions of width 3 in Winograd's form; all else it shares with the original."""
    made = copy.deepcopy(detector, {id(parameter): parameter for parameter in detector.parameters()})
    for name, module in list(made.named_modules()):
        if not isinstance(module, Conv) or (module.kernel_size, module.stride, module.groups) != ((3,), (1,), 1):
            continue
        if min(module.in_channels, module.out_channels) >= least_channels:
            made.set_submodule(name, WinogradConv(module))
    return made
