"""Every writer and reader of timelines takes time in proportion: four times the actions, about four times the time."""

import gc
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


def ratio(many: Callable[[], object], few: Callable[[], object], tries: int = 20) -> float:
    """The processor time of one in that of the other, each the quickest of some tries; no more than it takes to see
    that it is small enough, for what shares the machine slows down one try and not another."""
    found: list[list[float]] = [[], []]
    gc.collect()
    gc.disable()  # a collection takes as long as all that other tests have left there
    try:
        for _ in range(tries):
            for times, work in zip(found, (many, few), strict=True):
                began = time.process_time()
                work()
                times.append(time.process_time() - began)
            if len(found[0]) > 2 and min(found[0]) < MOST * min(found[1]):
                break
    finally:
        gc.enable()
    return min(found[0]) / min(found[1])


@pytest.mark.parametrize("made", [many_labels, one_lane_each])
@pytest.mark.parametrize("suffix", FORMATS)
def test_four_times_the_actions_take_about_four_times_the_time(
    suffix: str, made: Callable[[int], Timeline], tmp_path: Path
) -> None:
    few, many = [made(FEW)], [made(4 * FEW)]
    write, read = FORMATS[suffix], READERS[suffix]
    assert ratio(lambda: write(many, {}), lambda: write(few, {})) < MOST
    path, texts = tmp_path / f"video{suffix}", (write(few, {}), write(many, {}))
    assert ratio(lambda: read(texts[1], path), lambda: read(texts[0], path)) < MOST
