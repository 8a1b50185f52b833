"""The detector: encoder, fusion and heads joined; features in, predictions out."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.model.boundaries import Boundaries
from logotal.model.encoder import Encoder
from logotal.model.fusion import CrossLevelFusion
from logotal.model.heads import REGRESSION_HEADS, ClassificationHead
from logotal.model.layers import Features, Mask
from logotal.model.points import Points, make_points


@dataclass(frozen=True)
class Predictions:
    """What the network says of a batch: class logits and lazy boundaries for P points.

    `mask` is false at points that lie in padding.
    """

    logits: Float[Tensor, "B K P"]
    mask: Bool[Tensor, "B P"]
    boundaries: Boundaries
    points: Points


class Detector(nn.Module):
    """LoGo: multi-scale encoder, classification head, regression head, and cross-level fusion for `head: clff`."""

    def __init__(self, config: ModelConfig, *, input_channels: int, num_classes: int) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config, input_channels)
        fuses = config.head in ("clff", "clff-light")
        self.fusion = CrossLevelFusion(config.width, config.levels, config.fusion) if fuses else None
        self.classification = ClassificationHead(config, num_classes)
        self.regression = REGRESSION_HEADS[config.head](config, num_classes)

    def forward(self, features: Features, mask: Mask) -> Predictions:
        """Features (B, C, T) with mask (B, 1, T) -> predictions for every point of the pyramid."""
        if self.config.compat is not None:
            extra = _published_length(features.shape[-1], self.config) - features.shape[-1]
            features, mask = F.pad(features, (0, extra)), F.pad(mask, (0, extra))
        pyramid = self.encoder(features, mask)
        levels, masks = pyramid.levels, pyramid.masks
        classified = boundary = center = levels
        if self.fusion is not None:
            center = self.fusion(pyramid)
            if self.config.fusion.branches in ("center_and_boundaries", "all"):
                boundary = center
            if self.config.fusion.branches == "all":
                classified = center
        return Predictions(
            logits=self.classification(classified, masks),
            mask=torch.cat([mask[:, 0] for mask in masks], dim=-1),
            boundaries=self.regression(center, boundary, masks),
            points=make_points(
                [level.shape[-1] for level in levels],
                self.config.regression_ranges,
                device=features.device,
            ),
        )


def _published_length(length: int, config: ModelConfig) -> int:
    """The length that TriDet pads to: the one it was trained with, or the next that all its levels divide."""
    assert config.compat is not None
    divisor = config.strides[-1] * config.sgp.window
    return config.compat if length <= config.compat else -(-length // divisor) * divisor


def build_detector(config: ModelConfig, *, num_labels: int) -> Detector:
    """The network that a configuration describes, for so many labels.

    Raises:
        ValueError: `config.input_channels` is not set yet.
    """
    if config.input_channels is None:
        raise ValueError("model.input_channels must be known before the network is built")
    num_classes = 1 if config.class_agnostic else num_labels
    return Detector(config, input_channels=config.input_channels, num_classes=num_classes)
