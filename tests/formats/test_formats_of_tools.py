"""The formats of annotation tools and editors: what they keep, what they refuse, what they read of others."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.formats.frames import frames_of
from logotal.formats.lanes import lanes
from logotal.formats.timelines import read_timelines, write_timelines
from logotal.timeline import Action, Timeline

SERVE = Timeline("match", (Action(3.25, 5.75, "serve", 0.81), Action(7, 9.5, "volley & lob", 0.4)), duration=10.0)
HOSTILE = Timeline(
    "a <b>&amp;\"'",
    (Action(0, 1, "<i>'\"&amp;]]>"), Action(1, 2, "=cmd()"), Action(2, 3, r"日本 é # \ {}")),
)
CONTROLS = "a\tb\nc\rd\x00e\x1ff\x7f\x85"

finite = st.floats(allow_nan=False, allow_infinity=False)
anything = st.text()
one_line = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@st.composite
def timelines(
    draw: st.DrawFn, *, labels: st.SearchStrategy[str], grid: float, names: st.SearchStrategy[str]
) -> Timeline:
    """Timelines on a grid of times, at least one step long each."""
    spans = draw(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 5000)), max_size=5))
    actions = [Action(first / grid, (first + length) / grid, draw(labels), draw(finite)) for first, length in spans]
    return Timeline(draw(names), tuple(actions), draw(st.none() | st.floats(0, 1e6)))


def written_and_read(given_timelines: list[Timeline], suffix: str) -> list[Timeline]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"timeline{suffix}"
        write_timelines(given_timelines, path)
        return read_timelines(path)


def unscored(timeline: Timeline) -> tuple[Action, ...]:
    return Timeline("", tuple(replace(action, score=1.0) for action in timeline)).actions


def read(text: str, suffix: str, folder: Path) -> list[Timeline]:
    path = folder / f"v{suffix}"
    path.write_text(text, encoding="utf-8", newline="")
    return read_timelines(path)


# Round trips


@given(timelines(labels=one_line, grid=1e6, names=anything))
@settings(deadline=None, max_examples=50)
def test_audacity_gives_back_times_to_the_microsecond_and_labels(timeline: Timeline) -> None:
    (back,) = written_and_read([timeline], ".txt")
    assert back == Timeline("timeline", unscored(timeline))


@given(st.lists(timelines(labels=anything, grid=3, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_fiftyone_gives_back_equal_timelines(given_timelines: list[Timeline]) -> None:
    assert written_and_read(given_timelines, ".fiftyone.json") == given_timelines


@given(st.lists(timelines(labels=anything, grid=3, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_via_gives_back_the_actions_of_videos_that_have_any(given_timelines: list[Timeline]) -> None:
    expected = [replace(timeline, duration=None) for timeline in given_timelines if len(timeline)]
    assert written_and_read(given_timelines, ".via.csv") == expected


@given(st.lists(timelines(labels=anything, grid=24, names=anything), max_size=3, unique_by=lambda t: t.video))
@settings(deadline=None, max_examples=50)
def test_label_studio_gives_back_whole_frames_exactly(given_timelines: list[Timeline]) -> None:
    assert written_and_read(given_timelines, ".labelstudio.json") == given_timelines


@given(timelines(labels=anything, grid=24, names=anything))
@settings(deadline=None, max_examples=50)
def test_an_edit_gives_back_whole_frames_exactly(timeline: Timeline) -> None:
    assert written_and_read([timeline], ".otio") == [timeline]


@given(timelines(labels=one_line.filter(str.strip), grid=1000, names=one_line))
@settings(deadline=None, max_examples=50)
def test_elan_gives_back_milliseconds_exactly(timeline: Timeline) -> None:
    assert written_and_read([timeline], ".eaf") == [timeline]


@pytest.mark.parametrize("suffix", [".txt", ".via.csv", ".labelstudio.json", ".fiftyone.json", ".eaf", ".otio"])
def test_markup_formulas_and_every_script_are_only_text(suffix: str) -> None:
    (back,) = written_and_read([HOSTILE], suffix)
    assert [action.label for action in back] == [action.label for action in HOSTILE]
    assert back.video == ("timeline" if suffix == ".txt" else HOSTILE.video)


@pytest.mark.parametrize("suffix", [".via.csv", ".labelstudio.json", ".fiftyone.json", ".otio"])
def test_line_breaks_tabs_and_control_characters_come_back(suffix: str) -> None:
    (back,) = written_and_read([Timeline("v", (Action(0, 1, CONTROLS),))], suffix)
    assert back[0].label == CONTROLS


@pytest.mark.parametrize("suffix", [".txt", ".eaf"])
@pytest.mark.parametrize("character", sorted(set(CONTROLS) - set("abcdef")))
def test_lines_of_text_refuse_control_characters(suffix: str, character: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape(f"without control characters, found {character!r} in 'a")):
        Timeline("v", (Action(0, 1, f"a{character}b"),)).save(tmp_path / f"v{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".txt", ".eaf", ".otio", ".labelstudio.json"])
def test_formats_that_begin_with_the_video_refuse_what_is_earlier(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"begin at 0 seconds, found Action\(start=-1"):
        Timeline("v", (Action(-1, 1, "early"),)).save(tmp_path / f"v{suffix}")


@pytest.mark.parametrize("suffix", [".eaf", ".otio", ".labelstudio.json"])
def test_formats_in_steps_refuse_an_action_that_ends_before_it_starts(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="end after they start, found"):
        Timeline("v", (Action(2, 1, "back"),)).save(tmp_path / f"v{suffix}")


@pytest.mark.parametrize("suffix", [".txt", ".eaf", ".otio"])
def test_formats_of_one_video_refuse_two(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"hold one video, found 2; write \.json or \.csv, or a file for each"):
        write_timelines([SERVE, Timeline("other")], tmp_path / f"all{suffix}")


@pytest.mark.parametrize("suffix", [".txt", ".via.csv", ".labelstudio.json", ".fiftyone.json", ".eaf", ".otio"])
def test_the_same_timeline_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        SERVE.save(tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


# Lanes and frames


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=20))
@settings(deadline=None, max_examples=60)
def test_lanes_hold_everything_once_without_overlap_and_are_as_few_as_can_be(found: list[tuple[int, int]]) -> None:
    items = [((first, first + length), i) for i, (first, length) in enumerate(found)]
    spread = lanes(items)
    assert sorted(item for lane in spread for item in lane) == sorted(items)
    for lane in spread:
        assert all(before[0][1] <= after[0][0] for before, after in pairwise(lane))
    at_once = [sum(first <= t < behind for (first, behind), _ in items) for t in range(40)]
    assert len(spread) == max(at_once)


def test_an_action_too_short_for_a_frame_takes_one() -> None:
    assert frames_of(Action(1.01, 1.015, "tick"), fps=24) == (24, 25)
    assert frames_of(Action(1e308, 1e308, "late"), fps=24)[0] == int(1e308) * 24
