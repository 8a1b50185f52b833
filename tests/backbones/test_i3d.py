import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from logotal.backbones.fusing import fused
from logotal.backbones.i3d import I3D, TwoStream, Unit, load_i3d, max_pool_same, same_padding
from logotal.errors import InputError
from tests.backbones.networks import with_statistics
from tests.backbones.published import i3d_shapes, tensors


@pytest.fixture(scope="module")
def network() -> I3D:
    torch.manual_seed(0)
    return with_statistics(I3D())


def windows(length: int, kernel: int, stride: int) -> list[list[int]]:
    """The positions that each output of TensorFlow's SAME padding sees, from its definition."""
    outputs = (length + stride - 1) // stride
    before = max((outputs - 1) * stride + kernel - length, 0) // 2
    starts = [i * stride - before for i in range(outputs)]
    return [[t for t in range(start, start + kernel) if 0 <= t < length] for start in starts]


@pytest.mark.parametrize(("kernel", "stride"), [(1, 2), (2, 2), (3, 1), (3, 2), (7, 2)])
def test_same_padding_gives_one_output_per_stride_for_every_length(kernel: int, stride: int):
    for length in range(1, 40):
        before, after = same_padding(length, kernel, stride)
        padded = length + before + after

        assert (padded - kernel) // stride + 1 == -(-length // stride)
        assert after - before in (0, 1)


@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 1), (3, 2)])
def test_padding_never_wins_in_max_pooling_of_any_length(kernel: int, stride: int):
    torch.manual_seed(0)
    for length in range(1, 20):
        x = -torch.rand(1, 1, length, 2 * length % 7 + 1, 3) - 1  # all negative: a zero of padding would win
        axes = [windows(n, kernel, stride) for n in x.shape[2:]]
        naive = [x[0, 0][np.ix_(*window)].max() for window in itertools.product(*axes)]
        pooled = max_pool_same(x, (kernel,) * 3, (stride,) * 3)

        assert pooled.shape[2:] == tuple(map(len, axes))
        assert pooled.flatten().tolist() == [float(value) for value in naive]


