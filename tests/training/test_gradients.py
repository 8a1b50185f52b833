"""Law 2: every parameter learns."""

from collections.abc import Iterator

import pytest
import torch

from logotal.config import TrainingConfig
from logotal.model.detector import Detector
from logotal.training.assign import assign
from logotal.training.losses import Criterion
from tests.model.cases import HEAD_NAMES, LABELS, LAYOUTS, MIXER_NAMES, fresh_detector, padded, random_clip

STEPS = 128
FIRST_RANGE = 1.0  # level l answers for distances from 2**(l - 1) to 2**l

OPTIONS = {
    "a scale per channel for each FC": {"logo": {"fc": "per_channel"}},
    "windowed pooling": {"logo": {"pool_window": 9}},
    "attention as the local branch": {"logo": {"local": "attention"}},
    "attention beside the convolution": {"logo": {"local": "both"}},
    "fusion by convolution": {"fusion": {"down": "conv"}},
    "fusion weights per level": {"fusion": {"weights": "per_level", "normalize": True}},
    "fusion weights per channel": {"fusion": {"weights": "per_channel", "branches": "all"}},
    "fusion by average": {"fusion": {"down": "avg"}},
    "positions": {"position_length": 50},
    "no layer scale": {"layer_scale": 0.0},
}


def learn(detector: Detector) -> None:
    """Leaves the gradients of one video in which every level has positive points, some of them near its ends."""
    actions = [
        (center - 0.75 * 2**level, center + 0.75 * 2**level)
        for level in range(7)
        for center in (2**level, STEPS - 2**level)
    ]
    labels = torch.arange(len(actions)) // 2 % LABELS
    predictions = detector(*padded([random_clip(STEPS)], STEPS))
    targets = assign(predictions.points, [torch.tensor(actions)], [labels], num_classes=LABELS, radius=1.5)
    assert all(level.any() for level in targets.positive[0].split(predictions.points.sizes))
    Criterion(TrainingConfig())(predictions, targets).total.backward()


def idle_parameters(detector: Detector) -> Iterator[str]:
    """The names of parameters whose gradient is zero, or nothing but rounding."""
    learn(detector)
    gradients = {name: parameter.grad for name, parameter in detector.named_parameters()}
    largest = max(gradient.abs().max() for gradient in gradients.values() if gradient is not None)
    for name, gradient in gradients.items():
        if gradient is None or gradient.abs().max() < 1e-8 * largest:
            yield name


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_every_parameter_learns_on_3_to_7_levels(mixer, head, layout):
    for levels in range(3, 8):
        config = {"mixer": mixer, "head": head, "layout": layout, "levels": levels, "layer_scale": 0.01}
        assert list(idle_parameters(fresh_detector(first_range=FIRST_RANGE, **config))) == []


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_every_parameter_learns_with(options):
    config = {"layer_scale": 0.01, "first_range": FIRST_RANGE, **options}
    assert list(idle_parameters(fresh_detector(**config))) == []


def test_a_start_at_zero_is_dead_as_in_the_published_sgp():
    detector = fresh_detector(logo={"init": "zeros"}, first_range=FIRST_RANGE)
    learn(detector)
    mixers = [parameter for name, parameter in detector.named_parameters() if ".mixer." in name]
    assert not any(parameter.any() or parameter.grad.any() for parameter in mixers)


def test_a_gate_that_never_shuts_brings_a_start_at_zero_to_life():
    detector = fresh_detector(logo={"init": "zeros", "gate": "sigmoid"}, first_range=FIRST_RANGE)
    learn(detector)
    assert all(block.mixer.local.conv.weight.grad.any() for block in detector.encoder.blocks)


def test_the_gates_start_open_for_some_channels_and_shut_for_others():
    detector = fresh_detector(width=64, mlp_factor=1, head_width=64, groups=16)
    detector.eval()
    seen = []
    for block in detector.encoder.blocks:
        for gate in (block.mixer.average_gate, block.mixer.maximum_gate):
            gate.register_forward_hook(lambda module, arguments, result: seen.append((result > 0).float().mean()))
    detector(*padded([random_clip(STEPS)], STEPS))
    assert len(seen) == 6
    assert all(0.1 < share < 0.9 for share in seen)
