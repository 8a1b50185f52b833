"""Any JSON at all, in the shape of what readers expect or nearly: read or refused, and what was read can be written."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.files.json import parsed_json
from logotal.formats.annotations import read_annotations
from logotal.formats.timelines import READERS, read_timelines, write_timelines
from logotal.inference.video_scores import read_video_scores
from tests.hostile.files import written

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, 2**63, -1, 0, 1])
    | st.floats()
    | st.text(st.characters())  # half characters included
    | st.sampled_from(["jump", "run", "../x", "\0"])
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner), max_leaves=8
)


def nearly(whole: Any) -> st.SearchStrategy[Any]:
    """Values of the shape of one, in which anything may stand at any place, or be missing."""
    if isinstance(whole, dict):
        fixed = st.fixed_dictionaries({}, optional={key: nearly(value) for key, value in whole.items()})
        return fixed | ANYTHING
    if isinstance(whole, list):
        return st.lists(st.one_of([nearly(value) for value in whole] or [ANYTHING]), max_size=3) | ANYTHING
    return st.just(whole) | LEAVES


ACTION = {"segment": [0.2, 1.1], "label": "jump", "label_id": 1, "score": 0.5}
VIDEO = {"subset": "training", "annotations": [ACTION], "duration": 9, "fps": 30, "group": "a", "ignored": [[1, 2]]}
STUDIO = {
    "type": "timelinelabels",
    "value": {"ranges": [{"start": 1, "end": 2}], "timelinelabels": ["jump"]},
    "score": 1,
}
CLIP = {"OTIO_SCHEMA": "Clip.1", "name": "a", "source_range": {"duration": {"value": 9, "rate": 24}}}
TRACKS = {"children": [{"kind": "Video", "children": [CLIP, CLIP | {"OTIO_SCHEMA": "Gap.1"}]}]}

WHOLE: dict[str, Any] = {
    "annotations": {"database": {"v": VIDEO, "w": VIDEO}},
    "detections": {"results": {"v": [ACTION], "w": []}},
    "video scores": {"results": {"v": [0.1, 0.9], "w": {"jump": 1}}, "class": ["jump", "run"]},
    ".json": {"results": {"v": [ACTION]}, "durations": {"v": 9.5}},
    ".labelstudio.json": [{"data": {"video": "v", "fps": 24, "duration": 9}, "annotations": [{"result": [STUDIO]}]}],
    ".fiftyone.json": {"classes": ["a"], "labels": {"v": [{"label": 0, "timestamps": [0, 1], "confidence": 0.5}]}},
    ".otio": {"OTIO_SCHEMA": "Timeline.1", "name": "v", "tracks": TRACKS},
}


def read(kind: str, path: Path) -> object:
    if kind == "annotations":
        return read_annotations(path)
    if kind == "detections":
        return read_detections(path, ("jump", "run"))
    if kind == "video scores":
        return read_video_scores(path, ("jump", "run"))
    assert kind in READERS
    timelines = read_timelines(path)
    write_timelines(timelines, path.with_name("again.json"))
    assert read_timelines(path.with_name("again.json")) == timelines
    return timelines


@pytest.mark.parametrize("kind", WHOLE)
def test_json_of_any_shape_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{kind if kind.startswith('.') else '.json'}"
    assert read(kind, written(path, json.dumps(WHOLE[kind])))

    @settings(max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(nearly(WHOLE[kind]), st.booleans())
    def holds(value: Any, ascii_only: bool) -> None:
        text = json.dumps(value, ensure_ascii=ascii_only)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            read(kind, path)
        except InputError as error:
            str(error).encode()

    holds()


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.text(st.sampled_from('[]{}",:0129.eE-+ntruefalsNI\\ud8\n\0')))
def test_text_that_looks_like_json_is_read_or_refused(text: str) -> None:
    try:
        value = parsed_json(text, "a")
    except InputError:
        return
    json.dumps(value, ensure_ascii=False).encode()
