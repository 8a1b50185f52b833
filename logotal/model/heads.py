"""Heads: pyramid levels -> class responses, and boundaries that are decoded lazily."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.errors import InputError, did_you_mean
from logotal.model.boundaries import Boundaries, DirectBoundaries, TridentBoundaries, trident_boundaries
from logotal.model.layers import Trunk

Levels = Sequence[Tensor]


def prior_bias(prior: float) -> float:
    """The logit of a probability: the bias that makes every class start with it."""
    return -math.log((1 - prior) / prior)


@dataclass(frozen=True)
class TrunkSize:
    """The size of all trunks of a network: `channels` in, `width` inside."""

    channels: int
    width: int
    layers: int = 3
    kernel: int = 3

    def make(self, out: int, *, kernel: int | None = None) -> Trunk:
        """A trunk with `out` channels out, perhaps with another kernel."""
        kernel = self.kernel if kernel is None else kernel
        return Trunk(self.channels, self.width, out, layers=self.layers, kernel=kernel)


def trunk_size(config: ModelConfig) -> TrunkSize:
    """The size of the trunks that a configuration describes."""
    width = max(round(config.head_width * config.head_factor), 1)
    return TrunkSize(config.width, width, layers=config.head_layers, kernel=config.head_kernel)


class ClassificationHead(nn.Module):
    """Three convolutions shared by all levels; every class starts with the score `prior`."""

    def __init__(self, size: TrunkSize, num_classes: int, *, prior: float = 0.01) -> None:
        super().__init__()
        self.trunk = size.make(num_classes)
        _fill_bias(self.trunk, prior_bias(prior))

    def forward(self, levels: Levels, masks: Levels) -> Tensor:
        """Levels of (B, C, T_l) -> logits (B, K, P); 0 at padding, where the mask rules them out."""
        return torch.cat(self.trunk(levels, masks), dim=-1)


class LightHead(nn.Module):
    """ActionFormer's regression head: distances to start and end, by a scale per level and a ReLU."""

    def __init__(self, size: TrunkSize, *, levels: int) -> None:
        super().__init__()
        self.trunk = size.make(2)
        # Distances start near one stride. From the usual bias of 0 every unit of the ReLU can be dead within an epoch,
        # and a tIoU of 0 has no gradient that would revive it.
        _fill_bias(self.trunk, 1.0)
        self.scale = nn.Parameter(torch.ones(levels))

    def forward(self, center: Levels, boundary: Levels, masks: Levels) -> Boundaries:
        """Levels of (B, C, T_l) -> boundaries; `boundary` is not needed."""
        del boundary
        distances = [F.relu(x * scale) for x, scale in zip(self.trunk(center, masks), self.scale, strict=True)]
        return DirectBoundaries(torch.cat(distances, dim=-1))


class TridentHead(nn.Module):
    """TriDet's regression head: start and end responses per class, and center offsets over bins.

    With the fused pyramid as `center` levels it is the paper's CLFF head.

    Args:
        size: of the three trunks.
        num_classes: K, with start and end responses of each.
        levels: of the pyramid.
        bins: farthest distance, in strides.
        kernel: of the start and end branches; that of `size` if absent.
        prior: score with which start and end responses begin.
        normal: draws the weights of the start and end branches from N(0, 0.1).
    """

    def __init__(
        self,
        size: TrunkSize,
        num_classes: int,
        *,
        levels: int,
        bins: int,
        kernel: int | None = None,
        prior: float = 0.01,
        normal: bool = False,
    ) -> None:
        super().__init__()
        self.start = size.make(num_classes, kernel=kernel)
        self.end = size.make(num_classes, kernel=kernel)
        self.center = size.make(2 * (bins + 1))
        self.scale = nn.Parameter(torch.ones(levels))
        for branch in (self.start, self.end):
            if normal:
                for module in branch.modules():
                    if isinstance(module, nn.Conv1d):
                        nn.init.normal_(module.weight, std=0.1)
            _fill_bias(branch, prior_bias(prior))

    def forward(self, center: Levels, boundary: Levels, masks: Levels) -> Boundaries:
        """Levels of (B, C, T_l) for the center-offset branch and for the start and end branches -> boundaries."""
        offsets = [F.relu(x * scale) for x, scale in zip(self.center(center, masks), self.scale, strict=True)]
        boundary = [level.detach() for level in boundary]  # start and end do not move the pyramid, as in TriDet's code
        return trident_boundaries(self.start(boundary, masks), self.end(boundary, masks), offsets)


def _fill_bias(trunk: Trunk, value: float) -> None:
    assert trunk.last.conv.bias is not None
    nn.init.constant_(trunk.last.conv.bias, value)


@dataclass(frozen=True)
class RegressionHead:
    """How a regression head is made, and what follows from it.

    Attributes:
        build: the head for a number of classes, from the settings that are its own. What it makes takes levels for the
            center branch, levels for the boundary branches, and masks.
        boundaries: what that gives.
        settings: its own, by their names in the section `model`, besides those of all heads; with `fusion` among them,
            the center branch reads fused levels (`logotal.model.fusion`).
        farthest: with a number of bins, the distance in strides that it can express on either side of a point.
        looks: with a number of bins, how many strides beside a point it reads what the points there answer.
    """

    build: Callable[[ModelConfig, int], nn.Module]
    boundaries: type[Boundaries]
    settings: tuple[str, ...] = ()
    farthest: Callable[[int], float] = lambda bins: math.inf
    looks: Callable[[int], int] = lambda bins: 0

    @property
    def reads_fused(self) -> bool:
        """Whether the center branch reads fused levels."""
        return "fusion" in self.settings

    def longest_action(self, *, bins: int, stride: int) -> float:
        """Grid steps of the longest segment that it can express where the last level has `stride`."""
        return 2.0 * self.farthest(bins) * stride

    def grows_with(self, bins: int) -> bool:
        """Whether more than these bins would express longer actions."""
        return self.farthest(2 * bins) > self.farthest(bins)


def _light(config: ModelConfig, num_classes: int) -> nn.Module:
    del num_classes
    return LightHead(trunk_size(config), levels=config.levels)


def _trident(config: ModelConfig, num_classes: int) -> nn.Module:
    return TridentHead(
        trunk_size(config),
        num_classes,
        levels=config.levels,
        bins=config.bins,
        kernel=config.boundary_kernel,
        prior=config.prior,
        normal=config.boundary_init == "normal",
    )


LIGHT = RegressionHead(_light, DirectBoundaries)
TRIDENT = RegressionHead(
    _trident,
    TridentBoundaries,
    settings=("bins", "boundary_kernel", "boundary_init"),
    farthest=float,
    looks=lambda bins: bins,
)


def _fused(head: RegressionHead) -> RegressionHead:
    return replace(head, settings=(*head.settings, "fusion"))


REGRESSION_HEADS: dict[str, RegressionHead] = {
    "light": LIGHT,
    "trident": TRIDENT,
    "clff": _fused(TRIDENT),
    "clff-light": _fused(LIGHT),
}


def find_head(name: str) -> RegressionHead:
    """The description of a regression head.

    Raises:
        InputError: there is none of that name.
    """
    if name not in REGRESSION_HEADS:
        raise InputError(f"model.head: no {name!r}; {did_you_mean(name, REGRESSION_HEADS)}")
    return REGRESSION_HEADS[name]
