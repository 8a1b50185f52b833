"""Precision, recall and F1 as the threshold rises, with the one that was chosen."""

from collections.abc import Iterator, Sequence

import numpy as np

from logotal.evaluation.detections import Bools, Floats
from logotal.evaluation.segment_f1 import Judged
from logotal.inference.operating_point import OperatingPoint
from logotal.report.charts.lines import Series, line_chart
from logotal.report.sheet import Section, paragraph
from logotal.words import amount, percent

HEADING = "Precision, recall and F1 against the threshold"
MOST_LABELS = 24
STEPS = 200
THRESHOLDS = np.linspace(0, 1, STEPS + 1)


def curves_section(point: OperatingPoint, judged: Judged, score: Floats, labels: Sequence[str]) -> Section:
    """A chart for all labels together, and for each label, or those with the most actions where there are many.

    Args:
        point: the thresholds.
        judged: the N detections that are left without overlaps.
        score: (N,) their calibrated scores.
        labels: of the model.
    """
    truths = judged.truth_counts
    if not truths.any():
        return Section(HEADING, [paragraph("These videos have no actions, so there is nothing to find.")])
    order = [index for index in np.argsort(-truths, kind="stable").tolist() if truths[index]]
    chosen = sorted(order[:MOST_LABELS])
    body = [
        paragraph(
            "As the threshold rises, fewer actions are shown: more of them are right (precision), but fewer of those "
            "there are get found (recall). F1 is high where both are; the upright line is the threshold. Where too few "
            "detections are left, precision breaks off. Choose a higher threshold with --threshold where a wrong "
            "action is worse than a missed one."
        )
    ]
    if len(chosen) < len(order):
        body.append(paragraph(f"The {MOST_LABELS} labels with the most actions, of {len(order)}."))
    body.append(_chart("all labels together, one threshold", point.threshold, score, judged.right, int(truths.sum())))
    for index in chosen:
        of = judged.label == index
        cut = point.threshold_of(labels[index])
        body.append(_chart(labels[index], cut, score[of], judged.right[of], int(truths[index])))
    return Section(HEADING, body)


def _chart(name: str, cut: float, score: Floats, right: Bools, truths: int) -> str:
    (f1,) = next(_shares(np.array([cut]), score, right, truths))
    lines = [
        Series(what, THRESHOLDS.tolist(), values.tolist())
        for what, values in zip(("F1", "precision", "recall"), _shares(THRESHOLDS, score, right, truths), strict=True)
    ]
    lines.append(Series(f"{cut:.3g}: F1 {percent(float(f1), 1)} %", [cut, cut], [0.0, 1.0]))
    counted = f"{name} ({amount(truths, 'action')})"
    return line_chart(lines, title=counted, x_label="threshold", y_label="share", y_range=(0, 1))


def _shares(thresholds: Floats, score: Floats, right: Bools, truths: int) -> Iterator[Floats]:
    """F1, precision and recall (T,) at each of T thresholds, with truths; no precision where nothing is shown."""
    falling = np.argsort(-score, kind="stable")
    hits_of = np.concatenate([[0], np.cumsum(right[falling])])
    shown = np.searchsorted(-score[falling], -thresholds, side="right")
    hits = hits_of[shown]
    yield 2 * hits / (shown + truths)
    yield np.divide(hits, shown, out=np.full(len(thresholds), np.nan), where=shown > 0)
    yield hits / truths
