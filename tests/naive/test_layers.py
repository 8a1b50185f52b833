"""Layers on small cases by hand, and against torch where nothing is masked."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests import naive


@pytest.fixture
def random():
    return np.random.default_rng(0)


def padded(x):
    """`x` (C, T) with three more positions that nothing may read, and its mask."""
    tail = np.full((x.shape[0], 3), np.nan)
    return np.concatenate([x, tail], axis=1), np.arange(x.shape[1] + 3) < x.shape[1]


def everywhere(x):
    return np.ones(x.shape[1], dtype=bool)


def test_local_attention_equals_attention_under_a_band(random):
    query, key, value = random.normal(size=(3, 12, 4))
    distance = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    banded = F.scaled_dot_product_attention(
        *map(torch.from_numpy, (query, key, value)), attn_mask=torch.from_numpy(distance <= 2)
    )
    attended = naive.local_attention(query, key, value, np.ones(12, dtype=bool), window=5)
    assert attended == pytest.approx(banded.numpy())


def test_local_attention_neither_reads_nor_fills_masked_positions(random):
    query, key, value = random.normal(size=(3, 6, 4))
    mask = np.array([True, True, False, True, False, False])
    attended = naive.local_attention(query, key, value, mask, window=3)
    assert attended[0] == pytest.approx(naive.local_attention(query[:2], key[:2], value[:2], mask[:2], 3)[0])
    assert attended[3] == pytest.approx(value[3])  # sees itself only
    assert not attended[~mask].any()


def test_masked_mean_and_maximum_by_hand():
    x, mask = np.array([[1.0, -4.0, 9.0], [-2.0, -1.0, 9.0]]), np.array([True, True, False])
    assert naive.masked_mean(x, mask).tolist() == [-1.5, -1.5]
    assert naive.masked_max(x, mask).tolist() == [1.0, -1.0]
    nowhere = np.zeros(3, dtype=bool)
    assert naive.masked_mean(x, nowhere).tolist() == naive.masked_max(x, nowhere).tolist() == [0, 0]


def test_masked_group_norm_equals_torch_on_the_real_positions(random):
    x, weight, bias = random.normal(2, 3, (6, 10)), random.normal(size=6), random.normal(size=6)
    whole = F.group_norm(torch.from_numpy(x[None]), 2, *map(torch.from_numpy, (weight, bias)))[0]
    normalized = naive.masked_group_norm(*padded(x), 2, weight, bias)
    assert normalized[:, :10] == pytest.approx(whole.numpy())
    assert not normalized[:, 10:].any()


@pytest.mark.parametrize(("length", "pooled_length"), [(1, 1), (2, 1), (5, 3), (6, 3)])
def test_max_pool_rounds_lengths_up(length, pooled_length):
    pooled, mask = naive.max_pool(-np.arange(1.0, length + 1)[None], np.ones(length, dtype=bool))
    assert pooled.shape == (1, pooled_length)
    assert mask.tolist() == [True] * pooled_length
    assert pooled[0, 0] == -1.0  # neither border beats a negative value


def test_max_pool_never_lets_padding_win():
    pooled, mask = naive.max_pool(np.array([[-3.0, -2.0, -1.0, 7.0, 8.0]]), np.arange(5) < 3)
    assert (pooled.tolist(), mask.tolist()) == ([[-2.0, -1.0, 0.0]], [True, True, False])


def random_gates(random, channels):
    def layer(columns):
        return random.normal(size=(channels, columns)), random.normal(size=channels)

    return {
        "convolution": layer(3),
        "linear": layer(channels),
        "average_gate": layer(channels),
        "maximum_gate": layer(channels),
    }


def test_gated_mixer_by_hand():
    x, one, zero = np.array([[1.0, 2.0, 6.0]]), np.ones((1, 1)), np.zeros(1)
    mixed = naive.gated_mixer(
        x,
        everywhere(x),
        convolution=(np.array([[1.0, 0.0, 10.0]]), zero),
        linear=(2 * one, zero),
        average_gate=(one, zero),  # 3
        maximum_gate=(one, np.array([-5.0])),  # 6 - 5 = 1
    )
    assert mixed.tolist() == [[3 * 20 + 2 + 1, 3 * 61 + 4 + 2, 3 * 2 + 12 + 6]]


def test_gated_mixer_with_negative_gates_is_the_identity(random):
    x, gates = random.normal(size=(4, 7)), random_gates(random, 4)
    shut = (np.zeros((4, 4)), np.full(4, -1.0))
    mixed = naive.gated_mixer(x, everywhere(x), **{**gates, "average_gate": shut, "maximum_gate": shut})
    assert (mixed == x).all()


def test_gated_mixer_equals_equations_4_to_6_in_torch_with_and_without_padding(random):
    values, gates = random.normal(size=(4, 7)), random_gates(random, 4)
    x = torch.from_numpy(values)
    layers = {name: tuple(map(torch.from_numpy, layer)) for name, layer in gates.items()}
    weight, bias = layers["convolution"]
    local = F.conv1d(x, weight[:, None], bias, padding=1, groups=4)
    salient = F.linear(x.T, *layers["linear"]).T
    average_weights = F.relu(F.linear(x.mean(dim=1), *layers["average_gate"]))
    maximum_weights = F.relu(F.linear(x.amax(dim=1), *layers["maximum_gate"]))
    whole = (average_weights[:, None] * local + maximum_weights[:, None] * salient + x).numpy()
    assert naive.gated_mixer(values, everywhere(values), **gates) == pytest.approx(whole)
    mixed = naive.gated_mixer(*padded(values), **gates)
    assert mixed[:, :7] == pytest.approx(whole)
    assert not mixed[:, 7:].any()
