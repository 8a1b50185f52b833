"""Segments laid around moments are right exactly where the moments are near enough: held against a plain loop."""

from pathlib import Path

import numpy as np
import pytest

from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.moments import found_moments, moments_of, true_moments
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action, Timeline


def average_precision(true: list[float], found: list[tuple[float, float]], tolerance: float) -> float:
    """AP of one label in one video: by falling score each takes the nearest free moment within the tolerance."""
    free, right = list(true), []
    for moment, _ in sorted(found, key=lambda each: -each[1]):
        near = min(free, key=lambda each: abs(each - moment), default=None)
        hit = near is not None and abs(near - moment) <= tolerance
        if hit:
            free.remove(near)
        right.append(hit)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(sum(max(precision[i:]) for i in range(len(right)) if right[i]) / len(true))


@pytest.mark.parametrize("tolerance", [0.25, 0.5, 2.0])
def test_scores_of_moments_are_those_of_a_plain_loop(tolerance: float) -> None:
    random = np.random.default_rng(0)
    for _ in range(30):
        true = sorted(random.uniform(0, 30, 6).tolist())
        found = [(moment + random.normal(0, tolerance), random.uniform()) for moment in true + true[:3]]
        truth = VideoTruth("v", "test", tuple(Action(t, t, "goal") for t in true), duration=30.0)
        line = Timeline("v", tuple(Action(t - 0.4, t + 0.4, "goal", score) for t, score in found), 30.0)
        annotations = Annotations(("goal",), {"v": true_moments(truth, tolerance)}, Path("a.json"))
        scored = evaluate(annotations, [found_moments(line, tolerance)], moments_of(tolerance))
        expected = average_precision(true, found, tolerance)
        assert scored.averages[f"± {tolerance:g} s"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("distance", "right"), [(0.499, 1.0), (0.501, 0.0)])
@pytest.mark.parametrize("moment", [0.0, 12.0])
def test_the_bound_lies_at_the_tolerance_at_the_beginning_of_a_video_too(
    moment: float, distance: float, right: float
) -> None:
    truth = VideoTruth("v", "test", (Action(moment, moment, "goal"),), duration=12.0)
    line = Timeline("v", (Action(moment + distance, moment + distance, "goal", 0.9),), 12.0)
    annotations = Annotations(("goal",), {"v": true_moments(truth, 0.5)}, Path("a.json"))
    assert evaluate(annotations, [found_moments(line, 0.5)], moments_of(0.5)).averages["± 0.5 s"] == right


def test_ignored_spans_move_along() -> None:
    truth = VideoTruth("v", "test", (Action(5.0, 5.0, "goal"),), ignored=((1.0, 2.0),))
    line = Timeline("v", (Action(1.5, 1.5, "goal", 0.9), Action(5.0, 5.0, "goal", 0.8)))
    annotations = Annotations(("goal",), {"v": true_moments(truth, 0.25)}, Path("a.json"))
    assert evaluate(annotations, [found_moments(line, 0.25)], moments_of(0.25)).averages["± 0.25 s"] == 1.0
