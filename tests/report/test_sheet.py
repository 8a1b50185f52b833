import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from logotal.report.charts.lines import Series, line_chart
from logotal.report.charts.svg import timeline_svg
from logotal.report.sheet import Section, paragraph, picture, sheet, table
from logotal.timeline import Action, Timeline
from tests.browser import Visit, headless_chromium

HOSTILE = ("<script>alert(1)</script>", "a & b \"c\" 'd'", "\0\x0b\ud800 nul", "${light} $inks", "")


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def whole_page() -> str:
    chart = line_chart([Series("total", [1, 2], [3, 4])], title="Loss", x_label="epoch", y_label="loss")
    timeline = Timeline("match", (Action(1, 2, "serve", 0.5),), 10.0)
    rows = [[f"column {index}" for index in range(30)], [str(index) for index in range(30)]]
    body = [paragraph("Words."), chart, table(rows, caption="Wide"), picture(timeline_svg(timeline, timeline))]
    return sheet("A page", [Section("First", body), Section("Second")], subtitle="of everything")


@pytest.mark.parametrize("words", HOSTILE)
def test_any_words_are_text_wherever_they_stand(words: str) -> None:
    body = [paragraph(words), table([[words, words], [words]], caption=words)]
    page = sheet(words, [Section(words, body)], subtitle=words)
    page.encode()
    assert "script" not in Tags(page).tags
    shown = "".join(letter if letter.isprintable() else " " for letter in words)
    places = 9 if words else 0  # title, h1, subtitle, h2, paragraph, caption, three cells
    assert "".join(Tags(page).text).count(shown or "never") == places


def test_words_that_look_like_placeholders_stay_as_they_are() -> None:
    assert "<p>$inks ${dark}</p>" in sheet("t", [Section("h", [paragraph("$inks ${dark}")])])


def test_the_page_has_no_script_and_a_policy_that_allows_none() -> None:
    page = whole_page()
    assert "script" not in Tags(page).tags
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy[1]
    assert "unsafe" not in policy[1]


@pytest.mark.parametrize(
    ("cells", "at_the_right"),
    [
        (["3.40", "-", "12"], True),
        (["82.13 %", "1e-5", "-0.2"], True),
        (["66.8 ± 0.4", "66.1"], True),
        (["12", "run"], False),
        (["0.3:0.7", "0.3"], False),
        (["-", ""], False),
        ([], False),
    ],
)
def test_columns_of_numbers_stand_at_the_right(cells: list[str], at_the_right: bool) -> None:
    drawn = table([["label", "value"], *(["a", cell] for cell in cells)])
    assert ('<th scope="col" class="number">value</th>' in drawn) == at_the_right
    assert '<th scope="col">label</th>' in drawn
    assert drawn.count('<td class="number">') == (len(cells) if at_the_right else 0)


def test_short_rows_end_with_empty_cells_and_no_rows_are_an_empty_table() -> None:
    assert '<tr><td class="number">1</td><td></td></tr>' in table([["a", "b"], ["1"]])
    assert "<tbody></tbody>" in table([])


def test_a_picture_loses_only_the_style_that_the_policy_forbids() -> None:
    svg = timeline_svg(Timeline("v", (Action(1, 2, 'a style="b"'),)))
    shown = picture(svg)
    assert " style=" in svg
    assert ' style="' not in shown
    assert shown.count("<rect") == svg.count("<rect")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_fits_any_screen_without_errors_and_asks_for_nothing(
    browser: Any, tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "page.html"
    file.write_text(whole_page(), encoding="utf-8")
    visit = Visit(browser, file, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert visit.errors == []
    assert visit.requests == [file.as_uri()]
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 27)")
    line = visit.page.evaluate("getComputedStyle(document.querySelector('.chart svg path')).stroke")
    assert line == ("rgb(20, 97, 194)" if scheme == "light" else "rgb(61, 148, 246)")
    visit.context.close()
