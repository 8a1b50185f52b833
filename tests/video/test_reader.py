from fractions import Fraction
from itertools import islice

import av
import numpy as np
import pytest

from logotal.errors import InputError
from logotal.video.probe import probe
from logotal.video.reader import read_frames
from logotal.video.timing import lead
from tests.shared import shared
from tests.video.cases import encode, number, numbers

NTSC = Fraction(30000, 1001)
WITH_B_FRAMES = {"preset": "fast", "bf": "3", "g": "20", "sc_threshold": "0"}
RATES = (25, NTSC, 30, Fraction(24000, 1001), 60)


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_constant_rate_with_b_frames_gives_each_frame_once(tmp_path, fps, suffix):
    path = encode(tmp_path / f"v.{suffix}", 67, fps=fps, options=WITH_B_FRAMES)
    frames = list(read_frames(path))
    assert numbers(frames) == list(range(67))
    assert [frame.index for frame in frames] == list(range(67))
    assert [frame.time for frame in frames] == [float(i / fps) for i in range(67)]


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        ("avi", {"codec": "mpeg4"}),
        ("avi", {"codec": "mpeg4", "options": {"bf": "2"}}),
        ("avi", {"options": WITH_B_FRAMES}),
        ("mov", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
        ("mpg", {"codec": "mpeg2video", "options": {"bf": "2"}}),
        ("wmv", {"codec": "wmv2"}),
        ("flv", {"options": WITH_B_FRAMES}),
        ("mkv", {"codec": "ffv1", "pix_fmt": "yuv444p"}),
        ("h264", {"options": WITH_B_FRAMES}),
        ("webm", {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}}),
        ("webm", {"codec": "libvpx", "options": {"lag-in-frames": "16", "auto-alt-ref": "1", "cpu-used": "5"}}),
    ],
)
def test_every_container_and_codec_gives_each_frame_once(tmp_path, suffix, encoding):
    path = encode(tmp_path / f"v.{suffix}", 40, **encoding)
    assert numbers(read_frames(path)) == list(range(40))
    assert probe(path).fps == 25


@pytest.mark.parametrize("pix_fmt", ["gray", "yuv444p", "yuv422p10le", "yuv420p10le"])
def test_every_pixel_format_becomes_rgb(tmp_path, pix_fmt):
    path = encode(tmp_path / "v.mkv", 9, codec="libx264", pix_fmt=pix_fmt, options={"preset": "ultrafast"})
    frames = list(read_frames(path))
    assert numbers(frames) == list(range(9))
    assert {(frame.image.shape, frame.image.dtype) for frame in frames} == {((48, 64, 3), np.dtype(np.uint8))}


