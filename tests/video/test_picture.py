import numpy as np
import pytest

from logotal.video.picture import Orientation, Painter
from logotal.video.probe import probe
from logotal.video.reader import read_frames
from tests.video.cases import MATRICES, encode, number, numbered, numbers, set_matrix

FAST = {"preset": "ultrafast"}


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_a_camera_that_was_held_sideways_gives_upright_pictures(tmp_path, clockwise):
    # the camera stores the upright picture turned the other way round
    stored = [np.rot90(numbered(i, 48, 64), clockwise // 90) for i in range(200, 230)]
    path = encode(tmp_path / "v.mp4", 30, size=stored[0].shape[:2], pictures=stored)
    set_matrix(path, MATRICES[clockwise])
    info = probe(path)
    assert (info.height, info.width, info.rotation) == (48, 64, clockwise)
    frames = list(read_frames(path))
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    assert numbers(frames) == list(range(200, 230))


@pytest.mark.parametrize(
    ("matrix", "stored"),
    [
        ((-1, 0, 0, 1), lambda upright: upright[:, ::-1]),
        ((1, 0, 0, -1), lambda upright: upright[::-1]),
        ((0, 1, 1, 0), lambda upright: upright.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda upright: upright[::-1, ::-1].transpose(1, 0, 2)),
    ],
    ids=["left-right", "top-down", "transposed", "other diagonal"],
)
def test_mirrored_pictures_are_mirrored_back(tmp_path, matrix, stored):
    pictures = [np.ascontiguousarray(stored(numbered(i, 48, 64))) for i in range(200, 210)]
    path = encode(tmp_path / "v.mp4", 10, size=pictures[0].shape[:2], pictures=pictures)
    set_matrix(path, matrix)
    frames = list(read_frames(path))
    assert frames[0].image.shape == (48, 64, 3)
    assert numbers(frames) == list(range(200, 210))


def test_a_matrix_of_zeros_turns_nothing(tmp_path):
    path = encode(tmp_path / "v.mp4", 3)
    set_matrix(path, (0, 0, 0, 0))
    assert numbers(read_frames(path)) == [0, 1, 2]


@pytest.mark.parametrize("size", [(49, 65), (51, 63), (48, 67), (1, 1), (3, 500)])
def test_odd_sizes_have_no_edge_of_padding(tmp_path, size):
    pictures = [np.full((*size, 3), level, dtype=np.uint8) for level in (0, 90, 255)]
    path = encode(tmp_path / "v.mkv", 3, codec="ffv1", pix_fmt="yuv444p", size=size, pictures=pictures)
    assert (probe(path).height, probe(path).width) == size
    for picture, frame in zip(pictures, read_frames(path), strict=True):
        assert frame.image.shape == (*size, 3)
        assert abs(frame.image.astype(int) - picture).max() <= 2


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p"])
def test_odd_sizes_with_halved_colors(tmp_path, pix_fmt):
    path = encode(tmp_path / "v.mkv", 5, codec="ffv1", pix_fmt=pix_fmt, size=(49, 65))
    frames = list(read_frames(path))
    assert frames[0].image.shape == (49, 65, 3)
    assert numbers(frames) == list(range(5))


RED_GREEN_BLUE = np.repeat(np.eye(3, dtype=np.uint8)[None] * 200 + 20, 16, axis=0).repeat(16, axis=1)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("v.mkv", "libx264", "yuv420p"),
        ("v.mkv", "libx264", "yuv444p"),
        ("v.mkv", "mjpeg", "yuvj420p"),
        ("v.mkv", "ffv1", "bgr0"),
        ("v.mov", "png", "rgb24"),
    ],
)
def test_colors_are_red_green_blue_in_that_order(tmp_path, name, codec, pix_fmt):
    path = encode(tmp_path / name, 1, codec=codec, pix_fmt=pix_fmt, size=(16, 48), pictures=[RED_GREEN_BLUE])
    (frame,) = read_frames(path)
    middles = frame.image[8, 8::16].astype(int)
    assert abs(middles - RED_GREEN_BLUE[8, 8::16]).max() < 12


def test_a_change_of_size_in_the_middle_keeps_the_size_of_the_first_frame(tmp_path):
    small = encode(tmp_path / "small.h264", 10, size=(48, 64), options=FAST)
    large = encode(tmp_path / "large.h264", 10, size=(96, 128), options=FAST)
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    frames = list(read_frames(both))
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    assert [number(frame.image) for frame in frames] == [*range(10), *range(10)]


def test_frames_that_nobody_looks_at_are_not_painted_and_still_say_the_size(tmp_path, monkeypatch):
    small = encode(tmp_path / "small.h264", 10, size=(48, 64), options=FAST)
    large = encode(tmp_path / "large.h264", 10, size=(96, 128), options=FAST)
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    painted = []
    paint = Painter.rgb
    monkeypatch.setattr(Painter, "rgb", lambda self, frame: painted.append(frame) or paint(self, frame))
    last = list(read_frames(both))[-1]
    assert painted == []
    assert last.image.shape == (48, 64, 3)
    assert last.image is last.image
    assert len(painted) == 1


def test_a_frame_that_is_shown_twice_has_two_pictures(tmp_path):
    first, again, *_ = read_frames(encode(tmp_path / "v.mkv", 3, fps=25), 50)
    kept = first.image.copy()
    again.image[:] = 7
    assert (first.image == kept).all()


def test_the_eight_orientations_are_different_and_keep_every_pixel():
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    seen = {
        Orientation(transposed, top_down, left_right).applied(image).tobytes()
        for transposed in (False, True)
        for top_down in (False, True)
        for left_right in (False, True)
    }
    assert len(seen) == 8
    assert {bytes(sorted(content)) for content in seen} == {bytes(range(18))}
