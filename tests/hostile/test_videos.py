"""Video files that are none, or that make FFmpeg do what nobody asked for."""

import os
import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.video import source
from logotal.video.probe import FASTEST, probe
from logotal.video.reader import read_frames
from tests.hostile.files import written
from tests.hostile.limits import within
from tests.video.cases import encode, numbers


def playlist(address: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\n{address}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.txt"])
@pytest.mark.parametrize("form", ["hls", "concat"])
def test_a_list_of_other_files_is_no_video(name: str, form: str, tmp_path: Path) -> None:
    other = encode(tmp_path / "other.ts", 30)
    content = playlist(str(other)) if form == "hls" else "ffconcat version 1.0\nfile other.ts\n"
    with pytest.raises(InputError, match=r"found a list of other files; name these|cannot open"):
        probe(written(tmp_path / name, content))


def test_no_file_makes_a_request(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/x.ts"
        for name, content in (
            ("a.m3u8", playlist(address)),
            ("b.mp4", playlist(address)),
            ("c.mp4", f"ffconcat version 1.0\nfile {address}\n"),
            ("d.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"),
        ):
            with within(10), pytest.raises(InputError, match=name):
                probe(written(tmp_path / name, content))
        server.shutdown()
        thread.join()
    assert asked == []


@pytest.mark.skipif(os.name == "nt", reason="no file can be called so on Windows")
@pytest.mark.parametrize(
    "name", ["concat:other.ts", "file:other.ts", "data:video,x", "crypto:other.ts", "http:x", "-i.mp4"]
)
def test_a_file_whose_name_looks_like_an_order_is_that_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    encode("other.ts", 30)
    written(Path(name), "no video")
    with within(10), pytest.raises(InputError, match="expected a video"):
        probe(name)
    encode("real.mp4", 7).replace(name)
    assert numbers(read_frames(name)) == list(range(7))


def test_pictures_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = encode(tmp_path / "v.mp4", 3)
    assert probe(video).width == 64
    monkeypatch.setattr(source, "MOST_PIXELS", 64 * 48 - 1)
    with pytest.raises(InputError, match="expected pictures of at most 3,071 pixels, found 64 x 48; broken header"):
        probe(video)


def test_a_clock_of_a_million_frames_per_second_is_refused(tmp_path: Path) -> None:
    million = Fraction(1, 1_000_000)
    video = encode(tmp_path / "v.mp4", 41, fps=1000, ticks=[*range(40), 1_000_000_000], time_base=million)
    with within(20), pytest.raises(InputError, match=rf"frames per second, expected at most {FASTEST:,}"):
        next(read_frames(video))
