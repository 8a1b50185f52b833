import numpy as np
import pytest
import torch

from logotal.inference import winograd
from logotal.inference.winograd import POINTS, WinogradConv, transforms, with_fewer_products
from logotal.model.layers import Conv
from tests.model.cases import HEAD_NAMES, LAYOUTS, MIXER_NAMES, random_clip, random_detector
from tests.model.test_padding import largest_difference


@pytest.mark.parametrize("points", [POINTS, (0, 1, -1), (0, 1, -1, 2, -2), (3, -0.5)])
def test_the_transforms_give_the_steps_of_a_convolution(points):
    inputs, weights, outputs = transforms(points)
    steps, n = outputs.shape
    assert (steps, n) == (len(points) - 1, len(points) + 1)
    random = np.random.default_rng(0)
    d, w = random.standard_normal(n), random.standard_normal(3)
    wanted = [w @ d[t : t + 3] for t in range(steps)]
    assert np.allclose(outputs @ ((weights @ w) * (inputs @ d)), wanted, atol=1e-12)


@torch.no_grad()
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("length", [*range(1, 14), 64])
def test_it_gives_what_the_convolution_gives_at_any_length(length, bias):
    torch.manual_seed(length)
    conv = Conv(10, 7, 3, padding=1, bias=bias)
    x = torch.randn(3, 10, length)
    given = x.clone()
    made = WinogradConv(conv)(x)
    assert made.shape == (3, 7, length)
    assert torch.allclose(made, conv(x), atol=1e-5)
    assert torch.equal(x, given)
    assert made.stride(1) == 1  # channels lie side by side


@torch.no_grad()
@pytest.mark.parametrize("length", [3, 4, 8, 9, 15, 16, 17, 31])
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_wide_inputs_and_long_ones_go_through_in_parts(monkeypatch, groups, length):
    torch.manual_seed(0)
    conv, x = Conv(10, 7, 3, padding=1), torch.randn(2, 10, length)
    monkeypatch.setattr(winograd, "CHANNELS", 4)
    monkeypatch.setattr(winograd, "GROUPS", groups)
    assert torch.allclose(WinogradConv(conv)(x), conv(x), atol=1e-5)


def winograd_layers(detector):
    return [name for name, module in detector.named_modules() if isinstance(module, WinogradConv)]


@torch.no_grad()
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_a_network_of_fewer_products_gives_the_same_and_padding_changes_nothing(mixer, head, layout):
    detector = random_detector(mixer=mixer, head=head, layout=layout)
    made = with_fewer_products(detector, least_channels=4)
    assert {"encoder.embedding.convs.0.conv", "classification.trunk.convs.1.conv"} <= set(winograd_layers(made))
    clip = random_clip(37)[None]
    real = torch.ones(1, 1, 37, dtype=torch.bool)
    there, here = detector(clip, real), made(clip, real)
    assert torch.allclose(here.logits, there.logits, atol=1e-5)
    index = torch.arange(here.logits.shape[2])
    offsets = [each.boundaries.offsets(0 * index, index, 0 * index) for each in (here, there)]
    assert torch.allclose(*offsets, atol=1e-5)
    assert largest_difference(made) < 1e-5


def test_only_wide_convolutions_are_replaced_and_the_rest_is_shared():
    detector = random_detector(mixer="logo", head="clff")
    before = {name: tensor.clone() for name, tensor in detector.state_dict().items()}
    assert winograd_layers(with_fewer_products(detector)) == []
    made = with_fewer_products(detector, least_channels=16)
    replaced = winograd_layers(made)
    assert "encoder.embedding.convs.0.conv" not in replaced  # 6 channels in
    assert "encoder.embedding.convs.1.conv" in replaced
    assert not any("last" in name or "mixer" in name for name in replaced)
    assert not winograd_layers(detector)
    own = {id(parameter) for parameter in detector.parameters()}
    assert all(id(parameter) in own for parameter in made.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in detector.state_dict().items())
