import os
from fractions import Fraction

import av
import numpy as np
import pytest

from logotal.errors import InputError
from logotal.report.charts.palette import DARK, DARK_BACKGROUND, color_indices
from logotal.report.overlay import LANE, LANES, NAMES, Overlay, text_size, write_annotated_video
from logotal.report.paint import text_width
from logotal.timeline import Action, Timeline
from logotal.video.probe import VideoInfo, probe
from logotal.video.reader import IncompleteVideoError, read_frames
from tests.video.cases import encode, number, set_matrix, silence


def info(width=320, height=240, duration=10.0, fps=25):
    return VideoInfo(width, height, 0, duration, Fraction(fps), None, "h264", False)


def gray(width=320, height=240):
    return np.full((height, width, 3), 128, np.uint8)


def rgb(color):
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def strip_of(timeline, time, **size):
    overlay = Overlay(timeline, info(**size))
    frame = overlay.drawn(gray(overlay._info.width, overlay._info.height), time)
    return overlay, frame[overlay._info.height :]


def shown(strip, color):
    """The (y, x) of the pixels of a color."""
    return np.argwhere((strip == rgb(color)).all(axis=2))


# The picture


def test_the_picture_is_the_source_s_where_nothing_happens():
    source = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    before = source.copy()
    frame = Overlay(Timeline("v", (Action(3, 4, "jump"),)), info()).drawn(source, 1.0)
    assert np.array_equal(frame[:240], source)
    assert np.array_equal(source, before)
    assert frame.dtype == np.uint8


def test_two_subjects_that_do_the_same_are_both_named():
    both = Timeline("v", tuple(Action(1, 3, "jump", 0.5, who) for who in ("ann", "bob")))
    assert [action.label for action in Overlay(both, info())._now(2.0)] == ["jump @ ann", "jump @ bob"]


@pytest.mark.parametrize(("time", "named"), [(2.9, False), (2.97, True), (3.0, True), (3.9, True), (4.0, False)])
def test_names_stand_at_the_top_left_while_it_happens(time, named):
    frame = Overlay(Timeline("v", (Action(3, 4, "jump", 0.5),)), info()).drawn(gray(), time)
    changed = np.argwhere((frame[:240] != 128).any(axis=2))
    assert (len(changed) > 0) == named
    if named:
        assert (changed.max(axis=0) < (40, 160)).all()


def test_an_action_shorter_than_a_frame_is_named_in_one_and_a_moment_long_enough_to_be_read():
    overlay = Overlay(Timeline("v", (Action(3.001, 3.005, "blink"), Action(5, 5, "tick"))), info())
    named = [i for i in range(250) if (overlay.drawn(gray(), i / 25)[:240] != 128).any()]
    assert named == [75, *range(125, 144)]


def test_an_action_that_begins_and_ends_with_a_frame_is_named_in_no_other():
    overlay = Overlay(Timeline("v", (Action(0.3, 0.6, "jump"),)), info(fps=10))
    assert [i for i in range(10) if overlay._now(i / 10)] == [3, 4, 5]


def test_the_surest_are_named_once_each_and_scores_only_where_there_are_any():
    actions = [Action(0, 10, f"label {i}", i / 10) for i in range(6)] + [Action(0, 10, "label 5", 0.1)]
    overlay = Overlay(Timeline("v", tuple(actions)), info())
    assert [(a.label, a.score) for a in overlay._now(5.0)] == [(f"label {i}", i / 10) for i in (5, 4, 3, 2, 1, 0)]

    def width(score):
        picture = Overlay(Timeline("v", (Action(0, 10, "run", score),)), info()).drawn(gray(), 5.0)[:240]
        return np.argwhere((picture != 128).any(axis=2))[:, 1].max()

    assert width(0.5) > width(1.0) + text_width("0.50", text_size(320, 240))
    rows = (overlay.drawn(gray(), 5.0)[:240] != 128).any(axis=(1, 2))
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) == NAMES


# The strip


def test_bars_lie_where_the_actions_are_in_the_report_s_colors():
    timeline = Timeline("v", (Action(2, 4, "jump"), Action(5, 9, "run")))
    overlay, strip = strip_of(timeline, 0.0)
    colors = color_indices(timeline.labels)
    for row, action in enumerate(timeline):
        found = shown(strip, DARK[colors[action.label]])
        top, left, bottom, right = overlay._place.bar(row, action.start, action.end)
        assert abs(found[:, 1].min() - left) <= 1
        assert abs(found[:, 1].max() + 1 - right) <= 1
        assert top - 1 <= found[:, 0].min() < found[:, 0].max() <= bottom
    middle = round(overlay._place.bar(0, 0, 0)[0] + 5)
    assert strip[middle, round(overlay._place.x(7.0))].tolist() == rgb(LANE)


