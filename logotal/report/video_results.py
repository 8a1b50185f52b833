"""The videos in which a run does best and worst, as timelines beside their truth."""

import math
from collections.abc import Sequence

import numpy as np

from logotal.evaluation.precision_recall import average_precision_per_video, best_score
from logotal.evaluation.result import Result
from logotal.evaluation.scored import Scored
from logotal.report.charts.svg import timeline_svg
from logotal.report.class_results import middle_tiou
from logotal.report.sheet import Section, paragraph, picture
from logotal.timeline import Timeline
from logotal.words import amount


def video_sections(
    result: Result, compared: Scored, timelines: Sequence[Timeline], *, count: int, score: float | None = None
) -> list[Section]:
    """The best and the worst videos; all of them in one section where there are few.

    Args:
        result: the evaluation.
        compared: what it compared.
        timelines: all predictions.
        count: how many of the best, and how many of the worst.
        score: predictions below it are not drawn; where F1 is highest if absent.
    """
    average, tious = next(iter(result.protocol.averages.items()))
    values = average_precision_per_video(compared.truth, compared.predictions, tious, len(compared.truths)).mean(axis=0)
    # Of equal ones first those with more actions: they say more.
    known = sorted(np.flatnonzero(np.isfinite(values)).tolist(), key=lambda index: -len(compared.truths[index]))
    best, worst = (sorted(known, key=lambda index: round(sign * values[index], 9)) for sign in (-1, 1))
    rule = (
        "A video's score is the average precision over its own actions: its predictions, whatever their label, go by "
        f"falling score, and one is right if it takes a truth of its label; mean over tIoU {average}. Predictions are "
        "drawn above (the stronger, the higher the score), the truth hatched below them. "
    )
    cut, why = (score, f"score of at least {score:g}") if score is not None else _cut(result, compared)
    words = paragraph(f"{rule}Drawn are predictions with a {why}.")
    predicted = {timeline.video: timeline for timeline in timelines}

    def drawn(chosen: Sequence[int]) -> list[str]:
        parts = []
        for index in chosen:
            truth = compared.truths[index]
            shown = predicted.get(truth.video, Timeline(truth.video)).above(cut)
            number = amount(len(truth), "action"), amount(len(shown), "prediction")
            parts.append(paragraph(f"{truth.video}: {100 * values[index]:.1f} % ({number[0]}, {number[1]} drawn)"))
            parts.append(picture(timeline_svg(Timeline(truth.video, shown.actions, truth.duration), truth)))
        return parts

    if count <= 0:
        return []
    if len(known) <= 2 * count:
        return [Section("Videos, best first", [words, *drawn(best)])]
    return [Section("Best videos", [words, *drawn(best[:count])]), Section("Worst videos", drawn(worst[:count]))]


def _cut(result: Result, compared: Scored) -> tuple[float, str]:
    """The score to draw from, and the words that say why."""
    tiou = middle_tiou(result)
    cut, f1 = best_score(compared.truth, compared.predictions, tiou)
    if math.isfinite(cut):
        return cut, (
            f"score of at least {cut:.3g}: cut there, F1 over all classes at tIoU {tiou:g} is highest on this split, "
            f"{100 * f1:.1f} %"
        )
    scores = np.sort(compared.predictions.score)[::-1]
    cut = float(scores[min(len(compared.truth), len(scores)) - 1]) if len(scores) else 1.0
    return cut, f"score of at least {cut:.3g}: as many as there are actions, for none is right at tIoU {tiou:g}"
