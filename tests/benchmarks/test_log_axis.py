import math
from xml.etree import ElementTree

import pytest

from benchmarks.log_axis import log_axis
from logotal.report.charts.lines import Series, line_chart


def test_ticks_are_powers_of_ten_or_1_2_and_5_where_these_are_few():
    assert log_axis([1, 1e5]).labels == ("1", "10", "100", "1000", "10000", "1e5")
    assert log_axis([0.03, 0.6]).labels == ("0.05", "0.1", "0.2", "0.5")
    assert log_axis([7.0]).labels == ("5", "10")
    assert log_axis([math.nan, 0.0, -3.0]).labels == log_axis([1, 10]).labels == ("1", "2", "5", "10")


@pytest.mark.parametrize("values", [[1, 1e5], [0.2, 0.3], [5e-7, 4e4], [3]])
def test_equal_ratios_are_equal_distances_and_all_values_have_a_place(values):
    axis = log_axis(values)
    assert all(-1e-9 <= axis.place(value) <= 1 + 1e-9 for value in (*values, *axis.ticks))
    assert axis.place(20) - axis.place(10) == pytest.approx(axis.place(2) - axis.place(1))
    assert all(math.isnan(axis.place(value)) for value in (0, -1, math.nan, math.inf))


def test_a_power_law_is_a_straight_line_in_a_picture():
    lengths = [10, 100, 1000]
    series = [Series("cost", lengths, [length**2 for length in lengths])]
    axes = {"x_axis": log_axis(lengths), "y_axis": log_axis(series[0].y)}
    picture = ElementTree.fromstring(line_chart(series, title="t", x_label="x", y_label="y", **axes))
    (way,) = (path.attrib["d"] for path in picture.iter("{http://www.w3.org/2000/svg}path") if "L" in path.attrib["d"])
    (x0, y0), (x1, y1), (x2, y2) = (map(float, point.split()) for point in way[1:].split("L"))
    assert (x1 - x0, y1 - y0) == pytest.approx((x2 - x1, y2 - y1), abs=0.2)
