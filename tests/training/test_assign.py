import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.config import ModelConfig
from logotal.model.points import make_points
from logotal.training.assign import assign
from tests import naive
from tests.model.golden import LEVELS, NAMES, golden

RANGES = ModelConfig(levels=4, first_range=2.0).regression_ranges
K = 3


def assign_one(points, actions, *, radius):
    """Targets of one video whose actions are (start, end, class)."""
    segments = torch.tensor([action[:2] for action in actions], dtype=torch.float32).reshape(-1, 2)
    labels = torch.tensor([action[2] for action in actions], dtype=torch.long)
    return assign(points, [segments], [labels], num_classes=K, radius=radius)


def naive_points(points):
    return torch.stack([points.time, points.low, points.high, points.stride], dim=1).tolist()


# Quarters are exact in fp32, so both sides compare the same numbers; 2**-11 is within the 1e-3 of twins, 2**-8 is not.
starts = st.integers(-8, 80).map(lambda quarters: quarters / 4)
lengths = st.builds(lambda quarters, more: quarters / 4 + more, st.integers(0, 60), st.sampled_from([0, 2**-11, 2**-8]))
actions_of_a_video = st.lists(
    st.builds(lambda start, length, label: (start, start + length, label), starts, lengths, st.integers(0, K - 1)),
    max_size=6,
)


