import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.report.charts.axes import make_axis
from logotal.report.charts.lines import Series, bar_chart, line_chart
from logotal.report.charts.text import short_number, shortened, text_width
from logotal.report.sheet import Section, sheet
from tests.browser import Visit, headless_chromium

NAME = "{http://www.w3.org/2000/svg}"
NAN = math.nan
HOSTILE = ("<script>alert(1)</script>", "a & b \"c\" 'd'", "\0\x0b\ud800 nul", "x" * 500, "")
SPORTS = [
    f"{sport}{what}"
    for sport in ("Basketball", "Cricket", "Soccer", "Golf")
    for what in ("Shot", "Penalty", "Swing", "Bowling", "Throw")
]


def lines(*series: Series, **options: Any) -> str:
    return line_chart(series, title="Loss", x_label="epoch", y_label="loss", **options)


def bars(groups: list[str], series: dict[str, list[float]], **options: Any) -> str:
    return bar_chart(groups, series, title="AP", y_label="AP in %", **options)


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def texts(picture: str) -> list[str]:
    return [node.text or "" for node in parsed(picture).iter(f"{NAME}text")]


def drawn(picture: str, tag: str) -> list[ElementTree.Element]:
    """The elements of a kind in the groups of the series: those after the legend, which come with a title."""
    groups = [node for node in parsed(picture).iter(f"{NAME}g") if list(node.iter(f"{NAME}title"))]
    return [node for group in groups for node in group.iter(f"{NAME}{tag}")]


def test_a_chart_is_an_image_with_a_title_in_the_colors_of_the_page() -> None:
    picture = parsed(lines(Series("total", [1, 2], [3, 4]), Series("class", [1, 2], [1, 2])))
    assert picture.attrib["role"] == "img"
    assert picture[0].tag == f"{NAME}title"
    assert picture[0].text == "Loss"
    inks = [node.attrib["class"] for node in picture.iter(f"{NAME}g") if list(node.iter(f"{NAME}title"))]
    assert inks == ["ink-0", "ink-1"]
    assert picture.attrib["fill"] == "currentColor"


def test_a_line_goes_through_its_points_and_breaks_at_nan() -> None:
    picture = lines(Series("total", [0, 1, 2, 3, 4], [0, 10, NAN, 10, 5]))
    first, second = (path.attrib["d"] for path in drawn(picture, "path"))
    assert first.count("L") == second.count("L") == 1
    start, end = (tuple(map(float, point.split())) for point in first[1:].split("L"))
    assert end[0] > start[0]
    assert end[1] < start[1]  # upwards


def test_one_point_and_a_point_between_breaks_are_dots() -> None:
    assert len(drawn(lines(Series("total", [3], [5])), "circle")) == 1
    assert len(drawn(lines(Series("total", [1, 2, 3], [NAN, 5, NAN])), "circle")) == 1


@pytest.mark.parametrize(
    "series",
    [[], [Series("total", [], [])], [Series("total", [1, 2], [NAN, math.inf])]],
    ids=["no series", "no points", "no finite value"],
)
def test_nothing_to_draw_says_so(series: list[Series]) -> None:
    assert "No data" in texts(lines(*series))


def test_values_that_a_given_axis_has_no_place_for_break_the_line() -> None:
    picture = lines(Series("total", [1, 2, 3, 4, 5], [1, 100, NAN, 1e301, 10]), y_axis=make_axis([0, 500]))
    assert len(drawn(picture, "path")) == 1
    assert len(drawn(picture, "circle")) == 1
    assert "500" in texts(picture)


def test_what_lies_outside_the_range_is_cut_off_by_the_plot() -> None:
    picture = parsed(lines(Series("total", [0, 1], [0.5, 7]), y_range=(0, 1)))
    plot = picture.find(f"{NAME}svg")
    assert plot is not None
    assert float(plot.attrib["height"]) < 230
    assert "1.0" in [node.text for node in picture.iter(f"{NAME}text")]


def test_a_hundred_thousand_points_are_thinned_but_keep_their_extremes() -> None:
    values = [0.5] * 100_000
    values[70_123] = 1.0
    (path,) = drawn(lines(Series("total", range(100_000), values), y_range=(0, 1)), "path")
    points = [tuple(map(float, point.split())) for point in path.attrib["d"][1:].split("L")]
    assert len(points) < 2500
    assert min(y for _, y in points) == pytest.approx(5)


def test_series_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="'total': expected as many y as x values, found 2 and 1"):
        Series("total", [1, 2], [1])
    with pytest.raises(ValueError, match="'ours': expected a value for each of 2 groups, found 1"):
        bars(["a", "b"], {"ours": [1]})


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_text_of_a_well_formed_picture(name: str) -> None:
    line = line_chart([Series(name, [1], [1])], title=name, x_label=name, y_label=name, markers=True)
    bar = bar_chart([name], {name: [1], "other": [2]}, title=name, y_label=name)
    for picture in (line, bar, bar_chart([name] * 30, {name: [1] * 30}, title=name, y_label=name)):
        assert "<script" not in picture
        picture.encode()
        parsed(picture)


def test_bars_stand_for_their_values_and_nan_has_none() -> None:
    picture = bars(["S", "M", "L"], {"ours": [10, 20, NAN]}, y_range=(0, 20))
    first, second = (float(bar.attrib["height"]) for bar in drawn(picture, "rect"))
    assert second == pytest.approx(2 * first, abs=0.2)
    assert {"10", "20"} <= set(texts(picture))


def test_negative_bars_hang_below_zero() -> None:
    up, down = drawn(bars(["S", "M"], {"ours": [10, -10]}), "rect")
    assert float(up.attrib["y"]) + float(up.attrib["height"]) == pytest.approx(float(down.attrib["y"]), abs=0.2)


