import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.evaluation.average_precision import average_precision
from logotal.evaluation.detections import columns
from logotal.inference.calibration import UNCALIBRATED, Calibration
from logotal.inference.operating_point import (
    DEFAULT_MAX_OVERLAP,
    FittedOn,
    OperatingPoint,
    read_operating_point,
    write_operating_point,
)
from logotal.inference.overlaps import without_overlaps
from logotal.timeline import Action, Timeline
from tests.naive.operating_point import Shown, shown

LABELS = ("jump", "run", "swim")
OVERLAPS = (0.0, 0.25, 0.5, 0.75, 1.0)  # exact in binary: no rounding to disagree on

actions = st.lists(
    st.builds(
        lambda start, length, label, score: (start / 2, (start + length) / 2, label, score),
        st.integers(0, 20),
        st.integers(0, 12),
        st.sampled_from(LABELS),
        st.sampled_from((0.0, 0.125, 0.25, 0.5, 0.75, 1.0)),
    ),
    max_size=30,
)
thresholds = st.fixed_dictionaries({label: st.sampled_from((0.0, 0.25, 0.3, 0.5, 1.0)) for label in LABELS})


def timeline(listed: list[Shown], video: str = "match") -> Timeline:
    return Timeline(video, tuple(Action(*action) for action in listed), 30.0)


