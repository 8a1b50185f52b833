import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.inference.calibration import Calibration, logit
from logotal.inference.operating_point import FittedOn, OperatingPoint, parse_operating_point
from logotal.timeline import Action, Timeline
from logotal.training.fit_operating_point import (
    MORE,
    OVERLAPS,
    SLOPES,
    cross_fitted_f1,
    fit_calibration,
    fit_operating_point,
)
from tests.naive.evaluation import Prediction, Truth
from tests.naive.operating_point import shown, shrunk_f1

LABELS = ("jump", "run")


def made_up(
    *, videos: int = 6, truths: int = 8, wrong: int = 12, labels: tuple[str, ...] = LABELS, seed: int = 0
) -> tuple[list[VideoTruth], list[Timeline]]:
    """Videos in which most actions are found, some twice, among wrong detections with lower scores on average."""
    rng = np.random.default_rng(seed)
    annotated, detected = [], []
    for video in range(videos):
        actions = [Action(20.0 * i, 20.0 * i + 10, labels[int(rng.integers(len(labels)))]) for i in range(truths)]
        found = []
        for action in actions:
            for shift in (0.5, 2.0)[: int(rng.integers(3))]:
                score = float(rng.beta(4, 2))
                found.append(Action(action.start + shift, action.end + shift, action.label, score))
        for start in rng.uniform(0, 20 * truths, wrong).tolist():
            label = labels[int(rng.integers(len(labels)))]
            found.append(Action(start, start + 6, label, float(rng.beta(2, 5))))
        annotated.append(VideoTruth(f"v{video}", "held-out", tuple(actions), 20.0 * truths))
        detected.append(Timeline(f"v{video}", tuple(found)))
    return annotated, detected


def of_label(
    annotated: list[VideoTruth], detected: list[Timeline], label: str, max_overlap: float
) -> tuple[list[Truth], list[Prediction]]:
    """What `tests.naive` takes: truths and predictions of a label, without overlaps."""
    truth = [(video.id, a.start, a.end) for video in annotated for a in video.actions if a.label == label]
    predictions = [
        (timeline.video, start, end, score)
        for timeline in detected
        for start, end, _, score in shown(
            [(a.start, a.end, a.label, a.score) for a in timeline if a.label == label], {label: 0.0}, max_overlap
        )
    ]
    return truth, predictions


@pytest.mark.parametrize("seed", range(5))
def test_no_score_to_cut_at_gives_a_label_a_higher_f1_with_actions_of_all_labels_besides(seed: int) -> None:
    labels = (*LABELS, "swim")
    annotated, detected = made_up(seed=seed, labels=labels)
    point = fit_operating_point(annotated, detected, labels)
    known = {label: of_label(annotated, detected, label, point.max_overlap) for label in labels}
    scores = sorted({score for _, predictions in known.values() for *_, score in predictions})
    calibrated = point.calibration.of(np.array(scores))
    for label in labels:
        cut = scores[int(np.argmax(calibrated >= point.thresholds[label]))]
        reached = shrunk_f1(known, label, cut, 0.5, MORE)
        assert reached == pytest.approx(max(shrunk_f1(known, label, score, 0.5, MORE) for score in scores))


def one_label(label: str, actions: int, right: Sequence[float], wrong: Sequence[float]) -> tuple[VideoTruth, Timeline]:
    """A video with some actions, of which the first are found, and what else is found in it."""
    truth = tuple(Action(20.0 * i, 20.0 * i + 10, label) for i in range(actions))
    found = [replace(action, score=score) for action, score in zip(truth, right, strict=False)]
    found += [Action(-10.0 * (i + 1), -10.0 * i - 5, label, score) for i, score in enumerate(wrong)]
    return VideoTruth(label, "held-out", truth), Timeline(label, tuple(found))


def test_what_is_best_for_a_few_actions_alone_counts_little_and_for_many_all() -> None:
    common = one_label("common", 2000, [0.9] * 1800, [0.2] * 1500)
    thresholds = []
    for times in (1, 100):  # half of what is found of the label at 0.15 is right: alone, that would be worth it
        rare = one_label("rare", 12 * times, [0.95] * 8 * times + [0.15] * 4 * times, [0.15] * 4 * times)
        point = fit_operating_point(*zip(common, rare, strict=True), ("common", "rare"))
        low, high = point.calibration.of(np.array([0.15, 0.2]))
        thresholds.append(point.thresholds["rare"])
        assert high < point.thresholds["common"]
    assert thresholds[0] > high
    assert thresholds[1] < low


