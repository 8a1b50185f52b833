"""Heads: pyramid levels -> class responses, and boundaries that are decoded lazily."""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.model.boundaries import Boundaries, DirectBoundaries, trident_boundaries
from logotal.model.layers import Trunk

Levels = Sequence[Tensor]


def prior_bias(prior: float) -> float:
    """The logit of a probability: the bias that makes every class start with it."""
    return -math.log((1 - prior) / prior)


class ClassificationHead(nn.Module):
    """Three convolutions shared by all levels; every class starts with the score `prior`."""

    def __init__(self, config: ModelConfig, num_classes: int) -> None:
        super().__init__()
        self.trunk = _trunk(config, num_classes)
        _fill_bias(self.trunk, prior_bias(config.prior))

    def forward(self, levels: Levels, masks: Levels) -> Tensor:
        """Levels of (B, C, T_l) -> logits (B, K, P); 0 at padding, where the mask rules them out."""
        return torch.cat(self.trunk(levels, masks), dim=-1)


class LightHead(nn.Module):
    """ActionFormer's regression head: distances to start and end, by a scale per level and a ReLU."""

    def __init__(self, config: ModelConfig, num_classes: int) -> None:
        super().__init__()
        del num_classes
        self.trunk = _trunk(config, 2)
        # Distances start near one stride. From the usual bias of 0 every unit of the ReLU can be dead within an epoch,
        # and a tIoU of 0 has no gradient that would revive it.
        _fill_bias(self.trunk, 1.0)
        self.scale = nn.Parameter(torch.ones(config.levels))

    def forward(self, center: Levels, boundary: Levels, masks: Levels) -> Boundaries:
        """Levels of (B, C, T_l) -> boundaries; `boundary` is not needed."""
        del boundary
        distances = [F.relu(x * scale) for x, scale in zip(self.trunk(center, masks), self.scale, strict=True)]
        return DirectBoundaries(torch.cat(distances, dim=-1))


class TridentHead(nn.Module):
    """TriDet's regression head: start and end responses per class, and center offsets over bins.

    With the fused pyramid as `center` levels it is the paper's CLFF head.
    """

    def __init__(self, config: ModelConfig, num_classes: int) -> None:
        super().__init__()
        self.start = _trunk(config, num_classes, kernel=config.boundary_kernel)
        self.end = _trunk(config, num_classes, kernel=config.boundary_kernel)
        self.center = _trunk(config, 2 * (config.bins + 1))
        self.scale = nn.Parameter(torch.ones(config.levels))
        for branch in (self.start, self.end):
            if config.boundary_init == "normal":
                for module in branch.modules():
                    if isinstance(module, nn.Conv1d):
                        nn.init.normal_(module.weight, std=0.1)
            _fill_bias(branch, prior_bias(config.prior))

    def forward(self, center: Levels, boundary: Levels, masks: Levels) -> Boundaries:
        """Levels of (B, C, T_l) for the center-offset branch and for the start and end branches -> boundaries."""
        offsets = [F.relu(x * scale) for x, scale in zip(self.center(center, masks), self.scale, strict=True)]
        boundary = [level.detach() for level in boundary]  # start and end do not move the pyramid, as in TriDet's code
        return trident_boundaries(self.start(boundary, masks), self.end(boundary, masks), offsets)


def _trunk(config: ModelConfig, out: int, *, kernel: int | None = None) -> Trunk:
    kernel = config.head_kernel if kernel is None else kernel
    width = max(round(config.head_width * config.head_factor), 1)
    return Trunk(config.width, width, out, layers=config.head_layers, kernel=kernel)


def _fill_bias(trunk: Trunk, value: float) -> None:
    assert trunk.last.conv.bias is not None
    nn.init.constant_(trunk.last.conv.bias, value)


REGRESSION_HEADS: dict[str, Callable[[ModelConfig, int], nn.Module]] = {
    "light": LightHead,
    "trident": TridentHead,
    "clff": TridentHead,  # the fusion lies before the heads: see Detector
    "clff-light": LightHead,
}
