import json
import shutil
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.report.copies import write_copies
from logotal.report.save import check_timelines_target, save_timelines
from logotal.timeline import Action, Timeline
from logotal.video.files import walk
from logotal.video.probe import probe
from tests.report.test_page import data_of
from tests.video.cases import encode


def test_copies_lie_beside_the_page_which_plays_them(tmp_path: Path) -> None:
    video = encode(tmp_path / "clip one.avi", 20, codec="mpeg4")
    page = tmp_path / "out" / "found.html"
    page.parent.mkdir()
    Timeline("clip one", (Action(0, 0.5, "a"),), 0.8, video).save(page, playable=True)
    (entry,) = data_of(page.read_text())["videos"]
    assert (entry["source"], entry["fps"], entry["codec"]) == ("found_videos/clip%20one.mp4", 25.0, "h264")
    assert probe(page.parent / "found_videos" / "clip one.mp4").codec == "h264"
    assert json.loads((page.parent / "found_videos" / "playable.json").read_text()) == {"clip one.mp4": str(video)}


def test_copies_in_a_project_are_not_taken_for_its_videos(tmp_path: Path) -> None:
    video = encode(tmp_path / "v.mp4", 5)
    write_copies({"v": video}, tmp_path / "timelines_videos")
    assert [path.name for path in walk(tmp_path)] == ["v.mp4"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    video = encode(tmp_path / "v.mp4", 5)
    (tmp_path / "page_videos").mkdir()
    shutil.copy(video, tmp_path / "page_videos" / "v.mp4")
    before = (tmp_path / "page_videos" / "v.mp4").read_bytes()
    with pytest.raises(InputError, match="page_videos: the copies of videos belong there, found something else"):
        Timeline("v", (), 1.0, video).save(tmp_path / "page.html", playable=True)
    assert (tmp_path / "page_videos" / "v.mp4").read_bytes() == before


def test_a_copy_is_not_written_over_itself(tmp_path: Path) -> None:
    video = encode(tmp_path / "v.mp4", 5)
    copy = write_copies({"v": video}, tmp_path / "copies")["v"]
    before, said = copy.read_bytes(), []
    assert write_copies({"v": copy}, tmp_path / "copies", say=said.append) == {}
    assert copy.read_bytes() == before
    assert "expected another file than the video itself" in said[0]


def test_a_video_without_a_copy_is_said_and_does_not_stop_the_others(tmp_path: Path) -> None:
    good, broken = encode(tmp_path / "good.avi", 5, codec="mpeg4"), tmp_path / "broken.avi"
    broken.write_bytes(b"RIFF")
    said: list[str] = []
    found = [Timeline(path.stem, (), 1.0, path) for path in (broken, good)]
    save_timelines(found, tmp_path / "page.html", playable=True, say=said.append)
    assert [sentence.split(":")[0] for sentence in said] == ["no copy"]
    assert str(broken) in said[0]
    sources = [video["source"] for video in data_of((tmp_path / "page.html").read_text())["videos"]]
    assert sources == ["broken.avi", "page_videos/good.mp4"]
    with pytest.warns(UserWarning, match=r"no copy: .*broken\.avi"):
        found[0].save(tmp_path / "page.html", playable=True)


def test_names_that_files_cannot_have_or_that_differ_in_case_only_get_others(tmp_path: Path) -> None:
    video = encode(tmp_path / "v.mp4", 3)
    names = ["a/b", "a_b", "CLIP", "clip", "../up", "x" * 300]
    made = write_copies(dict.fromkeys(names, video), tmp_path / "copies")
    found = [path.relative_to(tmp_path / "copies").as_posix() for path in made.values()]
    assert found == ["a_b.mp4", "a_b-2.mp4", "CLIP.mp4", "clip-2.mp4", ".._up.mp4", f"{'x' * 60}.mp4"]
    assert all(path.is_file() for path in made.values())


def test_only_a_page_can_be_playable(tmp_path: Path) -> None:
    check_timelines_target(tmp_path / "page.html", playable=True)
    with pytest.raises(InputError, match=r"expected a name that ends in \.html"):
        check_timelines_target(tmp_path / "found.json", playable=True)


def test_progress_counts_copies(tmp_path: Path) -> None:
    videos = {str(i): encode(tmp_path / f"{i}.mp4", 10) for i in range(2)}
    seen: list[tuple[float, int]] = []
    write_copies(videos, tmp_path / "copies", progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (2, 2)
    assert any(0 < done < 1 for done, _ in seen)
