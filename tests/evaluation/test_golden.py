"""Law 4: the evaluator gives the numbers of the field on the field's own files."""

import json
from dataclasses import replace

import pytest

from logotal.evaluation.detections import read_detections
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import PROTOCOLS
from logotal.formats.annotations import Annotations, read_annotations
from logotal.timeline import Timeline
from tests.shared import shared


@pytest.fixture(scope="module")
def thumos() -> tuple[Annotations, list[Timeline]]:
    detections = read_detections(shared("thumos14/actionformer_detections.json.gz"))
    return read_annotations(shared("thumos14/thumos14.json")), detections


@pytest.fixture(scope="module")
def activitynet() -> tuple[Annotations, list[Timeline]]:
    detections = read_detections(shared("activitynet13/official_sample_detections.json.gz"))
    return read_annotations(shared("activitynet13/annotations.json.gz")), detections


def test_the_detections_of_actionformer_have_their_published_map_and_recall(thumos):
    expected = json.loads(shared("thumos14/expected.json").read_text())
    result = evaluate(*thumos, PROTOCOLS["thumos14"])

    for tiou, value in result.mean_average_precision.items():
        assert 100 * value == pytest.approx(expected["published_mAP"][str(tiou)], abs=0.02)
    assert 100 * result.averages["0.3:0.7"] == pytest.approx(expected["published_mAP"]["average"], abs=0.02)
    for multiple in (1, 5):
        for tiou, value in result.mean_recall(multiple).items():
            assert 100 * value == pytest.approx(expected[f"recall@{multiple}x"][str(tiou)], abs=0.01)
    assert (result.coverage.videos, int(result.truth_counts.sum())) == (212, 3358)
    assert result.lines()["0.3:0.7"] == "82.13 77.80 70.95 59.40 43.88  66.83"
    assert (len(result.coverage.cut), result.coverage.in_ignored) == (26, 0)


def test_proposals_have_the_recall_of_the_official_kit_whatever_their_label(thumos):
    annotations, detections = thumos
    unnamed = [replace(found, actions=tuple(replace(a, label="action") for a in found.actions)) for found in detections]
    result = evaluate(annotations, unnamed, PROTOCOLS["thumos14"])

    expected = {1: 3.532, 5: 14.250, 10: 23.967, 100: 60.337}  # ActivityNet's eval_proposal.py on the same file
    assert {n: 100 * value for n, value in result.average_recall.items()} == pytest.approx(expected, abs=5e-4)
    assert 100 * result.area_under_curve == pytest.approx(46.793, abs=5e-4)


def test_the_opentad_protocol_of_thumos14_has_211_videos_and_3325_truths(thumos):
    result = evaluate(*thumos, PROTOCOLS["thumos14-opentad"])

    assert (result.coverage.videos, int(result.truth_counts.sum())) == (211, 3325)
    assert result.coverage.excluded == ("video_test_0000270",)
    outside = [(video, action.label) for video, action in result.coverage.outside]
    assert outside == [("video_test_0000814", "ThrowDiscus")] * 3 + [("video_test_0001081", "Diving")]


def test_the_sample_submission_of_activitynet_scores_9989_at_every_tiou(activitynet):
    # Every score is 1, so the 22 false ones rank where ties put them: the last of the file first.
    result = evaluate(*activitynet, PROTOCOLS["activitynet13"])

    for value in result.mean_average_precision.values():
        assert 100 * value == pytest.approx(99.89, abs=0.005)
    assert (result.coverage.videos, int(result.truth_counts.sum())) == (4728, 7271)
    assert (len(result.coverage.duplicates), len(result.coverage.degenerate)) == (19, 3)
    assert (len(result.coverage.not_in_split), sum(result.coverage.not_in_split.values())) == (198, 361)
