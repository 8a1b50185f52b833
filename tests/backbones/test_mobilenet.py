from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.datasets import load_sample_image
from torch import Tensor

from logotal.backbones.images import PerFrame, pooled
from logotal.backbones.load import load_backbone
from logotal.backbones.mobilenet import MobileNetV2, load_mobilenet
from logotal.backbones.preprocess import preprocess
from logotal.backbones.weights import UnreachableError, fetch_weights
from logotal.errors import InputError
from logotal.extraction.extractor import choose_precision
from logotal.extraction.folder import Settings
from tests.backbones.networks import with_statistics
from tests.backbones.published import mobilenet_shapes, tensors


@pytest.fixture(scope="module")
def network() -> MobileNetV2:
    torch.manual_seed(0)
    return with_statistics(MobileNetV2())


def published(network: MobileNetV2) -> dict[str, Tensor]:
    """The state dict as torchvision publishes it."""
    classifier = {"classifier.1.weight": torch.zeros(1000, 1280), "classifier.1.bias": torch.zeros(1000)}
    return {f"features.{key}": value for key, value in network.state_dict().items()} | classifier


def naive(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """MobileNetV2 as Table 2 of the paper has it, from the names of the state dict."""

    def step(x: Tensor, conv: str, norm: str, *, stride: int = 1, groups: int = 1) -> Tensor:
        weight = state[f"{conv}.weight"]
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2, groups=groups)
        mean, var = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
        return F.batch_norm(x, mean, var, state[f"{norm}.weight"], state[f"{norm}.bias"], eps=1e-5)

    x = step(x, "features.0.0", "features.0.1", stride=2).clamp(0, 6)
    index = 1
    for blocks, first_stride in ((1, 1), (2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1)):
        for block in range(blocks):
            name, stride, before = f"features.{index}.conv", first_stride if block == 0 else 1, x
            at = 0
            if index > 1:
                x = step(x, f"{name}.0.0", f"{name}.0.1").clamp(0, 6)
                at = 1
            x = step(x, f"{name}.{at}.0", f"{name}.{at}.1", stride=stride, groups=x.shape[1]).clamp(0, 6)
            x = step(x, f"{name}.{at + 1}", f"{name}.{at + 2}")
            x = x + before if block > 0 else x
            index += 1
    return step(x, "features.18.0", "features.18.1").clamp(0, 6)


@pytest.mark.parametrize("size", [64, 75])
def test_it_is_the_network_of_the_paper(network: MobileNetV2, size: int):
    images = torch.randn(2, 3, size, size)
    made = network(images)

    assert made.shape[:2] == (2, 1280)
    torch.testing.assert_close(made, naive(published(network), images), atol=1e-4, rtol=1e-4)


def test_the_published_names_and_shapes_load_whole(tmp_path: Path):
    state = tensors(mobilenet_shapes())
    torch.save(state, tmp_path / "mobilenet_v2.pth")
    loaded = load_mobilenet(tmp_path / "mobilenet_v2.pth").network.state_dict()

    assert {f"features.{key}": value.flatten()[0].item() for key, value in loaded.items() if "batches" not in key} == {
        key: value.flatten()[0].item() for key, value in state.items() if "classifier" not in key
    }


def test_weights_of_another_network_are_refused_by_name(network: MobileNetV2, tmp_path: Path):
    state = published(network)
    state["features.17.conv.2.weight"] = torch.zeros(160, 960, 1, 1)
    torch.save(state, tmp_path / "narrow.pth")
    with pytest.raises(InputError, match=r"not MobileNetV2: 1 key of another shape, first '17\.conv\.2\.weight'"):
        load_mobilenet(tmp_path / "narrow.pth")


def test_features_are_the_mean_over_space_and_frames_folded_or_not(network: MobileNetV2, tmp_path: Path):
    torch.save(published(network), tmp_path / "mobilenet_v2.pth")
    folded, plain = (load_backbone("mobilenetv2", tmp_path / "mobilenet_v2.pth", fused=each) for each in (True, False))
    clips = torch.randn(2, 1, 3, 2, 64, 64)
    by_hand = torch.stack([network(clip[0].transpose(0, 1)).mean(dim=(0, 2, 3)) for clip in clips])

    torch.testing.assert_close(plain.features(clips), by_hand, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(folded.features(clips), by_hand, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.network.modules())
    assert folded.weights_hash == plain.weights_hash


def test_it_computes_in_fp32_unless_bf16_is_asked_for(
    network: MobileNetV2, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    torch.save(published(network), tmp_path / "mobilenet_v2.pth")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    asked = {"auto": torch.float32, "fp32": torch.float32, "bf16": torch.bfloat16}
    made = {each: Settings("mobilenetv2", tmp_path / "mobilenet_v2.pth", precision=each).extractor() for each in asked}

    assert {each: extractor.precision for each, extractor in made.items()} == asked
    assert choose_precision("auto", "cpu") == torch.bfloat16


def test_the_mean_is_taken_of_what_the_network_gives_in_float32():
    numbers = torch.rand(2, 5, 3, 4, generator=torch.Generator().manual_seed(0)).bfloat16()

    torch.testing.assert_close(pooled(numbers), numbers.float().mean(dim=(2, 3)))
    torch.testing.assert_close(pooled(numbers[:, :, 0]), numbers[:, :, 0].float().mean(dim=1))
    torch.testing.assert_close(pooled(numbers[:, :, 0, 0]), numbers[:, :, 0, 0].float())
    assert PerFrame(torch.nn.Flatten(2)).features(torch.zeros(1, 3, 5, 2, 2)).shape == (1, 4)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGOTAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        try:
            return fetch_weights("mobilenetv2")
        except UnreachableError as error:
            pytest.skip(str(error))


@pytest.mark.slow
def test_the_real_weights_see_the_same_in_a_mirror_and_something_else_in_another_picture(fetched: Path):
    loaded = load_backbone("mobilenetv2", fetched)
    palace, flower = (load_sample_image(f"{name}.jpg") for name in ("china", "flower"))

    def features(image: NDArray[np.uint8]) -> Tensor:
        return loaded.features(preprocess(image[None].copy(), loaded.backbone)[None])

    assert F.cosine_similarity(features(palace), features(palace[:, ::-1])).item() > 0.9
    assert F.cosine_similarity(features(palace), features(flower)).item() < 0.6
