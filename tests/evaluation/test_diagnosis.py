"""The whole diagnosis: of small sets by hand, and of ActionFormer's detections on THUMOS14 against loops."""

import json
import time
from collections import Counter

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.diagnosis import Diagnosis, diagnose
from logotal.evaluation.diagnosis.characteristics import BINS
from logotal.evaluation.diagnosis.false_positives import ERRORS, OUTCOMES
from logotal.evaluation.protocols import PROTOCOLS, Protocol
from logotal.formats.annotations import Annotations, read_annotations
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import annotations, video
from tests.naive import diagnosis as naive
from tests.shared import shared

RULES = Protocol("test", "for tests", {"0.3:0.7": (0.3, 0.5, 0.7), "high": (0.9,)})
TRUTH = annotations(
    video("a", (0, 10, "jump"), (20, 30, "jump"), (50, 52, "run")),
    video("b", (0, 40, "jump")),
)
FOUND = [
    Timeline("a", (Action(0, 10, "jump", 0.9), Action(0, 9, "jump", 0.8), Action(50, 52, "run", 0.7))),
    Timeline("b", (Action(0, 20, "jump", 0.6), Action(90, 99, "run", 0.1))),
]


def test_the_numbers_of_a_small_set_by_hand():
    found = diagnose(TRUTH, FOUND, RULES)

    assert found.normalizer == 2  # 3 jumps and 1 run
    assert found.average_name == "0.3:0.7"
    # jump: a hit, a double detection, and at tIoU 0.3 and 0.5 a hit of half the length
    hit_third = 2 / 3 * 2 / (2 / 3 * 2 + 1)
    assert found.mean_normalized[0.5] == pytest.approx(((1 + hit_third) / 3 + 1) / 2)
    assert found.mean_normalized[0.7] == pytest.approx((1 / 3 + 1) / 2)
    assert found.average == pytest.approx((2 * found.mean_normalized[0.5] + found.mean_normalized[0.7]) / 3)
    assert found.missed == 1 / 4
    counts = dict(zip(OUTCOMES, found.false_positives.counts.sum(axis=0).tolist(), strict=True))
    assert counts == {
        "true positive": 3,
        "double detection": 1,
        "wrong label": 0,
        "localization": 0,
        "confusion": 0,
        "background": 1,
    }


def test_the_threshold_of_the_profile_need_not_be_one_of_the_average():
    found = diagnose(TRUTH, FOUND, RULES, tiou=0.6)

    assert found.false_positives.counts[:, OUTCOMES.index("localization")].sum() == 1
    assert found.missed == 2 / 4
    assert found.average == diagnose(TRUTH, FOUND, RULES).average
    assert found.false_positives.average == pytest.approx(found.average)


@pytest.mark.parametrize("tiou", [0.1, 0.0, 1.1, float("nan")])
def test_a_threshold_that_is_no_tiou_above_the_background_is_an_error(tiou: float):
    with pytest.raises(InputError, match=r"tiou must be above 0\.1 and at most 1"):
        diagnose(TRUTH, FOUND, RULES, tiou=tiou)


def test_detections_of_a_label_without_truth_have_no_part_in_it():
    truth = annotations(video("a", (0, 10, "jump")), labels=("jump", "run"))
    found = diagnose(truth, [Timeline("a", (Action(0, 10, "run", 0.9), Action(0, 10, "swim", 0.9)))], RULES)

    assert found.false_positives.counts.sum() == 0
    assert found.missed == 1
    assert found.average == 0
    assert any("swim" in sentence for sentence in found.notes())


def test_a_video_of_unknown_length_is_said_to_have_no_coverage():
    truth = annotations(video("a", (0, 10, "jump")), video("b", (0, 5, "jump"), duration=None))

    assert (
        "annotated actions left out of coverage, the length of their video is not known: 1"
        in diagnose(truth, [], RULES).notes()
    )
    unknown = annotations(video("b", (0, 5, "jump"), duration=None))
    assert "no coverage: the annotations do not have the duration of any video" in diagnose(unknown, [], RULES).notes()


def test_json_has_every_number_and_null_where_there_is_none():
    found = diagnose(TRUTH, FOUND, RULES, bins=BINS["thumos"])
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))

    assert content["average_mAP_N"] == found.average
    assert list(content["false_positives"]["gains"]) == list(ERRORS)
    assert content["false_positives"]["counts_of_slices"][0]["true positive"] == 3
    assert content["characteristics"]["length"][1] == {
        "size": "S",
        "range": "3-6 s",
        "truths": 0,
        "average_mAP_N": None,
        "missed": None,
    }
    assert [row["truths"] for row in content["characteristics"]["instances"]] == [2, 2, 0, 0]


