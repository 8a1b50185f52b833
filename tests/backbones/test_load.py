import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from logotal.backbones.backbone import BACKBONES, find_backbone
from logotal.backbones.i3d import I3D
from logotal.backbones.load import load_backbone
from logotal.errors import InputError
from tests.backbones.networks import with_statistics


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Weights of both streams, made up."""
    folder = tmp_path_factory.mktemp("weights")
    for stream, channels in (("rgb", 3), ("flow", 2)):
        torch.save(with_statistics(I3D(channels)).state_dict(), folder / f"{stream}.pt")
    return {stream: folder / f"{stream}.pt" for stream in ("rgb", "flow")}


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path / "cache"))


def clips(channels: int, crops: int = 3) -> Tensor:
    return torch.rand(2, crops, channels, 9, 32, 32, generator=torch.Generator().manual_seed(channels)) * 2 - 1


def test_features_are_the_mean_over_crops_and_folding_does_not_change_them(files: dict[str, Path]):
    folded, plain = (load_backbone("i3d-rgb", files["rgb"], fused=fused) for fused in (True, False))
    features = plain.features(clips(3))
    by_hand = [torch.stack([plain.network.features(crop[None])[0] for crop in clip]).mean(dim=0) for clip in clips(3)]

    assert features.shape == (2, 1024)
    torch.testing.assert_close(features, torch.stack(by_hand), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(folded.features(clips(3)), features, atol=1e-5, rtol=1e-4)
    assert folded.weights_hash == plain.weights_hash
    assert folded.network.training is False
    assert not any(parameter.requires_grad for parameter in folded.network.parameters())


def test_two_streams_are_named_and_concatenated(files: dict[str, Path]):
    both = load_backbone("i3d-two-stream", files)
    features = both.features(clips(3), clips(2))

    assert both.backbone.channels == 2048
    for columns, stream in ((slice(0, 1024), "rgb"), (slice(1024, 2048), "flow")):
        one = load_backbone(f"i3d-{stream}", files[stream])
        torch.testing.assert_close(features[:, columns], one.features(clips(3 if stream == "rgb" else 2)))
    with pytest.raises(ValueError, match="found 1 tensors"):
        both.features(clips(3))


def test_the_hash_is_of_the_weights_and_not_of_the_file(files: dict[str, Path], tmp_path: Path):
    state = {key: value for key, value in torch.load(files["rgb"]).items() if "num_batches" not in key}
    save_file(state, tmp_path / "rgb.safetensors")
    first = load_backbone("i3d-rgb", files["rgb"]).weights_hash
    state["logits.conv3d.bias"][0] += 1
    save_file(state, tmp_path / "other.safetensors")

    assert load_backbone("i3d-rgb", tmp_path / "rgb.safetensors").weights_hash == first
    assert load_backbone("i3d-rgb", tmp_path / "other.safetensors").weights_hash != first


def test_one_file_for_two_streams_is_refused(files: dict[str, Path]):
    with pytest.raises(InputError, match="i3d-two-stream has 2 streams; name weights as rgb=FILE and flow=FILE"):
        load_backbone("i3d-two-stream", files["rgb"])


def test_an_unknown_stream_has_a_nearest_name(files: dict[str, Path]):
    with pytest.raises(InputError, match="i3d-two-stream has no stream 'flwo'; did you mean 'flow'"):
        load_backbone("i3d-two-stream", {"flwo": files["flow"]})


def test_a_stream_without_weights_says_how_to_get_them(files: dict[str, Path]):
    with pytest.raises(InputError, match="get them with: logotal weights i3d-rgb"):
        load_backbone("i3d-two-stream", {"flow": files["flow"]})
    with pytest.raises(InputError, match=r"flow_imagenet\.pt"):
        load_backbone("i3d-two-stream", {"rgb": files["rgb"]})


def test_the_recipe_of_features_is_json_and_differs_with_every_choice():
    recipes = [
        replace(backbone, crops=crops).recipe(weights)
        for backbone in BACKBONES.values()
        for weights in ("a", "b")
        for crops in ("center", "ten")
    ]

    assert recipes[0] == {
        "backbone": "i3d-rgb",
        "weights": "a",
        "channels": 1024,
        "fps": None,
        "clip_frames": 16,
        "clip_stride": 4,
        "resize": [256, 340],
        "antialias": True,
        "crop": "center 224",
        "normalization": {"mean": [0.5], "std": [0.5]},
    }
    assert all(json.loads(json.dumps(recipe)) == recipe for recipe in recipes)
    assert len({json.dumps(recipe) for recipe in recipes}) == len(recipes)


def test_the_table_is_consistent():
    for name, backbone in BACKBONES.items():
        assert find_backbone(name) is backbone
        assert backbone.name == name
        assert all(weights in BACKBONES for weights in backbone.weights)
    with pytest.raises(InputError, match=r"no backbone is called 'i3d' .*; did you mean 'i3d-rgb'"):
        find_backbone("i3d")