def test_a_lower_score_is_a_weaker_color():
    overlay, strip = strip_of(Timeline("v", (Action(1, 3, "a", 1.0), Action(5, 7, "a", 0.2))), 0.0)
    y = round(overlay._place.bar(0, 0, 0)[0] + 5)
    away = [np.abs(strip[y, round(overlay._place.x(t))].astype(int) - rgb(DARK_BACKGROUND)).sum() for t in (2, 6)]
    assert away[0] > 2 * away[1] > 0


def test_the_line_runs_with_the_time_and_leaves_nothing_behind():
    overlay = Overlay(Timeline("v", (Action(2, 4, "jump"),)), info())
    columns = []
    for time in (0.0, 2.5, 9.9):
        strip = overlay.drawn(gray(), time)[240:]
        found = shown(strip[: int(overlay._place.axis - 12)], "#ffffff")
        assert np.ptp(found[:, 1]) <= 5
        assert abs(found[:, 1].mean() - overlay._place.x(time)) < 1.5
        columns.append(found[:, 1].mean())
    assert columns == sorted(columns)
    assert np.array_equal(overlay.drawn(gray(), 2.5), overlay.drawn(gray(), 2.5))


def test_the_name_of_a_lane_is_lit_while_it_happens():
    overlay = Overlay(Timeline("v", (Action(2, 4, "jump"),)), info())
    names = [overlay.drawn(gray(), time)[240:258, : int(overlay._place.left) - 8].max() for time in (1.0, 3.0)]
    assert names[0] < 180 < names[1]


def test_the_most_frequent_labels_have_lanes_and_the_others_are_counted():
    actions = [Action(i, i + 1, f"l{k:02}") for k in range(12) for i in range(1 + (k > 2))]
    overlay = Overlay(Timeline("v", tuple(actions)), info())
    assert overlay._labels == [f"l{k:02}" for k in range(3, 3 + LANES)]
    assert overlay._place.note == "4 more labels"
    assert Overlay(Timeline("v"), info())._place.note == "no actions"


@pytest.mark.parametrize("size", [(320, 240), (1920, 1080), (101, 77), (405, 720), (16, 16), (2, 1), (3840, 2160)])
@pytest.mark.parametrize("labels", [[], ["jump"], [f"a rather long label {i}" for i in range(12)]])
def test_any_size_gives_a_frame_of_even_height(size, labels):
    width, height = size
    timeline = Timeline("v", tuple(Action(i, i + 2, label, 0.5) for i, label in enumerate(labels)))
    overlay = Overlay(timeline, info(width, height))
    frame = overlay.drawn(gray(width, height), 1.5)
    assert frame.shape == (height + overlay._place.height, width, 3)
    assert frame.shape[0] % 2 == 0


@pytest.mark.filterwarnings("ignore:no font on this machine")
def test_anything_can_be_a_label_and_actions_may_lie_outside_the_video():
    hostile = ["", " ", "a\nb\tc\0", "日本語", "é" * 3000, "<b>", "\ud800", "e\u0301", "🤸"]
    actions = [Action(-5 + i, i + 0.5, label, 10.0 - i) for i, label in enumerate(hostile)]
    timeline = Timeline("v", (*actions, Action(20, 30, "late"), Action(-9, -8, "early"), Action(5, 4, "back")))
    for time in (0.0, 4.5, 9.96):
        assert Overlay(timeline, info()).drawn(gray(), time).shape[1:] == (320, 3)


def test_text_can_be_read_in_small_and_in_large_pictures():
    assert 7 <= text_size(320, 240) <= 10
    assert 15 <= text_size(1920, 1080) <= 22
    assert text_size(1080, 1920) == text_size(1920, 1080)


# Whole videos


def sound_of(path):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [(float(p.pts * p.time_base), bytes(p)) for p in container.demux(stream) if p.pts is not None]


