"""Trident decoding on cases small enough to work out by hand."""

import numpy as np
import pytest

from tests import naive


def test_flat_bins_give_the_mean_distance():
    offsets = naive.trident_offsets(np.zeros(3), np.zeros(3), np.zeros((3, 2, 5)), 4)
    assert offsets == pytest.approx(np.full((3, 2), 2.0))


def test_a_certain_start_and_end_give_their_distances():
    start, end = np.zeros(6), np.zeros(6)
    start[1], end[4] = 100.0, 100.0
    offsets = naive.trident_offsets(start, end, np.zeros((6, 2, 4)), 3)
    assert offsets[3] == pytest.approx([2, 1])
    assert offsets[5, 1] == pytest.approx(1.5)  # the end lies behind: flat over the bins 0 to 3


def test_a_certain_bin_outside_the_level_is_reached():
    center = np.zeros((2, 2, 4))
    center[:, 0, 0], center[:, 1, 3] = 100.0, 100.0
    assert naive.trident_offsets(np.zeros(2), np.zeros(2), center, 3) == pytest.approx(np.full((2, 2), 3.0))
