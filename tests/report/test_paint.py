import string

import numpy as np
import pytest

from logotal.report.paint import fitting, line, paint_text, text_width


def test_every_printable_character_looks_different():
    letters = [c for c in string.printable if not c.isspace()]
    pictures = [line(c, 24) for c in letters]
    assert len({(picture.above, picture.coverage.shape, picture.coverage.tobytes()) for picture in pictures}) == 94


@pytest.mark.parametrize("size", [5.0, 8.0, 17.0, 21.25])
def test_letters_stand_on_the_line_and_are_as_high_as_they_are_said_to(size):
    capitals = line("HEX", size)
    covered = np.flatnonzero((capitals.coverage > 0.4).any(axis=1))
    assert abs(covered[-1] + 1 - capitals.above) <= 1
    assert abs(len(covered) - size) <= 1
    assert line("g", size).coverage.shape[0] > line("g", size).above


def test_digits_are_all_as_wide_so_that_the_clock_stands_still():
    assert len({text_width(digit, 9.0) for digit in string.digits}) == 1
    assert text_width("", 9.0) == 0


def test_text_is_painted_where_it_is_said_to_be_and_nowhere_else():
    image = np.zeros((40, 200, 3), np.uint8)
    paint_text(image, (20, 30), "HHH", 12, "#ffffff")
    rows, columns = np.nonzero(image.max(axis=2) > 128)
    assert (abs(rows.min() - 14), abs(rows.max() - 25)) <= (1, 1)
    assert 30 <= columns.min() < columns.max() <= 30 + text_width("HHH", 12)


@pytest.mark.parametrize("place", [(-5, -10), (39, 195), (100, 500), (20, -1000)])
def test_what_lies_outside_of_the_picture_is_cut_off(place):
    image = np.zeros((40, 200, 3), np.uint8)
    paint_text(image, place, "jump", 12, "#ffffff")
    assert (image.max() > 0) == (place in [(-5, -10), (39, 195)])


def test_a_text_too_long_ends_in_an_ellipsis_within_the_width():
    for width in (200, 60, 20, 9, 3, 0, -5):
        assert text_width(fitting("volleyball spiking", 8, width), 8) <= max(width, 0)
    assert fitting("volleyball", 8, 1000) == "volleyball"
    assert fitting("volleyball", 8, 40).endswith("…")
