"""The page of an error diagnosis: what is wrong with detections, what curing it would bring, what is missed."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from logotal.evaluation.detections import Floats
from logotal.evaluation.diagnosis.false_positives import ERRORS, OUTCOMES
from logotal.evaluation.diagnosis.result import Diagnosis
from logotal.files.target import check_target, numbers, write_target
from logotal.report.charts.lines import Series, bar_chart, line_chart
from logotal.report.sheet import PAGE, Section, paragraph, sheet, table, write_page
from logotal.words import percent

MEANINGS = (
    "takes an action of its label, as in average precision",
    "on an action of its label that a better detection took",
    "well placed on an action of another label",
    "on an action of its label, but badly placed",
    "badly placed on an action of another label",
    "on no action, or hardly",
)
SIZES = {
    "coverage": "by the part of the video that they last",
    "length": "by their length",
    "instances": "by the actions of their label in the video",
}
PERCENT = (0.0, 100.0)


NUMBERS = numbers("a diagnosis", "protocol", "truths_per_label", "average_mAP_N")


def check_diagnosis_page(path: Path, inputs: Iterable[Path] = (), *, overwrite: bool = False) -> None:
    """Makes sure, before long work, that the page and the numbers beside it can be written (`files.target`).

    Raises:
        InputError: one of them cannot.
    """
    files = tuple(inputs)
    check_target(path, PAGE, inputs=files, overwrite=overwrite)
    check_target(path.with_suffix(".json"), NUMBERS, inputs=files, overwrite=overwrite)


def write_diagnosis_page(found: Diagnosis, path: Path, title: str, *, overwrite: bool = False) -> Path:
    """Writes the page, and beside it all numbers as JSON; returns the place of the numbers.

    Raises:
        InputError: one of them would replace another file and `overwrite` is not given, or cannot be written.
    """
    check_diagnosis_page(path, overwrite=overwrite)
    beside = path.with_suffix(".json")
    text = json.dumps(found.to_json(), indent=1, allow_nan=False) + "\n"
    write_target(beside, text.encode(), NUMBERS, overwrite=overwrite)
    write_page(path, diagnosis_page(found, title), overwrite=overwrite)
    return beside


def diagnosis_page(diagnosis: Diagnosis, title: str) -> str:
    """The text of a self-contained HTML page that shows a diagnosis."""
    result = diagnosis.result
    sections = [
        Section("In short", [*map(paragraph, _findings(diagnosis)), _averages(diagnosis), _gains(diagnosis)]),
        Section("False positives", _false_positives(diagnosis)),
        Section("Which actions are found, which are missed", _found_and_missed(diagnosis)),
        Section("Numbers", _tables(diagnosis)),
    ]
    if notes := diagnosis.notes():
        sections.append(Section("Left out", [paragraph(sentence) for sentence in notes]))
    return sheet(title, sections, subtitle=f"{result.protocol.name}, split {result.split}, after DETAD (ECCV 2018)")


def _findings(diagnosis: Diagnosis) -> list[str]:
    """What a reader should know first, in sentences."""
    errors, tiou = diagnosis.false_positives, f"{diagnosis.tiou:g}"
    sentences = [
        f"Average mAP_N {percent(diagnosis.average)} over tIoU {diagnosis.average_name}. Its precision is taken as if "
        f"every label had {diagnosis.normalizer:.4g} actions, the mean, so that rare and frequent ones can be compared."
    ]
    if errors.gains.any():
        worst = int(errors.gains.argmax())
        gain, before, after = (
            percent(x) for x in (errors.gains[worst], errors.average, errors.average + max(errors.gains))
        )
        sentences.append(
            f"The errors that cost most are of the type {ERRORS[worst]!r}: without them, average mAP_N of the top 10G "
            f"detections would rise by {gain} points, from {before} to {after}."
        )
    missed = f"The top 10G detections miss {percent(diagnosis.missed, 1)} % of the actions at tIoU {tiou}."
    if errors.counts[0].any():
        missed = f"Of the top G detections {percent(errors.shares[0, 0], 1)} % are true at tIoU {tiou}. {missed}"
    return [*sentences, missed]


def _averages(diagnosis: Diagnosis) -> str:
    tious = diagnosis.result.protocol.averages[diagnosis.average_name]
    means = {"mAP": diagnosis.result.mean_average_precision, "mAP_N": diagnosis.mean_normalized}
    series = [Series(name, tious, [100 * of[tiou] for tiou in tious]) for name, of in means.items()]
    return line_chart(series, title="By overlap", x_label="tIoU", y_label="%", y_range=PERCENT, markers=True)


def _gains(diagnosis: Diagnosis) -> str:
    gains = [100 * float(gain) for gain in diagnosis.false_positives.gains]
    return bar_chart(ERRORS, {"": gains}, title="Without one type of error", y_label="points of average mAP_N gained")


def _false_positives(diagnosis: Diagnosis) -> list[str]:
    errors = diagnosis.false_positives
    multiples = range(1, len(errors.counts) + 1)
    return [
        paragraph(
            "G is the number of actions of a label; the top kG are the kG detections of each label with the highest "
            f"scores. Badly placed: tIoU from 0.1 to {diagnosis.tiou:g}. A detection is of the first kind that fits."
        ),
        _stack([f"{k}G" for k in multiples], errors.shares, "The top kG detections"),
        _stack([f"{k}" for k in multiples], errors.slice_shares, "The k-th G detections alone"),
        table([["detection", "meaning"], *map(list, zip(OUTCOMES, MEANINGS, strict=True))]),
    ]


def _stack(groups: Sequence[str], shares: Floats, title: str) -> str:
    values = {name: _percents(column) for name, column in zip(OUTCOMES, shares.T, strict=True)}
    return bar_chart(groups, values, title=title, y_label="% of detections", stacked=True, y_range=PERCENT)


def _found_and_missed(diagnosis: Diagnosis) -> list[str]:
    """For each characteristic a chart of average mAP_N and one of the share missed."""
    body = [
        paragraph(
            "Beside each other: average mAP_N where only the actions of one size are to be found, and the share of "
            f"them that none of the top 10G detections takes at tIoU {diagnosis.tiou:g}."
        )
    ]
    highest = np.nanmax([diagnosis.missed, *(np.nanmax(part.missed) for part in diagnosis.breakdowns)])
    for part in diagnosis.breakdowns:
        of = part.characteristic
        filled = np.flatnonzero(of.counts)
        groups = ["all", *(of.ranges[index] for index in filled)]
        for name, y_label, overall, values, top in (
            ("found", "average mAP_N, %", diagnosis.average, part.average, 100.0),
            ("missed", "% of the actions", diagnosis.missed, part.missed, max(10.0, 10 * math.ceil(10 * highest))),
        ):
            # Two series, for the color: each bar belongs to one of them.
            series = {
                "all": [100 * overall, *(math.nan for _ in filled)],
                SIZES[of.name]: [math.nan, *_percents(values[filled])],
            }
            title = f"{of.name.capitalize()}: {name}"
            body.append(bar_chart(groups, series, title=title, y_label=y_label, stacked=True, y_range=(0.0, top)))
    return body


def _tables(diagnosis: Diagnosis) -> list[str]:
    tiou, average = f"{diagnosis.tiou:g}", f"tIoU {diagnosis.average_name}"
    return [
        table(diagnosis.mean_table(), caption="mAP and mAP_N, %"),
        table(diagnosis.gain_table(), caption=f"Points of average mAP_N over {average} gained"),
        table(diagnosis.profile_table(), caption=f"The top kG detections at tIoU {tiou}, %"),
        table(diagnosis.truth_table(), caption=f"Average mAP_N over {average}, and actions missed at tIoU {tiou}, %"),
    ]


def _percents(shares: Floats) -> list[float]:
    percents: list[float] = (100 * shares).tolist()
    return percents
