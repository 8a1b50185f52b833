"""`logotal thresholds`: chooses the operating point of a run on videos that it has not learned from."""

from pathlib import Path
from typing import TYPE_CHECKING

from logotal.commands.console import note, out, table
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.evaluation.segment_f1 import SegmentF1
    from logotal.inference.operating_point import OperatingPoint
    from logotal.runs.folder import Run


def thresholds(
    run: Path,
    *,
    split: str | None = None,
    annotations: Path | None = None,
    features: Path | None = None,
    tiou: float = 0.5,
    video_scores: Path | None = None,
    save: Path | None = None,
) -> None:
    """Choose from which score on a run's actions are shown: calibrated scores, and the threshold with the best F1.

    Writes operating_point.json into the run folder, and a page with what precision, recall and scores are worth.

    Args:
        run: A run folder, or a project folder with one.
        split: The videos to choose on; those that were held out of the training (data.hold_out) if absent.
        annotations: Another place of the truth than the run was trained with.
        features: Another place of the features.
        tiou: The overlap from which a detection counts as right.
        video_scores: External class scores per video, for a class-agnostic run.
        save: Where to write the page; thresholds.html in the run folder if absent.
    """
    from logotal.evaluation.segment_f1 import segment_f1  # noqa: PLC0415
    from logotal.files.whole import write_whole  # noqa: PLC0415
    from logotal.inference.operating_point import write_operating_point  # noqa: PLC0415
    from logotal.places import OPERATING_POINT, run_folder  # noqa: PLC0415
    from logotal.report.operating_page import operating_page  # noqa: PLC0415
    from logotal.runs.detections import detect_run  # noqa: PLC0415 - loaded when the command runs
    from logotal.runs.folder import Run  # noqa: PLC0415
    from logotal.runs.model_card import write_model_card  # noqa: PLC0415
    from logotal.training.fit_operating_point import cross_fitted_f1, fit_operating_point  # noqa: PLC0415

    if save is not None and save.suffix != ".html":
        raise InputError(f"--save must name a page, NAME.html, found {save}")
    if not 0 < tiou <= 1:
        raise InputError(f"--tiou must be above 0 and at most 1, found {tiou:g}")
    folder = run_folder(run)
    split = _split(Run(folder), split)
    found = detect_run(
        folder, annotations=annotations, features=features, split=split, video_scores=video_scores, purpose="thresholds"
    )
    detected = {timeline.video for timeline in found.timelines}
    truths = [video for video in found.annotations.split(split) if video.id in detected]
    labels = Run(folder).labels()
    point = fit_operating_point(truths, found.timelines, labels, tiou=tiou)
    crossed = cross_fitted_f1(truths, found.timelines, labels, tiou=tiou)
    title = f"Thresholds of {'/'.join(folder.resolve().parts[-2:])}"
    page = operating_page(point, truths, found.timelines, labels, title, crossed=crossed)
    shown = [point.apply(timeline) for timeline in found.timelines]
    _show(point, segment_f1(truths, shown, labels, tiou), crossed)
    save = save or folder / "thresholds.html"
    write_whole(save, page.encode())
    write_operating_point(folder / OPERATING_POINT, point)
    write_model_card(Run(folder))
    note(f"page: {save}\noperating point: {folder / OPERATING_POINT}")


def _split(run: "Run", wanted: str | None) -> str:
    """The split to choose on, with a warning where the choice flatters.

    Raises:
        InputError: none is named, and nothing was held out.
    """
    from logotal.data.selection import HELD_OUT  # noqa: PLC0415

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
        note(f"warning: thresholds chosen on {wanted!r}, which is evaluated too, make its F1 look better than it is")
    if wanted == data.training_split:
        note(
            f"warning: the model has learned from {wanted!r}: it is surer there than elsewhere, thresholds get too high"
        )
    return wanted


def _show(point: "OperatingPoint", found: "SegmentF1", crossed: "SegmentF1 | None") -> None:
    """Prints thresholds, and what is right at them."""
    from logotal.evaluation.segment_f1 import f1_rows  # noqa: PLC0415
    from logotal.words import percent  # noqa: PLC0415

    of_labels = [f"{point.threshold_of(one.label):.3f}" for one in found.labels]
    thresholds = ["threshold", *of_labels, "", ""]
    fitted = point.fitted_on
    if fitted is not None:
        counted = f"{fitted.videos} videos, {fitted.actions} actions"
        out.print(f"chosen on split {fitted.split}, {counted}, at tIoU {fitted.tiou:g}", markup=False)
    out.print(table([[row[0], one, *row[1:]] for row, one in zip(f1_rows(found), thresholds, strict=True)]))
    rule = "may overlap" if point.max_overlap >= 1 else f"overlap by {100 * point.max_overlap:g} % at most"
    out.print(f"actions of one label {rule}; labels without a threshold of their own: {point.threshold:.3f}")
    if crossed is None:
        note("too few videos or actions to say what F1 to expect on other videos")
    else:
        out.print(
            f"expect of other videos: F1 {percent(crossed.micro.f1, 1)} (each half by thresholds of the other half)"
        )
    for sentence in point.notes:
        note(sentence)
