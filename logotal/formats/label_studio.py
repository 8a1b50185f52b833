"""Label Studio tasks (.labelstudio.json): videos with predictions to correct, and the corrected export.

    [{"data": {"video": "match.mp4", "fps": 24, "duration": 33.8}, "predictions": [{"model_version": "logotal",
      "result": [{"id": "action-1", "from_name": "timelineLabels", "to_name": "video", "type": "timelinelabels",
                  "value": {"ranges": [{"start": 3, "end": 5}], "timelinelabels": ["jump"]}, "score": 0.9}]}]}]

Label Studio counts frames, from 1, the last one included: at 24 a second unless the video is known, so boundaries move
by 21 ms at most. The labeling configuration reads the rate from the task:

    <View>
      <Video name="video" value="$video" frameRate="$fps"/>
      <TimelineLabels name="timelineLabels" toName="video"><Label value="jump"/></TimelineLabels>
    </View>

`data.video` is the name of the video as the timeline has it; Label Studio wants an address there that it can load.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object, dumps, parsed_json
from logotal.formats.comma_separated import number
from logotal.formats.frames import FRAME_RATE, frames_of
from logotal.formats.single import from_zero
from logotal.timeline import Action, Timeline

ADDRESSES = ("video", "video_url", "url")
RATES = ("fps", "frame_rate", "frameRate", "framerate")


def write_label_studio(
    timelines: Sequence[Timeline], truths: Mapping[str, Timeline], *, fps: float = FRAME_RATE
) -> str:
    """The text of a file of tasks to import, a task a line.

    Raises:
        InputError: an action starts before its video, or ends before it starts.
    """
    for timeline in timelines:
        from_zero(timeline, "Label Studio's videos")
    return "[" + ",\n".join(dumps(_task(timeline, fps)) for timeline in timelines) + "]\n"


def read_label_studio(text: str, path: Path) -> list[Timeline]:
    """The timelines of a JSON export, or of tasks to import: what people annotated, else what was predicted.

    Frames are at the rate in the task's data (`fps`), or at Label Studio's own 24 a second. Labels on the sound of a
    video, which its older template makes, are read as well; other results are passed over.

    Raises:
        InputError: the task and the key that are not as expected, or a task with several annotations.
    """
    tasks = as_list(parsed_json(text, path), f"{path}: the file", "tasks")
    timelines: dict[str, Timeline] = {}
    for i, item in enumerate(tasks):
        where = f"{path}: task {i}"
        timeline = _timeline(as_object(item, where), where)
        if timeline.video in timelines:
            raise InputError(f"{where}: expected one task per video, found a second one of {timeline.video!r}")
        timelines[timeline.video] = timeline
    return list(timelines.values())


def _task(timeline: Timeline, fps: float) -> dict[str, Any]:
    data: dict[str, Any] = {"video": timeline.video, "fps": fps}
    if timeline.duration is not None:
        data["duration"] = float(timeline.duration)
    result = [_result(i, action, fps) for i, action in enumerate(timeline, start=1)]
    return {"data": data, "predictions": [{"model_version": "logotal", "result": result}]}


def _result(i: int, action: Action, fps: float) -> dict[str, Any]:
    first, behind = frames_of(action, fps)
    return {
        "id": f"action-{i}",
        "from_name": "timelineLabels",
        "to_name": "video",
        "type": "timelinelabels",
        "value": {"ranges": [{"start": first + 1, "end": behind}], "timelinelabels": [action.label]},
        "score": float(action.score),
    }


def _timeline(task: dict[str, Any], where: str) -> Timeline:
    data = as_object(task.get("data"), f"{where}: 'data'")
    video = next((data[key] for key in ADDRESSES if isinstance(data.get(key), str)), None)
    if video is None:
        raise InputError(
            f"{where}: expected the video in 'data' under one of {', '.join(ADDRESSES)}, found {data!r:.60}"
        )
    rate = next((data[key] for key in RATES if data.get(key) is not None), FRAME_RATE)
    fps = number(str(rate), f"{where}: the frame rate")  # a text where the tasks came from a table
    if fps <= 0:
        raise InputError(f"{where}: the frame rate must be positive, found {fps}")
    duration = data.get("duration")
    seconds = None if duration is None else as_number(duration, f"{where}: 'duration'")
    actions = (
        action
        for i, result in enumerate(_results(task, where))
        for action in _actions(as_object(result, f"{where}, result {i}"), fps, f"{where}, result {i}")
    )
    return Timeline(video, tuple(actions), seconds)


def _results(task: dict[str, Any], where: str) -> list[Any]:
    for key in ("annotations", "predictions"):
        listed = as_list(task.get(key) or [], f"{where}: {key!r}", key)
        entries = [as_object(entry, f"{where}: {key!r}") for entry in listed]
        kept = [entry for entry in entries if not entry.get("was_cancelled")]  # people may skip a task
        if len(kept) > 1:
            raise InputError(f"{where}: expected one of the {key}, found {len(kept)}; export the one that counts")
        if kept:
            return as_list(kept[0].get("result"), f"{where}: 'result'", "results")
    return []


def _actions(result: dict[str, Any], fps: float, where: str) -> Iterator[Action]:
    kind = result.get("type")
    if kind not in ("timelinelabels", "labels"):
        return
    value = as_object(result.get("value"), f"{where}: 'value'")
    labels = as_list(value.get(kind), f"{where}: {kind!r}", "labels")
    score = 1.0 if result.get("score") is None else as_number(result["score"], f"{where}: 'score'")
    for entry in as_list(value.get("ranges", []), f"{where}: 'ranges'", "ranges") if kind != "labels" else [value]:
        span = as_object(entry, f"{where}: a range")
        start, end = (as_number(span.get(key), f"{where}: {key!r}") for key in ("start", "end"))
        if kind == "timelinelabels":
            start, end = (start - 1) / fps, end / fps
        yield from (Action(start, end, str(label), score) for label in labels)
