"""The operating point of a whole run: which of its actions are shown, chosen on videos apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.data.splits import HELD_OUT
from logotal.errors import InputError
from logotal.evaluation.segment_f1 import SegmentF1, f1_rows, segment_f1
from logotal.files.whole import write_together
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.inference.operating_point import OperatingPoint, write_operating_point
from logotal.places import OPERATING_POINT, run_folder
from logotal.ranges import check_range
from logotal.runs.folder import Run
from logotal.runs.learned import read_learned
from logotal.runs.model_card import write_model_card
from logotal.runs.split import detect_split, detected_files
from logotal.tables import Table
from logotal.timeline import Timeline
from logotal.training.fit_operating_point import cross_fitted_f1, fit_operating_point
from logotal.words import percent


@dataclass(frozen=True)
class Thresholds:
    """An operating point, what is right at it, and what it was chosen on.

    Attributes:
        point: the operating point.
        shown: precision, recall and F1 on the videos that it was chosen on.
        crossed: F1 to expect of other videos (each half by thresholds of the other); None where there is too little.
        truths: the videos that it was chosen on.
        timelines: all that the model detected in them.
        labels: of the model.
    """

    point: OperatingPoint
    shown: SegmentF1
    crossed: SegmentF1 | None
    truths: Sequence[VideoTruth]
    timelines: Sequence[Timeline]
    labels: tuple[str, ...]

    def tables(self) -> list[Table]:
        """The threshold of each label, its shortest duration and gap where any label has one, and what is right."""
        own = [["threshold", "min s", "gap s"], *map(self.row, (one.label for one in self.shown.labels))]
        own += [[""] * 3] * 2  # of all labels together
        columns = 3 if self.point.shortest or self.point.gap else 1
        rows = [[row[0], *cells[:columns], *row[1:]] for row, cells in zip(f1_rows(self.shown), own, strict=True)]
        fitted = self.point.fitted_on
        title = ""
        if fitted is not None:
            counted = f"{fitted.videos} videos, {fitted.actions} actions"
            title = f"chosen on split {fitted.split}, {counted}, at tIoU {fitted.tiou:g}"
        return [Table(rows, title)]

    def row(self, label: str) -> list[str]:
        """The threshold, shortest duration and gap of a label, for printing; a dash where there is none."""
        lengths = (of.get(label) for of in (self.point.shortest, self.point.gap))
        return [f"{self.point.threshold_of(label):.3f}", *("-" if each is None else f"{each:.3g}" for each in lengths)]

    def sentences(self) -> list[str]:
        """The rules of overlaps and lengths, and what to expect of other videos."""
        point = self.point
        said = [f"{point.rule_of_overlaps}; labels without a threshold of their own: {point.threshold:.3f}"]
        if point.shortest or point.gap:
            said.append("actions of a label closer than its gap are one; what is then shorter than its min is left out")
        else:
            said.append("no shortest duration and no gap to join actions across raised F1 beyond noise")
        if self.crossed is None:
            return [*said, "too few videos or actions to say what F1 to expect on other videos"]
        expected = percent(self.crossed.micro.f1, 1)
        return [*said, f"expect of other videos: F1 {expected} (each half by thresholds of the other half)"]

    def to_json(self) -> dict[str, Any]:
        """All numbers, in types that JSON has."""
        crossed = None if self.crossed is None else self.crossed.to_json()
        return {"operating_point": self.point.to_json(), "shown": self.shown.to_json(), "expected": crossed}


def thresholds(
    run: str | Path,
    *,
    split: str | None = None,
    annotations: Path | None = None,
    features: Path | None = None,
    tiou: float = 0.5,
    video_scores: Path | None = None,
    progress: Progress = silent,
    say: Say = silent,
) -> Thresholds:
    """Chooses the operating point of a run, and writes it into the run folder: calibrated scores, best F1.

    Args:
        run: a run folder, or a project folder with one.
        split: the videos to choose on; those that were held out of the training (data.hold_out) if absent.
        annotations: another place of the truth than the run was trained with.
        features: another place of the features.
        tiou: the overlap from which a detection counts as right.
        video_scores: external class scores per video, for a class-agnostic run.
        progress: callback(videos done, videos in all).
        say: callback(sentence): warnings about the choice.

    Raises:
        InputError: nothing was held out and no split is named, or there is nothing to choose on.
    """
    check_range("--tiou", tiou, above=0, most=1)
    folder = run_folder(run)
    split = _split(Run(folder), split, say)
    where: dict[str, Any] = {"annotations": annotations, "features": features, "video_scores": video_scores}
    found = detect_split(folder, split=split, progress=progress, say=say, **where)
    write_together(detected_files(found, folder / "detections_thresholds.json", folder / "left_out_thresholds.txt"))
    detected = {timeline.video for timeline in found.timelines}
    truths = [video for video in found.annotations.split(split) if video.id in detected]
    labels = Run(folder).labels()
    learned = _learned_from(folder, found.annotations)
    point = fit_operating_point(truths, found.timelines, labels, learned=learned, tiou=tiou)
    crossed = cross_fitted_f1(truths, found.timelines, labels, learned=learned, tiou=tiou)
    write_operating_point(folder / OPERATING_POINT, point)
    write_model_card(Run(folder))
    shown = segment_f1(truths, [point.apply(timeline) for timeline in found.timelines], labels, tiou)
    return Thresholds(point, shown, crossed, truths, found.timelines, labels)


def _learned_from(folder: Path, annotations: Annotations) -> list[VideoTruth]:
    """The videos that a run has learned from, so far as they are known."""
    learned = read_learned(folder)
    return [video for name, video in annotations.videos.items() if learned is not None and name in learned.videos]


def _split(run: Run, wanted: str | None, say: Say) -> str:
    """The split to choose on, with a warning where the choice flatters."""
    data = run.config().data
    if wanted is None:
        if not data.hold_out:
            raise InputError(
                f"{run.folder}: no videos were held out of its training; name others with --split NAME, or train with "
                f"--data.hold_out 0.2. Chosen on the split that is evaluated ({data.evaluation_split!r}), thresholds "
                "make its F1 look better than it is"
            )
        return HELD_OUT
    if wanted == data.evaluation_split:
        say(f"warning: thresholds chosen on {wanted!r}, which is evaluated too, make its F1 look better than it is")
    return wanted
