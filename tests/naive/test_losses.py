"""Losses on cases small enough to work out by hand."""

import math

import numpy as np
import pytest

from tests import naive


def test_focal_loss_by_hand():
    assert naive.focal_loss(0.0, 1.0) == pytest.approx(0.25 * 0.25 * math.log(2))
    assert naive.focal_loss(0.0, 0.0) == pytest.approx(0.75 * 0.25 * math.log(2))
    assert naive.focal_loss(1.7, 1.0, alpha=0.5, gamma=0.0) == pytest.approx(0.5 * math.log1p(math.exp(-1.7)))
    assert naive.focal_loss(-1000.0, 1.0) == pytest.approx(250.0)
    assert naive.focal_loss(1000.0, 1.0) == 0.0


def test_giou_and_diou_losses_by_hand():
    assert naive.giou_loss((2, 2), (2, 2)) == naive.diou_loss((2, 2), (2, 2)) == 0.0
    assert naive.giou_loss((1, 3), (2, 2)) == pytest.approx(1 - 3 / 5)
    assert naive.diou_loss((1, 3), (2, 2)) == pytest.approx(1 - 3 / 5 + (1 / 5) ** 2)
    assert naive.giou_loss((0, 0), (0, 0)) == naive.diou_loss((0, 0), (0, 0)) == 1.0


def test_giou_of_segments_by_hand():
    assert naive.giou_of_segments((0, 2), (3, 4)) == pytest.approx(-1 / 4)
    assert naive.giou_of_segments((0, 2), (1, 3)) == pytest.approx(1 / 3)
    assert naive.giou_of_segments((1, 1), (1, 1)) == 0.0
    assert naive.giou_of_segments((1, 1), (2, 2)) == -1.0


def test_giou_of_segments_around_the_same_point_is_their_tiou():
    for start, end, other_start, other_end in np.random.default_rng(0).exponential(3, (200, 4)):
        a, b = (-start, end), (-other_start, other_end)
        assert naive.giou_of_segments(a, b) == pytest.approx(naive.tiou(a, b), abs=1e-12)
