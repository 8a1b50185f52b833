"""OpenTimelineIO (.otio): the video on the lowest track of an edit, and above it a track per label with its actions.

One video a file, as DaVinci Resolve, Premiere and others open it: every action is a clip of the video that lies where
it happens, so the tracks look like the lanes of a report, play as the video does, and a track alone, its gaps closed,
is the reel of one action. Where actions of one label overlap, further tracks of its name hold them.

Times are in frames, 24 a second unless the video is known: boundaries move by 21 ms at most. Scores are metadata of
the clips. The media is named as the timeline names its video; an editor asks for it where that is no file's name.
Old schema versions are written, which every version of OpenTimelineIO reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object, dumps, parsed_json
from logotal.formats.detections import refuse_untouched
from logotal.formats.form import Form, Saved, Source
from logotal.formats.frames import FRAME_RATE, frames_of
from logotal.formats.label_file import LabelFile, VideoLabels, of_timelines
from logotal.formats.lanes import lanes
from logotal.formats.single import only_video, video_of
from logotal.timeline import Action, Timeline

Json = dict[str, Any]

LONGEST = 1e9
"""Seconds of an item that are still believed: thirty years."""

EXACT = 2**256
"""What the denominators of times stay below; a few different rates in one track come nowhere near."""


def write_otio(timelines: Sequence[Timeline], truths: Mapping[str, Timeline], *, fps: float = FRAME_RATE) -> str:
    """The text of an edit, a track a line.

    Raises:
        InputError: there is not exactly one timeline, or an action starts before its video or ends before it starts.
    """
    timeline = only_video(timelines, "editors' timelines")
    spans = [(frames_of(action, fps), action) for action in timeline]
    whole = frames_of(Action(0.0, timeline.duration or 0.0, ""), fps)
    length = max([whole[1] if timeline.duration else 0, *(behind for (_, behind), _ in spans)])
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": quote(timeline.video),
        "available_range": _range(0, length, fps),
    }
    tracks = [_track(timeline.video, [_clip(timeline.video, 0, length, fps, media, whole=True)] if length else [])]
    of_label: dict[str, list[tuple[tuple[int, int], Action]]] = {label: [] for label in timeline.labels}
    for span, action in spans:
        of_label[action.label].append((span, action))
    for label, items in of_label.items():
        for lane in lanes(items):
            tracks.append(_track(label, list(_items(lane, fps, media))))
    duration = None if timeline.duration is None else float(timeline.duration)
    start = dumps(
        {"OTIO_SCHEMA": "Timeline.1", "name": timeline.video, "metadata": {"logotal": {"duration": duration}}}
    )
    children = ",\n".join(map(dumps, tracks))
    stack = f'{{"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [\n{children}\n]}}'
    return f'{start[:-1]}, "tracks": {stack}}}\n'


def read_otio(text: str, path: Path) -> list[Timeline]:
    """The timeline of an edit: each clip is an action with its name, from where it lies on its track.

    The track that holds our whole video is passed over, and so are transitions, which take no time of their own.

    Raises:
        InputError: the file is no edit, or an item of it is not a clip, a gap or a transition.
    """
    edit = as_object(parsed_json(text, path), f"{path}: the file")
    if _schema(edit) != "Timeline":
        raise InputError(f"{path}: expected OpenTimelineIO's Timeline, found {edit.get('OTIO_SCHEMA')!r}")
    stack = as_object(edit.get("tracks"), f"{path}: 'tracks'")
    actions: list[Action] = []
    for i, child in enumerate(as_list(stack.get("children"), f"{path}: the tracks", "tracks")):
        where = f"{path}: track {i}"
        track = as_object(child, where)
        if track.get("kind", "Video") == "Video":
            actions += _actions(as_list(track.get("children"), where, "items"), where)
    duration = _ours(edit).get("duration")
    seconds = None if duration is None else as_number(duration, f"{path}: the duration")
    return [Timeline(str(edit.get("name", "")), tuple(actions), seconds)]


def _range(first: int, length: int, fps: float) -> Json:
    start, duration = ({"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": fps} for value in (first, length))
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": start, "duration": duration}


def _track(name: str, items: list[Json]) -> Json:
    return {"OTIO_SCHEMA": "Track.1", "name": name, "kind": "Video", "children": items}


def _clip(name: str, first: int, behind: int, fps: float, media: Json, **ours: object) -> Json:
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": name,
        "source_range": _range(first, behind - first, fps),
        "media_reference": media,
        "metadata": {"logotal": ours},
    }


def _items(lane: Sequence[tuple[tuple[int, int], Action]], fps: float, media: Json) -> Iterator[Json]:
    """The clips of a track, and the gaps before them."""
    before = 0
    for (first, behind), action in lane:
        if first > before:
            yield {"OTIO_SCHEMA": "Gap.1", "source_range": _range(0, first - before, fps)}
        who = {} if action.subject is None else {"subject": action.subject}
        yield _clip(action.label, first, behind, fps, media, score=float(action.score), **who)
        before = behind


def _actions(items: Sequence[object], where: str) -> Iterator[Action]:
    now = Fraction(0)
    for i, child in enumerate(items):
        place = f"{where}, item {i}"
        item = as_object(child, place)
        schema, ours = _schema(item), _ours(item)
        if schema == "Transition":
            continue
        if schema not in ("Clip", "Gap"):
            raise InputError(f"{place}: expected a Clip or a Gap, found {item.get('OTIO_SCHEMA')!r}; flatten the edit")
        end = _bounded(now + _length(item, place))
        if schema == "Clip" and not ours.get("whole"):
            score = as_number(ours.get("score", 1.0), f"{place}: the score")
            subject = str(ours.get("subject") or "") or None
            yield Action(float(now), float(end), str(item.get("name", "")), score, subject)
        now = end


def _bounded(seconds: Fraction) -> Fraction:
    """The same time, to the nanosecond where items of ever different rates would let an exact sum grow without end."""
    return seconds if seconds.denominator < EXACT else Fraction(round(seconds * 10**9), 10**9)


def _length(item: Json, where: str) -> Fraction:
    """The seconds that an item takes; exact, for they are added up."""
    span = as_object(item.get("source_range"), f"{where}: 'source_range'")
    time = as_object(span.get("duration"), f"{where}: 'duration'")
    value, rate = (as_number(time.get(key), f"{where}: {key!r} of the duration") for key in ("value", "rate"))
    if value < 0 or rate <= 0 or value / rate > LONGEST:
        raise InputError(f"{where}: expected frames and a positive rate, found {value:g} at {rate:g}")
    return Fraction(value) / Fraction(rate)


def _schema(item: Json) -> str:
    return str(item.get("OTIO_SCHEMA", "")).partition(".")[0]


def _ours(item: Json) -> Json:
    metadata = item.get("metadata")
    ours = metadata.get("logotal") if isinstance(metadata, dict) else None
    return ours if isinstance(ours, dict) else {}


def _claims(source: Source) -> bool:
    return str(source.object.get("OTIO_SCHEMA", "")).startswith("Timeline.")


def _labels(source: Source) -> LabelFile:
    timelines = read_otio(source.text, source.path)
    refuse_untouched(source.path, source.text, timelines, lambda each: write_otio(each, {}), "an editor")
    (video,) = of_timelines(source.path, timelines)
    names = tuple(filter(None, dict.fromkeys((*video.names, video_of(source.path)))))
    entry = VideoLabels(names, source.path, video.actions, named=bool(video.names[0]))
    return LabelFile(source.path, "OpenTimelineIO", (entry,))


OTIO = Form("OpenTimelineIO .otio", _claims, _labels, (".otio",), saved=Saved(".otio", write_otio, read_otio))
