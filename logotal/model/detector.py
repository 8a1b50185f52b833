"""The detector: encoder, fusion and heads joined; features in, predictions out.

`build_detector` is the one place that reads a configuration for all parts; these take plain arguments.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from logotal.config import ModelConfig
from logotal.errors import InputError
from logotal.model.boundaries import Boundaries
from logotal.model.encoder import Block, Embedding, Encoder, NoBlock
from logotal.model.fusion import CrossLevelFusion
from logotal.model.heads import ClassificationHead, find_head, trunk_size
from logotal.model.layers import ChannelNorm, Features, Mask, MaskedGroupNorm, Trunk
from logotal.model.mixers import MIXERS, Mixer, Place, find_mixer
from logotal.model.points import Points, make_points


@dataclass(frozen=True)
class PublishedPadding:
    """How far the published code pads: to what it was trained with, beyond that to a multiple of `divisor`."""

    trained: int
    divisor: int

    def length(self, length: int) -> int:
        """The steps that so many are padded to."""
        return self.trained if length <= self.trained else -(-length // self.divisor) * self.divisor


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
    """LoGo: multi-scale encoder, classification head, regression head, and cross-level fusion for heads that read it.

    Args:
        encoder: features to pyramid.
        fusion: pyramid to fused levels; none if absent.
        classification: levels to logits.
        regression: levels for its center branch and for its boundary branches to boundaries.
        ranges: (lowest, highest) distance in grid steps that each level answers for.
        fused_branches: which branches read fused levels: `center`, `center_and_boundaries` or `all`.

    Attributes:
        published: how the published code pads, where its answers are wanted; padding changes nothing if absent.
    """

    published: PublishedPadding | None = None

    def __init__(
        self,
        *,
        encoder: Encoder,
        fusion: CrossLevelFusion | None,
        classification: ClassificationHead,
        regression: nn.Module,
        ranges: Sequence[tuple[float, float]],
        fused_branches: str = "center",
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.fusion = fusion
        self.classification = classification
        self.regression = regression
        self.ranges = tuple(ranges)
        self.fused_branches = fused_branches

    @property
    def members(self) -> "tuple[Detector, ...]":
        """Itself, as the only one of an ensemble."""
        return (self,)

    def forward(self, features: Features, mask: Mask) -> Predictions:
        """Features (B, C, T) with mask (B, 1, T) -> predictions for every point of the pyramid."""
        if self.published is not None:
            extra = self.published.length(features.shape[-1]) - features.shape[-1]
            features, mask = F.pad(features, (0, extra)), F.pad(mask, (0, extra))
        pyramid = self.encoder(features, mask)
        levels, masks = pyramid.levels, pyramid.masks
        classified = boundary = center = levels
        if self.fusion is not None:
            center = self.fusion(pyramid)
            if self.fused_branches in ("center_and_boundaries", "all"):
                boundary = center
            if self.fused_branches == "all":
                classified = center
        return Predictions(
            logits=self.classification(classified, masks),
            mask=torch.cat([mask[:, 0] for mask in masks], dim=-1),
            boundaries=self.regression(center, boundary, masks),
            points=make_points([level.shape[-1] for level in levels], self.ranges, device=features.device),
        )


def check_network(config: ModelConfig) -> None:
    """Makes sure that there is such a network, before anything takes time.

    Raises:
        InputError: there is no such mixer or head, or the mixer does not go with the layout.
    """
    mixer = find_mixer(config.mixer)
    find_head(config.head)
    if config.layout == "actionformer" and not mixer.can_halve:
        able = " or ".join(name for name, each in MIXERS.items() if each.can_halve)
        raise InputError(f"model.layout actionformer needs model.mixer {able}, found {config.mixer}")


def build_detector(config: ModelConfig, *, num_labels: int) -> Detector:
    """The network that a configuration describes, for a number of labels.

    Raises:
        ValueError: `config.input_channels` is not set yet.
        InputError: there is no such network (`check_network`).
    """
    check_network(config)
    head, fusion = find_head(config.head), config.fusion
    num_classes = 1 if config.class_agnostic else num_labels
    # In the order in which a seed draws the weights; arguments are evaluated from the first to the last.
    detector = Detector(
        encoder=build_encoder(config),
        fusion=CrossLevelFusion(
            config.width,
            config.levels,
            weights=fusion.weights,
            init=fusion.init,
            normalize=fusion.normalize,
            down=fusion.down,
        )
        if head.reads_fused
        else None,
        classification=ClassificationHead(trunk_size(config), num_classes, prior=config.prior),
        regression=head.build(config, num_classes),
        ranges=config.regression_ranges,
        fused_branches=fusion.branches,
    )
    if config.compat is not None:
        see_padding(detector, find_mixer(config.mixer), config)
    return detector


def build_encoder(config: ModelConfig) -> Encoder:
    """The encoder of `build_detector`."""
    if config.input_channels is None:
        raise ValueError("model.input_channels must be known before the network is built")
    embedding = Embedding(
        config.input_channels,
        config.width,
        layers=config.embedding_layers,
        kernel=config.embedding_kernel,
        position_length=config.position_length,
        standardize=config.standardize,
        streams=config.streams,
    )
    stem, behind = block_places(config)
    stem_blocks = [_block(config, place, scaled=config.stem_scaled) for place in stem]
    blocks = [_block(config, place, scaled=True) for place in behind]
    norms = [_neck(config) for _ in range(config.levels if config.neck_norm != "none" else 0)]
    return Encoder(embedding, stem_blocks, blocks, norms, layout=config.layout)


def block_places(config: ModelConfig) -> tuple[list[Place], list[Place]]:
    """Where the blocks of the stem work, and those of the levels from the second on."""
    stem = config.stem_blocks if config.layout != "paper" else 0
    shift = 1 if config.layout != "paper" else 0  # a block after the pool works at the next level's stride
    strides = [1] * stem + [2 ** (level + shift) for level in range(config.levels - 1)]
    halving = config.layout == "actionformer"
    places = [Place(index, stride, halves=halving and stride > 1) for index, stride in enumerate(strides)]
    return places[:stem], places[stem:]


def _block(config: ModelConfig, place: Place, *, scaled: bool) -> nn.Module:
    kind = find_mixer(config.mixer)
    mixer = kind.build(config, place)
    if not kind.in_block:
        return NoBlock(mixer)
    return Block(
        config.width,
        mixer,
        mlp_width=config.mlp_width,
        groups=config.groups if config.mlp_norm == "group" else None,
        layer_scale=config.layer_scale if scaled else 0.0,
        drop_path=config.drop_path if scaled else 0.0,
    )


def _neck(config: ModelConfig) -> nn.Module:
    if config.neck_norm == "group":
        return MaskedGroupNorm(4, config.width, affine=False)  # TemporalMaxer's, the same for every level
    return ChannelNorm(config.width)


def see_padding(detector: Detector, mixer: Mixer, config: ModelConfig) -> None:
    """Lets a network pad, and see its padding, as the published code of ActionFormer, TriDet and TemporalMaxer does.

    There only convolutions and attention are masked. Norms leave their biases in the padding, which the next
    convolution reads; pooling and GroupNorm take padding for real; positions are stretched by the padded length.
    """
    assert config.compat is not None
    factors = [stride * mixer.published_divisor(config, level) for level, stride in enumerate(config.strides)]
    detector.published = PublishedPadding(config.compat, max(factors))
    detector.encoder.mixers_see_padding = mixer.published_sees_padding
    for module in detector.modules():
        if isinstance(module, Encoder | Embedding | Trunk):
            module.sees_padding = True
