from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from logotal.evaluation.segment_f1 import Judged, LabelF1, SegmentF1, segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.inference.operating_point import OperatingPoint
from logotal.report.calibration_curve import reliability, reliability_section
from logotal.report.operating_page import operating_page
from logotal.report.threshold_curves import curves_section
from logotal.runs.thresholds import Thresholds
from logotal.timeline import Action, Timeline
from logotal.training.fit_operating_point import cross_fitted_f1, fit_operating_point
from tests.browser import Visit, headless_chromium
from tests.training.test_fit_operating_point import LABELS, made_up


def page_of(
    point: OperatingPoint,
    truths: Sequence[VideoTruth],
    timelines: Sequence[Timeline],
    labels: tuple[str, ...],
    title: str,
    *,
    crossed: SegmentF1 | None = None,
) -> str:
    tiou = point.fitted_on.tiou if point.fitted_on else 0.5
    shown = segment_f1(truths, [point.apply(timeline) for timeline in timelines], labels, tiou)
    return operating_page(Thresholds(point, shown, crossed, truths, timelines, labels), title)


def page(labels: tuple[str, ...] = LABELS) -> str:
    annotated, detected = made_up(labels=labels)
    point = fit_operating_point(annotated, detected, labels)
    crossed = cross_fitted_f1(annotated, detected, labels)
    return page_of(point, annotated, detected, labels, "Thresholds of a run", crossed=crossed)


def test_the_page_says_what_is_shown_what_is_right_and_what_to_expect() -> None:
    annotated, detected = made_up()
    point = fit_operating_point(annotated, detected, LABELS)
    crossed = SegmentF1(0.5, (LabelF1("jump", 4, 4, 3), LabelF1("run", 0, 0, 0)))
    words = page_of(point, annotated, detected, LABELS, "Thresholds", crossed=crossed)
    assert point.fitted_on is not None
    assert f"F1 {100 * point.fitted_on.f1:.1f} % at tIoU 0.5; chosen on split held-out, 6 videos, 48 actions" in words
    assert f"In these 6 videos the model shows {sum(len(point.apply(t)) for t in detected)} actions, " in words
    assert '<td>on other videos, estimated</td><td class="number">75.0</td>' in words
    for label, threshold in point.thresholds.items():
        assert f'<td>{label}</td><td class="number">{threshold:.3f}</td>' in words
    for heading in ("What scores mean", "Precision, recall and F1 against the threshold", "F1 per label"):
        assert heading in words


def test_without_an_estimate_the_page_says_why() -> None:
    annotated, detected = made_up()
    words = page_of(OperatingPoint(0.5), annotated, detected, LABELS, "Default")
    assert "too few videos or actions to choose on one half" in words
    assert "estimated" not in words
    assert "chosen on split" not in words


def test_notes_and_labels_without_a_threshold_stand_on_the_page() -> None:
    annotated, detected = made_up()
    point = OperatingPoint(0.5, {"jump": 0.4}, notes=("something to know",))
    words = page_of(point, annotated, detected, LABELS, "Default")
    assert "Something to know." in words
    assert "with that of all labels together: run." in words


def test_labels_are_only_text() -> None:
    hostile = "<script>alert(1)</script>"
    words = page((hostile, "run"))
    assert "<script" not in words
    assert "&lt;script&gt;" in words


def test_nothing_detected_has_a_page_too() -> None:
    annotated, _ = made_up()
    words = page_of(OperatingPoint(0.5), annotated, [], LABELS, "Nothing")
    assert "the model shows 0 actions" in words
    assert page_of(OperatingPoint(), [VideoTruth("v", "held-out")], [Timeline("v")], LABELS, "Empty")


def test_reliability_by_hand() -> None:
    score = np.array([0.0, 0.05, 0.72, 0.78, 1.0, 1.0])
    right = np.array([False, False, True, False, True, True])
    found = reliability(score, right)
    assert found.counts.tolist() == [2, 0, 0, 0, 0, 0, 0, 2, 0, 2]
    np.testing.assert_allclose(found.mean_score[[0, 7, 9]], [0.025, 0.75, 1.0])
    np.testing.assert_allclose(found.share_right[[0, 7, 9]], [0.0, 0.5, 1.0])
    assert np.isnan(found.share_right[1])
    assert found.error == pytest.approx((2 * 0.025 + 2 * 0.25 + 0) / 6)


def test_of_nothing_there_is_no_reliability() -> None:
    assert np.isnan(reliability(np.zeros(0), np.zeros(0, np.bool_)).error)


def test_a_calibration_that_helps_lowers_the_error_on_the_page() -> None:
    rng = np.random.default_rng(0)
    score = rng.random(4000)
    right = rng.random(4000) < score**3
    words = "".join(reliability_section(score, score**3, right, score > 0.5).body)
    errors = [100 * reliability(of, right).error for of in (score, score**3)]
    assert errors[0] > 20
    assert errors[1] < 5
    assert f'<td class="number">{errors[0]:.1f}</td><td class="number">{errors[1]:.1f}</td>' in words


def judged(counts: list[int]) -> Judged:
    label = np.repeat(np.arange(len(counts)), 4)
    score = np.tile([0.8, 0.6, 0.4, 0.2], len(counts))
    return Judged(label, score, score > 0.5, np.array(counts))


def test_each_label_with_actions_has_a_chart_with_its_threshold_and_its_f1() -> None:
    of = judged([2, 4, 0])
    section = curves_section(OperatingPoint(0.5, {"b": 0.3}), of, of.score, ("a", "b", "c"))
    words = "".join(section.body)
    assert words.count("<svg xmlns") == 1 + 2
    assert "a (2 actions)" in words
    assert "0.5: F1 100.0 %" in words  # a: 2 of 2 found, nothing else shown
    assert "0.3: F1 57.1 %" in words  # b: 2 of 4 found, 3 shown
    assert "c (" not in words


def test_of_many_labels_those_with_the_most_actions_have_charts() -> None:
    of = judged(list(range(1, 41)))
    words = "".join(curves_section(OperatingPoint(0.5), of, of.score, [f"label-{i}" for i in range(40)]).body)
    assert "The 24 labels with the most actions, of 40." in words
    assert words.count("<svg xmlns") == 1 + 24
    assert "label-39 (40 actions)" in words
    assert "label-15 (16 actions)" not in words


def test_the_page_opens_without_errors_in_light_in_dark_and_on_a_phone(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.html"
    file.write_text(page((*LABELS, "a rather long label for an action, longer than any column")), encoding="utf-8")
    with headless_chromium() as browser:
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 390)):
            visit = Visit(browser, file, viewport={"width": width, "height": 800}, color_scheme=scheme)
            assert visit.errors == []
            assert visit.requests == [file.as_uri()]
            assert visit.page.evaluate("document.documentElement.scrollWidth") == width
            assert visit.page.locator("svg.chart").count() == 2 + 1 + 3
            visit.context.close()


def test_an_action_that_was_detected_twice_is_counted_once_where_overlaps_are_removed() -> None:
    truth = VideoTruth("v", "held-out", (Action(0, 10, "jump"),))
    twice = Timeline("v", (Action(0, 10, "jump", 0.9), Action(1, 10, "jump", 0.8)))
    words = page_of(OperatingPoint(0.5), [truth], [twice], ("jump",), "Twice")
    assert "the model shows 1 action, 1 of them right (100.0 %); of the 1 that there are, 100.0 % get found" in words
    assert '<td>own scores cut at 0.5</td><td class="number">50.0</td>' in words
