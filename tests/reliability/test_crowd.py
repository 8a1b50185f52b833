"""Videos broken in all ways that we know, among sound ones, in one call."""

from pathlib import Path

import pytest

from reliability.crowd import BROKEN_FEATURES, BROKEN_VIDEOS, UNREADABLE, detect, extract


@pytest.mark.slow
def test_detect_gives_every_sound_video_its_timeline_and_names_every_broken_one(tmp_path: Path) -> None:
    row = detect(tmp_path, 50)
    assert row.faults == []
    assert row.broken in (len(BROKEN_FEATURES) + len(BROKEN_VIDEOS) + more * len(UNREADABLE) for more in (0, 2))
    assert (row.named, row.results) == (row.broken, 50 - row.broken)


@pytest.mark.slow
def test_extract_makes_features_of_every_sound_video_and_names_every_broken_one(tmp_path: Path) -> None:
    row = extract(tmp_path, 16)
    assert row.faults == []
    assert (row.named, row.results) == (row.broken, 16 - row.broken)