def test_tables_have_a_column_for_each_header():
    found = diagnose(TRUTH, [], RULES, bins=BINS["thumos"])

    for table in (found.mean_table(), found.profile_table(), found.gain_table(), found.truth_table()):
        assert {len(row) for row in table} == {len(table[0])}
    assert found.profile_table()[1] == ["1G"] + ["-"] * 6
    assert found.truth_table()[1] == ["all", "", "", "4", "0.00", "100.0"]


def test_the_truth_table_names_each_characteristic_once_and_has_a_row_for_each_bin():
    found = diagnose(TRUTH, FOUND, RULES, bins=BINS["thumos"])

    rows = found.truth_table()[2:]
    assert [row[0] for row in rows if row[0]] == [part.characteristic.name for part in found.breakdowns]
    starts = [index for index, row in enumerate(rows) if row[0]]
    assert [rows[start][1] for start in starts] == ["XS"] * len(starts)
    lengths = rows[starts[1] : starts[2]]
    assert [row[1:4] for row in lengths] == [
        ["XS", "up to 3 s", "1"],
        ["S", "3-6 s", "0"],
        ["M", "6-12 s", "2"],
        ["L", "12-18 s", "0"],
        ["XL", "over 18 s", "1"],
    ]
    assert [row[5] for row in lengths] == ["0.0", "-", "50.0", "-", "0.0"]


@pytest.fixture(scope="module")
def thumos() -> tuple[Annotations, list[Timeline]]:
    detections = read_detections(shared("thumos14/actionformer_detections.json.gz"))
    return read_annotations(shared("thumos14/thumos14.json")), detections


@pytest.fixture(scope="module")
def published(thumos: tuple[Annotations, list[Timeline]]) -> Diagnosis:
    return diagnose(*thumos, PROTOCOLS["thumos14"])


def test_the_errors_of_actionformer_are_these(published: Diagnosis):
    errors = published.false_positives

    assert published.result.averages["0.3:0.7"] == pytest.approx(0.6683, abs=5e-5)
    assert 100 * published.average == pytest.approx(70.55, abs=0.005)
    assert published.normalizer == pytest.approx(3358 / 20)
    assert published.profile_table()[1] == ["1G", "77.8", "0.6", "3.9", "10.1", "0.4", "7.2"]
    assert published.profile_table()[10] == ["10G", "11.5", "9.9", "21.7", "17.1", "10.2", "29.6"]
    assert errors.counts[0].tolist() == [2611, 20, 130, 340, 15, 242]
    np.testing.assert_allclose(100 * errors.gains, [0.48, 1.25, 6.45, 0.28, 3.45], atol=0.005)
    assert 100 * published.missed == pytest.approx(6.82, abs=0.005)


def test_actionformer_is_worst_on_the_shortest_and_the_longest_actions(published: Diagnosis):
    length = published.breakdowns[1]

    assert length.characteristic.counts.tolist() == [1626, 851, 730, 114, 37]
    np.testing.assert_allclose(100 * length.average, [60.66, 73.93, 72.81, 63.74, 54.18], atol=0.005)
    np.testing.assert_allclose(100 * length.missed, [10.0, 3.5, 3.6, 3.5, 16.2], atol=0.05)


def test_actionformer_is_diagnosed_in_seconds(thumos: tuple[Annotations, list[Timeline]]):
    started = time.perf_counter()
    diagnose(*thumos, PROTOCOLS["thumos14"])

    assert time.perf_counter() - started < 20  # 1.3 s on an idle machine


def test_forty_real_videos_equal_the_loops(thumos: tuple[Annotations, list[Timeline]]):
    truth, timelines = thumos
    videos = {name: entry for name, entry in list(truth.videos.items()) if entry.split == "Test"}
    names = sorted(videos)[::5]
    some = Annotations(truth.labels, {name: videos[name] for name in names}, truth.source)
    chosen = [timeline for timeline in timelines if timeline.video in names]
    found = diagnose(some, chosen, PROTOCOLS["thumos14"])

    actions = [(names.index(n), a.label, a.start, a.end) for n in names for a in videos[n].actions]
    listed = [(names.index(t.video), a.label, a.start, a.end, a.score) for t in chosen for a in t]
    took = {at: naive.takes(actions, listed, at) for at in PROTOCOLS["thumos14"].tious}
    normalizer = len(actions) / len({action[1] for action in actions})
    averages = [naive.mean_normalized_average_precision(actions, listed, t, normalizer) for t in took.values()]
    assert found.average == pytest.approx(np.mean(averages), rel=1e-9)
    expected = Counter(
        (k, naive.outcome(actions, listed[index], is_true=index in took[0.5], threshold=0.5))
        for index, k in naive.slices(actions, listed).items()
    )
    counts = [[expected[k, name] for name in OUTCOMES] for k in range(1, 11)]
    assert found.false_positives.counts.tolist() == counts
