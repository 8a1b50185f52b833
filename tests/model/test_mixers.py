import numpy as np
import pytest
import torch

from logotal.model.attention import LocalAttentionMixer, local_attention
from logotal.model.mixers import GATES, MIXERS, ConvMixer, LoGoMixer, Place
from tests import naive
from tests.model.cases import MIXER_NAMES, padded, small

WIDTH = 6


def test_the_mixers_are_those_of_the_configuration():
    assert tuple(MIXERS) == MIXER_NAMES


def random_mixer(*, attends=False, **options):
    torch.manual_seed(0)
    attention = (lambda: LocalAttentionMixer(WIDTH, window=5, heads=2)) if attends else None
    mixer = LoGoMixer(WIDTH, attention=attention, **options)
    for parameter in mixer.parameters():
        torch.nn.init.normal_(parameter)
    return mixer.eval()


def reference(layer):
    """Weight (C, C) and bias of a fully connected layer, a scale per channel written as a diagonal."""
    weight, bias = layer.weight.detach()[..., 0].double().numpy(), layer.bias.detach().double().numpy()
    return (np.diag(weight[:, 0]) if layer.groups > 1 else weight), bias


@torch.no_grad()
@pytest.mark.parametrize("fc", ["dense", "per_channel"])
@pytest.mark.parametrize(("length", "padding"), [(1, 0), (1, 4), (2, 1), (9, 0), (9, 5)])
def test_logo_equals_equations_4_to_6(length, padding, fc):
    mixer = random_mixer(fc=fc)
    x, mask = padded([torch.randn(WIDTH, length)], length + padding)
    kernel = mixer.local.conv
    expected = naive.gated_mixer(
        x[0].double().numpy(),
        mask[0, 0].numpy(),
        convolution=(kernel.weight[:, 0].double().numpy(), kernel.bias.double().numpy()),
        linear=reference(mixer.linear),
        average_gate=reference(mixer.average_gate),
        maximum_gate=reference(mixer.maximum_gate),
    )
    assert mixer(x, mask)[0].numpy() == pytest.approx(expected, abs=1e-4)


@torch.no_grad()
def test_logo_without_the_inner_residual_is_logo_less_its_input():
    x, mask = padded([torch.randn(WIDTH, 7)], 9)
    with_x, without_x = random_mixer(), random_mixer(inner_residual=False)
    assert torch.allclose(with_x(x, mask) - x, without_x(x, mask), atol=1e-5)


@torch.no_grad()
def test_attention_is_a_summand_of_the_local_branch_that_the_average_gate_weighs():
    x, mask = padded([torch.randn(WIDTH, 7)], 9)
    both = random_mixer(attends=True)
    attention, convolution = random_mixer(attends=True, kernel=None), random_mixer()
    attention.load_state_dict({name: value for name, value in both.state_dict().items() if "local." not in name})
    convolution.load_state_dict({name: value for name, value in both.state_dict().items() if "attention." not in name})
    around = both.attention(x, mask)
    gate = torch.relu(both.average_gate(x[..., :7].mean(-1, keepdim=True)))
    assert (gate * around).abs().max() > 0.1
    assert torch.allclose(both(x, mask), convolution(x, mask) + gate * around, atol=1e-4)
    less = convolution(x, mask) - gate * convolution.local(x, mask)
    assert torch.allclose(attention(x, mask), less + gate * around, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("gate", GATES)
def test_gates_are_what_their_names_say(gate):
    by_hand = {"relu": max(0.0, -0.7), "sigmoid": 1 / (1 + np.exp(0.7)), "softplus": np.log(1 + np.exp(-0.7))}
    mixer = LoGoMixer(1, gate=gate, inner_residual=False, kernel=1)
    mixer.local.conv.weight.fill_(1.0)
    mixer.average_gate.weight.zero_()
    mixer.average_gate.bias.fill_(-0.7)
    mixer.linear.weight.zero_()  # its bias starts at 0: only the local branch is left
    assert mixer(*padded([torch.full((1, 1), 2.0)], 1)).item() == pytest.approx(2 * by_hand[gate])


@torch.no_grad()
def test_windowed_pooling_as_wide_as_the_clip_is_global_pooling():
    x, mask = padded([torch.randn(WIDTH, 9)], 12)
    mixer = random_mixer()
    everything = mixer(x, mask)
    mixer.pool_window = 17  # 8 to each side: every step sees all 9
    assert torch.allclose(mixer(x, mask), everything, atol=1e-5)
    mixer.pool_window = 3
    assert not torch.allclose(mixer(x, mask), everything, atol=0.1)


@pytest.mark.parametrize(("stride", "steps"), [(1, 9), (2, 5), (4, 3), (64, 3)])
def test_windowed_pooling_sees_the_same_time_on_every_level_and_three_steps_at_least(stride, steps):
    assert MIXERS["logo"].build(small(logo={"pool_window": 9}), Place(0, stride)).pool_window == steps


def test_kernels_are_taken_block_by_block_and_the_last_stays():
    config = small(logo={"kernel": (3, 7)})
    kernels = [MIXERS["logo"].build(config, Place(index, 1)).local.conv.kernel_size for index in range(4)]
    assert kernels == [(3,), (7,), (7,), (7,)]


ATTENTION_MASKS = {
    "one step": [1],
    "two steps": [1, 1],
    "less than a window": [1] * 4,
    "no multiple of a block": [1] * 23,
    "padding of several blocks": [1] * 5 + [0] * 30,
    "holes": [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1],
}


@pytest.mark.parametrize("mask", ATTENTION_MASKS.values(), ids=ATTENTION_MASKS)
@pytest.mark.parametrize(("window", "heads"), [(1, 1), (3, 2), (9, 1), (19, 3)])
def test_local_attention_equals_the_loop_in_every_head(window, heads, mask):
    real = torch.tensor(mask, dtype=torch.bool)
    query, key, value = torch.randn(3, 1, WIDTH, len(mask), generator=torch.Generator().manual_seed(0))
    attended = local_attention(query, key, value, real[None, None], heads=heads, reach=window // 2)
    assert attended.isfinite().all()
    for part in torch.arange(WIDTH).chunk(heads):
        q, k, v = (x[0, part].T.double().numpy() for x in (query, key, value))
        expected = naive.local_attention(q, k, v, real.numpy(), window)
        assert attended[0, part].T[real].numpy() == pytest.approx(expected[real.numpy()], abs=1e-5)


def test_the_convolutional_baseline_has_a_bias_in_its_last_convolution_alone() -> None:
    shapes = {name: tuple(weight.shape) for name, weight in ConvMixer(8).named_parameters() if "norm" not in name}
    assert shapes == {"first.conv.weight": (8, 8, 3), "second.conv.weight": (8, 8, 3), "second.conv.bias": (8,)}
