"""FiftyOne's temporal detections (.fiftyone.json): `labels.json` of a FiftyOneTemporalDetectionDataset.

    {"classes": ["jump", "run"], "labels": {"video_1": [{"label": 0, "timestamps": [0.2, 1.1], "confidence": 0.9}],
     "video_2": null}, "durations": {"video_1": 33.8}}

FiftyOne finds the videos by their names without suffix; hand it this file as `labels_path`, their folder as
`data_path`. Who acts is the attribute `subject` of a detection. `durations` is ours: FiftyOne ignores it, and with it
reading gives back equal timelines.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object, dumps, parsed_json
from logotal.formats.detections import refuse_scores
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import LabelFile, of_timelines
from logotal.timeline import Action, Timeline


def write_fiftyone(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a labels file, a video a line, numbers at full precision."""
    classes = sorted({label for timeline in timelines for label in timeline.labels})
    indices = {label: index for index, label in enumerate(classes)}
    videos = ",\n".join(
        f"{dumps(timeline.video)}: {dumps([_detection(action, indices) for action in timeline] or None)}"
        for timeline in timelines
    )
    durations = {t.video: float(t.duration) for t in timelines if t.duration is not None}
    return f'{{"classes": {dumps(classes)},\n"labels": {{\n{videos}\n}},\n"durations": {dumps(durations)}}}\n'


def read_fiftyone(text: str, path: Path) -> list[Timeline]:
    """The timelines of a labels file; a detection without `confidence` has score 1.

    Raises:
        InputError: the video and the key that are not as expected; times as frame numbers among them.
    """
    content = as_object(parsed_json(text, path), f"{path}: the file")
    videos = as_object(content.get("labels"), f"{path}: 'labels'")
    durations = as_object(content.get("durations", {}), f"{path}: 'durations'")
    classes = content.get("classes")
    if classes is not None:
        classes = as_list(classes, f"{path}: 'classes'", "names")
    timelines = []
    for video, detections in videos.items():
        where = f"{path}: video {video!r}"
        listed = [] if detections is None else as_list(detections, where, "detections")
        actions = (_action(item, classes, f"{where}, detection {i}") for i, item in enumerate(listed))
        seconds = durations.get(video)
        duration = None if seconds is None else as_number(seconds, f"{path}: duration of {video!r}")
        timelines.append(Timeline(video, tuple(actions), duration))
    return timelines


def _detection(action: Action, indices: Mapping[str, int]) -> dict[str, Any]:
    times = [float(action.start), float(action.end)]
    who = {} if action.subject is None else {"attributes": {"subject": action.subject}}
    return {"label": indices[action.label], "timestamps": times, "confidence": float(action.score), **who}


def _action(item: object, classes: list[Any] | None, where: str) -> Action:
    entry = as_object(item, where)
    if "timestamps" not in entry and "support" in entry:
        raise InputError(f"{where}: expected 'timestamps' in seconds, found frames; export with use_timestamps=True")
    times = entry.get("timestamps")
    if not (isinstance(times, list) and len(times) == 2):
        raise InputError(f"{where}: 'timestamps' must be [start, end] in seconds, found {times!r:.60}")
    start, end = (as_number(seconds, f"{where}: a timestamp") for seconds in times)
    confidence = entry.get("confidence")
    score = 1.0 if confidence is None else as_number(confidence, f"{where}: 'confidence'")
    attributes = as_object(entry.get("attributes") or {}, f"{where}: 'attributes'")
    subject = str(attributes.get("subject") or "") or None
    return Action(start, end, _label(entry.get("label"), classes, where), score, subject)


def _label(target: object, classes: list[Any] | None, where: str) -> str:
    if classes is None and isinstance(target, str):
        return target
    if classes is not None and type(target) is int and 0 <= target < len(classes):
        return str(classes[target])
    expected = "a name" if classes is None else f"an index below {len(classes)}"
    raise InputError(f"{where}: 'label' must be {expected}, found {target!r:.60}")


def _claims(source: Source) -> bool:
    labels = source.object.get("labels")
    return "classes" in source.object and isinstance(labels, dict)


def _labels(source: Source) -> LabelFile:
    """What is annotated; a video without detections (null) nobody looked at."""
    path = source.path
    scores = [
        (f"{video!r}, detection {i}", str(item.get("confidence") if item.get("confidence") is not None else ""))
        for video, listed in source.object["labels"].items()
        for i, item in enumerate(listed or [])
        if isinstance(item, dict)
    ]
    refuse_scores(path, scores, "the confidences")
    timelines = [t for t in read_fiftyone(source.text, path) if source.object["labels"][t.video] is not None]
    return LabelFile(path, "FiftyOne", of_timelines(path, timelines))


FIFTYONE = Form(
    "FiftyOne temporal detections",
    _claims,
    _labels,
    (".json",),
    saved=Saved(".fiftyone.json", write_fiftyone, read_fiftyone),
)
