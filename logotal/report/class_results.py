"""How well each class is found: bars of average precision, and curves of precision over recall."""

import numpy as np

from logotal.evaluation.detections import Floats, Ints
from logotal.evaluation.precision_recall import Curve, precision_recall
from logotal.evaluation.result import Result
from logotal.evaluation.scored import Scored
from logotal.report.charts.frame import SIZE
from logotal.report.charts.lines import Series, bar_chart, line_chart
from logotal.report.charts.text import shortened, text_width
from logotal.report.sheet import Section, paragraph, table

MOST_BARS = 60
FEW = 3
RECALLS = np.linspace(0, 1, 101)


def middle_tiou(result: Result) -> float:
    """The tIoU that single charts are at: 0.5, or the middle one of a protocol that does not have it."""
    tious = result.protocol.tious
    return 0.5 if 0.5 in tious else tious[len(tious) // 2]


def class_section(result: Result) -> Section:
    """Average precision of each class, on average and at one tIoU, with how many truths it has."""
    average, tious = next(iter(result.protocol.averages.items()))
    means = result.average_precision[[result.protocol.tious.index(tiou) for tiou in tious]].mean(axis=0)
    order = _ranked(means)
    shown = order if len(order) <= MOST_BARS else np.concatenate([order[: MOST_BARS // 2], order[-MOST_BARS // 2 :]])
    single = middle_tiou(result)
    at_single = result.average_precision[result.protocol.tious.index(single)]
    chart = bar_chart(
        [_counted(result.labels[i], result.truth_counts[i]) for i in shown],
        {
            f"mean over tIoU {average}": (100 * means[shown]).tolist(),
            f"at tIoU {single:g}": (100 * at_single[shown]).tolist(),
        },
        title="Average precision per class (number of truths)",
        y_label="AP in %",
        y_range=(0, 100),
    )
    body = [chart]
    if len(shown) < len(order):
        body.append(paragraph(f"The {MOST_BARS // 2} best and worst of {len(order)} classes; the table has all."))
    if missing := [label for label, count in zip(result.labels, result.truth_counts, strict=True) if not count]:
        body.append(paragraph(f"Without a truth in this split, and so without a number: {', '.join(missing)}."))
    header, *rows = result.label_table()
    return Section("Classes", [*body, table([header, *(rows[i] for i in order)], caption="AP per tIoU in %")])


def precision_recall_section(result: Result, compared: Scored) -> Section:
    """Precision over recall at one tIoU: the mean of all classes, and of single ones all, or the best and the worst."""
    tiou = middle_tiou(result)
    values = result.average_precision[result.protocol.tious.index(tiou)]
    order = _ranked(values)
    curves = precision_recall(compared.truth, compared.predictions, tiou, len(result.labels))
    mean = np.mean([curves[i].highest_precision(RECALLS) for i in order], axis=0)
    lines = [Series(f"mean of all classes, AP {100 * values[order].mean():.1f}", RECALLS.tolist(), mean.tolist())]
    few = len(order) <= 2 * FEW + 1
    for index in order if few else [*order[:FEW], *order[-FEW:]]:
        lines.append(_line(f"{result.labels[index]}, AP {100 * values[index]:.1f}", curves[index]))
    which = "" if few else f": the mean, the {FEW} best classes and the {FEW} worst"
    chart = line_chart(
        lines,
        title=f"Precision and recall at tIoU {tiou:g}{which}",
        x_label="recall",
        y_label="precision",
        y_range=(0, 1),
    )
    words = (
        "Precision is interpolated as average precision has it: at each recall the highest at that recall or a greater "
        "one. The line of a class ends at the highest recall that its predictions reach; what is missing to 1 counts "
        "as precision 0."
    )
    return Section("Precision and recall", [chart, paragraph(words)])


def _ranked(values: Floats) -> Ints:
    """The indices of the classes that have a truth, best first."""
    order: Ints = np.argsort(-values, kind="stable")
    return order[np.isfinite(values[order])]


def _line(name: str, curve: Curve) -> Series:
    """Steps: the precision of a truth found holds from the recall before it to its own."""
    corners = np.repeat(np.concatenate([[0.0], curve.recall]), 2)[1:-1]
    heights = np.repeat(curve.highest_precision(curve.recall), 2)
    return Series(name, corners.tolist(), heights.tolist())


def _counted(label: str, count: int) -> str:
    """The label with its number of truths, which stays readable where the label is long."""
    tail = f" ({count})"
    return shortened(label, 170 - text_width(tail, SIZE), SIZE) + tail