@pytest.mark.parametrize("shape", [(16, 16, 16), (5, 8, 9), (1, 2, 3)], ids=str)
@pytest.mark.parametrize(("kernel", "stride"), [(7, 2), (3, 1), (1, 1)])
def test_a_unit_convolves_as_its_windows_say(kernel: int, stride: int, shape: tuple[int, int, int]):
    torch.manual_seed(0)
    unit, x = Unit(2, 3, kernel=kernel, stride=stride, normalized=False), torch.randn(1, 2, *shape)
    padded = F.pad(x, [7] * 6)  # zeros wide enough for every window
    axes = []
    for length in shape:
        outputs = -(-length // stride)
        before = max((outputs - 1) * stride + kernel - length, 0) // 2
        axes.append([7 - before + i * stride for i in range(outputs)])
    naive = [
        (padded[:, :, t : t + kernel, h : h + kernel, w : w + kernel] * unit.conv3d.weight).sum(dim=(1, 2, 3, 4))
        for t, h, w in itertools.product(*axes)
    ]
    result = unit(x)

    assert result.shape[2:] == tuple(map(len, axes))
    torch.testing.assert_close(result[0].flatten(1).T, torch.stack(naive) + unit.conv3d.bias, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("frames", "size", "expected"), [(16, 64, (2, 2, 2)), (17, 33, (3, 2, 2)), (1, 1, (1, 1, 1))])
def test_the_last_layer_has_an_eighth_of_the_frames_and_a_thirty_second_of_the_size_rounded_up(
    network: I3D, frames: int, size: int, expected: tuple[int, int, int]
):
    assert network.last_layer(torch.zeros(1, 3, frames, size, size)).shape == (1, 1024, *expected)


def test_features_are_the_mean_of_the_last_layer_and_each_clip_has_its_own(network: I3D):
    clips = torch.rand(2, 3, 16, 32, 64) * 2 - 1
    features = network.features(clips)

    assert features.shape == (2, 1024)
    assert features.std() > 0
    torch.testing.assert_close(features[1], network.last_layer(clips[1:])[0].flatten(1).mean(dim=1))


def test_logits_of_a_clip_that_never_changes_in_space_are_the_classifier_of_its_features(network: I3D):
    """Pooling, classifying and taking means are linear, so their order is free where the pooling covers all."""
    clips = torch.rand(1, 3, 16, 224, 224) * 2 - 1
    logits = network.logits.conv3d(network.features(clips)[:, :, None, None, None])

    torch.testing.assert_close(network(clips), logits.flatten(1), atol=1e-4, rtol=1e-4)


def test_folding_normalizations_changes_no_feature(network: I3D):
    clips = torch.rand(1, 3, 16, 64, 64) * 2 - 1
    faster = fused(network)

    assert not any(isinstance(module, torch.nn.BatchNorm3d) for module in faster.modules())
    assert any(isinstance(module, torch.nn.BatchNorm3d) for module in network.modules()), "the original is kept"
    torch.testing.assert_close(faster.features(clips), network.features(clips), atol=1e-5, rtol=1e-4)


def test_bfloat16_autocast_gives_almost_the_same_features(network: I3D):
    clips = torch.rand(1, 3, 16, 32, 32) * 2 - 1
    exact = network.features(clips)
    with torch.autocast("cpu", torch.bfloat16):
        rough = network.features(clips)

    assert F.cosine_similarity(exact, rough.float()).item() > 0.999


@pytest.mark.slow
def test_it_compiles_into_one_graph(network: I3D):
    clips = torch.rand(1, 3, 9, 32, 32)
    compiled = torch.compile(network.features, backend="eager", fullgraph=True)

    torch.testing.assert_close(compiled(clips), network.features(clips))


def test_two_streams_are_concatenated_rgb_first():
    rgb, flow = with_statistics(I3D(3)), with_statistics(I3D(2))
    frames, motion = torch.rand(1, 3, 16, 32, 32), torch.rand(1, 2, 16, 32, 32)
    features = TwoStream(rgb, flow).features(frames, motion)

    assert features.shape == (1, TwoStream.channels)
    torch.testing.assert_close(features, torch.cat([rgb.features(frames), flow.features(motion)], dim=1))


def published(path: Path, input_channels: int, **changed: Tensor | None) -> dict[str, Tensor]:
    """Writes a state dict of the published names and shapes; `changed` replaces keys, or drops them."""
    state = tensors(i3d_shapes(input_channels))
    for name, value in changed.items():
        del state[name.replace("__", ".")]
        if value is not None:
            state[name.replace("__", ".")] = value
    torch.save(state, path)
    return state


@pytest.mark.parametrize("input_channels", [3, 2])
def test_a_full_size_state_dict_with_the_published_names_and_shapes_loads(tmp_path: Path, input_channels: int):
    state = published(tmp_path / "imagenet.pt", input_channels)
    loaded = load_i3d(tmp_path / "imagenet.pt", input_channels=input_channels).state_dict()

    assert {key: value.flatten()[0].item() for key, value in loaded.items() if "num_batches" not in key} == {
        key: value.flatten()[0].item() for key, value in state.items()
    }
    assert not any(value.is_meta for value in loaded.values())


def test_weights_of_the_other_stream_are_refused_with_both_shapes(tmp_path: Path):
    published(tmp_path / "flow_imagenet.pt", 2)
    with pytest.raises(InputError) as error:
        load_i3d(tmp_path / "flow_imagenet.pt", input_channels=3)

    assert str(error.value) == (
        f"{tmp_path}/flow_imagenet.pt: not I3D with 3 input channels: 1 key of another shape, first "
        "'Conv3d_1a_7x7.conv3d.weight': expected (64, 3, 7, 7, 7), found (64, 2, 7, 7, 7)"
    )


def test_a_missing_key_is_named(tmp_path: Path):
    published(tmp_path / "cut.pt", 3, Mixed_4d__b2b__bn__running_var=None)
    with pytest.raises(InputError, match=r"1 key missing, first 'Mixed_4d.b2b.bn.running_var' \(64,\)$"):
        load_i3d(tmp_path / "cut.pt", input_channels=3)


@pytest.mark.parametrize("frames", [1, 3, 24])
def test_without_gradients_a_unit_gives_the_same_and_leaves_what_it_reads(frames: int) -> None:
    torch.manual_seed(0)
    unit, given = Unit(16, 24, kernel=3).eval(), torch.randn(1, 16, frames, 7, 7)
    before, wanted = given.clone(), unit(given).detach()
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        with torch.no_grad():
            made = unit(given.contiguous(memory_format=layout), dilation=1)
        torch.testing.assert_close(made, wanted, rtol=1e-5, atol=1e-5)  # sums go in another order
    assert torch.equal(given, before)
