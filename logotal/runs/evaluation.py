"""What detections score, by the rules of a protocol and as they would be shown: tables, JSON, pandas."""

import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.measured import Given, Measured
from logotal.evaluation.protocols import find_protocol
from logotal.evaluation.result import Result
from logotal.evaluation.segment_f1 import SegmentF1, f1_rows, segment_f1
from logotal.files.target import numbers, write_target
from logotal.inference.operating_point import UNFITTED, OperatingPoint
from logotal.runs.split import Detected
from logotal.tables import Table, data_frame

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = numbers("an evaluation", "protocol", "counts", "shown")


@dataclass(frozen=True)
class Evaluation:
    """What detections score: by the protocol, and as `logotal detect` would show them.

    >>> from logotal.formats.annotations import Action, Annotations, VideoTruth
    >>> truth = Annotations(("serve",), {"match": VideoTruth("match", "test", (Action(1, 2, "serve"),))}, Path("a"))
    >>> import logotal
    >>> found = logotal.evaluate([logotal.Timeline("match", (Action(1.1, 2, "serve", 0.8),))], truth)
    >>> found.result.averages["0.3:0.7"], found.shown.micro.f1
    (1.0, 1.0)

    Attributes:
        result: mAP per tIoU, recall@kx, AR@AN, and what did not enter them.
        shown: precision, recall and F1 at tIoU 0.5 of the actions that would be shown.
        shown_by: the rule by which they would be shown, in words.
        detected: the detections and their truth.
        seconds: how long scoring took.
        weights: sha256 of the weights that detected, for a run.
        measured: what the measure of a neighbouring field found, where the protocol has one.
        fps: the frame rate that was said of all videos.
    """

    result: Result
    shown: SegmentF1
    shown_by: str
    detected: Detected
    seconds: float
    weights: str | None = field(default=None, repr=False)
    measured: Measured | None = None
    fps: float | None = None

    def tables(self, *, per_label: bool = False) -> list[Table]:
        """The numbers, in percent; with `per_label` also those of every label."""
        result = self.result
        title = f"{result.protocol.name}, split {result.split}: {result.protocol.description}"
        measured = [] if self.measured is None else self.measured.tables(title, per_label=per_label)
        if not result.has_truth:
            return measured
        title = "mAP of the same detections:" if measured else title
        narrow = [list(row) for row in zip(*result.table(), strict=True)]  # a row per tIoU
        found = [*measured, Table(narrow, title)]
        if proposals := result.proposal_table():
            found.append(Table(proposals))
        if per_label:
            averages = len(result.averages)
            found.append(Table([row[:3] + row[-averages:] for row in result.label_table()]))
        shown = f"as shown by `logotal detect` ({self.shown_by}), in percent at tIoU 0.5:"
        return [*found, Table(f1_rows(self.shown, per_label=per_label), shown)]

    def notes(self) -> list[str]:
        """A sentence for all that one should know of the numbers, and for all that did not enter them."""
        if self.measured is None:
            return self.result.notes()
        return [*self.measured.notes, *(f"mAP: {note}" for note in self.result.notes())]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.tables()))

    def to_pandas(self) -> "pd.DataFrame":
        """A row per label: truths, detections, AP per tIoU (fractions), and precision, recall, F1 of what is shown.

        Raises:
            InputError: pandas is not installed.
        """
        shown = {one.label: one for one in self.shown.labels}
        rows = []
        for index, label in enumerate(self.result.labels):
            row: dict[str, Any] = {
                "label": label,
                "truths": int(self.result.truth_counts[index]),
                "detections": int(self.result.prediction_counts[index]),
            }
            for tiou, values in zip(self.result.protocol.tious, self.result.average_precision, strict=True):
                row[f"AP@{tiou:g}"] = float(values[index])
            row |= {name: getattr(shown[label], name) for name in ("precision", "recall", "f1")}
            rows.append(row)
        return data_frame(rows)

    def to_json(self) -> dict[str, Any]:
        """All numbers, in types that JSON has."""
        labels_from = self.detected.labels_from
        content = self.result.to_json() | ({"labels_from": labels_from} if labels_from is not None else {})
        content |= {} if self.detected.model is None else {"model": self.detected.model}
        content |= {"left_out": list(self.detected.left_out)}
        content |= {"shown": self.shown.to_json()} if self.result.has_truth else {}
        content |= {} if self.measured is None else {"measured": self.measured.to_json()}
        content |= {} if self.fps is None else {"fps": self.fps}
        return content | ({"weights": self.weights} if self.weights is not None else {})

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Writes all numbers as JSON, over nothing but an earlier evaluation unless `overwrite`.

        Raises:
            InputError: another file lies there, or it cannot be written.
        """
        write_target(Path(path), self.to_bytes(), NUMBERS, overwrite=overwrite)

    def to_bytes(self) -> bytes:
        """All numbers as the text of a JSON file."""
        return (json.dumps(self.to_json(), indent=1) + "\n").encode()


def score(
    detected: Detected,
    protocol: str | None,
    split: str | None,
    threshold: float | None,
    point: OperatingPoint | None,
    *,
    weights: str | None = None,
    fps: float | None = None,
    overlaps: bool = False,
) -> Evaluation:
    """What detections score.

    Args:
        detected: the detections and their truth.
        protocol: the name of a protocol; that of the detections if absent.
        split: the split to score, where the protocol does not say.
        threshold: score from which actions are shown, in place of the rule.
        point: the rule by which actions are shown; `UNFITTED` if absent.
        weights: sha256 of the weights that detected.
        fps: frames a second of all videos; as annotated if absent.
        overlaps: a measure of a neighbouring field is shown overlapping actions too, as somebody decided on them.

    Raises:
        InputError: the detections, their truth, or what is asked of them is not as expected.
    """
    rules, truth = find_protocol(protocol or detected.protocol), detected.annotations
    started = time.perf_counter()
    result = evaluate(truth, detected.timelines, rules, split)
    videos = [video for video in truth.split(result.split) if video.id not in rules.excluded_videos]
    names, rule = {video.id for video in videos}, point or UNFITTED
    candidates = [timeline for timeline in detected.timelines if timeline.video in names]
    shown = [rule.apply(timeline, threshold=threshold) for timeline in candidates]
    cut = f"actions of score {UNFITTED.threshold if threshold is None else threshold:g} or more"
    cut = "the thresholds of the run" if point is not None and threshold is None else cut
    shown_by = f"{cut}, overlapping by {100 * rule.max_overlap:g} % at most"
    shown_by += ", whatever their labels" if rule.across_labels else ""
    if rule.shortest or rule.gap:
        shown_by += ", joined and left out as short by the lengths of the run"
    measured = None
    if rules.measure is not None:
        timed = [replace(video, fps=fps or video.fps) for video in videos]
        decided, by = shown, shown_by
        if overlaps:
            decided, by = [rule.apply(each, threshold=threshold, max_overlap=1) for each in candidates], cut
        measured = rules.measure(Given.of(timed, candidates, decided, truth.labels, by))
    seconds = time.perf_counter() - started
    found = segment_f1(videos, shown, truth.labels)
    return Evaluation(result, found, shown_by, detected, seconds, weights, measured, fps)
