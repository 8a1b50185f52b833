"""Faults that hostile JSON brought to light, and hostile text of any kind, by name: none may come back."""

import gzip
import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.files.json import DEEPEST, parsed_json, read_json
from logotal.files.text import read_text
from logotal.formats.annotations import read_annotations
from logotal.inference.video_scores import read_video_scores
from tests.hostile.files import HUGE, written
from tests.hostile.limits import within


@pytest.mark.parametrize("members", [1, 200], ids=["one member", "many members"])
def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(members: int, tmp_path: Path) -> None:
    content = gzip.compress(b" " * 2**28) if members == 1 else gzip.compress(b" " * 2**22) * members
    with pytest.raises(
        InputError, match=r"a\.json\.gz: holds more than .* bytes in .*, expected at most 100 times its size"
    ):
        read_annotations(written(tmp_path / "a.json.gz", content))


def test_a_gzipped_file_may_hold_what_annotations_and_detections_hold(tmp_path: Path) -> None:
    content = "[" + ", ".join(["0"] * 10**6) + "]"
    assert read_json(written(tmp_path / "a.json.gz", gzip.compress(content.encode()))) == [0] * 10**6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_may_say_how_it_is_encoded(encoding: str, tmp_path: Path) -> None:
    assert read_text(written(tmp_path / "a.txt", "größe".encode(encoding))) == "größe"


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_nesting_is_refused_at_the_same_level_everywhere(opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}.get(c, "") for c in reversed(opening))
    levels = len(closing)
    assert parsed_json(opening * (DEEPEST // levels) + "1" + closing * (DEEPEST // levels), "a")
    for times in (DEEPEST // levels + 1, 900, 100_000):
        with pytest.raises(InputError, match="expected JSON of a few levels, found more than 64"):
            parsed_json(opening * times + "1" + closing * times, "a.json")


def test_annotations_are_refused_like_any_json(tmp_path: Path) -> None:
    """They had a reader of their own, which nesting and long integers got through."""
    for content in ("[" * 100_000, '{"database": ' + "9" * 5000 + "}"):
        with pytest.raises(InputError, match=r"a\.json: (expected JSON of a few levels|not usable JSON)"):
            read_annotations(written(tmp_path / "a.json", content))


def test_a_key_that_stands_twice_among_many_is_found_at_once() -> None:
    keys = ", ".join(f'"{i}": 0' for i in range(200_000))
    with within(5), pytest.raises(InputError, match="the key '0' stands twice in one object; remove one"):
        parsed_json(f'{{{keys}, "0": 1}}', "a")


@pytest.mark.parametrize("text", [r'"\ud800"', r'["a", "\uDC00b"]', r'{"\ud83d": 1}'])
def test_half_a_character_is_refused_where_it_is_read_not_where_it_is_written(text: str) -> None:
    with pytest.raises(InputError, match=r"not usable JSON: .* is half a character"):
        parsed_json(text, "a")
    assert parsed_json(r'"\ud83d\ude00"', "a") == "😀"


def test_a_message_stays_short_whatever_stands_in_the_file(tmp_path: Path) -> None:
    content = {"database": {"x" * 10**6: {"subset": 1}}}
    with pytest.raises(InputError) as caught:
        read_annotations(written(tmp_path / "a.json", json.dumps(content)))
    said = str(caught.value)
    assert len(said) < 2100
    assert "a.json: video 'xxx" in said
    assert said.endswith("'subset' must be the name of a split, found 1")


def test_integers_beyond_a_float_are_no_scores_and_no_times(tmp_path: Path) -> None:
    for score, segment in ((HUGE, "[0, 1]"), ("1", f"[0, {HUGE}]")):
        content = f'{{"results": {{"v": [{{"label": "a", "score": {score}, "segment": {segment}}}]}}}}'
        with pytest.raises(InputError, match=r"'score' must be a finite number|'segment' must be \[start, end\]"):
            read_detections(written(tmp_path / "a.json", content))
    with pytest.raises(InputError, match="video 'v': expected a list of numbers"):
        read_video_scores(written(tmp_path / "a.json", f'{{"results": {{"v": [{HUGE}]}}}}'), ("a",))
