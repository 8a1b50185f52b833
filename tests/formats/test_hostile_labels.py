"""Label files with numbers and lines beyond reason: a sentence, or labels, at once."""

import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from tests.formats.label_texts import read
from tests.hostile.limits import within


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".vtt", ".srt", ".annot"])
@pytest.mark.parametrize("start", ["0:00", "1-25", "a 1 2", "Bento annotation file\nch1", "video,label,start,end\na,"])
@pytest.mark.parametrize("fill", [" ", "-", "x", "<"], ids=["spaces", "hyphens", "letters", "tags"])
def test_a_line_of_a_hundred_thousand_characters_is_read_or_refused_at_once(
    fill: str, start: str, suffix: str, tmp_path: Path
) -> None:
    with within(3):
        said = ""
        try:
            read(tmp_path, f"a{suffix}", f"{start} x{fill * 100_000}x\n")
        except InputError as error:
            said = str(error)
    assert len(said) < 5000


@pytest.mark.parametrize("key", ["frame", "num_frames"])
def test_a_frame_beyond_all_numbers_is_a_sentence(key: str, tmp_path: Path) -> None:
    event = {"frame": 10**400 if key == "frame" else 1, "label": "serve"}
    video = {"video": "a", "fps": 50.0, "num_frames": 10**400 if key == "num_frames" else 9, "events": [event]}
    with pytest.raises(InputError, match=rf"video 0: .*{key}: .*less than or equal"):
        read(tmp_path, "train.json", json.dumps([video]))


def test_a_count_of_rows_with_thousands_of_digits_is_none(tmp_path: Path) -> None:
    rows = "\n".join(f"{'9' * 5000},{i % 2}" for i in range(20))
    with pytest.raises(InputError):
        read(tmp_path, "a.csv", f"frame,jump\n{rows}\n")