def test_a_label_that_was_not_to_be_found_here_has_about_the_threshold_of_all() -> None:
    common = one_label("common", 200, [0.9] * 180, [0.2] * 150)
    point = fit_operating_point([common[0]], [common[1]], ("common", "never seen"))
    assert point.thresholds["never seen"] == point.thresholds["common"] == point.threshold


@pytest.mark.parametrize("seed", range(5))
def test_the_f1_that_is_promised_is_reached_and_no_other_overlap_gives_more(seed: int) -> None:
    annotated, detected = made_up(seed=seed)
    point = fit_operating_point(annotated, detected, LABELS)
    reached = segment_f1(annotated, [point.apply(timeline) for timeline in detected], LABELS).micro
    actions = sum(len(video.actions) for video in annotated)
    assert point.fitted_on == FittedOn("held-out", 6, actions, 0.5, reached.f1)
    assert point.max_overlap in OVERLAPS
    for max_overlap in OVERLAPS:
        other = replace(point, max_overlap=max_overlap, across_labels=False, shortest={}, gap={})
        assert segment_f1(annotated, [other.apply(t) for t in detected], LABELS).micro.f1 <= reached.f1 + 1e-9


def confused(*, both: bool) -> tuple[list[VideoTruth], list[Timeline]]:
    """Videos in which each found action of a label is found as the other label too, with a lower score.

    No threshold tells them apart, for videos are of different scores. If `both`, both labels are right there.
    """
    annotated, detected = [], []
    for video in range(8):
        truths, found, high = [], [], 0.95 - 0.1 * video
        for i in range(4):
            for label, score in (("jump", high), ("run", high - 0.05))[:: (-1) ** i]:
                action = Action(20.0 * i, 20.0 * i + 10, label, score if i % 2 == 0 else 2 * high - 0.05 - score)
                found.append(action)
                if both or action.score == high:
                    truths.append(replace(action, score=1.0))
        annotated.append(VideoTruth(f"v{video}", "held-out", tuple(truths), 80.0))
        detected.append(Timeline(f"v{video}", tuple(found)))
    return annotated, detected


@pytest.mark.parametrize("both", [False, True])
def test_labels_exclude_each_other_where_that_helps(both: bool) -> None:
    annotated, detected = confused(both=both)
    point = fit_operating_point(annotated, detected, LABELS)
    assert point.across_labels is not both
    apart, together = (
        segment_f1(annotated, [point.apply(t, across_labels=across) for t in detected], LABELS).micro.f1
        for across in (False, True)
    )
    assert (together > apart) is not both
    assert parse_operating_point(point.to_json(), "here") == point


def test_doubles_are_removed_where_that_helps() -> None:
    video = VideoTruth("v", "held-out", tuple(Action(20.0 * i, 20.0 * i + 10, "jump") for i in range(8)))
    scores = [(0.9, 0.8), (0.7, 0.6), (0.5, 0.4), (0.3, 0.2)] * 2
    doubles = [
        Action(a.start + shift, a.end + shift, "jump", score)
        for a, pair in zip(video.actions, scores, strict=True)
        for shift, score in zip((0.0, 2.0), pair, strict=True)
    ]
    point = fit_operating_point([video], [Timeline("v", tuple(doubles))], ["jump"])
    assert point.fitted_on is not None
    assert point.fitted_on.f1 == 1.0
    assert point.max_overlap == 0.5  # 8 of 10 seconds are common: any overlap below 0.8 does, this is the usual one


