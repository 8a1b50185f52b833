"""The speed of a machine is measured on the user's own video, with weights or without."""

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from logotal.backbones.backbone import Backbone, find_backbone
from logotal.errors import InputError
from logotal.extraction import speed
from tests.project.films import film


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return film(tmp_path / "film.mp4", seconds=2)


def test_a_smaller_picture_and_a_lighter_network_are_faster(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "LONG_ENOUGH", 0.3)
    # Other processes do not count: this says what a network costs, whoever shares the machine.
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=time.process_time))
    network = replace(find_backbone("i3d-rgb"), clips="dense")
    small, large = (speed.real_time_factor(network.seeing(pixels), video) for pixels in (32, 128))
    light = speed.real_time_factor(find_backbone("mobilenetv2").seeing(128), video)
    assert 0 < 1.5 * large < min(small, light)  # both are six times as fast


def test_the_factor_is_of_seconds_of_video_at_the_stride_and_rate_of_the_features(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(100))
    clock = SimpleNamespace(monotonic=lambda: float(next(ticks)))  # a second per piece
    monkeypatch.setattr(speed, "time", clock)
    network: Backbone = replace(find_backbone("mobilenetv2").seeing(32), clip_stride=4, fps=10.0)
    # A piece is 8 steps (32 frames, one in 4), 3.2 s of video at 10 frames a second.
    assert speed.real_time_factor(network, video) == pytest.approx(3.2)


def test_a_video_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"film\.mp4"):
        speed.real_time_factor(find_backbone("mobilenetv2").seeing(32), tmp_path / "film.mp4")
