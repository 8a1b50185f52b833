"""The operating point of a model: which of its detections are shown, and with which score. NumPy, nothing heavier.

A detector gives every candidate that might help average precision, hundreds in a video. Whoever wants a few actions
to rely on calibrates the scores, cuts them at a threshold per label, removes what overlaps a better action, joins
pieces of one action, and leaves out what is too short. What the numbers are, `logotal.training.fit_operating_point`
finds on videos that were held out.

Within a label, thresholds and overlaps may be exchanged: an action is removed for those with higher scores alone, and
what a threshold cuts has lower ones. Across labels they may not, and the thresholds come first. Pieces are joined
before short actions are left out, so that what was found in short pieces stays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from logotal.errors import InputError, did_you_mean
from logotal.files.json import read_json
from logotal.files.model import EXACT, Each, parsed_model
from logotal.files.target import numbers, write_target
from logotal.files.text import is_there
from logotal.inference.calibration import UNCALIBRATED, Calibration
from logotal.inference.lengths import Wanted, check_seconds, instead, joined, without_short
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
        across_labels: actions of other labels count as overlaps too.
        calibration: from the model's scores to those that are cut and shown.
        fitted_on: what it was fitted on, if it was.
        notes: what one should know about it, in sentences.
        shortest: seconds that an action of a label lasts at least; 0 for labels that are absent.
        gap: actions of a label that lie closer than so many seconds are one action, with the highest of their scores;
            labels that are absent stay as they are.
    """

    threshold: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    max_overlap: float = DEFAULT_MAX_OVERLAP
    calibration: Calibration = UNCALIBRATED
    fitted_on: FittedOn | None = None
    notes: tuple[str, ...] = ()
    shortest: Mapping[str, float] = field(default_factory=dict)
    gap: Mapping[str, float] = field(default_factory=dict)
    across_labels: bool = False

    def __post_init__(self) -> None:
        _check_share(self.threshold, "threshold")
        _check_share(self.max_overlap, "max_overlap")
        for label, threshold in self.thresholds.items():
            _check_share(threshold, f"the threshold of {label!r}")
        for name, seconds in (("shortest duration", self.shortest), ("gap", self.gap)):
            for label, value in seconds.items():
                check_seconds(value, f"the {name} of {label!r}")

    @property
    def rule_of_overlaps(self) -> str:
        """Which actions are dropped because of others, as a clause."""
        which = "actions, whatever their labels," if self.across_labels else "actions of one label"
        how = f"overlap by {100 * self.max_overlap:g} % at most" if self.max_overlap < 1 else "may overlap"
        return f"{which} {how}"

    def threshold_of(self, label: str) -> float:
        """The calibrated score from which actions of a label are kept."""
        return self.thresholds.get(label, self.threshold)

    def apply(
        self,
        timeline: Timeline,
        *,
        threshold: float | None = None,
        max_overlap: float | None = None,
        across_labels: bool | None = None,
        min_duration: Wanted = None,
        merge_gap: Wanted = None,
    ) -> Timeline:
        """The actions to show, with calibrated scores.

        Args:
            timeline: what the model detected, with its own scores.
            threshold: replaces those of all labels.
            max_overlap: replaces that of the operating point.
            across_labels: replaces that of the operating point; with it and a `max_overlap` of 0 there is only one
                action at a time.
            min_duration: replaces the shortest durations: of all labels, or of those that it names.
            merge_gap: replaces the gaps in the same way.

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
        allowed = self.max_overlap if max_overlap is None else max_overlap
        across = self.across_labels if across_labels is None else across_labels
        # By the model's own scores: calibrated ones might round to equal.
        best = _best([actions[i] for i in chosen], allowed, across_labels=across)
        found = [replace(actions[i], score=float(score[i])) for i in chosen[best]]
        pieces = joined(found, instead(self.gap, merge_gap, timeline.labels))
        if across and len(pieces) < len(found):  # a gap may hold an action of another label
            pieces = [pieces[i] for i in _best(pieces, allowed, across_labels=True)]
        return replace(
            timeline, actions=tuple(without_short(pieces, instead(self.shortest, min_duration, timeline.labels)))
        )

    def to_json(self) -> dict[str, Any]:
        """All of it, in types that JSON has; `parse_operating_point` reads it."""
        by_label = {name: dict(getattr(self, name)) for name in ("thresholds", "shortest", "gap")}
        return asdict(replace(self, thresholds={}, shortest={}, gap={})) | by_label | {"notes": list(self.notes)}


def _best(actions: Sequence[Action], max_overlap: float, *, across_labels: bool) -> NDArray[np.int64]:
    """The numbers of the actions that overlap no better one too much, of their label or of any."""
    numbers = {label: 0 if across_labels else i for i, label in enumerate(sorted({each.label for each in actions}))}
    segment = np.array([(each.start, each.end) for each in actions], np.float64).reshape(-1, 2)
    score = np.fromiter((each.score for each in actions), np.float64, len(actions))
    group = np.fromiter((numbers[each.label] for each in actions), np.int64, len(actions))
    return np.flatnonzero(without_overlaps(segment, score, group, max_overlap))


def write_operating_point(path: Path, point: OperatingPoint) -> None:
    """Writes an operating point as JSON, whole or not at all."""
    text = json.dumps(point.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    write_target(path, (text + "\n").encode(), numbers("an operating point", "thresholds"))


def read_operating_point(path: Path, labels: Sequence[str] | None = None) -> OperatingPoint:
    """The operating point in a file; `labels`, if given, are those that may have a threshold.

    Raises:
        InputError: the file is absent, or a key, a number or a label is not as expected.
    """
    if not is_there(path):
        raise InputError(f"{path}: no such file; `logotal thresholds RUN` writes it")
    return parse_operating_point(read_json(path), path, labels)


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="a number from 0 to 1")]
Length = Annotated[float, Field(ge=0, allow_inf_nan=False, description="seconds, 0 or more")]
Number = Annotated[float, Field(allow_inf_nan=False, description="a number")]
Count = Annotated[int, Field(ge=0, description="a count")]


class CalibrationFile(BaseModel):
    """What a file holds of a `Calibration`."""

    model_config = EXACT

    slope: Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")]
    intercept: Number


class FittedOnFile(BaseModel):
    """What a file holds of a `FittedOn`."""

    model_config = EXACT

    split: Annotated[str, Field(description="a name")]
    videos: Count
    actions: Count
    tiou: Share
    f1: Share


class OperatingPointFile(BaseModel):
    """What a file holds of an `OperatingPoint`."""

    model_config = EXACT

    threshold: Share
    thresholds: Annotated[dict[str, Share], Each("threshold of"), Field(description="an object of labels")]
    max_overlap: Share
    calibration: CalibrationFile
    fitted_on: FittedOnFile | None
    notes: Annotated[list[str], Field(description="a list of sentences")]
    # Absent in files from before there were any.
    across_labels: bool = False
    shortest: Annotated[dict[str, Length], Each("shortest of"), Field(description="an object of labels")] = {}
    gap: Annotated[dict[str, Length], Each("gap of"), Field(description="an object of labels")] = {}


def parse_operating_point(value: object, where: Path | str, labels: Sequence[str] | None = None) -> OperatingPoint:
    """The operating point that a JSON value describes; `where` it stands, for errors.

    Raises:
        InputError: a key, a number or a label is not as expected.
    """
    found = parsed_model(value, where, OperatingPointFile)
    for name, by_label in (("threshold", found.thresholds), ("shortest duration", found.shortest), ("gap", found.gap)):
        for label in by_label:
            if labels is not None and label not in labels:
                raise InputError(f"{where}: a {name} for the unknown label {label!r}; {did_you_mean(label, labels)}")
    return OperatingPoint(
        threshold=found.threshold,
        thresholds=found.thresholds,
        max_overlap=found.max_overlap,
        calibration=Calibration(found.calibration.slope, found.calibration.intercept),
        fitted_on=None if found.fitted_on is None else FittedOn(**found.fitted_on.model_dump()),
        notes=tuple(found.notes),
        shortest=found.shortest,
        gap=found.gap,
        across_labels=found.across_labels,
    )


def _check_share(value: float, name: str) -> None:
    if not 0 <= value <= 1:  # no comparison holds for nan
        raise InputError(f"{name} must be between 0 and 1, found {value:g}")


UNFITTED = OperatingPoint(threshold=DEFAULT_THRESHOLD)
"""What shows the actions of a run whose operating point nobody has fitted."""