def test_thresholds_are_halfway_to_the_next_score_and_survive_the_file() -> None:
    video = VideoTruth("v", "held-out", tuple(Action(20.0 * i, 20.0 * i + 10, "jump") for i in range(10)))
    right = [Action(a.start, a.end, "jump", 0.9 - 0.02 * i) for i, a in enumerate(video.actions)]
    wrong = [Action(900.0 + 10 * i, 905.0 + 10 * i, "jump", 0.3 - 0.1 * i) for i in range(3)]
    timeline = Timeline("v", (*right, *wrong))
    point = fit_operating_point([video], [timeline], ["jump"])
    lowest, highest = point.calibration.of(np.array([right[-1].score, 0.3]))
    assert point.thresholds == {"jump": pytest.approx((lowest + highest) / 2)}
    read = parse_operating_point(point.to_json(), "here")
    assert read == point
    assert [(a.start, a.end) for a in read.apply(timeline)] == [(a.start, a.end) for a in right]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.sampled_from(LABELS)), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 5), st.sampled_from(LABELS), st.sampled_from((0.0, 0.5, 0.9, 1.0))),
        min_size=1,
        max_size=12,
    ),
)
def test_anything_gives_a_point_that_keeps_its_promise_or_an_input_error(
    annotated: list[tuple[int, int, str]], predicted: list[tuple[int, int, str, float]]
) -> None:
    placed = [(video, (10.0 * i, 10.0 * i + 8, label)) for video, i, label in annotated]
    truths = [
        VideoTruth(f"v{v}", "held-out", tuple(Action(*action) for video, action in placed if video == v))
        for v in range(2)
    ]
    timelines = [
        Timeline(f"v{v}", tuple(Action(10 * i, 10 * i + 8, label, s) for of, i, label, s in predicted if of == v))
        for v in range(2)
    ]
    if segment_f1(truths, timelines, LABELS).micro.hits == 0:
        with pytest.raises(InputError, match="none of the"):
            fit_operating_point(truths, timelines, LABELS)
        return
    point = fit_operating_point(truths, timelines, LABELS)
    reached = segment_f1(truths, [point.apply(timeline) for timeline in timelines], LABELS).micro.f1
    assert point.fitted_on is not None
    assert point.fitted_on.f1 == pytest.approx(reached)
    assert parse_operating_point(point.to_json(), "here", LABELS) == point


def test_nothing_to_fit_on_is_an_error_that_says_what_is_missing() -> None:
    annotated, detected = made_up(videos=1)
    nothing = [replace(video, actions=()) for video in annotated]
    with pytest.raises(InputError, match="needs actions to be found; these videos have none of the model's labels"):
        fit_operating_point(nothing, detected, LABELS)
    with pytest.raises(InputError, match="needs detections in the videos with annotations; found none"):
        fit_operating_point(annotated, [Timeline("v0")], LABELS)
    agnostic = [Timeline("v0", (Action(0, 10, "action", 0.5),))]
    with pytest.raises(InputError, match="found only of the labels action; expected jump, run"):
        fit_operating_point(annotated, agnostic, LABELS)
    wrong = [Timeline("v0", (Action(900, 910, "jump", 0.5),))]
    with pytest.raises(InputError, match=r"none of the 1 detections is right at tIoU 0.5.* lower the tIoU"):
        fit_operating_point(annotated, wrong, LABELS)
    with pytest.raises(InputError, match="expected scores from 0 to 1"):
        fit_operating_point(annotated, [Timeline("v0", (Action(*span(annotated[0]), score=1.5),))], LABELS)


def span(video: VideoTruth) -> tuple[float, float, str]:
    first = video.actions[0]
    return first.start, first.end, first.label


def test_all_right_shifts_scores_up_and_says_so() -> None:
    annotated, _ = made_up(videos=2)
    perfect = [
        Timeline(video.id, tuple(replace(a, score=0.3 + i / 50) for i, a in enumerate(video.actions)))
        for video in annotated
    ]
    point = fit_operating_point(annotated, perfect, LABELS)
    assert point.calibration.slope == 1.0
    assert point.calibration.intercept > 1.0
    assert "all detections are alike" in point.notes[0]
    assert [len(point.apply(timeline)) for timeline in perfect] == [8, 8]
    assert point.apply(perfect[0])[0].score < 1.0  # 16 of 16 are no proof


def test_one_score_for_all_is_calibrated_to_the_share_that_is_right() -> None:
    right = np.arange(1000) % 4 == 0
    calibration, notes = fit_calibration(np.full(1000, 0.9), right)
    assert calibration.slope == 1.0
    assert calibration.of(np.array([0.9]))[0] == pytest.approx(0.25, abs=0.002)
    assert len(notes) == 1


def test_scores_that_fall_where_more_is_right_are_calibrated_flat_and_still_rise() -> None:
    score = np.linspace(0.1, 0.9, 500)
    right = np.random.default_rng(0).random(500) > score
    calibration, notes = fit_calibration(score, right)
    assert calibration.slope == SLOPES[0]
    assert (np.diff(calibration.of(score)) > 0).all()
    assert calibration.of(score).mean() == pytest.approx(right.mean(), abs=0.01)
    assert "do not rely on them" in notes[0]


