"""The operating point of a model: which of its detections are shown, and with which score. NumPy, nothing heavier.

A detector gives every candidate that might help average precision, hundreds in a video. Whoever wants a few actions
to rely on calibrates the scores, cuts them at a threshold per label, and removes what overlaps a better action. What
the numbers are, `logotal.training.fit_operating_point` finds on videos that were held out.

Within a label, the last two steps may be exchanged: an action is removed for those with higher scores alone, and what
a threshold cuts has lower ones. Across labels they may not, and the thresholds come first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from logotal.errors import InputError, did_you_mean
from logotal.files.json import as_list, as_number, as_object, read_json
from logotal.files.whole import write_whole
from logotal.inference.calibration import UNCALIBRATED, Calibration
from logotal.inference.overlaps import without_overlaps
from logotal.timeline import Action, Timeline

DEFAULT_THRESHOLD, DEFAULT_MAX_OVERLAP = 0.3, 0.5
"""Where none was fitted: an action has this score, and at most half of it lies within a better one of its label."""


@dataclass(frozen=True)
class FittedOn:
    """What an operating point was fitted on: split, number of videos and actions, tIoU; and the F1 it reaches there."""

    split: str
    videos: int
    actions: int
    tiou: float
    f1: float


@dataclass(frozen=True)
class OperatingPoint:
    """Calibration, thresholds and the overlap that is allowed; by default a point that was fitted on nothing.

    Attributes:
        threshold: calibrated score from which actions are kept, for labels without one of their own.
        thresholds: the same for single labels.
        max_overlap: an action is dropped if more than this share of the shorter of the two lies within a kept action
            of its label with a higher score; 1 drops nothing.
        calibration: from the model's scores to those that are cut and shown.
        fitted_on: what it was fitted on, if it was.
        notes: what one should know about it, in sentences.
    """

    threshold: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    max_overlap: float = DEFAULT_MAX_OVERLAP
    calibration: Calibration = UNCALIBRATED
    fitted_on: FittedOn | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_share(self.threshold, "threshold")
        _check_share(self.max_overlap, "max_overlap")
        for label, threshold in self.thresholds.items():
            _check_share(threshold, f"the threshold of {label!r}")

    def threshold_of(self, label: str) -> float:
        """The calibrated score from which actions of a label are kept."""
        return self.thresholds.get(label, self.threshold)

    def apply(
        self,
        timeline: Timeline,
        *,
        threshold: float | None = None,
        max_overlap: float | None = None,
        across_labels: bool = False,
    ) -> Timeline:
        """The actions to show, with calibrated scores.

        Args:
            timeline: what the model detected, with its own scores.
            threshold: replaces those of all labels.
            max_overlap: replaces that of the operating point.
            across_labels: actions of other labels count as overlaps too; with a `max_overlap` of 0 there is only one
                action at a time.

        Raises:
            InputError: a share that is not between 0 and 1, or a score that a calibration cannot take.
        """
        for share, name in ((threshold, "threshold"), (max_overlap, "max_overlap")):
            if share is not None:
                _check_share(share, name)
        actions = timeline.actions
        raw = np.fromiter((action.score for action in actions), np.float64, len(actions))
        score = self.calibration.of(raw)
        cuts = (self.threshold_of(action.label) if threshold is None else threshold for action in actions)
        chosen = np.flatnonzero(score >= np.fromiter(cuts, np.float64, len(actions)))
        segment = np.array([(actions[i].start, actions[i].end) for i in chosen], np.float64).reshape(-1, 2)
        numbers = {label: 0 if across_labels else number for number, label in enumerate(timeline.labels)}
        group = np.fromiter((numbers[actions[i].label] for i in chosen), np.int64, len(chosen))
        allowed = self.max_overlap if max_overlap is None else max_overlap
        # By the model's own scores: calibrated ones might round to equal.
        kept = chosen[without_overlaps(segment, raw[chosen], group, allowed)]
        shown = tuple(Action(actions[i].start, actions[i].end, actions[i].label, float(score[i])) for i in kept)
        return replace(timeline, actions=shown)

    def to_json(self) -> dict[str, Any]:
        """All of it, in types that JSON has; `parse_operating_point` reads it."""
        return asdict(self) | {"thresholds": dict(self.thresholds), "notes": list(self.notes)}


def write_operating_point(path: Path, point: OperatingPoint) -> None:
    """Writes an operating point as JSON, whole or not at all."""
    text = json.dumps(point.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, (text + "\n").encode())


def read_operating_point(path: Path, labels: Sequence[str] | None = None) -> OperatingPoint:
    """The operating point in a file; `labels`, if given, are those that may have a threshold.

    Raises:
        InputError: the file is absent, or a key, a number or a label is not as expected.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; `logotal thresholds RUN` writes it")
    return parse_operating_point(read_json(path), f"{path}", labels)


