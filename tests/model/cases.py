"""Tiny networks and clips for the tests of the model and its training."""

from typing import Any

import torch
from torch import Tensor

from logotal.config import AttentionConfig, ModelConfig
from logotal.model.detector import Detector, Predictions, build_detector

CHANNELS = 6
LABELS = 3
MIXER_NAMES = ("logo", "conv", "dilated", "attention", "sgp", "maxpool")
HEAD_NAMES = ("light", "trident", "clff", "clff-light")
LAYOUTS = ("paper", "tridet")


def small(**changes: Any) -> ModelConfig:
    """A network of width 16; residual branches count in full, so that a leak in them shows."""
    sizes = {
        "input_channels": CHANNELS,
        "width": 16,
        "groups": 4,
        "mlp_factor": 1.5,
        "head_width": 16,
        "levels": 4,
        "bins": 4,
        "drop_path": 0.0,
        "layer_scale": 1.0,
        "attention": AttentionConfig(window=5, heads=2),
    }
    return ModelConfig.model_validate({**sizes, **changes})


def fresh_detector(**changes: Any) -> Detector:
    """A network as training starts it."""
    torch.manual_seed(0)
    return build_detector(small(**changes), num_labels=LABELS)


def random_detector(**changes: Any) -> Detector:
    """A network without a single parameter at a round number: biases of 0 would hide what leaks through them."""
    detector = fresh_detector(**changes).eval()
    with torch.no_grad():
        for parameter in detector.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return detector


def random_clip(length: int, seed: int = 0) -> Tensor:
    """Features (C, T)."""
    return torch.randn(CHANNELS, length, generator=torch.Generator().manual_seed(1000 * seed + length))


def padded(clips: list[Tensor], length: int) -> tuple[Tensor, Tensor]:
    """Features (B, C, length) and mask (B, 1, length)."""
    features = torch.zeros(len(clips), len(clips[0]), length)
    mask = torch.zeros(len(clips), 1, length, dtype=torch.bool)
    for row, clip in enumerate(clips):
        features[row, :, : clip.shape[1]] = clip
        mask[row, :, : clip.shape[1]] = True
    return features, mask


def real_outputs(predictions: Predictions, row: int) -> tuple[Tensor, Tensor]:
    """Logits (K, P) and offsets (P, K, 2) of a video at its real points."""
    point = predictions.mask[row].nonzero()[:, 0]
    K = predictions.logits.shape[1]
    pairs = torch.cartesian_prod(point, torch.arange(K)).reshape(-1, 2)
    offsets = predictions.boundaries.offsets(torch.full((len(pairs),), row), pairs[:, 0], pairs[:, 1])
    return predictions.logits[row][:, point], offsets.reshape(-1, K, 2)
