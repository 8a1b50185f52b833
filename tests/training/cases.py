"""Random predictions and targets for the tests of the losses."""

import torch

from logotal.model.boundaries import DirectBoundaries
from logotal.model.detector import Predictions
from logotal.model.points import Points, make_points
from logotal.training.assign import Targets

SIZES = (12, 6, 3)
RANGES = ((0.0, 2.0), (2.0, 4.0), (4.0, float("inf")))


def points() -> Points:
    """21 points on three levels."""
    return make_points(SIZES, RANGES)


def random_predictions(*, videos: int = 2, classes: int = 3, seed: int = 0) -> Predictions:
    """Predictions with gradients; the last third of each level of the last video is padding."""
    generator = torch.Generator().manual_seed(seed)
    P = sum(SIZES)
    mask = torch.ones(videos, P, dtype=torch.bool)
    mask[-1] = torch.cat([torch.arange(size) < size * 2 // 3 for size in SIZES])
    logits = torch.randn(videos, classes, P, generator=generator) * mask[:, None]
    distances = 3 * torch.rand(videos, 2, P, generator=generator)
    return Predictions(logits.requires_grad_(), mask, DirectBoundaries(distances.requires_grad_()), points=points())


def no_targets(*, videos: int = 2, classes: int = 3, ignored: torch.Tensor | None = None) -> Targets:
    """The targets of videos without actions."""
    P = sum(SIZES)
    positive = torch.zeros(videos, P, dtype=torch.bool)
    return Targets(torch.zeros(videos, P, classes), torch.zeros(videos, P, 2), positive, ignored)
