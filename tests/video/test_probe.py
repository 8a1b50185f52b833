import av
import numpy as np
import pytest

from logotal.errors import InputError
from logotal.video.probe import VideoInfo, probe
from logotal.video.reader import IncompleteVideoError, read_frames
from tests.shared import shared
from tests.video.cases import encode, numbers, write_sound

FAST = {"preset": "ultrafast"}


def test_a_video_in_numbers(tmp_path):
    path = encode(tmp_path / "v.mp4", 50, fps=25, size=(48, 64), audio=True)
    expected = VideoInfo(64, 48, rotation=0, duration=2.0, fps=25, frames=50, codec="h264", has_audio=True)
    assert probe(path) == expected
    assert numbers(read_frames(path)) == list(range(50))


def test_a_real_video_in_numbers():
    info = probe(shared("videos/highjump.mp4"))
    assert (info.width, info.height, info.fps, info.codec, info.has_audio) == (320, 180, 30, "h264", True)
    assert info.duration == pytest.approx(24.2)
    assert info.frames == 727  # one more than are ever shown


@pytest.mark.parametrize("suffix", ["webm", "h264"])
def test_a_length_that_the_container_does_not_declare_is_counted(tmp_path, suffix):
    codec = {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}} if suffix == "webm" else {}
    muxer = {"live": "1"} if suffix == "webm" else {}  # as a browser records
    path = encode(tmp_path / f"v.{suffix}", 300, size=(24, 32), muxer=muxer, **codec)
    assert probe(path).duration == pytest.approx(12.0, abs=0.002)
    assert probe(path).fps == 25
    assert len(list(read_frames(path))) == 300


def refusal(path):
    """The message of both functions, which have to agree."""
    with pytest.raises(InputError) as probed:
        probe(path)
    with pytest.raises(InputError) as read:
        read_frames(path)
    assert str(probed.value) == str(read.value)
    assert str(path) in str(read.value)
    assert "\n" not in str(read.value)
    return str(read.value)


def test_no_such_file(tmp_path):
    assert "no such file" in refusal(tmp_path / "absent.mp4")


def test_a_folder(tmp_path):
    assert "found a folder" in refusal(tmp_path)


def test_a_file_of_zero_bytes(tmp_path):
    path = tmp_path / "v.mp4"
    path.touch()
    assert "empty" in refusal(path)


@pytest.mark.parametrize("name", ["notes.mp4", "notes.avi", "notes.txt"])
def test_a_text_file(tmp_path, name):
    path = tmp_path / name
    path.write_text("0:12 she serves\n" * 40)
    assert "expected a video" in refusal(path)


def test_random_bytes(tmp_path):
    path = tmp_path / "v.mkv"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    assert "FFmpeg cannot open" in refusal(path)


def test_a_sound_file(tmp_path):
    assert "found sound only" in refusal(write_sound(tmp_path / "v.m4a"))


def test_a_sound_file_with_a_cover_picture(tmp_path):
    path = write_sound(tmp_path / "v.mp4", cover=True)
    assert "found sound and a cover picture only" in refusal(path)


def test_an_mp4_whose_index_at_the_end_was_lost(tmp_path):
    path = encode(tmp_path / "v.mp4", 30, options=FAST)
    content = path.read_bytes()
    for lost in (600, len(content) - content.index(b"moov") + 4):
        path.write_bytes(content[:-lost])
        assert "cut off" in refusal(path)


def test_an_mp4_without_any_of_its_pictures(tmp_path):
    path = encode(tmp_path / "v.mp4", 30, options=FAST, muxer={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 4])
    assert "no frame that can be decoded" in refusal(path)


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        ("mp4", {"muxer": {"movflags": "faststart"}}),
        ("mkv", {}),
        ("webm", {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}}),
        ("avi", {"codec": "mpeg4"}),
    ],
)
def test_a_file_that_was_cut_off_gives_what_is_there_and_then_an_error(tmp_path, suffix, encoding):
    path = encode(tmp_path / f"v.{suffix}", 100, **encoding)
    content = path.read_bytes()
    header = content.index(b"mdat") if suffix == "mp4" else 0
    path.write_bytes(content[: header + (len(content) - header) * 7 // 10])
    kept = []
    with pytest.raises(IncompleteVideoError, match="the file is cut off"):
        kept.extend(read_frames(path))
    assert 20 < len(kept) < 90
    sure = len(kept) - 5  # the last one may be half a picture, and lack pictures between it and the one before
    assert numbers(kept[:sure]) == list(range(sure))


def packet_places(path):
    """Where each packet lies in a file: (first byte, length)."""
    with av.open(str(path)) as container:
        return [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("beyond", [0, 1, 4])
def test_a_cut_between_two_packets_or_just_behind_loses_no_frame_before_it(tmp_path, beyond):
    path = encode(tmp_path / "v.mp4", 100, muxer={"movflags": "faststart"}, options={"bf": "3"})
    path.write_bytes(path.read_bytes()[: packet_places(path)[60][0] + beyond])
    kept = []
    with pytest.raises(IncompleteVideoError, match=r"s of it are missing; copy or download it again"):
        kept.extend(read_frames(path))
    assert len(set(numbers(kept))) == 60


def test_a_cut_in_the_very_last_packet_is_seen(tmp_path):
    path = encode(tmp_path / "v.mp4", 50, muxer={"movflags": "faststart"}, options={"bf": "0"})
    path.write_bytes(path.read_bytes()[:-3])
    kept = []
    with pytest.raises(IncompleteVideoError, match=r"1\.96 s could be decoded"):
        kept.extend(read_frames(path))
    assert numbers(kept) == list(range(49))


@pytest.mark.parametrize("packets", [1, 2, 4])
def test_damage_in_the_last_packets_is_seen(tmp_path, packets):
    path = encode(tmp_path / "v.mp4", 50, muxer={"movflags": "faststart"}, options={"bf": "0"})
    content = bytearray(path.read_bytes())
    for place, size in packet_places(path)[-packets:]:
        content[place : place + size] = bytes(size)
    path.write_bytes(content)
    kept = []
    with pytest.raises(IncompleteVideoError, match="the file is cut off"):
        kept.extend(read_frames(path))
    assert numbers(kept) == list(range(len(kept)))
    assert 50 - packets - 4 <= len(kept) <= 50 - packets  # PyAV before 18 drops what was decoded beside a fault


def test_an_mpeg_stream_that_was_cut_off_is_a_shorter_video(tmp_path):
    path = encode(tmp_path / "v.ts", 100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 // 188 * 188])
    frames = list(read_frames(path))
    assert 20 < len(frames) < 80


def test_damage_in_the_middle_costs_its_frames_and_is_told(tmp_path):
    options = {"g": "10", "bf": "0", "sc_threshold": "0"}
    path = encode(tmp_path / "v.mp4", 60, options=options, muxer={"movflags": "faststart"})
    content = bytearray(path.read_bytes())
    header = content.index(b"mdat")
    start, end = (header + (len(content) - header) * part // 10 for part in (4, 5))
    content[start:end] = bytes(end - start)
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged packets"):
        frames = list(read_frames(path))
    assert [frame.index for frame in frames] == list(range(60))
    assert numbers(frames[:5]) == list(range(5))
    assert numbers(frames[50:]) == list(range(50, 60))  # from the next keyframe on
