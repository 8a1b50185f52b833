"""Watching a source: the same actions as of the file, through pipes, addresses and files that grow."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import logotal
from logotal.errors import InputError
from logotal.inference import streaming
from logotal.runs import watcher
from logotal.timeline import Action, Timeline
from tests.runs.watching import know_means, long_video, make_run, served

SHOWN = 0.1
"""A threshold that shows a few actions of a small network."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a run and the same video as .mp4, .ts and .mkv."""
    folder = tmp_path_factory.mktemp("watched")
    with pytest.MonkeyPatch.context() as patch:
        know_means(patch)
        patch.setattr(streaming, "EVERY", 4.0)  # few looks take less time
        make_run(folder)
        for suffix in ("mp4", "ts", "mkv"):
            long_video(folder / f"v.{suffix}")
        yield folder


def offline(place: Path, name: str) -> Timeline:
    (found,) = logotal.detect(place / name, place / "run", threshold=SHOWN)
    assert len(found) > 2
    return found


def watched(place: Path, source: str | Path, said: list[str] | None = None, **how: object) -> list[Action]:
    heard = [] if said is None else said
    return list(logotal.watch(source, place / "run", threshold=SHOWN, say=heard.append, **how))  # type: ignore[arg-type]


def assert_same(found: list[Action], expected: Timeline, *, after: float = 0.0) -> None:
    ordered = Timeline("v", tuple(found)).actions
    assert [each.label for each in ordered] == [each.label for each in expected]
    for one, other in zip(ordered, expected, strict=True):
        assert (one.start - after, one.end - after, one.score) == pytest.approx(
            (other.start, other.end, other.score), abs=2e-3
        )


@pytest.mark.parametrize("name", ["v.mp4", "v.ts", "v.mkv"])
def test_a_file_is_watched_as_it_is_detected_in(place: Path, name: str) -> None:
    said: list[str] = []
    assert_same(watched(place, place / name, said), offline(place, name))
    assert "s after their end at the latest" in said[0]
    assert "the same actions as `logotal detect`" in said[0]
    assert said[-1].startswith(f"{place / name}: 33.0 s watched, ")


@pytest.mark.parametrize(("name", "announced"), [("v.mp4", True), ("v.ts", True), ("v.mp4", False)])
def test_an_address_gives_the_actions_of_its_file(place: Path, name: str, announced: bool) -> None:
    content = (place / name).read_bytes()
    with served((content, len(content) if announced else None)) as (address, asked):
        assert_same(watched(place, address), offline(place, name))
    assert len(asked) == 1


@pytest.mark.parametrize("size", [1000, 100_000])
def test_a_pipe_gives_the_actions_of_its_file(place: Path, tmp_path: Path, size: int) -> None:
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        content = (place / "v.ts").read_bytes()
        with (tmp_path / "pipe").open("wb") as pipe:
            for first in range(0, len(content), size):
                pipe.write(content[first : first + size])

    thread = threading.Thread(target=write)
    thread.start()
    assert_same(watched(place, tmp_path / "pipe"), offline(place, "v.ts"))
    thread.join()


def test_a_file_that_grows_is_followed_and_its_actions_are_told_before_it_ends(place: Path, tmp_path: Path) -> None:
    content, growing, first = (place / "v.ts").read_bytes(), tmp_path / "growing.ts", threading.Event()
    growing.write_bytes(content[: len(content) * 9 // 10])

    heard: list[bool] = []

    def write() -> None:
        heard.append(first.wait(30))
        with growing.open("ab") as file:
            file.write(content[len(content) * 9 // 10 :])

    thread = threading.Thread(target=write)
    thread.start()
    found = []
    for action in logotal.watch(growing, place / "run", threshold=SHOWN, follow=10.0, lookahead=3.0):
        found.append(action)
        first.set()
    thread.join()
    assert heard == [True]
    assert_same(found, Timeline("v", tuple(watched(place, place / "v.ts", lookahead=3.0))))


def test_a_connection_that_breaks_is_made_again_and_its_file_goes_on_where_it_was(place: Path) -> None:
    content, said = (place / "v.ts").read_bytes(), []
    with served((content[: len(content) // 2], len(content)), (content, len(content))) as (address, asked):
        found = watched(place, address, said)
    assert len(asked) == 2
    assert [s for s in said if "the connection broke after 1" in s]
    assert [s for s in said if "connected again after" in s]
    before, after = ([each for each in found if (each.end < 16) == first] for first in (True, False))
    assert before
    assert after
    assert max(each.end for each in found) <= 33


def test_a_live_stream_goes_on_after_a_break_and_is_given_up_in_one_sentence(
    place: Path,
) -> None:
    content, said = (place / "v.ts").read_bytes(), []
    found: list[Action] = []
    with served((content, None), (content, None)) as (address, asked):
        actions = logotal.watch(address, place / "run", threshold=SHOWN, retry=4.0, say=said.append)
        with pytest.raises(InputError, match=r"broke after (6|7|8|9|1\d)\d\.\d s and did not come back within 4 s"):
            found.extend(actions)
    assert len(asked) >= 3
    whole = offline(place, "v.ts")
    assert_same(found[: len(whole)], whole)
    second = found[len(whole) :]
    begins = second[0].start - found[0].start
    assert 33.5 <= begins < 90  # a second of waiting, at least
    assert_same(second, whole, after=begins)
    assert all(each.clock is not None and abs(each.clock - time.time()) < 600 for each in found)  # type: ignore[attr-defined]
    assert [s for s in said if "trying again in 2 s" in s]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("none.mp4", "no such file"),
        ("ftp://127.0.0.1/v.ts", "expected an address of http"),
        ("http://127.0.0.1:9/v.ts", "nothing that FFmpeg can open"),
        ("camera:99", "camera"),
    ],
)
def test_a_source_that_is_not_there_is_refused_before_anything_is_told(place: Path, source: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        logotal.watch(source, place / "run")


def test_text_is_not_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "list.ts").write_text("ffconcat version 1.0\nfile '/etc/passwd'\n")
    with pytest.raises(InputError, match="expected a video"):
        logotal.watch(tmp_path / "list.ts", place / "run", follow=0.2)


def test_who_stops_listening_stops_the_watching(place: Path) -> None:
    before = threading.active_count()
    for _ in logotal.watch(place / "v.mp4", place / "run", threshold=SHOWN):
        break
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_a_network_that_sees_everything_needs_a_lookahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know_means(monkeypatch)
    run, video = make_run(tmp_path, logo={}, mlp_norm="group"), long_video(tmp_path / "v.ts", 100)
    with pytest.raises(InputError, match="take --lookahead SECONDS"):
        logotal.watch(video, run)
    said: list[str] = []
    list(logotal.watch(video, run, lookahead=2.0, threshold=SHOWN, say=said.append))
    assert "actions differ from `logotal detect`" in said[0]
    assert watcher.LET_GO < 10
