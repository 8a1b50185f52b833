"""Titles and names in a video may be in any encoding, or broken: nothing depends on them."""

import sys
from pathlib import Path

import av
import pytest

from logotal.video.probe import probe
from logotal.video.reader import read_frames
from logotal.video.sound import add_sound
from tests.video.cases import encode, numbers

BROKEN = {
    "latin-1": "Évènements à Orléans".encode("latin-1"),
    "cut off inside a letter": "two kilometres é".encode()[:-1],
    "no text": b"\xff\xfe\x80\xe9\xf8",
}
IN_ORDER = {"bf": "0"}  # Matroska does not store when pictures that others follow are decoded
CONTAINERS = pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])


def with_title(source, title):
    """Puts these bytes as the title of the file and of each stream, where FFmpeg itself would write UTF-8."""
    placeholder = "?" * len(title)
    path = source.with_stem(f"{source.stem}-titled")
    options = {"write_crc32": "0"} if path.suffix == ".mkv" else {}  # its tracks would not be believed any more
    with av.open(str(source)) as given, av.open(str(path), "w", options=options) as container:
        container.metadata["title"] = placeholder
        into = {stream: container.add_stream_from_template(stream) for stream in given.streams}
        for stream in into.values():
            stream.metadata["title"] = placeholder
        for packet in given.demux():
            if packet.size:
                packet.stream = into[packet.stream]
                container.mux(packet)
    content = path.read_bytes()
    assert placeholder.encode() in content
    path.write_bytes(content.replace(placeholder.encode(), title))
    return path


@CONTAINERS
@pytest.mark.parametrize("title", BROKEN.values(), ids=BROKEN)
def test_a_title_that_is_no_utf_8_does_not_keep_a_video_from_being_read(tmp_path, suffix, title):
    video = encode(tmp_path / f"v{suffix}", 10, options=IN_ORDER)
    path = with_title(video, title)
    assert numbers(read_frames(path)) == list(range(10))
    assert (probe(path).duration, probe(path).fps) == (probe(video).duration, probe(video).fps)


def test_a_duration_that_is_no_text_counts_as_none(tmp_path):
    path = encode(tmp_path / "v.mkv", 10)
    content = path.read_bytes()
    assert content.count(b"00:00:00.400") == 1
    path.write_bytes(content.replace(b"00:00:00.400", b"\xff" * 12))
    assert numbers(read_frames(path)) == list(range(10))
    assert probe(path).duration == pytest.approx(0.4)


@CONTAINERS
@pytest.mark.parametrize("title", BROKEN.values(), ids=BROKEN)
def test_sound_is_copied_from_a_video_whose_title_is_no_utf_8(tmp_path, suffix, title):
    silent = encode(tmp_path / "silent.mp4", 10)
    sounding = with_title(encode(tmp_path / f"v{suffix}", 10, options=IN_ORDER, audio=True), title)
    assert add_sound(silent, sounding, tmp_path / "out.mkv")
    assert probe(tmp_path / "out.mkv").has_audio


@pytest.mark.skipif(sys.platform == "win32", reason="no file can have such a name there")
@pytest.mark.parametrize("name", ["concat:v.mp4", "http:v.mp4", "data:v.mp4"])
def test_sound_is_copied_from_a_file_with_the_name_of_a_protocol(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    encode(tmp_path / "v.mp4", 10, audio=True).rename(tmp_path / name)
    silent = encode(tmp_path / "silent.mp4", 10)
    assert add_sound(silent, Path(name), tmp_path / "out.mkv")
    assert probe(tmp_path / "out.mkv").has_audio
