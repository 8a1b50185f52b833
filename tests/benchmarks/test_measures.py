import doctest
import math

import pytest

from benchmarks import measures
from tests.benchmarks.cases import contestant


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(measures).failed == 0


def test_ratio_is_that_of_medians_and_not_moved_by_one_slow_repetition() -> None:
    assert measures.ratio(contestant(1, 1, 50), contestant(3, 3, 3)) == 3


def test_ratio_with_somebody_who_took_no_part_is_no_number() -> None:
    assert math.isnan(measures.ratio(contestant(1), {"absent": "not built"}))
    assert math.isnan(measures.ratio(None, contestant(1)))


def test_spread_compares_repetitions_that_ran_side_by_side() -> None:
    assert measures.spread(contestant(1, 10), contestant(2, 30)) == (2, 3)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_exponent_of_a_pure_power_is_found(power: float) -> None:
    lengths = [500, 2304, 10_000, 100_000]
    assert measures.exponent(lengths, [0.001 * x**power for x in lengths]) == pytest.approx(power)


def test_exponent_of_one_length_is_no_number() -> None:
    assert math.isnan(measures.exponent([500, 500], [1.0, 1.1]))


def test_a_time_of_a_second_and_more_is_told_in_seconds() -> None:
    assert (measures.clock(0.9994), measures.clock(1.0), measures.clock(100.0)) == ("999 ms", "1.00 s", "100 s")


def test_a_large_ratio_is_never_rounded_up() -> None:
    assert measures.times(199.99) == "199"
