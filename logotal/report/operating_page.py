"""The page of an operating point: what is shown at its thresholds, how much of it is right, what its scores mean."""

from pathlib import Path

import numpy as np

from logotal.evaluation.segment_f1 import Compared, SegmentF1, judge, segment_f1
from logotal.inference.operating_point import OperatingPoint
from logotal.inference.overlaps import without_overlaps
from logotal.report.calibration_curve import reliability_section
from logotal.report.charts.lines import bar_chart
from logotal.report.class_results import MOST_BARS
from logotal.report.sheet import Section, paragraph, sheet, table, write_page
from logotal.report.threshold_curves import curves_section
from logotal.runs.thresholds import Thresholds
from logotal.words import amount, percent

FIXED = OperatingPoint(threshold=0.5, max_overlap=1.0)
"""What the chosen thresholds are held against: the model's own scores cut at 0.5, and nothing else."""


def write_operating_page(chosen: Thresholds, path: Path, title: str, *, overwrite: bool = False) -> None:
    """Writes the page about an operating point that was just chosen.

    Raises:
        InputError: something else lies there and `overwrite` is not given, or it cannot be written.
    """
    write_page(path, operating_page(chosen, title), overwrite=overwrite)


def operating_page(found: Thresholds, title: str) -> str:
    """The text of a self-contained HTML page; its numbers are taken at the tIoU that the point was fitted with, or 0.5.

    Raises:
        InputError: a video with two timelines, or a detection that is not finite.
    """
    point, truths, timelines, labels, chosen = found.point, found.truths, found.timelines, found.labels, found.shown
    tiou = chosen.tiou
    fixed = segment_f1(truths, [FIXED.apply(timeline) for timeline in timelines], labels, tiou)
    compared = Compared.of(truths, timelines, labels)
    rows = compared.predictions
    group = rows.video * compared.num_labels + rows.label
    judged = judge(compared.only(without_overlaps(rows.segment, rows.score, group, point.max_overlap)), tiou)
    score = point.calibration.of(judged.score)
    cuts = np.array([point.threshold_of(label) for label in labels])
    sections = [
        Section("In short", _short(found, fixed)),
        Section("Thresholds", _thresholds(found, fixed)),
        reliability_section(judged.score, score, judged.right, score >= cuts[judged.label]),
        curves_section(point, judged, score, labels),
    ]
    if point.notes:
        sections.append(Section("To know", [paragraph(_sentence(note)) for note in point.notes]))
    fitted = point.fitted_on
    subtitle = f"F1 {percent(chosen.micro.f1, 1)} % at tIoU {tiou:g}"
    subtitle += f"; chosen on split {fitted.split}, {fitted.videos} videos, {fitted.actions} actions" if fitted else ""
    return sheet(title, sections, subtitle=subtitle)


def _short(found: Thresholds, fixed: SegmentF1) -> list[str]:
    """What a reader should know first."""
    point, chosen, crossed = found.point, found.shown, found.crossed
    micro, calibration, strict = chosen.micro, point.calibration, point.max_overlap < 1
    right = f"{micro.hits} of them right" + (f" ({percent(micro.precision, 1)} %)" if micro.detections else "")
    sentences = [
        f"In these {len(found.truths)} videos the model shows {amount(micro.detections, 'action')}, "
        f"{right}; of the {micro.truths} that there are, {percent(micro.recall, 1)} % get found. Right means: the "
        f"label is right, and the tIoU is at least {chosen.tiou:g}.",
        "These numbers come from the videos that the thresholds were chosen on, and flatter them. "
        + (
            "Chosen on one half of the videos and applied to the other, thresholds reach the F1 of the last row: that "
            "is what to expect of other videos."
            if crossed
            else "There are too few videos or actions to choose on one half and to measure on the other."
        ),
        f"{point.rule_of_overlaps.capitalize()}"
        + (": of two that overlap more, measured on the shorter one, the less sure one is dropped." if strict else "."),
        "Actions of one label that lie closer than its gap are one action, and what is shorter than its shortest is "
        "left out: where that raises F1 beyond noise, and never so much that it would touch annotated actions."
        if point.shortest or point.gap
        else "No shortest duration and no gap to join actions across raised F1 beyond noise, so there is none.",
        f"Calibration: sigmoid({calibration.slope:.4g} · logit(score) {'+-'[calibration.intercept < 0]} "
        f"{abs(calibration.intercept):.4g}). Thresholds are in calibrated scores.",
    ]
    rows = [["", "precision", "recall", "F1", "mean F1 of labels"]]
    of = {"own scores cut at 0.5": fixed, "at the operating point": chosen}
    for name, one in (of | ({"on other videos, estimated": crossed} if crossed else {})).items():
        shares = (one.micro.precision, one.micro.recall, one.micro.f1, one.macro_f1)
        rows.append([name, *(percent(x, 1) for x in shares)])
    return [*map(paragraph, sentences), table(rows, caption=f"All labels together, in %, at tIoU {chosen.tiou:g}")]


def _thresholds(found: Thresholds, fixed: SegmentF1) -> list[str]:
    """The table of thresholds and lengths, and what they gain over a fixed threshold."""
    point, chosen = found.point, found.shown
    header = [
        "label",
        "threshold",
        "shortest s",
        "gap s",
        "actions",
        "shown",
        "right",
        "precision",
        "recall",
        "F1",
        "F1 at 0.5",
    ]
    rows = [header]
    for one, before in zip(chosen.labels, fixed.labels, strict=True):
        counts = map(str, (one.truths, one.detections, one.hits))
        shares = (percent(x, 1) for x in (one.precision, one.recall, one.f1, before.f1))
        rows.append([one.label, *found.row(one.label), *counts, *shares])
    pairs = [pair for pair in zip(chosen.labels, fixed.labels, strict=True) if pair[0].truths]
    most = sorted(pairs, key=lambda pair: -pair[0].truths)[:MOST_BARS]
    shown = [pair for pair in pairs if pair in most]
    chart = bar_chart(
        [one.label for one, _ in shown],
        {
            "own scores cut at 0.5": [100 * before.f1 for _, before in shown],
            "at the operating point": [100 * one.f1 for one, _ in shown],
        },
        title="F1 per label" + (f", of the {MOST_BARS} with the most actions" if len(shown) < len(pairs) else ""),
        y_label="F1 in %",
        y_range=(0, 100),
    )
    without = [one.label for one in chosen.labels if one.label not in point.thresholds]
    words = f"Without a threshold of their own, and so with that of all labels together: {', '.join(without)}."
    caption = "Precision, recall and F1 in %; beside them, F1 of the model's own scores cut at 0.5, overlaps included"
    return [table(rows, caption=caption), chart, *([paragraph(words)] if without else [])]


def _sentence(note: str) -> str:
    return note[:1].upper() + note[1:] + "."
