import itertools

import pytest
import torch

from logotal.config import ModelConfig
from logotal.model.points import make_points
from tests.model.golden import LEVELS, NAMES, golden


def test_points_lie_at_multiples_of_their_stride_finest_level_first():
    points = make_points((5, 3, 2), ModelConfig(levels=3).regression_ranges)
    assert points.time.tolist() == [0, 1, 2, 3, 4, 0, 2, 4, 0, 4]
    assert points.stride.tolist() == [1] * 5 + [2] * 3 + [4] * 2
    assert points.low.tolist() == [0] * 5 + [4] * 3 + [8] * 2
    assert points.high.tolist() == [4] * 5 + [8] * 3 + [torch.inf] * 2
    assert points.sizes == (5, 3, 2)


@pytest.mark.parametrize("levels", range(1, 8))
def test_the_levels_together_answer_for_every_distance_and_none_twice(levels):
    ranges = ModelConfig(levels=levels, first_range=3.0).regression_ranges
    assert len(ranges) == levels
    assert (ranges[0][0], ranges[-1][1]) == (0.0, float("inf"))
    assert all(high == low for (_, high), (low, _) in itertools.pairwise(ranges))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "temporalmaxer"])
def test_points_equal_the_published_ones(name):
    published = golden(name)[0]["points"]
    points = make_points([256 // 2**level for level in range(LEVELS)], ModelConfig(levels=LEVELS).regression_ranges)
    ours = torch.stack([points.time, points.low, points.high.clamp(max=10000), points.stride], dim=1)
    assert torch.equal(ours, published)  # 10,000 is how they write infinity
