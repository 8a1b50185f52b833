from fractions import Fraction

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.video.probe import probe
from logotal.video.reader import read_frames
from logotal.video.writer import write_video
from tests.video.cases import numbered, numbers


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts"])
@pytest.mark.parametrize("fps", [25, 30000 / 1001, Fraction(24000, 1001)], ids=str)
def test_what_is_written_is_read_back(tmp_path, suffix, fps):
    path = tmp_path / f"new folder/v.{suffix}"
    write_video(path, (numbered(i) for i in range(40)), fps)
    assert numbers(read_frames(path)) == list(range(40))
    assert float(probe(path).fps) == pytest.approx(float(fps))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_colors_survive(tmp_path):
    image = np.zeros((64, 96, 3), dtype=np.uint8)
    image[:, :32], image[:, 32:64], image[:, 64:] = (220, 30, 40), (20, 200, 60), (30, 50, 210)
    write_video(tmp_path / "v.mp4", [image] * 3, 10)
    for frame in read_frames(tmp_path / "v.mp4"):
        assert abs(frame.image[32, 16::32].astype(int) - image[32, 16::32]).max() < 12


@pytest.mark.parametrize("size", [(49, 64), (48, 65), (49, 65)])
def test_odd_sizes_become_even_by_repeating_the_edge(tmp_path, size):
    write_video(tmp_path / "v.mp4", [np.full((*size, 3), 200, dtype=np.uint8)] * 2, 10)
    (first, _) = read_frames(tmp_path / "v.mp4")
    assert first.image.shape == (size[0] + size[0] % 2, size[1] + size[1] % 2, 3)
    assert abs(first.image.astype(int) - 200).max() <= 4


def test_one_frame_is_written(tmp_path):
    write_video(tmp_path / "v.mp4", [numbered(5)], 10)
    assert numbers(read_frames(tmp_path / "v.mp4")) == [5]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"old")

    def frames():
        yield from (numbered(i) for i in range(30))
        raise RuntimeError("the painter fell ill")

    with pytest.raises(RuntimeError, match="fell ill"):
        write_video(path, frames(), 25)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "at least one frame"),
        ([numbered(0), numbered(1, 24, 32)], "of one size"),
        ([numbered(0).astype(float)], "uint8"),
        ([numbered(0)[..., 0]], r"\(H, W, 3\)"),
    ],
)
def test_frames_that_are_not_as_described_are_refused(tmp_path, frames, message):
    with pytest.raises(ValueError, match=message):
        write_video(tmp_path / "v.mp4", frames, 25)
    assert list(tmp_path.iterdir()) == []


def test_a_suffix_that_holds_no_h264_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a name that ends in one of \.mp4"):
        write_video(tmp_path / "v.gif", [numbered(0)], 25)