@settings(deadline=None, max_examples=100)
@given(length=st.integers(1, 20), actions=actions_of_a_video, deviation=st.sampled_from([0.1, 0.2, 1.0]))
def test_the_heat_of_a_point_is_that_of_the_action_whose_middle_is_nearest_in_its_deviations(
    length, actions, deviation
):
    points = make_points([-(-length // 2**level) for level in range(4)], RANGES)
    segments = torch.tensor([action[:2] for action in actions], dtype=torch.float32).reshape(-1, 2)
    labels = torch.tensor([action[2] for action in actions], dtype=torch.long)
    found = assign(points, [segments], [labels], num_classes=K, radius=1.5, heat=deviation).heat

    for point, (time, low, high, _) in enumerate(naive_points(points)):
        for label in range(K):
            heat = 0.0
            for start, end, of in actions:
                if of == label and low <= (end - start) / 2 <= high:
                    away = abs(time - (start + end) / 2)
                    wide = deviation * (end - start)
                    heat = max(heat, math.exp(-((away / wide) ** 2) / 2) if wide else float(away == 0))
            assert found[0, point, label].item() == pytest.approx(heat, abs=1e-6)


def test_without_a_heat_map_there_is_none():
    points = make_points([4, 2, 1, 1], RANGES)

    assert assign_one(points, [(0.0, 2.0, 1)], radius=1.5).heat is None
    assert not assign(
        points, [torch.zeros(0, 2)], [torch.zeros(0).long()], num_classes=K, radius=1.5, heat=0.2
    ).heat.any()


@settings(deadline=None, max_examples=150)
@given(length=st.integers(1, 20), actions=actions_of_a_video, radius=st.sampled_from([0.0, 0.5, 1.5, 2.5]))
def test_targets_equal_the_loop_over_points_and_actions(length, actions, radius):
    points = make_points([-(-length // 2**level) for level in range(4)], RANGES)
    targets = assign_one(points, actions, radius=radius)
    classes, offsets, positive = naive.assign(
        naive_points(points),
        np.array([action[:2] for action in actions]).reshape(-1, 2),
        [action[2] for action in actions],
        K,
        radius if radius > 0 else np.inf,  # anywhere inside
    )
    assert targets.positive[0].tolist() == positive.tolist()
    assert targets.classes[0].tolist() == classes.tolist()
    assert targets.offsets[0].tolist() == offsets.tolist()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "temporalmaxer"])
def test_targets_equal_the_published_ones(name):
    arrays, configuration = golden(name)
    published = configuration["model"]
    points = make_points([256 // 2**level for level in range(LEVELS)], ModelConfig(levels=LEVELS).regression_ranges)
    targets = assign(
        points,
        [arrays["input/segments"]],
        [arrays["input/labels"]],
        num_classes=published["num_classes"],
        radius=published["train_cfg"]["center_sample_radius"],
    )
    positive = arrays["targets/classes"].any(1)
    assert torch.equal(targets.positive[0], positive)
    assert torch.equal(targets.classes[0], arrays["targets/classes"])
    assert torch.allclose(targets.offsets[0][positive], arrays["targets/offsets"][positive], atol=1e-6)


spans_of_a_video = st.lists(st.builds(lambda a, b: (a, a + b), starts, lengths), max_size=4)


@settings(deadline=None, max_examples=100)
@given(length=st.integers(1, 20), videos=st.lists(spans_of_a_video, min_size=1, max_size=3))
def test_ignored_points_equal_the_loop_over_points_and_spans(length, videos):
    points = make_points([-(-length // 2**level) for level in range(4)], RANGES)
    nothing, ignored = torch.zeros(0, 2), [torch.tensor(spans).reshape(-1, 2) for spans in videos]
    labels = [torch.zeros(0, dtype=torch.long)] * len(videos)
    found = assign(points, [nothing] * len(videos), labels, num_classes=K, radius=1.5, ignored=ignored).ignored
    expected = [naive.ignored(naive_points(points), spans).tolist() for spans in videos]
    assert (found.tolist() if found is not None else [[False] * len(points.time)] * len(videos)) == expected


def test_without_ignored_spans_there_is_no_mask():
    nothing, labels = torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)
    assert assign(POINTS, [nothing], [labels], num_classes=K, radius=1.5, ignored=[nothing]).ignored is None
    assert assign(POINTS, [nothing], [labels], num_classes=K, radius=1.5).ignored is None


POINTS = make_points((16, 8, 4, 2), RANGES)


def positives(*actions, radius=1.5):
    targets = assign_one(POINTS, actions, radius=radius)
    return [(POINTS.time[p].item(), POINTS.stride[p].item()) for p in targets.positive[0].nonzero()[:, 0]]


def test_a_video_without_actions_has_no_positives():
    targets = assign_one(POINTS, [], radius=1.5)
    assert not targets.positive.any()
    assert not targets.classes.any()
    assert not targets.offsets.any()


def test_boundaries_do_not_belong_to_an_action():
    assert positives((3.0, 5.0, 0)) == [(4.0, 1.0)]
    assert positives((3.0, 3.0, 0)) == []


def test_points_lie_within_the_radius_of_the_center_or_anywhere_inside():
    assert positives((3.0, 6.75, 0), radius=0.5) == [(5.0, 1.0), (4.0, 2.0)]  # the center is 4.875
    assert positives((3.0, 6.75, 0), radius=0) == [(5.0, 1.0), (4.0, 2.0), (6.0, 2.0)]


def test_an_action_longer_than_the_video_has_positives_on_the_last_level():
    assert positives((-100.0, 116.0, 0)) == [(0.0, 8.0), (8.0, 8.0)]


def test_an_action_between_two_points_has_none():
    assert positives((4.25, 4.75, 0)) == []


def test_twins_with_two_labels_both_count_and_share_their_segment():
    targets = assign_one(POINTS, [(3.0, 5.0, 0), (3.0, 5.0, 2)], radius=1.5)
    assert targets.classes[0, 4].tolist() == [1.0, 0.0, 1.0]
    assert targets.offsets[0, 4].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("longer", "both"), [(2**-11, True), (2**-8, False)])  # 0.0005 and 0.004 grid steps
def test_twins_may_differ_in_length_by_a_thousandth_of_a_step(longer, both):
    for actions in ([(3.0, 5.0, 0), (3.0, 5.0 + longer, 2)], [(3.0, 5.0 + longer, 2), (3.0, 5.0, 0)]):
        targets = assign_one(POINTS, actions, radius=1.5)
        assert targets.classes[0, 4].tolist() == [1.0, 0.0, float(both)]
        assert targets.offsets[0, 4].tolist() == [1.0, 1.0]


def test_the_same_action_twice_counts_once():
    targets = assign_one(POINTS, [(3.0, 5.0, 1), (3.0, 5.0, 1)], radius=1.5)
    assert targets.classes[0, 4].tolist() == [0.0, 1.0, 0.0]


def test_the_shorter_of_two_actions_wins_whatever_their_order():
    short, long = (3.25, 4.75, 0), (3.0, 5.5, 1)
    for actions in ([short, long], [long, short]):
        targets = assign_one(POINTS, actions, radius=1.5)
        assert targets.classes[0, 4].tolist() == [1.0, 0.0, 0.0]
        assert targets.offsets[0, 4].tolist() == [0.75, 0.75]


def test_the_videos_of_a_batch_do_not_mix():
    videos = [[(3.0, 5.0, 0)], [], [(3.0, 5.0, 1), (8.0, 15.0, 2)]]
    alone = [assign_one(POINTS, actions, radius=1.5) for actions in videos]
    together = assign(
        POINTS,
        [torch.tensor([action[:2] for action in actions]).reshape(-1, 2) for actions in videos],
        [torch.tensor([action[2] for action in actions], dtype=torch.long) for actions in videos],
        num_classes=K,
        radius=1.5,
    )
    for name in ("classes", "offsets", "positive"):
        assert torch.equal(getattr(together, name), torch.cat([getattr(targets, name) for targets in alone]))