def test_stacked_bars_stand_on_each_other() -> None:
    low, high = drawn(bars(["S"], {"true": [60], "false": [40]}, stacked=True, y_range=(0, 100)), "rect")
    assert float(high.attrib["y"]) + float(high.attrib["height"]) == pytest.approx(float(low.attrib["y"]), abs=0.2)
    assert float(low.attrib["x"]) == float(high.attrib["x"])


def test_bars_beyond_the_range_end_at_its_end() -> None:
    whole, beyond = drawn(bars(["S", "M"], {"ours": [100, 250]}, y_range=(0, 100)), "rect")
    assert whole.attrib["height"] == beyond.attrib["height"]


def test_names_that_do_not_fit_below_their_bars_stand_beside_them_in_rows() -> None:
    picture = bars(SPORTS, {"ours": [50.0] * len(SPORTS)})
    rows = drawn(picture, "rect")
    assert len({row.attrib["x"] for row in rows}) == 1
    assert len({row.attrib["y"] for row in rows}) == len(SPORTS)


def test_a_legend_names_several_series_and_one_that_the_axis_does_not_name() -> None:
    assert {"ours", "theirs"} <= set(texts(bars(["S"], {"ours": [1], "theirs": [2]})))
    assert "ours" in texts(bars(["S"], {"ours": [1]}))
    assert texts(bars(["S"], {"AP in %": [1]})).count("AP in %") == 1


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=4),
    st.booleans(),
)
def test_ticks_rise_within_the_range_and_are_few_for_any_numbers(values: list[float], whole: bool) -> None:
    axis = make_axis(values, whole_ticks=whole)
    assert axis.low < axis.high
    assert 1 <= len(axis.ticks) <= 14
    assert list(axis.ticks) == sorted(set(axis.ticks))
    for tick in axis.ticks:
        assert -1e-6 <= axis.place(tick) <= 1 + 1e-6
    for value in values:
        place = axis.place(value)
        assert math.isnan(place) or -1e-6 <= place <= 1 + 1e-6
    parsed(lines(Series("v", values, values), markers=True))
    parsed(bars([str(index) for index in range(len(values))], {"v": values}, stacked=whole))


def test_ticks_are_round() -> None:
    assert make_axis([0, 87], whole_ticks=True).labels == ("0", "20", "40", "60", "80", "100")
    assert make_axis([0, 1]).labels == ("0", "1")  # whole numbers have no ticks between them
    assert make_axis([0.1, 1.0]).labels == ("0.2", "0.4", "0.6", "0.8", "1.0")
    assert make_axis([0, 1e-4], whole_ticks=True).labels == ("0", "2e-5", "4e-5", "6e-5", "8e-5", "1e-4")


def test_words_are_shortened_to_their_room_wide_scripts_earlier() -> None:
    assert shortened("jump", 100, 13) == "jump"
    assert text_width(shortened("CleanAndJerk" * 9, 100, 13), 13) <= 100
    assert len(shortened("跳" * 50, 100, 13)) < len(shortened("j" * 50, 100, 13))


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (-10, "-10"), (99.96, "100"), (0.12345, "0.123"), (1e-7, "1e-7"), (123456, "123456")],
)
def test_numbers_have_three_digits(value: float, words: str) -> None:
    assert short_number(value) == words


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as running:
        yield running


MANY = [f"label number {index}" for index in range(200)]
GALLERY = {
    "twelve lines": lines(*(Series(f"a label of some length {i}", [0, 1], [i, 1]) for i in range(12))),
    "far from zero": lines(Series("v", [1e9, 1e9 + 2], [1e-12, 3e-12])),
    "forty epochs": lines(Series("v", range(1, 41), [x / 7 for x in range(40)])),
    "one group": bars(["only"], {"a": [3]}),
    "five groups": bars(["XS", "S", "M", "L", "XL"], {"ours": [1.5, 20, 99.9, NAN, -3], "theirs": [5, 5, 5, 5, 5]}),
    "twenty groups": bars(SPORTS, {"mean": [float(i) for i in range(20)], "at 0.5": [99.5] * 20}, y_range=(0, 100)),
    "stacked": bars(["1G", "2G"], {"true": [60, 20], "false": [39, 79], "rest": [1, 1]}, stacked=True),
    "two hundred groups": bars(MANY, {"count": [index * 1e7 for index in range(200)]}),
    "long names": bars(["a very long name of a class that nobody can read " * 2] * 3, {"count": [1, 2, 3]}),
}
OVERLAPS = """() => {
  const texts = [...document.querySelectorAll("svg text")].filter((text) => text.textContent);
  const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
  // The box of a line of text has some space above and below the letters.
  const above = (a, b) => a.bottom - 3 <= b.top + 3;
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || above(a, b) || above(b, a);
  const frame = document.querySelector("svg").getBoundingClientRect();
  const found = boxes.filter(([, box]) => box.left < frame.left || box.right > frame.right).map(([words]) => words);
  boxes.forEach(([words, box], i) => boxes.slice(i + 1).forEach(([others, other]) => {
    if (!apart(box, other)) found.push(words + " on " + others);
  }));
  return found;
}"""


@pytest.mark.parametrize("name", GALLERY)
def test_no_words_of_a_chart_lie_on_others_or_outside(browser: Any, tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(sheet(name, [Section("Chart", [GALLERY[name]])]), encoding="utf-8")
    visit = Visit(browser, file)
    assert visit.page.evaluate(OVERLAPS) == []
    assert visit.errors == []
    visit.context.close()
