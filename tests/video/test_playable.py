from bisect import bisect_right
from fractions import Fraction

import av
import numpy as np
import pytest

from logotal.errors import InputError
from logotal.video.playable import write_playable
from logotal.video.probe import probe
from logotal.video.reader import shown_frames
from logotal.video.source import Source
from tests.video.cases import encode, numbered, set_matrix
from tests.video.cases import number as number_on


def shown(path):
    """When each picture begins, in seconds since the first one, and the number that it shows."""
    begins, found = 0.0, []
    with Source(path) as source:
        for each in shown_frames(source, 1 / probe(path).fps):
            found.append((begins, number_on(each.frame.to_ndarray(format="rgb24"))))
            begins = float(each.end)
    return found, begins


def browser_clock(path):
    """The same by the timestamps alone, as a browser counts."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (float(f.pts * stream.time_base), number_on(f.to_ndarray(format="rgb24"))) for f in container.decode(stream)
        ]


def at(found, time):
    return found[bisect_right([begins for begins, _ in found], time) - 1][1]


UNEVEN = [0, 40, 47, 130, 131, 400, 1400, 1433, 1467, 2500]
CASES = {
    "constant rate": ("v.mp4", {}),
    "an old codec in AVI": ("v.avi", {"codec": "mpeg4"}),
    "a clock that begins late": ("v.ts", {"ticks": range(500, 550)}),
    "a variable rate": ("v.mkv", {"ticks": UNEVEN, "time_base": Fraction(1, 1000), "options": {"bf": "0"}}),
    "a variable rate that begins late": ("v.mp4", {"ticks": [t + 777 for t in UNEVEN], "time_base": Fraction(1, 1000)}),
    "frames that were reordered": ("v.mp4", {"options": {"bf": "3", "b_strategy": "0"}}),
    "an odd rate": ("v.mov", {"fps": 30000 / 1001}),
}


@pytest.mark.parametrize(("name", "options"), CASES.values(), ids=CASES)
def test_at_every_moment_the_copy_shows_what_the_video_shows(tmp_path, name, options):
    count = len(options.get("ticks", range(50)))
    video = encode(tmp_path / name, count, **options)
    write_playable(video, tmp_path / "copy.mp4")
    (expected, ends), (found, copy_ends) = shown(video), shown(tmp_path / "copy.mp4")
    assert [number for _, number in found] == [number for _, number in expected] == list(range(count))
    assert [time for time, _ in found] == pytest.approx([time for time, _ in expected], abs=1e-4)
    assert copy_ends == pytest.approx(ends, abs=0.002)
    on_screen = browser_clock(tmp_path / "copy.mp4")
    assert on_screen[0][0] == 0
    for moment in np.linspace(0.0005, ends - 0.01, 100):
        assert at(on_screen, moment) == at(expected, moment)


def test_the_copy_is_what_browsers_play_and_begins_to_play_at_once(tmp_path):
    video = encode(tmp_path / "v.avi", 30, codec="mpeg4", audio=True)
    write_playable(video, tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        pictures, sound = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (pictures.name, pictures.profile, pictures.pix_fmt) == ("h264", "Constrained Baseline", "yuv420p")
        assert (sound.name, sound.profile) == ("aac", "LC")
    content = (tmp_path / "copy.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(
    ("size", "expected"), [((1080, 1920), (480, 854)), ((1920, 1080), (480, 270)), ((241, 323), (240, 322))], ids=str
)
def test_the_copy_is_small_and_keeps_its_shape(tmp_path, size, expected):
    even = tuple(side - side % 2 for side in size)
    encode(tmp_path / "v.mp4", 2, size=even)
    write_playable(tmp_path / "v.mp4", tmp_path / "copy.mp4")
    info = probe(tmp_path / "copy.mp4")
    assert (info.height, info.width) == expected


def test_noise_stays_within_the_bit_rate(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (100, 240, 320, 3), dtype=np.uint8)
    video = encode(tmp_path / "v.mkv", 100, size=(240, 320), pictures=noise, options={"crf": "10", "bf": "0"})
    write_playable(video, tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").stat().st_size * 8 / 4 < 2e6 < video.stat().st_size * 8 / 4


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_video_is_upright_in_the_copy(tmp_path, turn):
    picture = np.rot90(numbered(1357, 48, 64), turn // 90)
    video = encode(tmp_path / "v.mp4", 4, size=picture.shape[:2], pictures=[picture] * 4)
    set_matrix(video, {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[turn])
    write_playable(video, tmp_path / "copy.mp4")
    assert probe(tmp_path / "copy.mp4").rotation == 0
    assert [number for _, number in shown(tmp_path / "copy.mp4")[0]] == [1357] * 4


def with_beep(path, *, picture_start, sound_start, beep, pieces=((0.0, 4.0),)):
    """A video whose sound is a beep of 0.1 s at a time of the file's clock, and silent elsewhere; or not there."""
    rate = 16000
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=25, options={"bf": "0"})
        pictures.height, pictures.width, pictures.pix_fmt = 48, 64, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        for i in range(100):
            frame = av.VideoFrame.from_ndarray(numbered(i), format="rgb24")
            frame.pts, frame.time_base = i + round(picture_start * 25), Fraction(1, 25)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        for begin, end in pieces:
            times = sound_start + np.arange(int(begin * rate), int(end * rate)) / rate
            wave = np.where((times >= beep) & (times < beep + 0.1), 20000 * np.sin(2 * np.pi * 800 * times), 0)
            for start in range(0, len(wave), 1600):
                part = wave[start : start + 1600].astype(np.int16)[None]
                frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
                frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
                frame.pts = round((sound_start + begin) * rate) + start
                container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def heard(path):
    """When the first beep begins, in seconds, by the file's clock."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > 0.1)
            if len(loud):
                return float(frame.pts * frame.time_base) + loud[0] / frame.sample_rate
    return None


@pytest.mark.parametrize(
    ("start", "sound_start", "pieces"),
    [
        (0.0, 0.0, [(0.0, 4.0)]),
        (0.0, 0.6, [(0.0, 3.0)]),
        (1.0, 0.0, [(0.0, 4.0)]),
        (0.4, 0.8, [(0.0, 3.0)]),
        (0.0, 0.0, [(0.0, 0.5), (1.5, 3.0)]),
    ],
    ids=["together", "sound later", "sound earlier", "both late", "a gap in the sound"],
)
def test_sound_keeps_its_place_beside_the_pictures(tmp_path, start, sound_start, pieces):
    video = with_beep(tmp_path / "v.mkv", picture_start=start, sound_start=sound_start, beep=2.0, pieces=pieces)
    assert heard(video) == pytest.approx(2.0, abs=0.01)
    write_playable(video, tmp_path / "copy.mp4")
    assert heard(tmp_path / "copy.mp4") == pytest.approx(2.0 - start, abs=0.03)


def test_a_copy_never_takes_the_place_of_its_video(tmp_path):
    video = encode(tmp_path / "v.mp4", 5)
    before = video.read_bytes()
    (tmp_path / "link.mp4").symlink_to(video)
    for target in (video, tmp_path / "link.mp4", tmp_path / "." / "v.mp4"):
        with pytest.raises(InputError, match="another file than the video itself"):
            write_playable(video, target)
    assert video.read_bytes() == before


def test_what_fails_leaves_nothing_and_an_older_copy_as_it_was(tmp_path, monkeypatch):
    video = encode(tmp_path / "v.mp4", 5)
    (tmp_path / "copy.mp4").write_bytes(b"older")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("logotal.video.playable._upright", fail)
    with pytest.raises(InputError, match="No space left on device"):
        write_playable(video, tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").read_bytes() == b"older"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["copy.mp4", "v.mp4"]


def test_a_file_that_is_no_video_and_a_name_that_is_no_mp4_are_refused(tmp_path):
    (tmp_path / "v.avi").write_bytes(b"no video")
    with pytest.raises(InputError, match="cannot open"):
        write_playable(tmp_path / "v.avi", tmp_path / "copy.mp4")
    with pytest.raises(InputError, match=r"ends in \.mp4"):
        write_playable(tmp_path / "v.avi", tmp_path / "copy.avi")


def test_progress_reaches_the_end(tmp_path):
    seen = []
    write_playable(encode(tmp_path / "v.mp4", 50), tmp_path / "copy.mp4", progress=lambda *at: seen.append(at))
    assert seen[-1] == (2.0, 2)
    assert seen == sorted(seen)


def test_the_copy_of_a_cut_off_video_has_what_is_there(tmp_path):
    video = encode(tmp_path / "v.ts", 100)
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    write_playable(video, tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        assert 10 < sum(1 for _ in container.decode(video=0)) < 90
