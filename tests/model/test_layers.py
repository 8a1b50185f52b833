import numpy as np
import pytest
import torch

from logotal.model import pooling
from logotal.model.layers import CHANNELS, ChannelNorm, Conv, MaskedConv, MaskedGroupNorm, ResidualScale, halve_mask
from logotal.model.pooling import avg_pool, masked_max, masked_mean, max_pool, window_max, window_mean
from tests import naive

MASKS = {
    "one step": [1],
    "two steps": [1, 1],
    "an odd length": [1] * 7,
    "an even length": [1] * 8,
    "padding": [1] * 5 + [0] * 6,
    "one step and padding": [1, 0, 0, 0],
    "holes": [0, 1, 1, 0, 0, 1, 0, 1, 1],
    "nothing real": [0, 0, 0],
}
any_mask = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)


def masked_features(mask, channels=6, offset=-3.0):
    """x (1, C, T), below zero nearly everywhere so that a zero of the padding would win a maximum, and its mask."""
    real = torch.tensor(mask, dtype=torch.bool)[None, None]
    x = torch.randn(1, channels, len(mask), generator=torch.Generator().manual_seed(0)) + offset
    return x * real, real


def doubles(x):
    return x[0].double().numpy()


@any_mask
def test_mean_and_maximum_over_time_equal_loops_over_the_real_steps(mask):
    x, real = masked_features(mask)
    assert masked_mean(x, real)[0, :, 0].numpy() == pytest.approx(naive.masked_mean(doubles(x), np.array(mask)))
    assert masked_max(x, real)[0, :, 0].numpy() == pytest.approx(naive.masked_max(doubles(x), np.array(mask)))


@any_mask
@pytest.mark.parametrize("window", [1, 3, 5, 31])
@pytest.mark.parametrize("on_cpu", [True, False])
def test_pooling_over_windows_equals_loops_over_the_real_steps_within(window, mask, on_cpu, monkeypatch):
    monkeypatch.setattr(pooling, "is_on_cpu", lambda x: on_cpu)
    x, real = masked_features(mask)
    mean, maximum = window_mean(x, real, window), window_max(x, real, window)
    for t in np.flatnonzero(mask):
        near = [s for s in np.flatnonzero(mask) if abs(s - t) <= window // 2]
        assert torch.allclose(mean[..., t], x[..., near].mean(-1), atol=1e-5)
        assert torch.equal(maximum[..., t], x[..., near].amax(-1))


@pytest.mark.parametrize(("on_cpu", "atol"), [(True, 2e-4), (False, 4e-4)])  # without double each addition rounds
def test_the_window_mean_of_a_long_video_loses_no_digits(on_cpu, atol, monkeypatch):
    monkeypatch.setattr(pooling, "is_on_cpu", lambda x: on_cpu)
    x = 1000 + torch.randn(1, 1, 20_000, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(1, 1, 20_000, dtype=torch.bool)
    expected = torch.nn.functional.avg_pool1d(x, 5, stride=1)
    assert torch.allclose(window_mean(x, mask, 5)[..., 2:-2], expected, rtol=0, atol=atol)  # 1000 has steps of 6e-5


@any_mask
def test_group_norm_equals_the_loop_over_the_real_steps(mask):
    x, real = masked_features(mask)
    layer = MaskedGroupNorm(3, 6)
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    weight, bias = (p.detach().double().numpy()[:, 0] for p in (layer.weight, layer.bias))
    expected = naive.masked_group_norm(doubles(x), np.array(mask, dtype=bool), 3, weight, bias)
    assert layer(x, real)[0].detach().numpy() == pytest.approx(expected, abs=1e-5)


def test_group_norm_keeps_its_digits_where_the_mean_is_far_from_zero():
    x, real = masked_features([1] * 40, offset=3000.0)
    expected = naive.masked_group_norm(doubles(x), np.ones(40, dtype=bool), 3, np.ones(6), np.zeros(6))
    assert MaskedGroupNorm(3, 6)(x, real)[0].detach().numpy() == pytest.approx(expected, abs=0.01)


@any_mask
def test_max_pooling_equals_the_loop_and_padding_never_wins(mask):
    x, real = masked_features(mask)
    pooled, pooled_mask = naive.max_pool(doubles(x), np.array(mask, dtype=bool))
    assert max_pool(x, real)[0].numpy() == pytest.approx(pooled)
    assert halve_mask(real)[0, 0].tolist() == pooled_mask.tolist()


@any_mask
def test_average_pooling_equals_the_loop_over_the_real_steps(mask):
    x, real = masked_features(mask)
    pooled = avg_pool(x, real)
    assert pooled.shape[-1] == (len(mask) + 1) // 2
    for t in range(pooled.shape[-1]):
        near = [s for s in (2 * t - 1, 2 * t, 2 * t + 1) if 0 <= s < len(mask) and mask[s]]
        expected = x[..., near].mean(-1) if mask[2 * t] else torch.zeros(1, 6)
        assert torch.allclose(pooled[..., t], expected, atol=1e-5)


@any_mask
@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_is_zero_at_padding_in_spite_of_its_bias(stride, mask):
    x, real = masked_features(mask)
    layer = MaskedConv(6, 4, 3, stride=stride)
    torch.nn.init.ones_(layer.conv.bias)
    kept = real if stride == 1 else halve_mask(real)
    result = layer(x, real)
    assert result.shape == (1, 4, kept.shape[-1])
    assert not result[:, :, ~kept[0, 0]].any()
    assert result[:, :, kept[0, 0]].all()


@torch.no_grad()
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [2 * CHANNELS, 2 * CHANNELS + 3])
def test_a_convolution_of_many_channels_in_parts_is_the_whole_one(channels, stride, bias):
    torch.manual_seed(0)
    layer, x = Conv(channels, 4, 3, stride=stride, padding=1, bias=bias), torch.randn(2, channels, 9)
    given = x.clone()
    expected = torch.nn.functional.conv1d(x, layer.weight, layer.bias, stride, 1)
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-5)
    assert torch.equal(x, given)


@any_mask
def test_the_norm_over_channels_is_zero_at_padding_in_spite_of_its_bias(mask):
    x, real = masked_features(mask)
    layer = ChannelNorm(6)
    torch.nn.init.normal_(layer.norm.bias)
    result = layer(x, real)
    assert not result[:, :, ~real[0, 0]].any()
    centered = x - x.mean(1, keepdim=True)
    expected = centered / (centered.square().mean(1, keepdim=True) + 1e-5).sqrt() + layer.norm.bias[:, None]
    assert torch.allclose(result, expected * real, atol=1e-5)


def test_drop_path_drops_whole_samples_in_training_and_keeps_the_mean():
    layer, x = ResidualScale(4, init=0.5, drop_path=0.25), torch.ones(4000, 4, 3)
    torch.manual_seed(0)
    factor = (layer(x).detach() / 0.5).flatten(1)
    assert (factor == factor[:, :1]).all()
    assert sorted(set(factor[:, 0].tolist())) == pytest.approx([0, 4 / 3])
    assert factor.mean() == pytest.approx(1.0, abs=0.03)


def test_drop_path_does_nothing_outside_training():
    x = torch.randn(4, 4, 3)
    assert torch.equal(ResidualScale(4, init=0.5, drop_path=0.25).eval()(x), 0.5 * x)


def test_without_layer_scale_a_branch_passes_unchanged():
    layer, x = ResidualScale(4, init=0, drop_path=0.0), torch.randn(4, 4, 3)
    assert torch.equal(layer(x), x)
    assert list(layer.parameters()) == []
