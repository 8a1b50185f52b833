"""Our I3D with the real Kinetics-400 weights against what a JAX I3D computes with them on DeepMind's sample clip."""

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from logotal.backbones.backbone import BACKBONES
from logotal.backbones.i3d import I3D, POOLS, load_i3d, max_pool_same
from logotal.backbones.load import load_backbone
from logotal.backbones.preprocess import preprocess
from logotal.backbones.weights import UnreachableError, fetch_weights
from tests.shared import shared

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def network() -> I3D:
    try:
        path = fetch_weights("i3d-rgb")
    except UnreachableError as error:
        pytest.skip(f"needs the weights of i3d-rgb: {error}")
    return load_i3d(path, input_channels=3).requires_grad_(False)


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    with av.open(str(shared("kinetics_i3d/v_CricketShot_g04_c01_rgb.gif"))) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


@pytest.fixture(scope="module")
def clip(frames: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 255 * 2 - 1


@pytest.fixture(scope="module")
def expected() -> dict[str, NDArray[np.float32]]:
    with np.load(shared("kinetics_i3d/expected_rgb.npz")) as file:
        return dict(file)


def assert_same(found: Tensor, expected: NDArray[np.float32]) -> None:
    truth = torch.from_numpy(expected)

    assert found.shape == truth.shape
    assert torch.cosine_similarity(found.flatten(), truth.flatten(), dim=0).item() > 0.9999
    assert (found - truth).abs().max().item() < 1e-4


def test_the_cricket_clip_is_cricket(network: I3D, clip: Tensor, expected: dict[str, NDArray[np.float32]]):
    logits = network(clip)[0]
    probability, best = logits.softmax(dim=0).max(dim=0)

    assert clip.shape == (1, 3, 79, 224, 224)
    assert_same(logits, expected["logits_79_frames"])
    assert shared("kinetics_i3d/label_map.txt").read_text().splitlines()[int(best)] == "playing cricket"
    assert probability.item() == pytest.approx(0.98856, abs=1e-4)


@pytest.mark.parametrize("first", [0, 20])
def test_features_of_sixteen_frames(network: I3D, clip: Tensor, expected: dict[str, NDArray[np.float32]], first: int):
    features = network.features(clip[:, :, first : first + 16])[0]

    assert_same(features, expected[f"feature_frames_{first}_{first + 16}"])


def test_every_layer_on_the_way(network: I3D, clip: Tensor, expected: dict[str, NDArray[np.float32]]):
    layers: dict[str, Tensor] = {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda _, __, output, name=name: layers.update({name: output}))
    last = network.last_layer(clip[:, :, :16])
    layers["MaxPool3d_3a_3x3"] = max_pool_same(layers["Conv3d_2c_3x3"], *POOLS["Mixed_3b"])

    assert_same(last[0].permute(1, 2, 3, 0), expected["mixed_5c_frames_0_16"])
    for name in ("Conv3d_1a_7x7", "MaxPool3d_3a_3x3", "Mixed_3c", "Mixed_4f"):
        assert_same(layers[name][0].mean(dim=(2, 3)).T, expected[f"{name}_mean_over_space_frames_0_16"])


def test_the_fused_backbone_gives_the_same_features_and_names_its_weights(
    network: I3D, clip: Tensor, expected: dict[str, NDArray[np.float32]]
):
    loaded = load_backbone("i3d-rgb")

    assert_same(loaded.features(clip[None, :, :, :16])[0], expected["feature_frames_0_16"])
    assert loaded.weights_hash == "2a16753522aaccbd13c82990b2722c65ea4712ad3df0e3ed618321d244af53a5"


def test_resized_and_cropped_it_is_still_cricket(network: I3D, frames: NDArray[np.uint8]):
    logits = network(preprocess(frames[:16], BACKBONES["i3d-rgb"]))[0]

    assert shared("kinetics_i3d/label_map.txt").read_text().splitlines()[int(logits.argmax())] == "playing cricket"
