from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest

from logotal.video.reader import read_frames
from logotal.video.source import Source
from logotal.video.writer import write_video
from tests.video.cases import encode, numbered, numbers

NTSC = Fraction(30000, 1001)
WITH_B_FRAMES = {"preset": "fast", "bf": "3", "g": "20", "sc_threshold": "0"}


def test_a_window_is_the_slice_of_the_whole(tmp_path):
    path = encode(tmp_path / "v.mp4", 200, fps=NTSC, options=WITH_B_FRAMES)
    whole = list(read_frames(path))
    for first, behind in [(0, 5), (1, 2), (19, 41), (150, 200), (199, 200), (77, 77), (180, 400)]:
        end = None if behind > 200 else behind / NTSC
        window = list(read_frames(path, start=float(first / NTSC), end=None if end is None else float(end)))
        assert [frame.index for frame in window] == list(range(first, min(behind, 200)))
        assert [frame.time for frame in window] == [frame.time for frame in whole[first:behind]]
        for one, other in zip(window, whole[first:behind], strict=True):
            np.testing.assert_array_equal(one.image, other.image)
    assert list(read_frames(path, start=60.0)) == []


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        ("mkv", {"options": {**WITH_B_FRAMES, "x264-params": "open-gop=1"}}),
        ("ts", {"options": WITH_B_FRAMES}),
        ("ts", {"codec": "mpeg2video", "options": {"bf": "2", "g": "12"}}),
        ("avi", {"codec": "mpeg4", "options": {"bf": "2", "g": "12"}}),
        ("avi", {"options": WITH_B_FRAMES}),
        ("h264", {"options": WITH_B_FRAMES}),
        ("mp4", {"options": {"preset": "ultrafast", "intra-refresh": "1", "g": "300"}}),
    ],
)
def test_windows_agree_with_the_whole_where_seeking_is_hard(tmp_path, suffix, encoding):
    path = encode(tmp_path / f"v.{suffix}", 120, **encoding)
    for first in (0, 25, 26, 49, 61, 90, 119):
        assert numbers(read_frames(path, start=first / 25, end=(first + 4) / 25)) == list(range(120))[first : first + 4]


@pytest.mark.parametrize("name", ["v.mp4", "v.ts", "v.avi"])
@pytest.mark.parametrize("late", [-10, Fraction(4, 5), 2])
@pytest.mark.parametrize("any_frame", [False, True])
def test_a_seek_that_misses_is_noticed(tmp_path, monkeypatch, name, late, any_frame):
    codec = {"v.mp4": "libx264", "v.ts": "mpeg2video", "v.avi": "mpeg4"}[name]
    path = encode(tmp_path / name, 120, codec=codec, options={"g": "40"})

    def missing(source, seconds):
        ticks = max(0, int((seconds + late) / source.time_base))
        source.container.seek(ticks, stream=source.stream, any_frame=any_frame)
        return True

    monkeypatch.setattr(Source, "seek", missing)
    assert numbers(read_frames(path, start=2.2, end=2.4)) == list(range(55, 60))


def test_neighboring_windows_share_no_frame_and_lose_none(tmp_path):
    path = encode(tmp_path / "v.mp4", 60, fps=NTSC, options={"preset": "ultrafast"})
    cuts = [0, 0.1, 10 / float(NTSC), 0.5, 1.001, 1.7, None]
    parts = [numbers(read_frames(path, 24, start=a, end=b)) for a, b in pairwise(cuts)]
    assert list(chain.from_iterable(parts)) == numbers(read_frames(path, 24))


def test_a_window_far_into_a_video_does_not_decode_what_comes_before(tmp_path, monkeypatch):
    path = encode(tmp_path / "v.mp4", 500, options=WITH_B_FRAMES)
    decoded = []
    original = Source.frames

    def counted(source, step):
        for item in original(source, step):
            decoded.append(item)
            yield item

    monkeypatch.setattr(Source, "frames", counted)
    assert numbers(read_frames(path, start=18.0, end=18.2)) == list(range(450, 455))
    assert len(decoded) < 80  # a second of margin, a distance of 20 between keyframes


def open_files():
    return {str(path.resolve()) for path in Path("/proc/self/fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux does")
def test_the_file_is_closed_as_soon_as_nobody_reads_on(tmp_path):
    path = write(tmp_path / "v.mp4", 50)
    frames = read_frames(path)
    assert str(path) not in open_files()  # nothing is open before the first frame is asked for
    next(frames)
    assert str(path) in open_files()
    frames.close()
    assert str(path) not in open_files()
    for frame in read_frames(path):
        if frame.index == 3:
            break
    assert len(list(read_frames(path))) == 50
    assert str(path) not in open_files()


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measures memory as Linux does")
def test_memory_does_not_grow_with_the_length(tmp_path):
    path = write(tmp_path / "v.mp4", 3000, height=96, width=128)
    early = late = 0
    for frame in read_frames(path, short_side=96):
        early = resident_bytes() if frame.index == 500 else early
        late = resident_bytes()
    assert frame.index == 2999
    assert late - early < 8e6  # 2500 frames of 37 kB would be 92 MB


def write(path, count, **size):
    write_video(path, (numbered(i, **size) for i in range(count)), 30)
    return path
