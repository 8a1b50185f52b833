import argparse
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from logotal.backbones.fusing import fused
from logotal.backbones.r2plus1d import R2Plus1D, load_r2plus1d
from logotal.errors import InputError
from tests.backbones.networks import with_statistics
from tests.backbones.published import r2plus1d_shapes, tensors


@pytest.fixture(scope="module")
def network() -> R2Plus1D:
    torch.manual_seed(0)
    return with_statistics(R2Plus1D())


def naive_features(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """R(2+1)D-34 as the paper describes it, from the names of the state dict."""

    def normalized(x: Tensor, name: str) -> Tensor:
        mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
        return F.batch_norm(x, mean, var, weight, bias, eps=1e-3)

    def factored(x: Tensor, name: str, stride: int) -> Tensor:
        x = F.conv3d(x, state[f"{name}.0.weight"], stride=(1, stride, stride), padding=(0, 1, 1))
        x = normalized(x, f"{name}.1").relu()
        return F.conv3d(x, state[f"{name}.3.weight"], stride=(stride, 1, 1), padding=(1, 0, 0))

    x = F.conv3d(x, state["stem.0.weight"], stride=(1, 2, 2), padding=(0, 3, 3))
    x = F.conv3d(normalized(x, "stem.1").relu(), state["stem.3.weight"], padding=(1, 0, 0))
    x = normalized(x, "stem.4").relu()
    for layer, blocks in (("layer1", 3), ("layer2", 4), ("layer3", 6), ("layer4", 3)):
        for block in range(blocks):
            name, stride, carried = f"{layer}.{block}", 1, x
            if block == 0 and layer != "layer1":
                stride = 2
                carried = normalized(
                    F.conv3d(x, state[f"{name}.downsample.0.weight"], stride=2), f"{name}.downsample.1"
                )
            x = normalized(factored(x, f"{name}.conv1.0", stride), f"{name}.conv1.1").relu()
            x = normalized(factored(x, f"{name}.conv2.0", 1), f"{name}.conv2.1")
            x = (x + carried).relu()
    return x.flatten(2).mean(dim=2)


def test_it_is_the_network_of_the_paper(network: R2Plus1D):
    clips = torch.randn(2, 3, 8, 32, 32)
    features = network.features(clips)

    assert features.shape == (2, 512)
    torch.testing.assert_close(features, naive_features(network.state_dict(), clips), atol=1e-5, rtol=1e-4)


def test_folding_normalizations_changes_no_feature(network: R2Plus1D):
    clips = torch.randn(1, 3, 8, 32, 32)
    faster = fused(network)

    assert not any(isinstance(module, torch.nn.BatchNorm3d) for module in faster.modules())
    torch.testing.assert_close(faster.features(clips), network.features(clips), atol=1e-5, rtol=1e-4)


def test_bfloat16_autocast_gives_almost_the_same_features(network: R2Plus1D):
    clips = torch.randn(1, 3, 8, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        rough = network.features(clips)

    assert F.cosine_similarity(network.features(clips), rough.float()).item() > 0.99


def checkpoint(path: Path, prefix: str = "features.", **changed: Tensor) -> dict[str, Tensor]:
    """Writes what TSP's training writes, with the published names and full-size shapes."""
    state = tensors(r2plus1d_shapes())
    heads = {"fc1.weight": torch.zeros(200, 512), "fc1.bias": torch.zeros(200)}
    heads |= {"fc2.weight": torch.zeros(2, 1024), "fc2.bias": torch.zeros(2)}
    counters = {"features.stem.1.num_batches_tracked": torch.tensor(7)} if prefix == "features." else {}
    model = {f"{prefix}{key}": value for key, value in state.items()} | counters | heads | changed
    content = {"model": model, "optimizer": {"state": {}}, "epoch": 5, "args": argparse.Namespace(lr=0.1)}
    torch.save(content, path)
    return state


@pytest.mark.parametrize("prefix", ["features.", "", "module.features."])
def test_a_full_size_checkpoint_with_the_published_names_and_shapes_loads(tmp_path: Path, prefix: str):
    path = tmp_path / "tsp.pth"
    if prefix.startswith("module."):
        state = tensors(r2plus1d_shapes())
        torch.save({f"{prefix}{key}": value for key, value in state.items()}, path)
    else:
        state = checkpoint(path, prefix)
    loaded = load_r2plus1d(path).state_dict()

    assert {key: value.flatten()[0].item() for key, value in loaded.items() if "num_batches" not in key} == {
        key: value.flatten()[0].item() for key, value in state.items()
    }


def test_the_middle_widths_of_torchvision_are_refused_by_name(tmp_path: Path):
    """Its R(2+1)D-18 takes the width of both convolutions of a block from the block."""
    wrong = {"features.layer2.0.conv2.0.0.weight": torch.zeros(230, 128, 1, 3, 3)}
    checkpoint(tmp_path / "tsp.pth", **wrong)
    with pytest.raises(InputError) as error:
        load_r2plus1d(tmp_path / "tsp.pth")

    assert str(error.value) == (
        f"{tmp_path}/tsp.pth: not R(2+1)D-34: 1 key of another shape, first 'layer2.0.conv2.0.0.weight': "
        "expected (288, 128, 1, 3, 3), found (230, 128, 1, 3, 3)"
    )


def test_a_key_too_many_is_named(tmp_path: Path):
    checkpoint(tmp_path / "tsp.pth", **{"features.layer5.0.weight": torch.zeros(3)})
    with pytest.raises(InputError, match=r"1 key not expected, first 'layer5.0.weight' \(3,\)$"):
        load_r2plus1d(tmp_path / "tsp.pth")


def test_weights_of_another_network_are_told_apart_in_one_line(tmp_path: Path):
    torch.save({"Conv3d_1a_7x7.conv3d.weight": torch.zeros(64, 3, 7, 7, 7)}, tmp_path / "i3d.pt")
    with pytest.raises(InputError) as error:
        load_r2plus1d(tmp_path / "i3d.pt")

    assert str(error.value) == (
        f"{tmp_path}/i3d.pt: not R(2+1)D-34: {len(r2plus1d_shapes())} keys missing, first 'stem.0.weight' "
        "(45, 3, 1, 7, 7); 1 key not expected, first 'Conv3d_1a_7x7.conv3d.weight' (64, 3, 7, 7, 7)"
    )
