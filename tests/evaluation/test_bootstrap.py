"""Intervals over videos: no wider than the videos differ, over whole groups, the same for the same seed."""

from collections.abc import Sequence

import numpy as np
import pytest

from logotal.evaluation.bootstrap import interval
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline

VIDEOS = [VideoTruth(f"v{i}", "test", (Action(0, 1, "a"),)) for i in range(20)]
LINES = [Timeline(f"v{i}", (Action(0, 1, "a", 0.5),) * (i % 2)) for i in range(20)]
ALONE = list(range(20))


def share(videos: Sequence[VideoTruth], lines: Sequence[Timeline]) -> float:
    """The share of the videos in which something was found."""
    assert {line.video for line in lines} == {video.id for video in videos}
    assert len(lines) == len(videos) == 20  # one that is drawn twice is two
    return float(np.mean([len(line) > 0 for line in lines]))


def test_an_interval_holds_the_number_and_is_as_wide_as_chance_makes_it() -> None:
    found = interval(VIDEOS, LINES, share, ALONE, draws=2000)
    assert found.value == 0.5
    # Of the binomial distribution of 20 videos at 0.5: 0.3 and 0.7 at 2.5 % and 97.5 %.
    assert found.low == pytest.approx(0.3, abs=0.051)
    assert found.high == pytest.approx(0.7, abs=0.051)


def test_videos_that_are_alike_leave_no_doubt() -> None:
    same = [Timeline(line.video, (Action(0, 1, "a", 0.5),)) for line in LINES]
    assert interval(VIDEOS, same, share, ALONE).low == interval(VIDEOS, same, share, ALONE).high == 1.0


def test_the_interval_is_the_middle_95_percent_of_the_draws() -> None:
    scores = iter([*np.linspace(0.0, 1.0, 101), 0.5])
    found = interval(VIDEOS, LINES, lambda videos, lines: float(next(scores)), ALONE, draws=101)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.025, 0.975))


def test_groups_are_drawn_whole() -> None:
    found = interval(VIDEOS, LINES, share, [i % 2 for i in ALONE], draws=500)
    assert {found.low, found.high} == {0.0, 1.0}  # both, or one of the two twice


def test_the_seed_decides_and_draws_that_cannot_be_scored_are_left_out() -> None:
    one, same, other = (interval(VIDEOS, LINES, share, ALONE, seed=seed) for seed in (0, 0, 1))
    assert one == same != other

    def sometimes(videos: Sequence[VideoTruth], lines: Sequence[Timeline]) -> float:
        found = share(videos, lines)
        return found if found <= 0.5 else np.nan

    assert interval(VIDEOS, LINES, sometimes, ALONE).high <= 0.5
    assert np.isnan(interval(VIDEOS, LINES, lambda videos, lines: np.nan, ALONE).low)