@pytest.mark.parametrize(
    ("own", "asked", "expected"),
    [
        (30, 15, list(range(0, 60, 2))),
        (NTSC, NTSC / 2, list(range(0, 60, 2))),
        (30, 10, list(range(0, 60, 3))),
        (30, 60, [i // 2 for i in range(120)]),
        (24, 30, [i * 4 // 5 for i in range(75)]),
        (25, 10, [i * 5 // 2 for i in range(24)]),
        (25, 1, [0, 25, 50]),
        (30, 0.5, [0]),
    ],
)
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_another_rate_takes_frames_at_even_distances(tmp_path, own, asked, expected, suffix):
    path = encode(tmp_path / f"v.{suffix}", 60, fps=own, options={"preset": "ultrafast"})
    assert numbers(read_frames(path, asked)) == expected


def test_thirty_from_29_97_repeats_one_frame_in_a_thousand_and_29_97_typed_by_hand_none(tmp_path):
    path = encode(tmp_path / "v.mkv", 1010, fps=NTSC, size=(24, 32), options={"preset": "ultrafast"})
    repeated = numbers(read_frames(path, 30))
    assert len(repeated) == 1011
    assert sorted(set(repeated)) == list(range(1010))
    assert repeated == sorted(repeated)
    assert numbers(read_frames(path, 29.97)) == list(range(1010))


IRREGULAR = [0, 40, 55, 70, 160, 161, 300, 340, 400, 1400, 1433, 1500]
"""Milliseconds: jitter, a burst, a gap of a second."""


def naive(milliseconds, fps, last_lasts, earlier):
    """What a reader of the definition writes: look at i / fps, or a hair later, for the last frame that has begun."""
    shown, i = [], 0
    while Fraction(i, fps) + earlier < Fraction(milliseconds[-1] + last_lasts, 1000):
        shown.append(
            max(k for k, begin in enumerate(milliseconds) if Fraction(begin, 1000) <= Fraction(i, fps) + earlier)
        )
        i += 1
    return shown


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("asked", [10, 25, 100])
def test_a_variable_rate_shows_what_is_on_the_screen_and_stays_in_gaps(tmp_path, suffix, asked):
    tick = Fraction(1, 1000)
    path = encode(tmp_path / f"v.{suffix}", 12, ticks=IRREGULAR, time_base=tick, options=WITH_B_FRAMES)
    found = numbers(read_frames(path, asked))
    earlier = lead(probe(path).fps, Fraction(asked))
    assert 0 < earlier <= Fraction(1, 2 * asked)
    # how long the last frame lasts is the container's guess: 40 ms (one frame) to 67 ms (like the one before)
    assert found == naive(IRREGULAR, asked, 67, earlier)[: len(found)]
    assert len(found) >= len(naive(IRREGULAR, asked, 40, earlier))
    assert found.count(8) in (asked, asked + 1, asked - 1)  # the second without a frame


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_dropped_frames_of_a_steady_camera_are_repeats_on_its_own_grid(tmp_path, suffix):
    kept = [i for i in range(90) if i % 17 not in (5, 6)]
    path = encode(tmp_path / f"v.{suffix}", len(kept), fps=30, ticks=kept, time_base=Fraction(1, 30))
    expected = [max(k for k, tick in enumerate(kept) if tick <= i) for i in range(90)]
    assert numbers(read_frames(path)) == expected
    assert probe(path).fps == 30


@pytest.mark.parametrize(("suffix", "offset"), [("ts", 0), ("ts", 12345), ("mp4", 125), ("mkv", 125), ("mov", 3)])
def test_time_zero_is_the_first_frame_wherever_the_clock_of_the_file_begins(tmp_path, suffix, offset):
    ticks = [offset + i for i in range(50)]
    path = encode(tmp_path / f"v.{suffix}", 50, ticks=ticks, options=WITH_B_FRAMES)
    frames = list(read_frames(path))
    assert numbers(frames) == list(range(50))
    assert frames[0].time == 0.0
    assert probe(path).duration == pytest.approx(2.0, abs=0.001)


def test_a_clock_that_jumps_by_hours_is_an_error_and_no_endless_grid(tmp_path):
    ticks = [*range(30), *range(25 * 8000, 25 * 8000 + 30)]
    path = encode(tmp_path / "v.mkv", 60, ticks=ticks)
    frames = read_frames(path)
    assert numbers(islice(frames, 29)) == list(range(29))
    with pytest.raises(InputError, match=r"timestamps jump by 7999 s at 1\.2 s"):
        next(frames)


def test_a_reordered_last_frame_does_not_last_as_long_as_a_gap_elsewhere(tmp_path):
    ticks = [*range(40), 60, 61, 90]
    path = encode(tmp_path / "v.mp4", 43, ticks=ticks, options={"bf": "3"})
    assert numbers(read_frames(path, 25)).count(42) <= 2


def test_one_frame_is_a_video(tmp_path):
    path = encode(tmp_path / "v.mp4", 1, fps=30)
    assert numbers(read_frames(path)) == [0]
    assert numbers(read_frames(path, 90)) == [0, 0, 0]
    assert probe(path).duration == pytest.approx(1 / 30, abs=1e-3)


def test_repeated_frames_are_separate_arrays(tmp_path):
    path = encode(tmp_path / "v.mp4", 2)
    found = []
    for frame in read_frames(path, 100):
        found.append(number(frame.image))
        frame.image[:] = 77  # nobody else sees this
    assert found == [0] * 4 + [1] * 4


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 1e-9])
def test_a_rate_that_is_no_rate_is_refused_at_once(tmp_path, fps):
    with pytest.raises(InputError, match="fps must be a positive number"):
        read_frames(encode(tmp_path / "v.mp4", 2), fps)


@pytest.mark.parametrize(
    ("name", "count", "fps", "size"),
    [
        ("highjump.mp4", 726, 30, (180, 320)),
        ("tennis26.mp4", 339, 30, (180, 320)),
        ("demo.mp4", 280, 28, (256, 340)),
        ("test_video_structuralize.mp4", 300, NTSC, (240, 426)),
        ("test.avi", 164, 25, (240, 320)),
    ],
)
def test_real_videos_give_every_frame_once(name, count, fps, size):
    path = shared(f"videos/{name}")
    info = probe(path)
    assert (info.fps, info.height, info.width) == (fps, *size)
    assert info.duration == pytest.approx(count / fps, abs=1 / fps + 1e-3)  # tennis26 leaves the last frame out
    seen = [frame.image.sum(dtype=np.int64) for frame in read_frames(path)]
    assert len(seen) == count
    assert seen == decoded_sums(path)


def decoded_sums(path):
    """The sum over each picture, straight from the decoder, in its order."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").sum(dtype=np.int64) for frame in container.decode(video=0)]
