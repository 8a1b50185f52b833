"""Whether videos show a person: pictures of each are looked at, and what cannot be looked at is said."""

from pathlib import Path

import numpy as np
import pytest

from logotal.backbones.pose import Part
from logotal.errors import InputError
from logotal.project import people
from logotal.project.people import PICTURES, VIDEOS, is_worth_pose, share_with_person
from logotal.video.picture import Image
from logotal.video.writer import write_video


class Networks:
    """A person is what is bright; half bright is one that the second network does not believe in."""

    def find(self, image: Image) -> Part | None:
        return Part(0.0, 0.0, 1.0, 0.0) if image.mean() > 60 else None

    def look(self, image: Image, part: Part) -> tuple[float, None, None, None]:
        return float(image.mean() > 180), None, None, None


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "pose_networks", Networks)


def film(path: Path, levels: list[int]) -> Path:
    """Two seconds of each level."""
    write_video(path, (np.full((16, 16, 3), level, np.uint8) for level in levels for _ in range(20)), fps=10)
    return path


def test_the_share_is_of_the_first_pictures_of_each_video(tmp_path: Path) -> None:
    bright, dark = film(tmp_path / "a.mp4", [250] * 6), film(tmp_path / "b.mp4", [0, 120, 0, 250, 250, 250])
    assert PICTURES == 4
    assert share_with_person([bright, dark]) == 5 / 8
    assert is_worth_pose([bright, dark]) == (False, "")
    worth, told = is_worth_pose([bright, bright, dark, bright])
    assert worth
    assert told.startswith("81% of the pictures looked at show a person: the pose is joined")


def test_what_cannot_be_read_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    assert share_with_person([tmp_path / "broken.mp4"]) == 0
    assert share_with_person([tmp_path / "broken.mp4", film(tmp_path / "a.mp4", [250] * 2)]) == 1


def test_of_many_videos_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def read(path: Path, fps: float) -> None:
        opened.append(path)
        raise InputError("not read here")

    monkeypatch.setattr(people, "read_frames", read)
    share_with_person([Path(f"{index}.mp4") for index in range(100)])
    assert len(opened) <= VIDEOS
    assert opened[-1] == Path("99.mp4") or int(opened[-1].stem) > 80


def test_networks_that_are_not_here_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent() -> None:
        raise InputError("the weights of pose are not here yet; get them with: logotal weights pose")

    monkeypatch.setattr(people, "pose_networks", absent)
    worth, told = is_worth_pose([tmp_path / "a.mp4"])
    assert not worth
    assert "was not looked at" in told
    assert "logotal weights pose" in told
