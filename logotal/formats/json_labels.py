"""Labels in JSON, known by their keys: ActivityNet, Label Studio in its full and its short export, BORIS projects."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.files.json import as_object, parsed_json
from logotal.formats.annotations import read_annotations
from logotal.formats.boris_project import read_boris_project
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels, of_timelines, said
from logotal.formats.label_studio import RATES, read_label_studio

OURS = "logotal init"
"""How the version of our own annotations begins."""


def read_json_labels(text: str, path: Path, group_column: str | None = None) -> LabelFile:
    """The labels in a JSON text; `group_column` names an independent variable of BORIS.

    Raises:
        NotLabelsError: it holds none in a form that is known.
        InputError: it does, and they are not as expected.
    """
    content = parsed_json(text, path)
    if isinstance(content, list):
        return _label_studio(content, path)
    keys = set(content) if isinstance(content, dict) else set()
    if keys and str(content.get("version")).startswith(OURS):
        raise NotLabelsError(f"{path}: made by `logotal init`, not a source of labels")
    if "database" in keys:
        return _activitynet(path)
    if {"observations", "behaviors_conf"} <= keys:
        return read_boris_project(content, path, group_column)
    if "results" in keys:
        raise NotLabelsError(f"{path}: holds detections, not labels")
    if {"metadata", "attribute", "view"} <= keys:
        raise NotLabelsError(f"{path}: a VIA project; export it from VIA as CSV")
    raise NotLabelsError(f"{path}: no labels; expected ActivityNet, Label Studio or BORIS JSON")


def _activitynet(path: Path) -> LabelFile:
    """All that annotations can say, splits, groups and ignored spans too."""
    videos = [
        VideoLabels(
            (video.id,),
            path,
            tuple(FoundAction(action, f"{path}: {video.id}, {said(action)}") for action in video.actions),
            video.split,
            video.group,
            video.duration,
            video.ignored,
        )
        for video in read_annotations(path).videos.values()
    ]
    return LabelFile(path, "ActivityNet", tuple(videos))


def _label_studio(tasks: Sequence[Any], path: Path) -> LabelFile:
    """What people annotated; what was only predicted is no truth, and a task without annotations nobody looked at."""
    objects = [_full_task(task) for task in tasks if isinstance(task, dict)]
    if not objects or len(objects) < len(tasks) or not all(isinstance(task.get("data"), dict) for task in objects):
        raise NotLabelsError(f"{path}: no labels; expected a Label Studio export, a list of tasks with 'data'")
    done = [{**task, "predictions": []} for task in objects if _is_annotated(task, path)]
    notes = []
    if len(done) < len(objects):
        notes.append(
            f"{path}: {len(objects) - len(done)} of {len(objects)} tasks have no annotation and are unlabelled"
        )
    if any(all(task["data"].get(key) is None for key in RATES) for task in done):
        notes.append(
            f"{path}: tasks without 'fps' count 24 frames a second, as Label Studio does; if its frameRate was set "
            "to another number, add that as 'fps' to the data of the tasks"
        )
    timelines = read_label_studio(json.dumps(done), path)
    return LabelFile(path, "Label Studio", of_timelines(path, timelines), notes=tuple(notes))


def _full_task(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task as the full export has it; the short one (JSON-MIN) lays the labels beside the data."""
    if "data" in task:
        return dict(task)
    labels = {
        name: value
        for name, value in task.items()
        if isinstance(value, list) and any(isinstance(item, dict) and "timelinelabels" in item for item in value)
    }
    if not labels and "annotation_id" not in task:
        return dict(task)
    result = [{"type": "timelinelabels", "value": item} for value in labels.values() for item in value]
    data = {name: value for name, value in task.items() if name not in labels}
    return {"data": data, "annotations": [{"result": result}]}


def _is_annotated(task: Mapping[str, Any], path: Path) -> bool:
    entries = task.get("annotations")
    return isinstance(entries, list) and any(
        not as_object(entry, f"{path}: an annotation").get("was_cancelled") for entry in entries
    )