def many(count: int, seed: int, labels: int = 2) -> list[Shown]:
    """Random actions, many of them over each other."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 400, count) / 8
    length = rng.integers(1, 160, count) / 8
    numbers = zip(start.tolist(), (start + length).tolist(), rng.integers(labels, size=count), strict=True)
    return [(a, b, LABELS[label], float(s)) for (a, b, label), s in zip(numbers, rng.random(count), strict=True)]


@given(actions, thresholds, st.sampled_from(OVERLAPS), st.booleans())
def test_shows_what_the_loops_show(
    listed: list[Shown], cuts: dict[str, float], max_overlap: float, across_labels: bool
) -> None:
    point = OperatingPoint(thresholds=cuts, max_overlap=max_overlap)
    expected = shown(listed, cuts, max_overlap, across_labels=across_labels)
    assert point.apply(timeline(listed), across_labels=across_labels) == timeline(expected)


@pytest.mark.parametrize("max_overlap", [0.0, 0.5, 0.75])
@pytest.mark.parametrize("across_labels", [False, True])
def test_shows_what_the_loops_show_where_blocks_of_the_fast_code_meet(max_overlap: float, across_labels: bool) -> None:
    for count in (63, 64, 65, 400):
        listed = many(count, seed=count)
        expected = shown(listed, dict.fromkeys(LABELS, 0.0), max_overlap, across_labels=across_labels)
        point = OperatingPoint(max_overlap=max_overlap)
        assert point.apply(timeline(listed), across_labels=across_labels) == timeline(expected)


@given(actions, thresholds, st.sampled_from(OVERLAPS))
def test_within_labels_thresholds_and_overlaps_may_be_exchanged(
    listed: list[Shown], cuts: dict[str, float], max_overlap: float
) -> None:
    first_cut = OperatingPoint(thresholds=cuts, max_overlap=max_overlap).apply(timeline(listed))
    first_removed = OperatingPoint(max_overlap=max_overlap).apply(timeline(listed))
    assert OperatingPoint(thresholds=cuts, max_overlap=1.0).apply(first_removed) == first_cut


def test_across_labels_they_may_not_and_what_is_cut_removes_nothing() -> None:
    listed = [(0.0, 10.0, "jump", 0.5), (0.0, 10.0, "run", 0.25)]
    point = OperatingPoint(thresholds={"jump": 0.75, "run": 0.0})
    assert point.apply(timeline(listed), across_labels=True) == timeline(listed[1:])


@given(actions, st.sampled_from(OVERLAPS), st.floats(0.1, 4), st.floats(-2, 2))
def test_calibration_does_not_change_which_of_overlapping_actions_remains(
    listed: list[Shown], max_overlap: float, slope: float, intercept: float
) -> None:
    plain = OperatingPoint(max_overlap=max_overlap).apply(timeline(listed))
    calibrated = OperatingPoint(max_overlap=max_overlap, calibration=Calibration(slope, intercept))
    found = calibrated.apply(timeline(listed))
    assert {(a.start, a.end, a.label) for a in found} == {(a.start, a.end, a.label) for a in plain}


@given(actions, thresholds, st.sampled_from(OVERLAPS))
def test_applied_twice_an_uncalibrated_point_changes_nothing_more(
    listed: list[Shown], cuts: dict[str, float], max_overlap: float
) -> None:
    point = OperatingPoint(thresholds=cuts, max_overlap=max_overlap)
    once = point.apply(timeline(listed))
    assert point.apply(once) == once


@pytest.mark.parametrize(
    ("max_overlap", "kept"),
    [(1.0, 3), (0.5, 2), (0.49, 1)],
)
def test_the_share_is_that_of_the_shorter_action(max_overlap: float, kept: int) -> None:
    long, inside, half = (0.0, 100.0, "jump", 0.9), (40.0, 50.0, "jump", 0.8), (95.0, 105.0, "jump", 0.7)
    found = OperatingPoint(max_overlap=max_overlap).apply(timeline([long, inside, half]))
    assert len(found) == kept
    assert found[0] == Action(*long)


def test_actions_that_touch_or_have_no_length_overlap_nothing() -> None:
    listed = [(0.0, 5.0, "jump", 0.9), (5.0, 9.0, "jump", 0.8), (3.0, 3.0, "jump", 0.7), (3.0, 3.0, "jump", 0.7)]
    assert OperatingPoint(max_overlap=0.0).apply(timeline(listed)) == timeline(listed)


def test_one_action_at_a_time_across_labels() -> None:
    listed = many(200, seed=1, labels=3)
    found = OperatingPoint(max_overlap=0.0).apply(timeline(listed), across_labels=True)
    assert len(found) > 3
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_by_default_scores_stay_and_half_of_an_action_may_lie_in_a_better_one() -> None:
    listed = [(0.0, 10.0, "jump", 0.1 + 0.2), (5.0, 15.0, "jump", 0.2), (4.0, 14.0, "jump", 0.1)]
    assert OperatingPoint().apply(timeline(listed)) == timeline(listed[:2])
    assert OperatingPoint().max_overlap == DEFAULT_MAX_OVERLAP


def test_given_numbers_replace_those_of_the_point_for_all_labels() -> None:
    listed = [(0.0, 10.0, "jump", 0.6), (1.0, 9.0, "jump", 0.5), (0.0, 10.0, "run", 0.2), (20.0, 30.0, "new", 0.4)]
    point = OperatingPoint(0.45, {"jump": 0.55, "run": 0.1})
    assert point.apply(timeline(listed)) == timeline([listed[0], listed[2]])
    assert point.apply(timeline(listed), threshold=0.4, max_overlap=1.0) == timeline([listed[0], listed[1], listed[3]])
    assert point.apply(timeline(listed), threshold=0.0, max_overlap=0.0) == timeline([listed[0], *listed[2:]])


def test_nothing_in_nothing_out() -> None:
    empty = Timeline("match", (), 12.0)
    assert OperatingPoint(0.5, calibration=Calibration(2.0, 1.0)).apply(empty) == empty


@pytest.mark.parametrize("wrong", [{"threshold": 1.5}, {"threshold": math.nan}, {"max_overlap": -0.1}])
def test_shares_outside_0_to_1_are_an_error(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must be between 0 and 1"):
        OperatingPoint().apply(timeline([]), **wrong)
    with pytest.raises(InputError, match="must be between 0 and 1"):
        OperatingPoint(**wrong)


def test_overlaps_are_removed_whatever_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(3)
    segment = np.sort(rng.random((300, 2)), axis=1)
    score, group = rng.random(300), rng.integers(4, size=300)
    kept = without_overlaps(segment, score, group, 0.5)
    order = rng.permutation(300)
    assert 0 < kept.sum() < 300
    np.testing.assert_array_equal(without_overlaps(segment[order], score[order], group[order], 0.5), kept[order])


def test_a_calibration_rises_strictly_stays_within_0_and_1_and_keeps_average_precision() -> None:
    calibration = Calibration(2.5, 1.5)
    raw = np.linspace(0.001, 0.999, 999)
    assert (np.diff(calibration.of(raw)) > 0).all()
    ends = calibration.of(np.array([0.0, 1e-300, 1.0]))
    assert (ends > 0).all()
    assert (ends <= 1).all()
    predicted = timeline(many(300, seed=5))
    truth = columns([timeline(many(40, seed=6))], ["match"], LABELS)
    point = OperatingPoint(max_overlap=1.0, calibration=calibration)
    before, after = (
        average_precision(truth, columns([of], ["match"], LABELS), [0.3, 0.5], 2)
        for of in (predicted, point.apply(predicted))
    )
    assert before.max() > 0
    np.testing.assert_array_equal(before, after)


def test_a_calibration_is_the_logistic_function_of_the_logit() -> None:
    expected = 1 / (1 + math.exp(-(0.7 * math.log(0.2 / 0.8) - 0.4)))
    assert Calibration(0.7, -0.4).of(np.array([0.2]))[0] == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(Calibration(1.0, 1e-9).of(np.array([0.25])), [0.25], rtol=1e-8)


def test_without_a_calibration_scores_stay_to_the_last_digit_even_beyond_1() -> None:
    scores = np.array([0.1, 7.0, -2.0])
    assert UNCALIBRATED.of(scores) is scores


def test_a_calibration_takes_probabilities_only() -> None:
    with pytest.raises(InputError, match=r"expected scores from 0 to 1, which a calibration needs, found 1\.5"):
        Calibration(2.0).of(np.array([0.5, 1.5]))
    with pytest.raises(InputError, match="found nan"):
        Calibration(2.0).of(np.array([math.nan]))


@pytest.mark.parametrize(("slope", "intercept"), [(0.0, 0.0), (-1.0, 0.0), (math.inf, 0.0), (1.0, math.nan)])
def test_a_calibration_that_does_not_rise_is_an_error(slope: float, intercept: float) -> None:
    with pytest.raises(InputError, match="a slope above 0 and a finite intercept"):
        Calibration(slope, intercept)


WHOLE = OperatingPoint(
    0.1 + 0.2,
    {"jump": 1 / 3, "Sprünge ✓": 0.5},
    0.25,
    Calibration(1.7, -0.3),
    FittedOn("held-out", 5, 40, 0.5, 0.81),
    ("a note",),
)


@pytest.mark.parametrize("point", [OperatingPoint(), WHOLE])
def test_what_is_written_is_read_to_the_last_digit(point: OperatingPoint, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "operating_point.json"
    write_operating_point(path, point)
    assert read_operating_point(path) == point


def broken(**changes: Any) -> dict[str, Any]:
    """The JSON of a point with some values replaced; those that are `...` removed."""
    value = WHOLE.to_json() | changes
    return {key: item for key, item in value.items() if item is not ...}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"expected an object with the key 'threshold', found \[\]"),
        (broken(treshold=0.5), "unknown key 'treshold'; did you mean 'threshold'"),
        (broken(notes=...), "key 'notes' is missing"),
        (broken(threshold="0.5"), "'threshold' must be a number from 0 to 1, found '0.5'"),
        (broken(threshold=True), "'threshold' must be a number from 0 to 1, found True"),
        (broken(threshold=math.nan), "'threshold' must be a number from 0 to 1, found nan"),
        (broken(threshold=10**400), "'threshold' must be a number from 0 to 1, found 1000"),
        (broken(max_overlap=1.5), "'max_overlap' must be a number from 0 to 1, found 1.5"),
        (broken(thresholds=[]), "'thresholds' must be an object"),
        (broken(thresholds={"jump": -1}), "threshold of 'jump': expected a number from 0 to 1, found -1"),
        (broken(thresholds={"jump": None}), "threshold of 'jump': expected a number from 0 to 1, found None"),
        (broken(calibration=None), "'calibration' must be an object with the key 'slope', found None"),
        (broken(calibration={"slope": 1}), "calibration: key 'intercept' is missing"),
        (broken(calibration={"slope": 0, "intercept": 0}), "calibration: 'slope' must be a number above 0, found 0"),
        (broken(fitted_on={}), "fitted_on: key 'split' is missing"),
        (
            broken(fitted_on=WHOLE.to_json()["fitted_on"] | {"videos": 1.5}),
            "fitted_on: 'videos' must be a count, found 1.5",
        ),
        (
            broken(fitted_on=WHOLE.to_json()["fitted_on"] | {"videos": -1}),
            "fitted_on: 'videos' must be a count, found -1",
        ),
        (
            broken(fitted_on=WHOLE.to_json()["fitted_on"] | {"f1": 2}),
            "fitted_on: 'f1' must be a number from 0 to 1, found 2",
        ),
        (broken(fitted_on=WHOLE.to_json()["fitted_on"] | {"split": 3}), "'split' must be a name, found 3"),
        (broken(notes="a note"), "must be a list of sentences"),
    ],
)
def test_a_file_that_is_not_as_expected_is_an_error_that_names_it(value: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "operating_point.json"
    path.write_text(json.dumps(value))
    with pytest.raises(InputError, match=message) as error:
        read_operating_point(path)
    assert str(path) in str(error.value)


def test_a_threshold_for_a_label_that_the_run_does_not_have_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "operating_point.json"
    write_operating_point(path, OperatingPoint(thresholds={"jumb": 0.5}))
    with pytest.raises(InputError, match=r"unknown label 'jumb'; did you mean 'jump'\?"):
        read_operating_point(path, LABELS)
    with pytest.raises(InputError, match="no such file; `logotal thresholds RUN` writes it"):
        read_operating_point(tmp_path / "absent.json")


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_point_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "operating_point.json"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"operating_point\.json"):
        read_operating_point(path)


def test_applying_loads_neither_torch_nor_scikit_learn() -> None:
    code = "import sys, logotal.inference.operating_point;print(*{'torch', 'sklearn', 'lightning'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