def parse_operating_point(value: object, where: str, labels: Sequence[str] | None = None) -> OperatingPoint:
    """The operating point that a JSON value describes; `where` it stands, for errors.

    Raises:
        InputError: a key, a number or a label is not as expected.
    """
    found = _keyed(value, where, OperatingPoint)
    thresholds = as_object(found["thresholds"], f"{where}: 'thresholds'")
    for label in thresholds:
        if labels is not None and label not in labels:
            raise InputError(f"{where}: a threshold for the unknown label {label!r}; {did_you_mean(label, labels)}")
    notes = as_list(found["notes"], f"{where}: 'notes'", "sentences")
    try:
        return OperatingPoint(
            threshold=as_number(found["threshold"], "threshold"),
            thresholds={name: as_number(x, f"the threshold of {name!r}") for name, x in thresholds.items()},
            max_overlap=as_number(found["max_overlap"], "max_overlap"),
            calibration=_calibration(found["calibration"]),
            fitted_on=None if found["fitted_on"] is None else _fitted_on(found["fitted_on"]),
            notes=tuple(str(sentence) for sentence in notes),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _calibration(value: object) -> Calibration:
    found = _keyed(value, "calibration", Calibration)
    return Calibration(as_number(found["slope"], "slope"), as_number(found["intercept"], "intercept"))


def _fitted_on(value: object) -> FittedOn:
    found = _keyed(value, "fitted_on", FittedOn)
    if not isinstance(found["split"], str):
        raise InputError(f"fitted_on: 'split' must be a name, found {found['split']!r:.60}")
    counts = [as_number(found[key], f"fitted_on: {key!r}") for key in ("videos", "actions")]
    if not all(count >= 0 and count == int(count) for count in counts):
        raise InputError(f"fitted_on: 'videos' and 'actions' must be counts, found {counts}")
    shares = [as_number(found[key], f"fitted_on: {key!r}") for key in ("tiou", "f1")]
    for share, key in zip(shares, ("tiou", "f1"), strict=True):
        _check_share(share, f"fitted_on: {key!r}")
    return FittedOn(found["split"], int(counts[0]), int(counts[1]), *shares)


def _keyed(value: object, where: str, kind: type) -> dict[str, Any]:
    """The value as an object with exactly the keys that the fields of a dataclass have."""
    found, known = as_object(value, where), [one.name for one in fields(kind)]
    for key in found:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; {did_you_mean(key, known)}")
    for key in known:
        if key not in found:
            raise InputError(f"{where}: key {key!r} is missing, found {', '.join(map(repr, found)) or 'nothing'}")
    return found


def _check_share(value: float, name: str) -> None:
    if not 0 <= value <= 1:  # no comparison holds for nan
        raise InputError(f"{name} must be between 0 and 1, found {value:g}")


UNFITTED = OperatingPoint(threshold=DEFAULT_THRESHOLD)
"""What shows the actions of a run whose operating point nobody has fitted."""
