from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.video.timing import exact_rate, in_presentation_order, lead, own_rate, unrounded

STEP = Fraction(1, 25)
NTSC = Fraction(30000, 1001)
RATES = st.sampled_from([Fraction(n) for n in (1, 8, 10, 12, 15, 24, 25, 30, 50, 60)] + [NTSC, NTSC / 2, NTSC * 4 / 5])


def times(stamps, step=STEP):
    """The times, in steps, that frames with these timestamps get; a pair is (pts, dts)."""
    pairs = [stamp if isinstance(stamp, tuple) else (stamp, None) for stamp in stamps]
    frames = [SimpleNamespace(pts=pts, dts=dts, number=i) for i, (pts, dts) in enumerate(pairs)]
    ordered = list(in_presentation_order(frames, STEP, step))
    assert [frame.number for _, frame in ordered] == list(range(len(stamps)))  # the decoder's order stays
    return [float(time / STEP) for time, _ in ordered]


@given(st.lists(st.integers(-1000, 1000), unique=True, max_size=30))
def test_increasing_timestamps_stay_as_they_are(stamps):
    assert times(sorted(stamps)) == sorted(stamps)


@given(st.lists(st.integers(0, 50) | st.none(), max_size=40))
def test_whatever_the_file_says_time_goes_forward(stamps):
    found = times(stamps)
    assert all(a < b for a, b in pairwise(found))


def test_timestamps_in_the_order_of_decoding_are_sorted():
    assert times([1, 2, 4, 3, 5, 7, 6, 8, 10, 9]) == list(range(1, 11))
    assert times([0, 4, 2, 1, 3, 8, 6, 5, 7]) == list(range(9))


def test_missing_timestamps_are_filled_from_the_rate():
    assert times([None] * 4) == [0, 1, 2, 3]
    assert times([10, None, None, 13]) == [10, 11, 12, 13]
    assert times([None, None, 5, 6]) == [3, 4, 5, 6]
    assert times([7, 8, None, None]) == [7, 8, 9, 10]


def test_filled_timestamps_do_not_overtake_the_next_one():
    assert times([0, None, None, Fraction(3, 2)]) == [0, 0.5, 1, 1.5]
    assert times([0, None, 40]) == [0, 1, 40]


def test_decoding_times_stand_in_for_missing_ones():
    assert times([(None, 3), (None, 4), (9, 5)]) == [3, 4, 9]


def test_a_clock_that_jumps_back_goes_on_at_the_rate():
    assert times([*range(100, 110), *range(10)]) == list(range(100, 120))
    assert times([5, 6, 6, 8]) == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("given_rate", "expected"),
    [(25, 25), (29.97, Fraction(2997, 100)), (29.97002997002997, NTSC), (NTSC, NTSC), (23.976023976, NTSC * 4 / 5)],
)
def test_rates_are_exact(given_rate, expected):
    assert exact_rate(given_rate) == expected


def test_no_rate_is_refused():
    with pytest.raises(InputError, match=r"fps must be a positive number, found -2"):
        exact_rate(-2)


def rate_of(ticks, average=None, base=None, time_base=Fraction(1, 1000)):
    return own_rate(
        SimpleNamespace(average_rate=average, guessed_rate=None, base_rate=base, time_base=time_base), ticks
    )


def test_the_base_rate_counts_where_frames_follow_it():
    # highjump.mp4: the length in the header leaves half a frame out, so the average is not the rate
    assert rate_of([0, 33, 67, 100, 133], average=Fraction(3635, 121), base=30) == 30
    assert rate_of([0, 33, 67, 167, 200, 233], average=26, base=30) == 30  # a dropped frame


def test_the_average_rate_counts_where_the_rate_varies():
    assert rate_of([0, 40, 55, 70, 160, 300], average=20, base=1000) == 20
    assert rate_of([0, 40, 80, 120], average=25, base=50) == 25  # fields, not frames


def test_without_rates_the_timestamps_or_25_count():
    assert rate_of([0, 50, 100, 150]) == 20
    assert rate_of([0]) == 25
    assert rate_of([]) == 25


@given(own=RATES, fps=RATES, index=st.integers(0, 10_000))
def test_no_look_is_near_a_change_of_frame_in_any_pair_of_common_rates(own, fps, index):
    early = lead(own, fps)
    assert 0 < early <= min(1 / (2 * own), 1 / (2 * fps))
    if (own / fps).denominator <= 12:  # others beat, and pass a change of frame now and then
        place = (index / fps + early) * own % 1
        assert min(place, 1 - place) / own >= early - Fraction(1, 10**9)


@given(own=RATES, index=st.integers(0, 1_000_000), tick=st.sampled_from([1000, 600, 90_000, 15_360, 1_000_000]))
def test_rounding_to_ticks_is_undone(own, index, tick):
    tick = Fraction(1, tick)
    assert unrounded(round(index / own / tick) * tick, 1 / own, tick) == index / own


def test_a_time_between_frames_stays():
    assert unrounded(Fraction(45, 1000), STEP, Fraction(1, 1000)) == Fraction(45, 1000)
    assert unrounded(Fraction(3, 25), Fraction(1, 10), Fraction(1, 25)) == Fraction(3, 25)  # ticks as long as frames
