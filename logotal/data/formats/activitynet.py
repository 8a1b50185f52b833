"""ActivityNet submission JSON: what the field's evaluators read.

    {"version": "VERSION 1.3", "results": {"video_1": [{"label": "jump", "score": 0.9, "segment": [0.2, 1.1]}]},
     "external_data": {}, "durations": {"video_1": 33.8}}

`durations` is ours: the evaluators ignore it, and with it reading gives back equal timelines.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError, did_you_mean
from logotal.timeline import Action, Timeline


def write_activitynet(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a submission file, one action a line, numbers at full precision."""
    results = ",\n".join(f"{_dumps(timeline.video)}: [{_actions(timeline)}]" for timeline in timelines)
    durations = {t.video: float(t.duration) for t in timelines if t.duration is not None}
    return (
        f'{{"version": "VERSION 1.3",\n"results": {{\n{results}\n}},\n'
        f'"external_data": {{}},\n"durations": {_dumps(durations)}}}\n'
    )


def read_activitynet(text: str, path: Path) -> list[Timeline]:
    """The timelines of a submission file.

    Raises:
        InputError: the video and the key that are not as expected.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON at line {error.lineno}: {error.msg}") from error
    results = _object(content, f"{path}: the file").get("results")
    if not isinstance(results, dict):
        raise InputError(
            f"{path}: expected predictions, {{'results': {{video: [actions]}}}}, found the keys "
            f"{', '.join(map(repr, content)) or 'none'}"
        )
    durations = _object(content.get("durations", {}), f"{path}: 'durations'")
    return [
        Timeline(video, _read_actions(listed, f"{path}: video {video!r}"), _duration(durations, video, path))
        for video, listed in results.items()
    ]


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _actions(timeline: Timeline) -> str:
    # Plain floats: json refuses numpy's.
    return ",".join(
        f'\n  {{"label": {_dumps(action.label)}, "score": {float(action.score)!r}, '
        f'"segment": [{float(action.start)!r}, {float(action.end)!r}]}}'
        for action in timeline
    )


def _read_actions(listed: object, where: str) -> tuple[Action, ...]:
    if not isinstance(listed, list):
        raise InputError(f"{where} must be a list of actions, found {type(listed).__name__}")
    return tuple(_read_action(item, f"{where}, action {i}") for i, item in enumerate(listed))


def _read_action(item: object, where: str) -> Action:
    entry = _object(item, where)
    for key in ("label", "score", "segment"):
        if key not in entry:
            raise InputError(f"{where}: key {key!r} is missing; {did_you_mean(key, entry)}")
    segment = entry["segment"]
    if not (isinstance(segment, list) and len(segment) == 2 and all(map(_is_number, segment))):
        raise InputError(f"{where}: 'segment' must be [start, end] in seconds, found {segment!r}")
    if not (isinstance(entry["label"], str) and _is_number(entry["score"])):
        raise InputError(f"{where}: expected a text 'label' and a number 'score', found {entry!r:.80}")
    return Action(float(segment[0]), float(segment[1]), entry["label"], float(entry["score"]))


def _duration(durations: Mapping[str, Any], video: str, path: Path) -> float | None:
    value = durations.get(video)
    if value is not None and not _is_number(value):
        raise InputError(f"{path}: duration of {video!r} must be a number of seconds, found {value!r}")
    return None if value is None else float(value)


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where} must be an object, found {type(value).__name__}")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
