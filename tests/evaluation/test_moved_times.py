from itertools import permutations

import pytest

from logotal.evaluation.moved_times import moved
from logotal.timeline import Action

FOUND = [
    Action(start, start + 2, label)
    for start, label in ((20, "a"), (31, "b"), (58, "a"), (97, "b"), (160, "a"), (233, "a"))
]
RATES = [(a, b) for a, b in permutations((24, 25, 30, 50, 60), 2)]


def changed(factor: float, shift: float = 0.0) -> list[Action]:
    """Labels that fit what is found once their times are multiplied by `factor` and so many seconds are added."""
    return [Action((a.start - shift) / factor, (a.end - shift) / factor, a.label) for a in FOUND]


@pytest.mark.parametrize(("counted", "real"), RATES)
def test_each_frame_rate_that_is_taken_for_another_is_named(counted: int, real: int) -> None:
    there = moved(changed(counted / real), FOUND)
    assert there is not None
    assert there.factor == pytest.approx(counted / real, abs=0.01)
    assert (there.before, there.fitting, there.count) == (0, 6, 6)
    first = next(f"at {a} frames a second in a video of {b};" for a, b in RATES if a / b == counted / real)
    assert first in there.sentence


@pytest.mark.parametrize("factor", [0.71, 1.37])
def test_a_factor_that_no_two_frame_rates_have_is_found_among_the_late_actions(factor: float) -> None:
    there = moved(changed(factor), FOUND)
    assert there is not None
    assert there.factor == pytest.approx(factor, abs=1e-6)
    assert there.fitting == 6
    assert "frames a second" not in there.sentence


@pytest.mark.parametrize(("shift", "said"), [(3.2, "3.2 s later"), (-4.5, "4.5 s earlier")])
def test_a_shift_is_told_with_its_direction(shift: float, said: str) -> None:
    there = moved(changed(1.0, shift), FOUND)
    assert there is not None
    assert (there.factor, there.shift, there.fitting) == (1.0, pytest.approx(shift), 6)
    assert said in there.sentence


def test_labels_that_fit_or_are_few_are_not_moved() -> None:
    assert moved(FOUND, FOUND) is None
    assert moved(changed(0.8)[:2], FOUND) is None
    assert moved(changed(0.8), FOUND[:2]) is None
