import math

import pytest
import torch

from logotal.config import TrainingConfig
from logotal.training.schedule import learning_rate_factor, make_optimizer
from tests.model.cases import HEAD_NAMES, LAYOUTS, MIXER_NAMES, fresh_detector


def factors(**schedule):
    return [learning_rate_factor(step, **schedule) for step in range(schedule["total"] + 1)]


def test_the_learning_rate_rises_in_a_line_and_falls_along_half_a_cosine():
    found = factors(warmup=4, total=12, final=0.1)
    cosine = [0.1 + 0.9 * (1 + math.cos(math.pi * step / 8)) / 2 for step in range(9)]
    assert found == pytest.approx([0.25, 0.5, 0.75, 1.0, *cosine])
    assert (max(found), found[8], found[12]) == (1.0, pytest.approx(0.55), pytest.approx(0.1))


def test_the_first_step_already_moves():
    assert learning_rate_factor(0, warmup=1000, total=2000, final=0.0) == pytest.approx(0.001)


def test_without_warm_up_training_starts_at_the_highest_rate():
    assert factors(warmup=0, total=2, final=0.0) == pytest.approx([1.0, 0.5, 0.0])


def test_warm_up_may_take_the_whole_training():
    assert factors(warmup=4, total=4, final=0.0) == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_steps_beyond_the_end_stay_at_the_final_rate():
    assert learning_rate_factor(99, warmup=2, total=10, final=0.25) == pytest.approx(0.25)


VARIANTS = [
    *({"mixer": mixer, "layout": layout} for mixer in MIXER_NAMES for layout in LAYOUTS),
    *({"head": head} for head in HEAD_NAMES),
    {"logo": {"fc": "per_channel"}},
    {"fusion": {"down": "conv", "weights": "per_channel"}},
]


def names_by_group(detector, optimizer):
    names = {parameter: name for name, parameter in detector.named_parameters()}
    return [[names[parameter] for parameter in group["params"]] for group in optimizer.param_groups]


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_every_parameter_is_in_exactly_one_group(options):
    detector = fresh_detector(**options)
    groups = names_by_group(detector, make_optimizer(detector, TrainingConfig()))
    grouped = [name for group in groups for name in group]
    assert sorted(grouped) == sorted(name for name, _ in detector.named_parameters())


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_only_weights_of_convolutions_decay(options):
    detector = fresh_detector(**options)
    optimizer = make_optimizer(detector, TrainingConfig(weight_decay=0.3))
    decay = {
        name: group["weight_decay"]
        for names, group in zip(names_by_group(detector, optimizer), optimizer.param_groups, strict=True)
        for name in names
    }
    for name, parameter in detector.named_parameters():
        assert decay[name] == (0.3 if name.endswith("weight") and parameter.ndim == 3 else 0.0), name
    scalars = ["fusion.weights", "encoder.blocks.0.mixer_scale.scale", "regression.scale"]
    assert all(decay.get(name, 0.0) == 0.0 for name in scalars)


def test_decay_shrinks_a_weight_and_spares_a_bias():
    detector = fresh_detector()
    optimizer = make_optimizer(detector, TrainingConfig(learning_rate=0.1, weight_decay=0.5))
    conv = detector.encoder.blocks[0].mlp.widen.conv
    with torch.no_grad():
        conv.bias.fill_(1.0)
    weight = conv.weight.clone()
    for parameter in detector.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert torch.allclose(conv.weight, 0.95 * weight)
    assert conv.bias.unique().tolist() == [1.0]


def test_steps_are_those_of_the_published_formula():
    """Loshchilov and Hutter (2019), Algorithm 2, in plain tensors."""
    detector = fresh_detector()
    optimizer = make_optimizer(detector, TrainingConfig(learning_rate=0.01, weight_decay=0.5))
    weight = detector.encoder.blocks[0].mlp.widen.conv.weight
    expected, first, second = weight.detach().clone(), torch.zeros_like(weight), torch.zeros_like(weight)
    for step in (1, 2, 3):
        gradient = torch.randn(weight.shape, generator=torch.Generator().manual_seed(step))
        weight.grad = gradient.clone()
        optimizer.step()
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        change = (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
        expected -= 0.01 * (change + 0.5 * expected)
        torch.testing.assert_close(weight.detach(), expected, rtol=1e-5, atol=1e-6)
