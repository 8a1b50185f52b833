"""Label Studio as labels: what people annotated in time, in each of its exports and types of results.

Read are timeline labels (frames, from 1, the last one included), labels on the sound and of time series (seconds), and
tracked boxes, which are actions as long as they are enabled. All other results are counted and named. Frames are at
the rate that the task says (`fps`); Label Studio counts 24 a second unless its `frameRate` is set, so where the task
says none it is asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import (
    NO_LABEL,
    AskError,
    FoundAction,
    LabelFile,
    LeftOut,
    NotLabelsError,
    VideoLabels,
    ask,
)
from logotal.formats.label_studio import ADDRESSES, RATES, read_label_studio, write_label_studio
from logotal.formats.label_studio_tasks import Annotation, Task, is_export, tasks_of, tasks_of_table
from logotal.formats.moments import END, Clock, Moment
from logotal.formats.tables import parse_table
from logotal.words import amount


@dataclass
class _Reader:
    """The actions of tasks; what is not read is counted by type."""

    source: Source
    other: Counter[str] = field(default_factory=Counter)
    unlabelled: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def video(self, task: Task) -> VideoLabels | None:
        """What a task says, or None where nobody labelled it in time."""
        annotation = self._annotation(task)
        if annotation is None:
            self.unlabelled += 1
            return None
        before = self.other.total()
        actions = [
            action
            for i, (kind, value) in enumerate(annotation.results)
            for action in self._actions(task, kind, value, f"{task.where}, result {i}")
        ]
        if not actions and self.other.total() > before:  # what was said is nothing that can be read
            self.unlabelled += 1
            return None
        seconds = task.data.get("duration")
        duration = None if seconds is None else number(str(seconds), f"{task.where}: 'duration'")
        named = tuple(action for action in actions if action.label)
        nameless = tuple(action for action in actions if not action.label)
        self.left_out += [LeftOut(action.where, NO_LABEL) for action in nameless]
        return VideoLabels((_address(task),), self.source.path, named, duration=duration, unlabelled=nameless)

    def _annotation(self, task: Task) -> Annotation | None:
        """The annotation of a task that counts.

        Raises:
            AskError: there are several.
        """
        wanted = self.source.options.annotator
        kept = task.annotations
        if len({each.who for each in kept}) < len(kept):  # one person twice: only the number tells them apart
            offered = [each.number for each in kept]
        else:
            offered = [each.who for each in kept]
        if wanted and any(wanted in (each.who, each.number) for each in kept):
            kept = tuple(each for each in kept if wanted in (each.who, each.number))
            self.source.use("annotator", offered)
        if len(kept) > 1:
            raise ask(task.where, f"annotations of {amount(len(kept), 'annotator')}", "--annotator", offered)
        return kept[0] if kept else None

    def _actions(self, task: Task, kind: str, value: Mapping[str, Any], where: str) -> Iterator[FoundAction]:
        if kind == "timelinelabels":
            spans = list(self._ranges(task, value, where))
        elif kind in ("labels", "timeserieslabels") and {"start", "end"} <= set(value) and "text" not in value:
            start, end = (Moment(as_number(value[key], f"{where}: {key!r}")) for key in ("start", "end"))
            spans = [(start, end)]
        elif kind == "videorectangle":
            kind, spans = "labels", list(self._boxes(task, value, where))
        else:
            self.other[kind] += 1
            return
        for label in as_list(value.get(kind, []), f"{where}: {kind!r}", "labels") or [""]:
            for start, end in spans:
                yield FoundAction(start, end, str(label), where)

    def _ranges(self, task: Task, value: Mapping[str, Any], where: str) -> Iterator[tuple[Moment, Moment]]:
        for entry in as_list(value.get("ranges", []), f"{where}: 'ranges'", "ranges"):
            span = as_object(entry, f"{where}: a range")
            first, last = (as_number(span.get(key), f"{where}: {key!r}") for key in ("start", "end"))
            yield self._frame(task, value, first - 1), self._frame(task, value, last)

    def _boxes(self, task: Task, value: Mapping[str, Any], where: str) -> Iterator[tuple[Moment, Moment]]:
        """The spans in which a tracked box is enabled: from a key frame to the one that disables it."""
        start: Moment | None = None
        for item in as_list(value.get("sequence", []), f"{where}: 'sequence'", "key frames"):
            frame = as_object(item, f"{where}: a key frame")
            if frame.get("time") is not None:
                now = Moment(as_number(frame["time"], f"{where}: 'time'"))
            else:
                now = self._frame(task, value, as_number(frame.get("frame"), f"{where}: 'frame'"))
            if frame.get("enabled", True):
                start = now if start is None else start
            elif start is not None:
                yield start, now
                start = None
        if start is not None:
            yield start, END

    def _frame(self, task: Task, value: Mapping[str, Any], frame: float) -> Moment:
        """The moment at which a frame, counted from 0, begins.

        Raises:
            AskError: nobody says how many there are in a second.
        """
        said = next((task.data[key] for key in RATES if task.data.get(key) not in (None, "")), None)
        if said is None and value.get("framesCount") and value.get("duration"):
            said = as_number(value["framesCount"], task.where) / as_number(value["duration"], task.where)
        if said is not None:
            fps = number(str(said), f"{task.where}: the frame rate")  # a text where the tasks came from a table
            if fps <= 0:
                raise InputError(f"{task.where}: the frame rate must be positive, found {fps}")
            return Moment(round(frame / fps, 6))
        if not (self.source.options.unit or "").startswith("frames"):
            raise AskError(
                f"{task.where}: frames, and no 'fps' in the task says how many a second; Label Studio counts 24 unless "
                "its frameRate is set; say which: --unit frames@24 | frames (of the video itself)",
                "unit",
                ("frames@24", "frames"),
            )
        self.source.use("unit")
        rate = self.source.options.rate
        return Moment(frame, Clock.FRAMES) if rate is None else Moment(round(frame / rate, 6))


def _address(task: Task) -> str:
    video = next((task.data[key] for key in ADDRESSES if isinstance(task.data.get(key), str)), None)
    if video is None:
        raise InputError(
            f"{task.where}: expected the video in 'data' under one of {', '.join(ADDRESSES)}, "
            f"found {dict(task.data)!r:.60}"
        )
    return str(video)


def read_tasks(tasks: list[Task], source: Source) -> LabelFile:
    """What people annotated; what was only predicted is no truth, and a task without annotations nobody looked at.

    Raises:
        NotLabelsError: nothing is annotated in time.
        AskError: a task has several annotations, or frames without a rate.
    """
    reader = _Reader(source)
    videos = [video for task in tasks if (video := reader.video(task)) is not None]
    kinds = ", ".join(f"{kind} ({count})" for kind, count in reader.other.items())
    # A short export says a choice as if it were data, so one without any label may be about something else.
    said = any(video.actions or video.unlabelled for video in videos)
    if not videos or not (said or all(task.full for task in tasks)):
        what = f"results of type {kinds}, which say nothing about times" if kinds else "predictions, or nothing"
        raise NotLabelsError(f"{source.path}: Label Studio tasks with {what}; annotate with TimelineLabels")
    seen: set[str] = set()
    for video in videos:
        if video.names[0] in seen:
            raise InputError(f"{source.path}: expected one task per video, found a second one of {video.names[0]!r}")
        seen.add(video.names[0])
    notes = []
    if reader.unlabelled:
        notes.append(f"{source.path}: {reader.unlabelled} of {len(tasks)} tasks have no annotation and are unlabelled")
    if kinds:
        notes.append(f"{source.path}: results of type {kinds} say nothing about times and are not read")
    return LabelFile(source.path, "Label Studio", tuple(videos), tuple(reader.left_out), tuple(notes))


def _claims(source: Source) -> bool:
    return source.suffix == ".json" and is_export(source.json)


def _labels(source: Source) -> LabelFile:
    return read_tasks(tasks_of(source.json, source.path), source)


def _claims_csv(source: Source) -> bool:
    return source.suffix in (".csv", ".tsv") and "annotation_id" in (source.lines or [""])[0]


def _labels_csv(source: Source) -> LabelFile:
    return read_tasks(tasks_of_table(parse_table(source.text, source.path, needed=())), source)


LABEL_STUDIO = Form(
    "Label Studio JSON",
    _claims,
    _labels,
    (".json",),
    saved=Saved(".labelstudio.json", write_label_studio, read_label_studio),
)
LABEL_STUDIO_CSV = Form("Label Studio CSV", _claims_csv, _labels_csv, (".csv", ".tsv"))
