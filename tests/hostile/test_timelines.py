"""Faults that hostile timelines brought to light, by name: none may come back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.formats.timelines import read_timelines
from reliability import bombs
from tests.hostile.files import HUGE, written
from tests.hostile.limits import within

STAMP = "00:00:01.000 --> 00:00:02.000"


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".vtt", f"WEBVTT\n\n{HUGE}:00:00.000 --> {HUGE}:00:01.000\nx", "expected a line like 00:00:01.000"),
        (".vtt", f"WEBVTT\n\n{'9' * 5000}:00:00.000 --> 00:00:01.000\nx", "expected a line like 00:00:01.000"),
        (".srt", f"1\n{HUGE}:00:00,000 --> 00:00:01,000\nx", "expected a line like 00:00:01.000"),
        (".csv", "label,start,end,video\na,1,2\n", "line 2: expected video, start, end, label, score, found fewer"),
        (".otio", bombs.of_json("%s")[5], "not usable JSON|more than 64"),
        (
            ".fiftyone.json",
            '{"classes": ["a", "b"], "labels": {"v": [{"label": true, "timestamps": [0, 1]}]}}',
            "index",
        ),
        (
            ".labelstudio.json",
            '[{"data": {"video": "v", "fps": 1e-320}, "annotations": [{"result": [{"type": "timelinelabels", "value": '
            '{"ranges": [{"start": 1, "end": 9}], "timelinelabels": ["a"]}}]}]}]',
            "video 'v': start, end and score must be finite",
        ),
    ],
)
def test_numbers_and_cells_that_are_no_times_are_refused(
    suffix: str, content: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        read_timelines(written(tmp_path / f"v{suffix}", content))


@pytest.mark.parametrize(
    "note", ["[" * 100_000, f'{{"video": "a", "duration": {HUGE}}}', '{"video": "a", "duration": NaN}']
)
def test_a_comment_of_somebody_else_in_webvtt_is_passed_over(note: str, tmp_path: Path) -> None:
    (found,) = read_timelines(written(tmp_path / "v.vtt", f"WEBVTT\n\nNOTE {note}\n\n{STAMP}\njump 0.5\n"))
    assert (found.video, found.duration, found.labels) == ("v", None, ("jump",))


@pytest.mark.parametrize("cue", ["<" * 200_000, "<a" * 100_000 + ">", "a < b", "&#" + "9" * 5000 + ";"])
def test_a_cue_is_read_in_a_time_that_grows_with_its_length(cue: str, tmp_path: Path) -> None:
    with within(2):
        (found,) = read_timelines(written(tmp_path / "v.vtt", f"WEBVTT\n\n{STAMP}\n{cue}\n"))
    assert len(found) == 1
    if cue == "a < b":
        assert found.labels == ("a < b",)


def test_a_number_too_long_for_a_score_is_part_of_the_label(tmp_path: Path) -> None:
    (found,) = read_timelines(written(tmp_path / "v.srt", f"1\n{STAMP.replace('.', ',')}\njump {HUGE}\n"))
    assert [(action.label, action.score) for action in found] == [(f"jump {HUGE}", 1.0)]


def clip(value: object, rate: object) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Clip.1", "name": "a", "source_range": {"duration": {"value": value, "rate": rate}}}


def edit(items: list[dict[str, Any]]) -> str:
    tracks = {"children": [{"kind": "Video", "children": items}]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "v", "tracks": tracks})


def test_an_edit_that_lasts_longer_than_a_float_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected frames and a positive rate"):
        read_timelines(written(tmp_path / "v.otio", edit([clip(1e308, 1e-308)])))


def test_an_edit_of_ever_different_rates_is_added_up_in_time(tmp_path: Path) -> None:
    rates = np.random.default_rng(0).uniform(20, 30, 20_000).tolist()
    with within(8):
        (found,) = read_timelines(written(tmp_path / "v.otio", edit([clip(1, rate) for rate in rates])))
    assert found[-1].end == pytest.approx(sum(1 / rate for rate in rates), abs=1e-4)


def test_xml_without_end_and_entities_are_refused(tmp_path: Path) -> None:
    for content in bombs.of_text(".eaf")[:5]:
        with (
            within(5),
            pytest.raises(
                InputError, match=r"document type declaration|not valid XML|XML of a few levels|expected an ANNOTATION"
            ),
        ):
            read_timelines(written(tmp_path / "v.eaf", content))
