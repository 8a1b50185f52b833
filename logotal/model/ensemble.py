"""Networks of one configuration that answer as one, and the one function that builds whichever is configured."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import torch
from torch import nn

from logotal.config import ModelConfig
from logotal.model.boundaries import averaged
from logotal.model.detector import Detector, Predictions, build_detector
from logotal.model.layers import Features, Mask


class Ensemble(nn.Module):
    """The mean of its members' logits and of what their boundaries are decoded from.

    Members differ only in the weights that they start with. Each learns as if it were alone.
    """

    def __init__(self, members: Sequence[Detector]) -> None:
        super().__init__()
        self.detectors = nn.ModuleList(members)
        self.members = tuple(members)

    def forward(self, features: Features, mask: Mask) -> Predictions:
        """Features (B, C, T) with mask (B, 1, T) -> predictions for every point of the pyramid."""
        each: list[Predictions] = [member(features, mask) for member in self.members]
        logits = torch.stack([predictions.logits for predictions in each]).mean(0)
        return replace(each[0], logits=logits, boundaries=averaged([predictions.boundaries for predictions in each]))


Network: TypeAlias = Detector | Ensemble


def build_network(config: ModelConfig, *, num_labels: int) -> Network:
    """The network, or the `members` networks, that a configuration describes.

    Raises:
        ValueError: `config.input_channels` is not set yet.
        InputError: there is no such network.
    """
    members = [build_detector(config, num_labels=num_labels) for _ in range(config.members)]
    return Ensemble(members) if len(members) > 1 else members[0]
