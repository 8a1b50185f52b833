import pytest
import torch

from logotal.model.encoder import Pyramid
from logotal.model.fusion import CrossLevelFusion


def pyramid_of(*levels):
    """A pyramid of one channel whose levels hold these numbers."""
    tensors = tuple(torch.tensor([[level]], dtype=torch.float32) for level in levels)
    return Pyramid(tensors, tuple(torch.ones_like(level, dtype=torch.bool) for level in tensors))


PYRAMID = pyramid_of([10, 20, 40], [10, -30], [50])


@torch.no_grad()
def fused(**options):
    fusion = CrossLevelFusion(1, 3, **{"init": (2.0, 3.0), **options})
    if fusion.down is not None:
        fusion.down.conv.weight.copy_(torch.tensor([[[0.0, 0.0, 1.0]]]))  # the step behind
    return [level[0, 0].tolist() for level in fusion(PYRAMID)]


def test_every_level_is_joined_with_its_finer_neighbor_halved():
    # 2 * (10, -30) + 3 * max over the window (20, 40); 2 * 50 + 3 * 10
    assert fused() == [[20, 40, 80], [80, 60], [130]]


def test_the_finer_level_may_be_averaged_or_convolved():
    assert fused(down="avg") == [[20, 40, 80], [20 + 3 * 15, -60 + 3 * 30], [100 - 3 * 10]]
    assert fused(down="conv") == [[20, 40, 80], [20 + 3 * 20, -60], [100 - 3 * 30]]


def test_normalized_weights_sum_to_one_and_start_in_the_ratio_asked_for():
    assert [x / 5 for x in (20, 40, 80)] == pytest.approx(fused(normalize=True)[0])


def test_a_weight_that_starts_at_zero_stays_finite_when_normalized():
    assert fused(normalize=True, init=(1.0, 0.0))[2] == pytest.approx([50], rel=1e-2)


@pytest.mark.parametrize(
    ("weights", "shape"), [("shared", (2, 1, 1)), ("per_level", (2, 5, 1)), ("per_channel", (2, 1, 8))]
)
def test_there_are_two_weights_or_two_per_level_or_two_per_channel(weights, shape):
    fusion = CrossLevelFusion(8, 5, weights=weights, init=(1.0, 0.5))
    assert fusion.weights.shape == shape
    assert fusion.ratios().flatten(1).unique(dim=1).tolist() == [[1.0], [0.5]]


@torch.no_grad()
def test_each_level_has_its_own_weights_where_asked_for():
    fusion = CrossLevelFusion(1, 3, weights="per_level")
    fusion.weights.copy_(torch.tensor([[1.0, 2, 3], [4, 5, 6]])[..., None])
    assert [level[0, 0].tolist() for level in fusion(PYRAMID)] == [[10, 20, 40], [20 + 100, -60 + 200], [150 + 60]]
