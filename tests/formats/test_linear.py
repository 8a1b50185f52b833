"""Every writer and reader of timelines takes time in proportion: four times the actions, about four times the time."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logotal.formats.timelines import FORMATS, READERS
from logotal.timeline import Action, Timeline

FEW, MOST = 500, 9.0
"""Actions of the smaller timeline, and the ratio that none may reach: 4 is linear, 16 quadratic."""


def many_labels(count: int) -> Timeline:
    return Timeline("video", tuple(Action(i, i + 0.5, f"label {i}", 0.5) for i in range(count)), float(count))


def one_lane_each(count: int) -> Timeline:
    return Timeline("video", tuple(Action(i * 0.01, i * 0.01 + 9e4, "label", 0.5) for i in range(count)), 1e5)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The processor time of the quickest of some tries."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize("made", [many_labels, one_lane_each])
@pytest.mark.parametrize("suffix", FORMATS)
def test_four_times_the_actions_take_about_four_times_the_time(
    suffix: str, made: Callable[[int], Timeline], tmp_path: Path
) -> None:
    few, many = [made(FEW)], [made(4 * FEW)]
    write, read = FORMATS[suffix], READERS[suffix]
    assert seconds(lambda: write(many, {})) < MOST * seconds(lambda: write(few, {}))
    path, texts = tmp_path / f"video{suffix}", (write(few, {}), write(many, {}))
    assert seconds(lambda: read(texts[1], path)) < MOST * seconds(lambda: read(texts[0], path))
