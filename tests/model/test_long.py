"""Long videos: what memory and speed are won by changes no answer."""

import pytest
import torch
from torch import Tensor, nn

from logotal.model import layers
from logotal.model.pooling import max_pool, window_mean
from tests.model.cases import HEAD_NAMES, MIXER_NAMES, padded, random_clip, random_detector, real_outputs


@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_a_network_answers_piece_by_piece_as_in_one(mixer: str, head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = random_detector(mixer=mixer, head=head)
    features, mask = padded([random_clip(67), random_clip(43)], 70)
    with torch.no_grad():
        whole = detector(features, mask)
        monkeypatch.setattr(layers, "PIECE", 9)
        pieces = detector(features, mask)
    for row in range(2):
        for ours, expected in zip(real_outputs(pieces, row), real_outputs(whole, row), strict=True):
            torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-5)


def test_a_piece_is_seen_with_what_lies_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "PIECE", 4)
    seen: list[int] = []

    def sums(x: Tensor, mask: Tensor) -> Tensor:
        seen.append(x.shape[-1])
        return window_mean(x, mask, 5)

    x, mask = random_clip(10)[None], torch.ones(1, 1, 10, dtype=torch.bool)
    with torch.no_grad():
        torch.testing.assert_close(layers.piecewise(sums, x, mask, reach=2), window_mean(x, mask, 5))
    assert seen == [6, 8, 4]  # 4, 4 and 2 steps with 2 to each side, where there are any


def test_training_goes_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "PIECE", 4)
    seen: list[int] = []

    def itself(x: Tensor, mask: Tensor) -> Tensor:
        seen.append(x.shape[-1])
        return x

    layers.piecewise(itself, random_clip(10)[None], torch.ones(1, 1, 10, dtype=torch.bool))
    assert seen == [10]


@pytest.mark.parametrize("length", [1, 2, 3, 8, 9])
def test_pooling_without_a_gradient_is_the_same_pooling(length: int) -> None:
    x, mask = padded([random_clip(length), random_clip(max(length - 2, 1))], length)
    expected = max_pool(x, mask)
    with torch.no_grad():
        assert torch.equal(max_pool(x, mask), expected)


@pytest.mark.parametrize("mixer", ["logo", "conv", "dilated", "sgp", "maxpool"])
def test_features_lie_in_memory_step_after_step(mixer: str) -> None:
    detector = random_detector(mixer=mixer, layout="tridet", head="clff")
    transposed: list[str] = []

    def look(name: str) -> None:
        def hook(module: nn.Module, given: object, answer: object) -> None:
            if isinstance(answer, Tensor) and answer.ndim == 3 and not answer.transpose(1, 2).is_contiguous():
                transposed.append(name)

        detector.get_submodule(name).register_forward_hook(hook)

    for name, module in detector.named_modules():
        if name and not isinstance(module, nn.LayerNorm) and "regression.end" not in name:
            look(name)
    features, mask = padded([random_clip(64)], 64)
    with torch.no_grad():
        detector(features, mask)
    assert [name for name in transposed if name != "classification"] == []