def test_scores_that_part_right_from_wrong_are_calibrated_without_claiming_certainty() -> None:
    score, right = np.array([0.1] * 10 + [0.9] * 10), np.arange(20) >= 10
    calibration, notes = fit_calibration(score, right)
    np.testing.assert_allclose(calibration.of(np.array([0.1, 0.9])), [1 / 12, 11 / 12], atol=1e-3)
    assert notes == ()
    nearly_one = np.array([0.5] * 10 + [0.500001] * 10)
    steep, notes = fit_calibration(nearly_one, right)
    assert steep.slope == SLOPES[1]
    assert "fitted and 100 taken" in notes[0]


def test_a_known_distortion_of_scores_is_found() -> None:
    rng = np.random.default_rng(1)
    score = rng.beta(1, 2, 50_000)
    right = rng.random(50_000) < Calibration(2.0, 0.7).of(score)
    calibration, notes = fit_calibration(score, right)
    assert calibration.slope == pytest.approx(2.0, abs=0.08)
    assert calibration.intercept == pytest.approx(0.7, abs=0.08)
    assert notes == ()


def test_the_calibration_is_the_most_likely_one_for_platts_targets() -> None:
    rng = np.random.default_rng(2)
    score, count = rng.random(200), 200
    right = rng.random(200) < score**2
    calibration, _ = fit_calibration(score, right)
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / (count - right.sum() + 2))
    residual = calibration.of(score) - target  # the gradient of the likelihood, which is zero at its top
    assert abs(residual.sum()) < 0.01
    assert abs((residual * logit(score)).sum()) < 0.01


def test_fitting_is_the_same_every_time_and_in_every_order() -> None:
    annotated, detected = made_up(seed=4)
    first = fit_operating_point(annotated, detected, LABELS)
    assert fit_operating_point(annotated, detected, LABELS) == first
    other = fit_operating_point(annotated[::-1], detected[::-1], LABELS)
    assert other.thresholds == pytest.approx(dict(first.thresholds))
    assert other.calibration.slope == pytest.approx(first.calibration.slope)


def test_what_is_ignored_pulls_no_threshold_up() -> None:
    annotated, detected = made_up(videos=1, wrong=0, labels=("jump",))
    loud = tuple(Action(1000.0 + 10 * i, 1005.0 + 10 * i, "jump", 0.99) for i in range(5))
    with_loud = [Timeline("v0", (*detected[0], *loud))]
    aside = [replace(annotated[0], ignored=((990.0, 1100.0),))]
    expected, found = (fit_operating_point(*given, ["jump"]) for given in ((annotated, detected), (aside, with_loud)))
    assert found.fitted_on == expected.fitted_on
    # Not to the bit: scores are calibrated in arrays of other lengths.
    assert found.thresholds == pytest.approx(dict(expected.thresholds), rel=1e-6)
    assert found.calibration.slope == pytest.approx(expected.calibration.slope, rel=1e-6)
    assert fit_operating_point(annotated, with_loud, ["jump"]) != expected


def test_the_estimate_for_other_videos_chooses_on_one_half_and_measures_on_the_other() -> None:
    annotated, detected = made_up(videos=8)
    estimate = cross_fitted_f1(annotated, detected, LABELS)
    assert estimate is not None
    reached = fit_operating_point(annotated, detected, LABELS).fitted_on
    assert reached is not None
    assert 0.3 < estimate.micro.f1 <= reached.f1
    halves = ([*range(0, 8, 2)], [*range(1, 8, 2)])
    parts: list[Timeline] = []
    for fitted, applied in (halves, halves[::-1]):
        point = fit_operating_point([annotated[i] for i in fitted], [detected[i] for i in fitted], LABELS)
        parts += [point.apply(detected[i]) for i in applied]
    assert estimate == segment_f1(annotated, parts, LABELS)


def test_the_estimate_keeps_groups_whole_and_is_none_where_a_half_has_nothing() -> None:
    annotated, detected = made_up(videos=4)
    person = [replace(video, group="one person") for video in annotated]
    assert cross_fitted_f1(person, detected, LABELS) is None
    assert cross_fitted_f1(annotated, [detected[0]], LABELS) is None
    assert cross_fitted_f1(annotated[:1], detected[:1], LABELS) is None


def test_tens_of_thousands_of_detections_take_moments() -> None:
    annotated, detected = made_up(videos=10, truths=20, wrong=2000)
    started = time.process_time()
    point = fit_operating_point(annotated, detected, LABELS)
    assert time.process_time() - started < 10  # a loop over pairs takes minutes
    assert isinstance(point, OperatingPoint)
