"""ActivityNet submission JSON: what the field's evaluators read.

    {"version": "VERSION 1.3", "results": {"video_1": [{"label": "jump", "score": 0.9, "segment": [0.2, 1.1]}]},
     "external_data": {}, "durations": {"video_1": 33.8}}

`durations` is ours, and so is `subject` of an action, who acts: the evaluators ignore them, and with them reading gives
back equal timelines. So is `model`, the model on the Hugging Face hub that found the actions.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError, did_you_mean
from logotal.files.json import as_list, as_number, as_object, dumps, is_number, parsed_json
from logotal.formats.detections import NEVER
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import LabelFile, NotLabelsError
from logotal.timeline import Action, Timeline


def write_activitynet(
    timelines: Sequence[Timeline],
    truths: Mapping[str, Timeline],
    labels_from: str | None = None,
    model: str | None = None,
) -> str:
    """The text of a submission file, one action a line, numbers at full precision.

    `labels_from`, what gave the actions their labels besides the network, becomes its `external_data`; `model` is said
    where it is on the Hugging Face hub.
    """
    external = {} if labels_from is None else {"used": True, "details": labels_from}
    results = ",\n".join(f"{dumps(timeline.video)}: [{_actions(timeline)}]" for timeline in timelines)
    durations = {t.video: float(t.duration) for t in timelines if t.duration is not None}
    by = "" if model is None else f'"model": {dumps(model)},\n'
    return (
        f'{{"version": "VERSION 1.3",\n{by}"results": {{\n{results}\n}},\n'
        f'"external_data": {dumps(external)},\n"durations": {dumps(durations)}}}\n'
    )


def read_activitynet(text: str, path: Path) -> list[Timeline]:
    """The timelines of a submission file.

    Raises:
        InputError: the video and the key that are not as expected.
    """
    content = as_object(parsed_json(text, path), f"{path}: the file")
    results = content.get("results")
    if not isinstance(results, dict):
        raise InputError(
            f"{path}: expected predictions, {{'results': {{video: [actions]}}}}, found the keys "
            f"{', '.join(map(repr, content)) or 'none'}"
        )
    durations = as_object(content.get("durations", {}), f"{path}: 'durations'")
    return [
        Timeline(video, _read_actions(listed, f"{path}: video {video!r}"), _duration(durations, video, path))
        for video, listed in results.items()
    ]


def _actions(timeline: Timeline) -> str:
    # Plain floats: json refuses numpy's.
    return ",".join(
        f'\n  {{"label": {dumps(action.label)}, "score": {float(action.score)!r}, '
        f'"segment": [{float(action.start)!r}, {float(action.end)!r}]{_who(action)}}}'
        for action in timeline
    )


def _who(action: Action) -> str:
    return "" if action.subject is None else f', "subject": {dumps(action.subject)}'


def _read_actions(listed: object, where: str) -> tuple[Action, ...]:
    items = as_list(listed, where, "actions")
    return tuple(_read_action(item, f"{where}, action {i}") for i, item in enumerate(items))


def _read_action(item: object, where: str) -> Action:
    entry = as_object(item, where)
    for key in ("label", "score", "segment"):
        if key not in entry:
            raise InputError(f"{where}: key {key!r} is missing; {did_you_mean(key, entry)}")
    segment = entry["segment"]
    if not (isinstance(segment, list) and len(segment) == 2 and all(map(is_number, segment))):
        raise InputError(f"{where}: 'segment' must be [start, end] in seconds, found {segment!r}")
    if not (isinstance(entry["label"], str) and is_number(entry["score"])):
        raise InputError(f"{where}: expected a text 'label' and a number 'score', found {entry!r:.80}")
    subject = entry.get("subject")
    if not isinstance(subject, str | None):
        raise InputError(f"{where}: 'subject' must be a text, found {subject!r:.60}")
    return Action(float(segment[0]), float(segment[1]), entry["label"], float(entry["score"]), subject or None)


def _duration(durations: Mapping[str, Any], video: str, path: Path) -> float | None:
    value = durations.get(video)
    return None if value is None else as_number(value, f"{path}: duration of {video!r}")


def _claims(source: Source) -> bool:
    return isinstance(source.object.get("results"), dict)


def _labels(source: Source) -> LabelFile:
    raise NotLabelsError(f"{source.path}: holds {NEVER}")


ACTIVITYNET_RESULTS = Form(
    "detections as ActivityNet JSON",
    _claims,
    _labels,
    (".json",),
    holds_labels=False,
    saved=Saved(".json", write_activitynet, read_activitynet),
)
