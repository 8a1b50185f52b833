"""Assignment on cases small enough to work out by hand."""

import numpy as np

from tests import naive


def test_assign_by_hand():
    points = [(float(t), 0.0, 4.0, 1.0) for t in range(8)] + [(0.0, 4.0, 8.0, 2.0), (4.0, 4.0, 8.0, 2.0)]
    classes, offsets, positive = naive.assign(points, np.array([[1.0, 6.0]]), [1], 2, 1.5)
    # center 3.5, so strictly inside (2, 5) at stride 1; at stride 2 the farther boundary of 4 is only 3 away
    assert np.flatnonzero(positive).tolist() == [3, 4]
    assert classes[positive].tolist() == [[0, 1], [0, 1]]
    assert offsets[positive].tolist() == [[2, 3], [3, 2]]
    assert not classes[~positive].any()
    assert not offsets[~positive].any()


def test_offsets_are_in_strides_and_ranges_include_both_ends():
    segments = np.array([[0.0, 8.0]])
    for low, high, hit in ((4, 8, True), (0, 4, True), (4.01, 8, False), (0, 3.99, False)):
        _, offsets, positive = naive.assign([(4.0, low, high, 2.0)], segments, [0], 1, 1.5)
        assert positive.tolist() == [hit]
        assert offsets.tolist() == [[2, 2] if hit else [0, 0]]


def test_a_point_on_the_boundary_of_an_action_is_not_inside():
    assert not naive.assign([(2.0, 0, 9, 1.0)], np.array([[2.0, 4.0]]), [0], 1, 1.5)[2].any()
    assert not naive.assign([(4.0, 0, 9, 1.0)], np.array([[2.0, 4.0]]), [0], 1, 1.5)[2].any()


def test_the_shortest_action_wins_and_twins_share_a_point():
    segments = np.array([[0.0, 6.0], [1.0, 5.0005], [1.0, 5.0]])
    classes, offsets, _ = naive.assign([(3.0, 0, 9, 1.0)], segments, [0, 1, 2], 3, 1.5)
    assert classes.tolist() == [[0, 1, 1]]
    assert offsets.tolist() == [[2, 2]]


def test_points_strictly_inside_a_span_are_ignored():
    points = [(float(t), 0, 9, 1.0) for t in range(6)]
    assert naive.ignored(points, [(1, 3), (2.5, 4.5)]).tolist() == [False, False, True, True, True, False]
    assert not naive.ignored(points, []).any()


def test_a_video_without_actions_has_no_positive_point():
    classes, offsets, positive = naive.assign([(3.0, 0, 9, 1.0)], np.zeros((0, 2)), [], 3, 1.5)
    assert (classes.tolist(), offsets.tolist(), positive.tolist()) == ([[0, 0, 0]], [[0, 0]], [False])