def with_opus(path):
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("libopus", rate=16000, layout="mono")
        for _ in range(5):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(gray(64, 48), format="rgb24")))
        container.mux(picture.encode(None))
        for frame in av.AudioResampler(format=sound.codec_context.format, frame_size=320).resample(silence(3200)):
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_every_frame_is_there_with_its_strip_and_the_sound_is_copied(tmp_path, suffix):
    video = encode(tmp_path / "v.mp4", 30, audio=True)
    target = tmp_path / "out" / f"annotated{suffix}"
    told = []
    write_annotated_video(
        video, Timeline("v", (Action(2, 3, "late"),)), target, progress=lambda *args: told.append(args)
    )
    frames = list(read_frames(target))
    assert [number(frame.image[:48]) for frame in frames] == list(range(30))
    assert probe(target).fps == 25
    assert told == [(i + 1, 30) for i in range(30)]
    heard, copied = sound_of(video), sound_of(target)
    heard = [packet for packet in heard if packet[0] >= 0]
    assert len(copied) == len(heard)
    with av.open(str(target)) as container:
        first = float(next(container.decode(container.streams.video[0])).time)
    assert [time - first for time, _ in copied] == pytest.approx([time for time, _ in heard], abs=2e-3)
    if suffix == ".mp4":
        assert [data for _, data in copied] == [data for _, data in heard]
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_the_bar_and_the_name_are_in_the_file(tmp_path):
    video = encode(tmp_path / "v.mp4", 50, size=(121, 161), pix_fmt="yuv444p", pictures=[gray(161, 121)] * 50)
    timeline = Timeline("v", (Action(0.8, 1.2, "jump"),))
    write_annotated_video(video, timeline, tmp_path / "out.mp4")
    overlay = Overlay(timeline, probe(video))
    for frame in read_frames(tmp_path / "out.mp4"):
        assert frame.image.shape[1] == 162  # coded in pairs of pixels
        named = np.abs(frame.image[:40, :60].astype(int) - 128).max() > 60
        assert named == (frame.time + 1e-6 >= 0.8 and frame.time < 1.2 - 1e-6), frame.time
        top, left, bottom, right = overlay._place.bar(0, 0.8, 1.2)
        bar = frame.image[121 + round((top + bottom) / 2), round((left + right) / 2) - 4]
        if not named:
            assert np.abs(bar.astype(int) - rgb(DARK[color_indices(["jump"])["jump"]])).max() < 40


def test_a_turned_video_is_written_upright(tmp_path):
    video = encode(tmp_path / "v.mp4", 5, size=(48, 64))
    set_matrix(video, (0, 1, -1, 0))
    write_annotated_video(video, Timeline("v"), tmp_path / "out.mp4")
    image = next(read_frames(tmp_path / "out.mp4")).image
    assert image.shape[1] == 48
    assert np.abs(image[:64].astype(int) - next(read_frames(video)).image).mean() < 12


def test_sound_that_the_container_cannot_hold_is_said_to_be_missing(tmp_path):
    video = with_opus(tmp_path / "v.mkv")
    with pytest.warns(UserWarning, match=r"its sound does not fit into \.mov .*; choose \.mkv"):
        write_annotated_video(video, Timeline("v"), tmp_path / "out.mov")
    assert not probe(tmp_path / "out.mov").has_audio
    assert len(list(read_frames(tmp_path / "out.mov"))) == 5


def test_a_target_that_cannot_be_is_refused_before_the_work(tmp_path):
    video = encode(tmp_path / "v.mp4", 3)
    with pytest.raises(InputError, match=r"ends in one of \.mp4, \.mov, \.mkv, \.ts"):
        write_annotated_video(video, Timeline("v"), tmp_path / "out.avi")
    os.link(video, tmp_path / "same.mp4")
    for same in ("v.mp4", "same.mp4"):
        with pytest.raises(InputError, match="is read here"):
            write_annotated_video(video, Timeline("v"), tmp_path / same)
    with pytest.raises(InputError, match="no such file"):
        write_annotated_video(tmp_path / "absent.mp4", Timeline("v"), tmp_path / "out.mp4")


def test_a_video_that_is_cut_off_leaves_the_target_as_it_was(tmp_path):
    video = encode(tmp_path / "v.mkv", 60)
    video.write_bytes(video.read_bytes()[: video.stat().st_size * 2 // 3])
    write_annotated_video(encode(tmp_path / "whole.mp4", 3), Timeline("v"), tmp_path / "out.mp4")
    before = (tmp_path / "out.mp4").read_bytes()
    with pytest.raises(IncompleteVideoError, match="cut off"):
        write_annotated_video(video, Timeline("v"), tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4", "v.mkv", "whole.mp4"]
