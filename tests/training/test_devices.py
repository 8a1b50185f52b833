"""A step of training computes where its features lie, and nothing of it in 64-bit numbers, which some GPUs lack."""

import pytest
import torch

from logotal.config import TrainingConfig
from logotal.model.detector import build_detector
from logotal.training.assign import assign
from logotal.training.losses import Criterion, class_weights
from tests.accelerator import META, Accelerator
from tests.model.cases import CHANNELS, HEAD_NAMES, LABELS, LAYOUTS, MIXER_NAMES, small
from tests.model.test_devices import PYRAMIDS

CRITERIA = {
    "as the recipes": {},
    "as printed": {"normalizer": "paper"},
    "diou": {"regression_loss": "diou", "twins": "once"},
    "weighted": {"iou_power": 0.5, "label_smoothing": 0.1, "class_balance": 0.5},
}


def learns_elsewhere(training: dict[str, object], **changes: object) -> None:
    """Fails if a step touches the host or 64-bit numbers."""
    weights = class_weights(torch.tensor([3, 0, 5]), 0.5) if "class_balance" in training else None
    detector = build_detector(small(**changes), num_labels=LABELS).to(META)
    criterion = Criterion(TrainingConfig.model_validate(training), weights=weights).to(META)
    segments, labels = torch.empty(4, 2, device=META), torch.zeros(4, dtype=torch.long, device=META)
    num_classes = 1 if changes.get("class_agnostic") else LABELS
    features, mask = torch.empty(2, CHANNELS, 21, device=META), torch.ones(2, 1, 21, dtype=torch.bool, device=META)
    with Accelerator(positives=5) as device:
        predictions = detector(features, mask)
        targets = assign(
            predictions.points,
            [segments, segments[:0]],
            [labels, labels[:0]],
            num_classes=num_classes,
            radius=1.5,
            ignored=[segments, segments[:0]],
        )
        losses = criterion(predictions, targets)
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(detector.parameters(), 1.0)
    assert device.to_host == 0
    assert losses.total.device == META
    assert all(parameter.grad.device == META for parameter in detector.parameters() if parameter.grad is not None)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_every_network_learns_without_the_host_and_without_64_bit_numbers(mixer, head, layout):
    learns_elsewhere({}, mixer=mixer, head=head, layout=layout)


@pytest.mark.parametrize("option", PYRAMIDS)
def test_every_option_learns_without_the_host_and_without_64_bit_numbers(option):
    learns_elsewhere({}, **PYRAMIDS[option])


@pytest.mark.parametrize("name", CRITERIA)
def test_every_loss_is_computed_without_the_host_and_without_64_bit_numbers(name):
    learns_elsewhere(CRITERIA[name])
